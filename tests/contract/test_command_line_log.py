"""`ocm-tui log` from outside: the history of this machine, and the demo's own."""

import pytest

from tests.contract.command_line import Program

EXCHANGE = {
    "id", "started_at", "target", "method", "url", "status", "duration_ms", "timings_ms", "request", "response",
    "error", "client_id", "run_id",
}  # fmt: skip


def test_an_empty_log(program: Program) -> None:
    for environment in ([], ["--env", "dead"]):
        done = program("log", "list", "--output", "json", *environment)
        assert (done.code, done.json) == (0, {"schema": "ocm-tui/exchanges/v1", "items": []})
    assert not program.state.exists()


def test_what_other_commands_sent(program: Program) -> None:
    program("clients", "show", "orders-api")
    program("clients", "show", "orders-apii")
    program("--check", "--env", "dead")
    items = program("log", "list", "--output", "json").json["items"]
    assert [item["status"] for item in items] == [200, 404, None]
    assert [item["started_at"] for item in items] == sorted(item["started_at"] for item in items)
    assert items[2]["error"]["layer"] == "tcp"
    assert [line["id"] for line in program("log", "list", "--output", "jsonl").lines] == [item["id"] for item in items]
    newest = program("log", "list", "--limit", "1", "--output", "jsonl").lines
    assert [line["id"] for line in newest] == [items[2]["id"]]

    shown = program("log", "show", items[1]["id"], "--output", "json").json
    assert shown["schema"] == "ocm-tui/exchange/v1"
    assert shown.keys() >= EXCHANGE
    assert shown["timings_ms"].keys() == {"connect", "tls", "first_byte", "total"}
    assert shown["request"].keys() == {"headers", "body", "body_bytes"}
    assert shown["response"].keys() == {"headers", "body", "body_bytes", "truncated"}
    assert shown["client_id"] == "orders-apii"
    text = program("log", "show", items[1]["id"]).stdout
    assert "result    HTTP 404" in text
    assert "Authorization: Basic ***" in text


def test_queries(program: Program) -> None:
    program("clients", "show", "orders-api")
    program("clients", "show", "orders-apii")
    found = program("log", "list", "status:404", "--output", "jsonl").lines
    assert [line["client_id"] for line in found] == ["orders-apii"]
    wrong = program("log", "list", "colour:red")
    assert (wrong.code, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("error: ")


def test_an_id_that_is_not_there(program: Program) -> None:
    done = program("log", "show", "nope-1", "--output", "json")
    assert (done.code, done.stdout) == (1, "")
    assert "nope-1" in done.stderr
    assert program("log", "list", "--limit", "0").code == 2


def test_the_demos_log_is_the_same_every_time(program: Program) -> None:
    def facts() -> list[tuple[str, str, int]]:
        lines = program("--demo", "log", "list", "--output", "jsonl").lines
        return [(line["id"], line["method"], line["status"]) for line in lines]

    first = facts()
    assert first == facts()
    assert first == [
        ("demo-1", "GET", 200),
        ("demo-2", "GET", 200),
        ("demo-3", "GET", 200),
        ("demo-4", "GET", 404),
        ("demo-5", "GET", 404),
        ("demo-6", "POST", 422),
        ("demo-7", "GET", 200),
        ("demo-8", "GET", 200),
        ("demo-9", "PUT", 422),
    ]
    read_only = program("--demo", "--read-only", "log", "list", "--output", "jsonl").lines
    assert [line["id"] for line in read_only] == ["demo-1", "demo-2", "demo-3", "demo-4"]
    shown = program("--demo", "log", "show", "demo-3", "--output", "json").json
    assert (shown["schema"], shown["id"]) == ("ocm-tui/exchange/v1", "demo-3")
    assert not program.state.exists()


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_history_that_cannot_be_read(program: Program, content: bytes) -> None:
    program("clients", "show", "orders-api")
    (file,) = [path for path in program.state.iterdir() if path.suffix == ".sqlite3"]
    for path in program.state.iterdir():
        path.unlink()
    file.write_bytes(content)
    done = program("log", "list", "--output", "json")
    assert done.code in {0, 1, 2}
    assert (done.code == 0) == bool(done.stdout)
    assert program("clients", "show", "orders-api").code == 0  # the log never keeps the work from being done
