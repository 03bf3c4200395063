"""`ocm-tui log export` and `log replay` from outside; HAR files in the place of the history; curl really run."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.contract.command_line import DOCUMENT, Program, Simulated

FORMATS = ("har", "curl", "raw", "jsonl", "markdown")


def last_id(program: Program, *query: str) -> str:
    found: str = program("log", "list", *query, "--limit", "1", "--output", "jsonl").lines[-1]["id"]
    return found


@pytest.mark.parametrize("format_", FORMATS)
def test_stdout_and_a_file_hold_the_same(program: Program, format_: str) -> None:
    program("clients", "show", "orders-api")
    program("clients", "show", "orders-apii")
    shown = program("log", "export", "--format", format_)
    assert shown.code == 0
    assert "exported 2 exchanges, secrets left out" in shown.stderr
    written = program("log", "export", "--format", format_, "--out", "export.out")
    assert (written.code, written.stdout) == (0, "")
    path = program.home / "export.out"
    assert path.read_text("utf-8") == shown.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    only = program("log", "export", "status:404", "--format", format_).stdout
    assert "orders-apii" in only
    assert len(only) < len(shown.stdout)


def test_an_export_of_nothing_is_valid(program: Program) -> None:
    done = program("log", "export", "--format", "har")
    assert done.code == 0
    assert done.json["log"]["entries"] == []
    assert not program.state.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "pdf"], "har, curl, raw, jsonl, markdown"),
        ([], "--format"),
        (["--format", "har", "--out", "no/such/x.har"], "its directory must exist"),
        (["--format", "har", "--out", "."], "is a directory"),
        (["--format", "har", "--output", "json"], "no format"),
        (["--format", "har", "colour:red"], "colour"),
        (["--format", "har", "missing.har"], "no such file"),
        (["--format", "har", "a.har", "--har", "b.har"], "two HAR files"),
    ],
)
def test_usage(program: Program, words: list[str], said: str) -> None:
    done = program("log", "export", *words)
    assert (done.code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_file_that_cannot_be_replaced_stays(program: Program) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    folder = program.home / "closed"
    folder.mkdir()
    (folder / "x.har").write_text("old")
    folder.chmod(0o500)
    assert program("log", "export", "--format", "har", "--out", "closed/x.har").code == 2
    assert (folder / "x.har").read_text() == "old"


def test_a_har_file_in_the_place_of_the_history(program: Program, tmp_path: Path) -> None:
    program("clients", "show", "orders-api")
    program("clients", "show", "orders-apii")
    program("log", "export", "--format", "har", "--out", "both.har")
    items = program("log", "list", "--output", "json").json["items"]
    shutil.rmtree(program.state)
    assert program("log", "list", "--har", "both.har", "--output", "json").json["items"] == items
    assert program("log", "list", "both.har", "status:404", "--output", "json").json["items"] == items[1:]
    shown = program("log", "show", items[1]["id"], "--har", "both.har", "--output", "json").json
    assert {**shown, "schema": ""} == {**items[1], "schema": ""}
    again = program("log", "export", "both.har", "--format", "har")
    assert again.stdout == (program.home / "both.har").read_text("utf-8")
    many = program("log", "show", "both.har")
    assert many.code == 2
    assert "holds 2 exchanges" in many.stderr
    program("log", "export", "both.har", "status:404", "--format", "har", "--out", "one.har")
    assert program("log", "show", "one.har", "--output", "json").json["id"] == items[1]["id"]
    assert not program.state.exists()


def test_what_is_left_out_of_a_har_is_said(program: Program) -> None:
    (program.home / "odd.har").write_text(json.dumps({"log": {"entries": [1] * 7}}))
    done = program("log", "list", "odd.har", "--output", "json")
    assert (done.code, done.json["items"]) == (0, [])
    assert done.stderr.count("is left out") == 5
    assert "2 more entries are left out" in done.stderr


def test_a_report_holds_the_finding(program: Program) -> None:
    program("clients", "show", "orders-apii")
    report = program("log", "export", "--format", "markdown").stdout
    assert "## Findings" in report
    assert "orders-apii" in report


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def pasted(program: Program, script: str, **variables: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["sh", "-s"],
        input=script.encode(),
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(program.home), **variables},
        capture_output=True,
        timeout=60,
        check=False,
    )


@needs_curl
def test_curl_asks_the_same_question(program: Program, simulated: Simulated) -> None:
    program("clients", "show", "orders-api")
    script = program("log", "export", "method:GET", "--format", "curl", "--limit", "1").stdout
    login = {"OCM_USER": simulated.username, "OCM_PASSWORD": simulated.password}
    answer = pasted(program, script, **login)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(b"HTTP/1.1 200")
    assert b'"clientId":"orders-api"' in answer.stdout
    assert pasted(program, script, OCM_USER=simulated.username).stdout == b""
    refused = pasted(program, script, **{**login, "OCM_PASSWORD": "wrong"})
    assert refused.stdout.startswith(b"HTTP/1.1 401")


@needs_curl
def test_curl_writes_the_same_body_with_the_secret_from_a_variable(program: Program, simulated: Simulated) -> None:
    name = "it's a `$(client)` of curl"
    document = json.dumps({
        "clientId": name, "name": name, "description": "“quoted” \\ $HOME\n!", "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET", "secret": "the-First-secret-of-32-characters"},
    })  # fmt: skip
    made = program("clients", "create", "--file", "-", stdin=document)
    assert made.code == 0, made.stderr
    script = program("log", "export", "method:POST", "--format", "curl", "--limit", "1").stdout
    assert program("clients", "delete", name, "--yes").code == 0
    login = {"OCM_USER": simulated.username, "OCM_PASSWORD": simulated.password}
    assert pasted(program, script, **login).stdout == b"", "its secret is missing"
    answer = pasted(program, script, **login, OCM_SECRET="the-Second-secret-of-32-characters")
    assert answer.stdout.startswith(b"HTTP/1.1 201"), answer.stdout + answer.stderr
    stored = program("clients", "show", name, "--output", "json").json["items"][0]["document"]
    assert stored["description"] == "“quoted” \\ $HOME\n!"
    assert program("clients", "delete", name, "--yes").code == 0


def test_a_replay_prints_the_new_exchange(program: Program) -> None:
    program("clients", "show", "orders-apii")
    former = last_id(program)
    done = program("log", "replay", former, "--output", "json")
    assert done.code == 1
    assert (done.json["schema"], done.json["status"]) == ("ocm-tui/exchange/v1", 404)
    assert done.json["purpose"] == f"replay of {former}"
    assert f"replayed {former} as {done.json['id']}: 404 then, 404 now" in done.stderr
    assert last_id(program) == done.json["id"]
    program("clients", "show", "orders-api")
    assert program("log", "replay", last_id(program)).code == 0


def test_a_replay_in_another_environment_is_refused(program: Program) -> None:
    program("clients", "show", "orders-api")
    done = program("log", "replay", last_id(program), "--env", "dead")
    assert done.code == 2
    assert "it was sent to" in done.stderr
    assert program("log", "replay", "nope-1").code == 1
    assert program("log", "replay", last_id(program), "--env", "refused").code == 4


def test_a_write_is_replayed_only_with_consent(program: Program, client: str) -> None:
    assert program("clients", "delete", client, "--yes").code == 0
    deletion = last_id(program, "method:DELETE")
    assert program("clients", "create", "--file", "-", stdin=DOCUMENT.format(id=client)).code == 0
    for words, code, said in [
        ([], 2, "add --yes"),
        (["--yes", "--read-only"], 4, "read-only"),
        (["--yes", "--env", "prod"], 4, "add --consent prod"),
        (["--yes", "--env", "prod", "--consent", "dev"], 2, "does not name this environment"),
        (["--env", "prod", "--consent", "prod"], 2, "add --yes"),
    ]:
        done = program("log", "replay", deletion, *words)
        assert (done.code, done.stdout) == (code, ""), done.stderr
        assert said in done.stderr
    assert program("clients", "show", client).code == 0
    assert program("log", "replay", deletion, "--yes", "--env", "prod", "--consent", "prod").code == 0
    assert program("clients", "show", client).code == 1


def public_client(program: Program, name: str) -> str:
    """A client without a secret: what was sent of it is kept whole."""
    document = {
        "clientId": name,
        "name": name,
        "grantTypes": ["AUTHORIZATION_CODE"],
        "redirectUris": ["https://orders.example.com/callback"],
        "clientAuth": {"type": "NONE"},
    }
    assert program("clients", "create", "--file", "-", stdin=json.dumps(document)).code == 0
    return name


def test_a_put_says_what_it_would_change_of_what_is_stored_now(program: Program) -> None:
    client = public_client(program, "replayed-put")
    assert program("clients", "update", client, "--set", "description=as it should be").code == 0
    former = last_id(program, "method:PUT")
    assert program("clients", "update", client, "--set", "description=somebody else's").code == 0
    done = program("log", "replay", former, "--yes", "--output", "json")
    assert (done.code, done.json["status"]) == (0, 200), done.stderr
    assert f"~ {client}: update, 1 field" in done.stderr
    assert "- somebody else's" in done.stderr
    assert "+ as it should be" in done.stderr
    again = program("log", "replay", former, "--yes")
    assert again.code == 0
    assert "It would change nothing" in again.stderr
    assert program("clients", "delete", client, "--yes").code == 0


def test_a_create_of_what_exists_is_a_conflict(program: Program) -> None:
    client = public_client(program, "replayed-post")
    former = last_id(program, "method:POST")
    done = program("log", "replay", former, "--yes")
    assert (done.code, done.stdout) == (5, "")
    assert f"client {client} exists already; nothing was sent" in done.stderr
    assert last_id(program, "method:POST") == former
    assert program("clients", "delete", client, "--yes").code == 0


def test_the_demo_replays_its_own(program: Program) -> None:
    done = program("--demo", "log", "replay", "demo-4", "--output", "json")
    assert (done.code, done.json["id"], done.json["status"]) == (1, "demo-10", 404)
    refused = program("--demo", "log", "replay", "demo-9", "--yes", "--output", "json")
    assert (refused.code, refused.json["status"]) == (1, 422), refused.stderr
    assert "~ mobile-app: update, 1 field" in refused.stderr
    assert "+ shop.example.com/signed-in" in refused.stderr
    assert not program.state.exists()
