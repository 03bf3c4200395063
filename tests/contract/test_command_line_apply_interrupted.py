"""`ocm-tui apply` that is interrupted, killed, or loses its streams: what it says, and how it goes on."""

import contextlib
import json
import re
import shlex
import signal
import subprocess

import pytest

from tests.contract.command_line import Answer, Program, RawServer, environment_yaml, lines_of
from tests.contract.inventories import declare, own_server, web
from tests.terminal import Terminal


def slow_apply(program: Program, clients: int = 60, *words: str) -> subprocess.Popen[bytes]:
    """An apply that is at work: its first client has ended."""
    declare(program, *(web(f"ui-{number:03}") for number in range(clients)))
    process = program.start("apply", "--yes", "--output", "json", "--concurrency", "2", *words)
    assert process.stderr is not None
    lines_of(process.stderr, ["created"])
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_says_what_was_done_and_can_be_resumed(program: Program, number: signal.Signals) -> None:
    with own_server(program, "--latency", "40"):
        process = slow_apply(program)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 130
        result = json.loads(stdout)
        assert result["interrupted"] is True
        summary = result["summary"]
        assert summary["skipped"] > 0
        assert summary["succeeded"] > 0
        assert summary["failed"] == summary["unknown"] == 0
        said = stderr.decode()
        assert f"interrupted: done: {summary['succeeded']} change" in said
        assert f"not done: {summary['skipped']} change" in said
        assert f"--resume {result['run_id']}" in said
        there = {item["client_id"] for item in program("clients", "list", "ui-", "--output", "json").json["items"]}
        assert there == {step["client_id"] for step in result["results"] if step["status"] == "succeeded"}
        (run,) = program("apply", "--list", "--output", "json").json["items"]
        assert (run["run_id"], run["status"]) == (result["run_id"], "interrupted")
        resumed = program("apply", "--resume", result["run_id"], "--yes", "--output", "json")
        assert resumed.code == 0, resumed.stderr
        assert program("plan", "--detailed-exitcode").code == 0


def test_killed_it_is_listed_and_can_be_resumed(program: Program) -> None:
    with own_server(program, "--latency", "40"):
        process = slow_apply(program)
        process.kill()
        process.communicate(timeout=60)
        (run,) = program("apply", "--list", "--output", "json").json["items"]
        assert run["status"] == "abandoned"
        assert "abandoned" in program("apply", "--list").stdout
        resumed = program("apply", "--resume", run["run_id"], "--yes", "--output", "json")
        assert resumed.code == 0, resumed.stderr
        assert program("plan", "--detailed-exitcode").code == 0
        unknown = program("apply", "--resume", "no-such-run", "--yes")
        assert (unknown.code, unknown.stdout) == (2, "")


def test_a_second_apply_is_refused_with_the_run_of_the_first(program: Program) -> None:
    with own_server(program, "--latency", "400"):
        process = slow_apply(program)
        second = program("apply", "--yes")
        runs = program("apply", "--list", "--output", "json").json["items"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    (run,) = runs
    assert (second.code, second.stdout) == (4, "")
    assert run["status"] == "running"
    assert run["run_id"] in second.stderr


def test_a_second_ctrl_c_does_not_wait(program: Program) -> None:
    """The first waits for what is in flight, and this answer never comes."""
    declare(program, web("a-ui"), web("b-ui"))
    listed = Answer.http("200 OK", json.dumps({"items": [], "version": "12.1.0.4"}).encode())
    with RawServer({"GET": listed, "POST": Answer(None)}, waits_for="POST") as server:
        (program.home / "config.yaml").write_text(
            "environments:\n" + environment_yaml("dev", server.base_url, inventory="inventory.yaml")
        )
        process = program.start("apply", "--yes", "--concurrency", "1", "--output", "json")
        assert server.asked.wait(60)
        while process.poll() is None:  # two that come together are one
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, b"")
    said = stderr.decode()
    assert (
        "interrupted: done: nothing; not done: 1 change; unknown: 1 change under way; `ocm-tui apply --resume" in said
    )
    (run,) = program("apply", "--list", "--output", "json").json["items"]
    assert run["status"] in {"abandoned", "interrupted"}
    assert f"--resume {run['run_id']}" in said


def test_a_reader_that_goes_away_stops_nothing(program: Program) -> None:
    with own_server(program):
        declare(program, *(web(f"ui-{number}") for number in range(20)))
        process = program.start("apply", "--yes")
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(60) == 0
        process.stderr.close()
        assert program("plan", "--detailed-exitcode").code == 0


def test_streams_that_were_closed_before(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        line = f"{shlex.join(program.command('apply', '--yes'))} >&- 2>&-"
        done = subprocess.run(["sh", "-c", line], env=program.environ(), cwd=program.home, timeout=60, check=False)
        assert done.returncode == 0
        assert program("clients", "show", "a-ui").code == 0


def test_the_bar_stands_on_one_line_of_any_width(program: Program) -> None:
    with own_server(program, "--latency", "20"):
        declare(program, *(web(f"ui-{number:03}") for number in range(30)))
        command = program.command("apply", "--yes", "--concurrency", "2")
        with Terminal(command, 24, 50, environment=program.environ()) as terminal:
            terminal.wait("━")
            assert terminal.end() == 0
            assert "━" not in terminal.text  # gone at the end
            assert terminal.left_on == []
        raw = terminal.raw.decode()
        for drawing in re.findall("[━─]+ [^\r\n]*", raw):
            assert len(drawing) < 24
        assert "\x1b[31m" not in raw
