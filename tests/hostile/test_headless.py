"""Hostile data through the headless commands: exit codes, no traceback, nothing that a terminal would obey."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.cli import main
from tests.contract.command_line import Program, Result, environment_yaml
from tests.hostile.answers import WRONG_ANSWERS
from tests.hostile.documents import JSON_SAFE, hostile_inventory
from tests.hostile.server import Lie, LyingServer
from tests.hostile.strings import NASTY, NASTY_HEADERS, WIRE_SAFE, unsafe_in


@pytest.fixture(scope="module")
def server() -> Iterator[LyingServer]:
    with LyingServer(
        clients=hostile_inventory(),
        version=f"12.1 {NASTY['title']}[/x]",
        headers=NASTY_HEADERS,
        reason=WIRE_SAFE["colour"],
    ) as running:
        yield running


@pytest.fixture
def program(tmp_path: Path, server: LyingServer) -> Iterator[Program]:
    (tmp_path / "config.yaml").write_text(
        "default_environment: dev\nenvironments:\n" + environment_yaml("dev", server.base_url), encoding="utf-8"
    )
    yield Program(tmp_path)
    server.honest()


def harmless(done: Result, code: int = 0) -> Result:
    """Nothing is obeyed; words on stderr are few lines."""
    for stream in (done.stdout, done.stderr):
        assert not unsafe_in(stream.replace("\ufffd", "")), stream[:2000]
        assert "\t" not in stream
    assert "Traceback" not in done.stdout + done.stderr
    assert "fault in ocm-tui" not in done.stderr
    assert done.code == code, done.stderr
    return done


def expected(client: dict[str, Any]) -> Any:
    """The document as JSON gives it back, but for what is secret."""
    return {name: client[name] for name in ("clientId", "description", "redirectUris") if name in client}


def test_the_list_in_each_format(program: Program, server: LyingServer) -> None:
    harmless(program("clients", "list"))
    harmless(program("--verbose", "clients", "list", "is:disabled"))
    for document in (
        harmless(program("clients", "list", "--output", "json")).json,
        {"items": harmless(program("clients", "list", "--output", "jsonl")).lines},
    ):
        found = {item["client_id"]: item for item in document["items"]}
        assert list(found) == [client["clientId"] for client in server.clients]
        for client in server.clients:
            assert expected(found[client["clientId"]]["document"]) == expected(dict(client))


@pytest.mark.parametrize("name", ["title", "live link", "lines", "leading dash"])
def test_one_client(program: Program, name: str) -> None:
    client_id = NASTY[name]
    harmless(program("--verbose", "clients", "show", "--", client_id))
    shown = harmless(program("clients", "show", "--output", "json", "--", client_id)).json
    assert [item["client_id"] for item in shown["items"]] == [client_id]


@pytest.mark.parametrize("text", ['half "', NASTY["title"], "is:" + NASTY["colour"]])
def test_words_of_the_command_line(program: Program, text: str) -> None:
    for words in (["clients", "list", "--", text], ["log", "list", "--", text], ["log", "show", "--", text]):
        done = program(*words)
        harmless(done, done.code)
        assert done.code in (0, 1, 2)


def test_writes_that_are_refused_with_every_string(program: Program, server: LyingServer) -> None:
    texts = list(JSON_SAFE.values())
    errors = [{"errorId": text, "fieldPath": text, "message": text} for text in texts]
    server.lie("PUT", "/", Lie.json({"resultId": texts[0], "message": texts[1], "validationErrors": errors}, 422))
    client_id = NASTY["live link"]
    for words in (
        ["clients", "update", client_id, "--set", "enabled=false", "--yes"],
        ["clients", "delete", client_id, "--yes"],
        ["clients", "rotate-secret", client_id, "--deliver", "file:new.secret", "--yes"],
    ):
        done = program("--verbose", *words)
        harmless(done, done.code)
        assert done.code in (1, 2, 4)
        assert done.stderr.count("error: ") == 1


@pytest.mark.parametrize("output", ["text", "json", "junit", "sarif", "gitlab", "github"])
def test_checks_in_each_format(program: Program, output: str) -> None:
    report = program.home / "report"
    done = harmless(program("--check", "--output", output, "--report", f"{output}={report}"))
    assert report.read_text(encoding="utf-8").strip() == done.stdout.strip()
    if output in ("json", "sarif", "gitlab"):
        json.loads(done.stdout)


def test_the_log(program: Program, server: LyingServer) -> None:
    program("clients", "show", "--", NASTY["title"])
    error = {"errorId": NASTY["title"], "fieldPath": "[/x]", "message": NASTY["bidi override"]}
    server.lie("GET", "/oauth/clients/", Lie.json({"message": NASTY["clipboard"], "validationErrors": [error]}, 422))
    program("clients", "show", "--", NASTY["bidi override"])
    server.lie("GET", "/oauth/clients/", WRONG_ANSWERS["binary"][0])
    program("clients", "show", "--", NASTY["shell"])
    server.lie("GET", "/oauth/clients/", WRONG_ANSWERS["an HTML page"][0])
    program("clients", "show", "--", NASTY["quotes"])
    harmless(program("log", "list"))
    items = harmless(program("log", "list", "--output", "json")).json["items"]
    assert len(items) == 4
    harmless(program("log", "list", "--output", "jsonl"))
    for item in items:
        harmless(program("log", "show", item["id"]))
        assert harmless(program("log", "show", item["id"], "--output", "json")).json["id"] == item["id"]


@pytest.mark.parametrize("name", ["an HTML page", "an error of 5 MB", "invalid UTF-8", "no HTTP", "half an answer"])
def test_an_answer_that_is_not_the_apis(program: Program, server: LyingServer, name: str) -> None:
    answer, code, words = WRONG_ANSWERS[name]
    server.lie("GET", "/oauth/clients", answer)
    one_sentence(program("clients", "list"), code, words)


def one_sentence(done: Result, code: int, words: str) -> None:
    harmless(done, code)
    if code:
        assert done.stdout == ""
        first, *_ = done.stderr.splitlines()
        assert first.startswith("error: ")
        assert words in first
        assert len(done.stderr) < 8000


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_all_wrong_answers(
    program: Program,
    server: LyingServer,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The same in this process, which is ten times as quick."""
    for variable, value in program.environ().items():
        monkeypatch.setenv(variable, value)
    answer, code, words = WRONG_ANSWERS[name]
    server.lie("GET", "/", answer)
    for command in (["clients", "list"], ["clients", "show", "a client"]):
        with pytest.raises(SystemExit) as ended:
            main(command)
        done = Result(int(str(ended.value.code)), *capfd.readouterr())
        if command[1] == "list":
            one_sentence(done, code, words)
        else:
            harmless(done, done.code)
            assert done.code in (1, 3, 4)
