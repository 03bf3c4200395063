"""`ocm-tui clients` from outside: documents on stdout, differences on stderr, refusals before anything is sent."""

import json
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.contract.command_line import DOCUMENT, Answer, Program, RawServer, Simulated, environment_yaml
from tests.terminal import Terminal
from tests.unit.headless.reports import NASTY


def test_list_in_each_format(program: Program) -> None:
    everything = program("clients", "list", "--output", "json").json
    assert everything["schema"] == "ocm-tui/clients/v1"
    assert len(everything["items"]) >= 40
    for item in everything["items"]:
        assert list(item) == ["client_id", "name", "enabled", "grant_types", "state", "document"]
        assert item["state"] == ("drifted" if item["client_id"] == "orders-api" else "unmanaged")
    lines = program("clients", "list", "--output", "jsonl").lines
    assert {line["client_id"] for line in lines} >= {item["client_id"] for item in everything["items"]}
    text = program("clients", "list")
    assert len(text.stdout.splitlines()) == len(lines) + 1
    assert text.stderr == f"{len(lines)} clients\n"


def test_list_with_a_query(program: Program) -> None:
    disabled = program("clients", "list", "is:disabled", "--output", "jsonl").lines
    assert disabled
    assert not any(line["enabled"] for line in disabled)
    found = program("clients", "list", "ORDERS", "-ui", "--output", "jsonl")
    assert (found.code, found.stdout) == (2, "")  # an option that does not exist
    found = program("clients", "list", "ORDERS not ui", "--output", "jsonl")
    assert all("orders" in line["client_id"] or "orders" in line["name"].lower() for line in found.lines)
    none = program("clients", "list", "no-such-client-anywhere", "--output", "json")
    assert (none.code, none.json["items"]) == (0, [])
    wrong = program("clients", "list", "is:enabeld")
    assert (wrong.code, wrong.stdout) == (2, "")


def test_show(program: Program) -> None:
    (item,) = program("clients", "show", "orders-api", "--output", "json").json["items"]
    assert (item["client_id"], item["document"]["clientId"]) == ("orders-api", "orders-api")
    text = program("clients", "show", "orders-api")
    assert yaml.safe_load(text.stdout) == item["document"]
    assert program("clients", "show", "orders-api", "--output", "yaml").stdout == text.stdout
    missing = program("clients", "show", "orders-apii", "--output", "json")
    assert (missing.code, missing.stdout) == (1, "")
    assert "orders-apii" in missing.stderr


def test_create_prints_the_difference_and_the_stored_document(program: Program) -> None:
    done = program("clients", "create", "--file", "-", "--output", "json", stdin=DOCUMENT.format(id="created-1"))
    assert done.code == 0
    (item,) = done.json["items"]
    assert item["document"]["clientAuth"]["encryptedSecret"] == "***"
    assert done.stderr.startswith("+ created-1: create, ")
    assert "    grantTypes\n      + CLIENT_CREDENTIALS\n" in done.stderr
    again = program("clients", "create", "--file", "-", stdin=DOCUMENT.format(id="created-1"))
    assert (again.code, again.stdout) == (5, "")
    assert "planted-client-secret" not in program.seen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clientId: [\n", "<stdin>:2:1:"),
        ("name: x\n", "clientId is missing"),
        (DOCUMENT.format(id="x").replace("CREDENTIALS]", "CREDENTIALZ]"), "<stdin>:3:13:"),
        ("", "nothing is in it"),
    ],
)
def test_a_bad_document_is_refused_with_its_line(program: Program, text: str, words: str) -> None:
    done = program("clients", "create", "--file", "-", stdin=text, environ={"PF_PASSWORD": "never-used"})
    assert (done.code, done.stdout) == (2, "")
    assert words in done.stderr
    assert not program.state.exists()  # nobody was contacted


def test_a_rejection_names_the_line_of_the_file(program: Program) -> None:
    file = program.home / "client.yaml"
    file.write_text(DOCUMENT.format(id="rejected") + "restrictScopes: true\nrestrictedScopes:\n- no-such-scope\n")
    done = program("clients", "create", "--file", str(file))
    assert (done.code, done.stdout) == (1, "")
    assert f"{file}:7: restrictedScopes[0]: " in done.stderr


def test_update_with_assignments(program: Program, client: str) -> None:
    done = program("clients", "update", client, "--set", "enabled=false", "description=été", "--output", "json")
    assert done.code == 0
    document = done.json["items"][0]["document"]
    assert (document["enabled"], document["description"]) == (False, "été")
    assert done.stderr.splitlines() == [
        f"~ {client}: update, 2 fields",
        "    description",
        "      + été",
        "    enabled",
        "      - true",
        "      + false",
    ]
    same = program("clients", "update", client, "--set", "enabled=false")
    assert (same.code, same.stderr) == (0, f"  {client}: unchanged\n")
    swapped = program("clients", "update", "--set", "enabled=true", client, "--quiet")
    assert (swapped.code, swapped.stderr, yaml.safe_load(swapped.stdout)["enabled"]) == (0, "", True)


@pytest.mark.parametrize(
    "assignment", ["enabled=perhaps", "enabled", "clientId=other", "grantTypes=NOPE", "clientAuth.secret=abc", "x.y=z"]
)
def test_a_bad_assignment_is_refused(program: Program, assignment: str) -> None:
    done = program("clients", "update", "orders-api", "--set", assignment)
    assert (done.code, done.stdout) == (2, "")
    assert not program.state.exists()


def test_what_was_printed_can_come_back(program: Program, client: str) -> None:
    shown = program("clients", "show", client).stdout
    back = program("clients", "update", client, "--file", "-", stdin=shown)
    assert (back.code, back.stderr) == (0, f"  {client}: unchanged\n")
    edited = shown.replace("enabled: true", "enabled: false")
    done = program("clients", "update", client, "--file", "-", stdin=edited)
    assert done.code == 0
    assert "enabled: false" in done.stdout
    other = program("clients", "update", client, "--file", "-", stdin=shown.replace(client, "another"))
    assert other.code == 2


def test_delete(program: Program, client: str) -> None:
    asked = program("clients", "delete", client)
    assert (asked.code, asked.stdout) == (2, "")
    assert "--yes" in asked.stderr
    done = program("clients", "delete", client, "--yes", "--output", "json")
    assert (done.code, done.json["items"]) == (0, [])
    assert done.stderr == f"- {client}: delete\n"
    assert program("clients", "delete", client, "--yes").code == 1


def test_delete_asks_on_a_terminal(program: Program, client: str) -> None:
    for answer, code in (("n\r", 4), ("y\r", 0)):
        command = program.command("clients", "delete", client)
        with Terminal(command, environment=program.environ()) as terminal:
            terminal.wait("[y/N]")
            terminal.type(answer)
            assert terminal.end() == code
    assert program("clients", "show", client).code == 1


def test_ctrl_c_at_a_question(program: Program, client: str) -> None:
    with Terminal(program.command("clients", "delete", client), environment=program.environ()) as terminal:
        terminal.wait("[y/N]")
        terminal.type("\x03")
        assert terminal.end() == 130
        assert "interrupted: done: nothing" in terminal.text
    assert program("clients", "show", client).code == 0


WRITES = [
    ["create", "--file", "client.yaml"],
    ["update", "orders-api", "--set", "enabled=false"],
    ["delete", "orders-api", "--yes"],
    ["rotate-secret", "orders-api", "--deliver", "stdout", "--yes"],
]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--read-only"], "read-only"),
        (["--env", "prod"], "--consent prod"),
        (["--env", "prod", "--read-only", "--consent", "prod"], "read-only"),
        (["--env", "refused"], "401"),
        (["--env", "auditor"], "403"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals_are_exit_4_and_change_nothing(program: Program, options: list[str], told: str) -> None:
    (program.home / "client.yaml").write_text(DOCUMENT.format(id="refused-one"))
    before = program("clients", "show", "orders-api").stdout
    for write in WRITES:
        done = program("clients", *write, *options)
        assert (done.code, done.stdout) == (4, ""), write
        assert told in done.stderr
    assert program("clients", "show", "refused-one").code == 1
    assert program("clients", "show", "orders-api").stdout == before


def test_consent_names_the_environment(program: Program, client: str) -> None:
    done = program("--env", "prod", "clients", "update", client, "--set", "enabled=false", "--consent", "prod")
    assert done.code == 0
    for words in (["--env", "prod", "--consent", "dev"], ["--consent", "prod"]):
        done = program("clients", "update", client, "--set", "enabled=true", *words)
        assert (done.code, done.stdout) == (2, "")
        assert "does not name this environment" in done.stderr


def test_a_protected_environment_wants_the_typed_client_id(program: Program, client: str) -> None:
    command = program.command("--env", "prod", "clients", "update", client, "--set", "enabled=false")
    for answer, code in (("prod\r", 4), (f"{client}\r", 0)):
        with Terminal(command, environment=program.environ()) as terminal:
            terminal.wait("is protected")
            terminal.type(answer)
            assert terminal.end() == code


def test_a_reader_that_goes_away(program: Program) -> None:
    for words in (["clients", "list", "--output", "jsonl"], ["clients", "list"], ["config", "schema"], ["--check"]):
        process = program.start(*words)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(60) == 0
        said = process.stderr.read().decode()
        process.stderr.close()
        assert "Error" not in said
        assert "Exception" not in said


def test_hostile_clients_stay_data(program: Program) -> None:
    items = [{"clientId": f"evil-{NASTY}", "name": NASTY, "grantTypes": [NASTY], "modificationDate": NASTY}]
    with RawServer(Answer.http("200 OK", json.dumps({"items": items, "version": "12.1.0"}).encode())) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        text = program("clients", "list")
        lines = program("clients", "list", "--output", "jsonl").lines
        program("clients", "list", "--verbose")
        program("log", "list")
    assert (text.code, len(text.stdout.splitlines())) == (0, 2)
    assert lines[0]["name"] == NASTY
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", program.seen)


def test_a_server_that_dies_in_the_middle(program: Program) -> None:
    with Simulated("--clients", "3000", "--faults", "reset-before@GET/oauth/clients=100%") as flaky:
        program.variables["PF_PASSWORD"] = flaky.password
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", flaky.base_url))
        done = program("clients", "list", "--output", "json")
    assert (done.code, done.stdout) == (3, "")
    assert done.stderr.startswith("error: ")


def test_the_demo_is_gone_when_the_command_is(program: Program, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = program("--demo", "--check", "--output", "json", environ={"TMPDIR": str(temporary)})
    assert list(temporary.iterdir()) == []
    reachable = next(check for check in done.json["checks"] if check["id"] == "server.reachable")
    url = urlsplit(reachable["details"]["base_url"])
    with socket.socket() as probe:
        assert probe.connect_ex((url.hostname, url.port)) != 0
