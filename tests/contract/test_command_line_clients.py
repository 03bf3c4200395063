"""`ocm-tui clients` from outside: documents on stdout, differences on stderr, refusals before anything is sent."""

import hashlib
import json
import re
import signal
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.contract.command_line import Answer, Program, RawServer, Simulated, environment_yaml
from tests.terminal import Terminal
from tests.unit.headless.reports import NASTY

DOCUMENT = """\
clientId: {id}
name: {id}
grantTypes: [CLIENT_CREDENTIALS]
clientAuth: {{type: SECRET, secret: planted-client-secret-4c1}}
"""


@pytest.fixture
def client(program: Program, request: pytest.FixtureRequest) -> str:
    """A client of this test's own."""
    name = f"own-{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"
    done = program("clients", "create", "--file", "-", stdin=DOCUMENT.format(id=name))
    assert done.code == 0, done.stderr
    return name


def test_list_in_each_format(program: Program) -> None:
    everything = program("clients", "list", "--output", "json").json
    assert everything["schema"] == "ocm-tui/clients/v1"
    assert len(everything["items"]) >= 40
    for item in everything["items"]:
        assert list(item) == ["client_id", "name", "enabled", "grant_types", "state", "document"]
        assert item["state"] == "unknown"
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


def test_rotate_into_a_file(program: Program, client: str, tmp_path: Path) -> None:
    target = tmp_path / "secret"
    done = program("clients", "rotate-secret", client, "--deliver", f"file:{target}", "--yes", "--output", "json")
    assert done.code == 0
    secret = target.read_text()
    assert len(secret) >= 32
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".secret*"))
    assert done.json["delivered_to"] == f"file:{target}"
    assert done.json["retention_minutes"] is not None
    assert "the former secret" in done.stderr
    history = b"".join(path.read_bytes() for path in program.state.iterdir() if path.is_file())
    assert secret not in program.seen
    assert secret.encode() not in history


def test_rotate_to_stdout_prints_the_secret_and_nothing_else(program: Program, client: str) -> None:
    done = program("clients", "rotate-secret", client, "--deliver", "stdout", "--yes", "--verbose")
    assert done.code == 0
    assert re.fullmatch("[A-Za-z0-9]{32,}\n", done.stdout)
    assert done.stdout.strip() not in done.stderr
    done = program("clients", "rotate-secret", client, "--deliver", "stdout", "--yes", "--output", "json")
    assert (done.json["schema"], done.json["client_id"]) == ("ocm-tui/clients/v1", client)
    assert done.json["secret"] not in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--deliver", "file:/nowhere/at/all", "--yes"], 2, "cannot be written"),
        (["--deliver", "postcard", "--yes"], 2, "no destination"),
        (["--deliver", "stdout"], 2, "--yes"),
    ],
)
def test_rotation_that_cannot_be_delivered_changes_nothing(
    program: Program, client: str, words: list[str], code: int, told: str
) -> None:
    before = program("clients", "show", client).stdout
    done = program("clients", "rotate-secret", client, *words)
    assert (done.code, done.stdout) == (code, "")
    assert told in done.stderr
    assert program("clients", "show", client).stdout == before


def test_a_secret_that_may_be_in_force_is_kept(program: Program, tmp_path: Path) -> None:
    """The PUT arrives and its answer never does; nothing can be read back either."""
    with Simulated("--clients", "5", "--faults", "reset-after@PUT/oauth/clients=100%") as flaky:
        program.variables["PF_PASSWORD"] = flaky.password
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", flaky.base_url))
        lines = program("clients", "list", "auth:secret", "--output", "jsonl").lines
        done = program(
            "clients", "rotate-secret", lines[0]["client_id"], "--deliver", f"file:{tmp_path / 's'}", "--yes"
        )
    kept = [path for path in tmp_path.iterdir() if path.is_file()]
    assert len(kept) == 1
    if done.code == 0:  # the server's own change time told that it happened
        assert kept[0].name == "s"
    else:
        assert done.code == 3
        assert kept[0].name in done.stderr
    assert kept[0].read_text() not in program.seen


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


STORED = Answer.http(
    "200 OK",
    json.dumps(
        {
            "version": "12.1.0",
            "clientId": "x",
            "name": "x",
            "grantTypes": ["CLIENT_CREDENTIALS"],
            "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:x"},
        }
    ).encode(),
)


@pytest.mark.parametrize(
    ("words", "method", "answers", "told"),
    [
        (
            ["update", "x", "--set", "enabled=false"],
            "GET",
            {"GET": Answer(None)},
            "done: nothing; not done: everything\n",
        ),
        (
            ["update", "x", "--set", "enabled=false"],
            "PUT",
            {"GET": STORED, "PUT": Answer(None)},
            "unknown: whether x was changed",
        ),
        (["delete", "x", "--yes"], "DELETE", {"GET": STORED, "DELETE": Answer(None)}, "unknown: whether x was deleted"),
        (
            ["rotate-secret", "x", "--deliver", "file:secret", "--yes"],
            "PUT",
            {"GET": STORED, "PUT": Answer(None)},
            "unknown: whether the secret of x was set; the new secret is in file:",
        ),
        (
            ["rotate-secret", "x", "--deliver", "file:secret", "--yes"],
            "GET",
            {"GET": Answer(None)},
            "not done: everything\n",
        ),
    ],
)
def test_an_interrupted_write_says_what_is_known(
    program: Program, words: list[str], method: str, answers: dict[str, Answer], told: str
) -> None:
    with RawServer(answers, waits_for=method) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        process = program.start("clients", *words)
        assert server.asked.wait(60)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, b"")
    assert told in stderr.decode()
    staged = list(program.home.glob(".secret.staged-*"))
    assert len(staged) == ("new secret is in" in told)


def test_a_secret_for_stdout_is_not_lost_by_an_interruption(program: Program) -> None:
    with RawServer({"GET": STORED, "PUT": Answer(None)}, waits_for="PUT") as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        process = program.start("clients", "rotate-secret", "x", "--deliver", "stdout", "--yes")
        assert server.asked.wait(60)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(b"[A-Za-z0-9]{32,}\n", stdout)
    assert "keep it until you know" in stderr.decode()


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


def test_no_secret_anywhere(program: Program, simulated: Simulated, client: str) -> None:
    """Every command with --verbose; then both streams, the history, and whatever else was written."""
    program("--check", "--verbose", "--report", "json=r.json")
    program("clients", "list", "--verbose", "--output", "json")
    program("clients", "show", client, "--verbose")
    program("clients", "create", "--file", "-", "--verbose", stdin=DOCUMENT.format(id=f"{client}-2"))
    program("clients", "update", client, "--set", "enabled=false", "--verbose")
    program("clients", "show", client, "--env", "refused", "--verbose")
    program("config", "show")
    program("log", "list", "--output", "jsonl")
    files = [path for path in program.home.rglob("*") if path.is_file()]
    assert any(path.name.startswith("history") for path in files)
    everything = program.seen.encode() + b"".join(path.read_bytes() for path in files)
    for secret in (simulated.password, "planted-client-secret-4c1"):
        assert secret.encode() not in everything


def test_the_demo_is_gone_when_the_command_is(program: Program, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = program("--demo", "--check", "--output", "json", environ={"TMPDIR": str(temporary)})
    assert list(temporary.iterdir()) == []
    reachable = next(check for check in done.json["checks"] if check["id"] == "server.reachable")
    url = urlsplit(reachable["details"]["base_url"])
    with socket.socket() as probe:
        assert probe.connect_ex((url.hostname, url.port)) != 0
