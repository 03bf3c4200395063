"""`ocm-tui apply` from outside: what it did, what it refused, and what a second plan says."""

import contextlib
import json
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import Answer, Program, RawServer, environment_yaml, lines_of
from tests.contract.inventories import declare, own_server, web
from tests.terminal import Terminal


def job(client_id: str, **secret: Any) -> dict[str, Any]:
    return {
        "clientId": client_id,
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
        "secret": {"from": "generate", **secret},
    }


def stored(program: Program, client_id: str) -> Any:
    return program("clients", "show", client_id, "--output", "json").json["items"][0]["document"]


def test_apply_makes_the_server_as_declared_and_a_second_plan_is_empty(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"), web("b-ui", description="second"))
        done = program("apply", "--yes", "--output", "json")
        assert done.code == 0, done.stderr
        result = done.json
        assert (next(iter(result)), result["schema"]) == ("schema", "ocm-tui/apply/v1")
        assert result["summary"] == {"succeeded": 2, "failed": 0, "skipped": 0, "unknown": 0}
        assert {step["client_id"] for step in result["results"]} == {"a-ui", "b-ui"}
        for step in result["results"]:
            assert (step["action"], step["status"], step["attempts"], step["error"]) == ("create", "succeeded", 1, None)
            assert step["exchange_ids"]
        assert stored(program, "b-ui")["description"] == "second"
        assert "+ a-ui  create  " in done.stderr
        assert "● a-ui  created\n" in done.stderr
        again = program("apply", "--yes", "--output", "json")
        assert (again.code, again.json["results"]) == (0, [])
        assert program("plan", "--detailed-exitcode").code == 0
        shown = program("log", "show", result["results"][0]["exchange_ids"][-1], "--output", "json").json
        assert shown["run_id"] == result["run_id"]


def test_the_demo_applies_end_to_end(program: Program) -> None:
    (program.home / "config.yaml").unlink()
    done = program("--demo", "apply", "--yes")
    assert done.code == 0, done.stdout + done.stderr
    assert re.match(r"demo: \d+ succeeded, 0 failed, 0 skipped, 0 unknown in ", done.stdout.splitlines()[-1])
    assert {"● pricing-engine  updated", "● partner-hooli  created"} <= set(done.stderr.splitlines())
    assert not program.state.exists()


def test_an_update_a_drift_and_who_moved(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"), web("b-ui"), web("c-ui"))
        assert program("apply", "--yes", "--quiet").code == 0
        assert program("clients", "update", "a-ui", "--set", "description=by hand").code == 0
        assert program("clients", "update", "c-ui", "--set", "description=by hand").code == 0
        declare(program, web("a-ui"), web("b-ui", description="declared"), web("c-ui", description="declared"))
        text = program("plan").stdout
        assert "description  (changed on the server)\n      - by hand\n" in text
        assert "description  (changed in the inventory)\n      + declared\n" in text
        assert "description  (changed on both sides)\n      - by hand\n      + declared\n" in text
        done = program("apply", "--yes")
        assert done.code == 0
        assert "● b-ui  updated\n" in done.stderr
        assert stored(program, "b-ui")["description"] == "declared"
        assert program("plan", "--detailed-exitcode").code == 0


def test_prune_deletes_only_what_was_created_here(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"), web("b-ui"))
        assert program("apply", "--yes", "--quiet").code == 0
        declare(program, web("a-ui"))
        assert program("plan", "--detailed-exitcode").code == 0
        planned = program("plan", "--prune")
        assert "- b-ui  delete\n" in planned.stdout
        assert planned.stdout.splitlines()[-1].startswith("dev: 0 to create, 0 to update, 1 to delete, 1 unchanged")
        assert program("apply", "--prune", "--yes").code == 0
        assert program("clients", "show", "b-ui").code == 1
        assert program("clients", "list", "--output", "json").json["items"][3:]  # the others are there


def test_without_a_terminal_nothing_is_asked_and_nothing_sent(program: Program) -> None:
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        for words in ([], ["--resume", "run-1"], ["--replicate"]):
            done = program("apply", *words)
            assert (done.code, done.stdout) == (2, "")
            assert "--yes" in done.stderr
        assert not server.asked.is_set()


@pytest.mark.parametrize(
    "words",
    [
        ["saved.plan", "--only", "a"],
        ["saved.plan", "--inventory", "x"],
        ["saved.plan", "--prune"],
        ["saved.plan", "--resume", "r"],
        ["--resume", "r", "--only", "a"],
        ["--list", "--prune"],
        ["--list", "saved.plan"],
        ["--concurrency", "0"],
        ["--concurrency", "many"],
        ["--wait", "soon"],
        ["--wait", "-1"],
    ],
)
def test_contradictions_are_refused(program: Program, words: list[str]) -> None:
    done = program("apply", *words, "--yes")
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert not program.state.exists()


def test_it_asks_once_on_a_terminal_and_shows_the_plan_before(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        for answer, code in (("n\r", 4), ("y\r", 0)):
            command = program.command("apply", "--quiet")
            with Terminal(command, environment=program.environ()) as terminal:
                terminal.wait("Apply 1 change in dev? [y/N]")
                assert "+ a-ui  create" in terminal.text
                assert "1 to create" in terminal.text
                terminal.type(answer)
                assert terminal.end() == code
            assert program("clients", "show", "a-ui").code == (0 if code == 0 else 1)


def test_ctrl_c_at_the_question(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        with Terminal(program.command("apply"), environment=program.environ()) as terminal:
            terminal.wait("[y/N]")
            terminal.type("\x03")
            assert terminal.end() == 130
            assert "interrupted: done: " in terminal.text
        assert program("clients", "show", "a-ui").code == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--read-only"], "read-only"),
        (["--env", "prod"], "--consent prod"),
        (["--env", "prod", "--read-only", "--consent", "prod"], "read-only"),
        (["--env", "auditor"], "403"),
    ],
    ids=" ".join,
)
def test_refusals_are_exit_4_and_change_nothing(program: Program, options: list[str], told: str) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        done = program("apply", "--yes", *options)
        assert done.code == 4, done.stdout
        assert told in done.stderr + done.stdout
        assert program("clients", "show", "a-ui").code == 1


def test_consent_names_the_environment(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        wrong = program("apply", "--yes", "--env", "prod", "--consent", "dev")
        assert (wrong.code, wrong.stdout) == (2, "")
        assert program("apply", "--yes", "--env", "prod", "--consent", "prod").code == 0


def test_a_protected_environment_wants_its_name_typed(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        command = program.command("--env", "prod", "apply")
        for answer, code in (("y\r", 4), ("prod\r", 0)):
            with Terminal(command, environment=program.environ()) as terminal:
                terminal.wait("prod is protected")
                assert "+ a-ui  create" in terminal.text
                terminal.type(answer)
                assert terminal.end() == code


def test_a_saved_plan_is_carried_out_exactly_or_refused(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"), web("b-ui"))
        assert program("plan", "--out", "saved.plan").code == 0
        declare(program, web("c-ui"))  # what the inventory says later does not matter
        done = program("apply", "saved.plan", "--yes", "--output", "json")
        assert done.code == 0, done.stderr
        assert {step["client_id"] for step in done.json["results"]} == {"a-ui", "b-ui"}
        declare(program, web("a-ui", description="x"), web("b-ui", description="x"))
        assert program("plan", "--out", "saved.plan").code == 0
        assert program("clients", "update", "b-ui", "--set", "description=by hand").code == 0
        before = len(program("log", "list", "method:PUT", "--output", "json").json["items"])
        late = program("apply", "saved.plan", "--yes", "--output", "json")
        assert (late.code, late.stdout) == (5, "")
        assert "b-ui" in late.stderr
        assert len(program("log", "list", "method:PUT", "--output", "json").json["items"]) == before
        assert "description" not in stored(program, "a-ui")


@pytest.mark.parametrize("content", [None, "", "{}", "not json", '{"schema": "ocm-tui/plan/v9"}', '{"items": []}'])
def test_what_is_no_saved_plan(program: Program, content: str | None) -> None:
    if content is not None:
        (program.home / "saved.plan").write_text(content)
    done = program("apply", "saved.plan", "--yes")
    assert (done.code, done.stdout) == (2, "")
    assert "saved.plan" in done.stderr
    assert not program.state.exists()


def test_a_changed_plan_file_is_refused(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        assert program("plan", "--out", "saved.plan").code == 0
        saved = program.home / "saved.plan"
        saved.write_text(saved.read_text().replace("a-ui.example.com", "evil.example.com"))
        done = program("apply", "saved.plan", "--yes")
        assert (done.code, done.stdout) == (2, "")


def test_a_failed_change_is_exit_1_and_the_others_are_made(program: Program) -> None:
    with own_server(program, "--faults", "500@POST/oauth/clients=100%"):
        declare(program, web("a-ui"))
        done = program("apply", "--yes", "--output", "json")
        assert done.code in {1, 3}
        assert done.json["summary"]["succeeded"] == 0
        (step,) = done.json["results"]
        assert step["error"]
    with own_server(program):
        declare(program, web("a-ui"), web("z-ui", defaultAccessTokenManagerRef={"id": "nope"}))
        done = program("apply", "--yes", "--output", "json")
        assert done.code == 1
        assert stored(program, "a-ui")["clientId"] == "a-ui"
        assert [one["client_id"] for one in done.json["blocked"]] == ["z-ui"]


def test_a_server_that_is_not_there(program: Program) -> None:
    path = declare(program, web("a-ui"))
    done = program("apply", "--yes", "--env", "dead", "--inventory", str(path), "--output", "json")
    assert (done.code, done.stdout) == (3, "")


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
    with own_server(program, "--latency", "60"):
        process = slow_apply(program)
        second = program("apply", "--yes")
        (run,) = program("apply", "--list", "--output", "json").json["items"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert (second.code, second.stdout) == (4, "")
    assert run["status"] == "running"
    assert run["run_id"] in second.stderr


def test_secrets_reach_their_files_and_nothing_else(program: Program) -> None:
    with own_server(program):
        declare(program, job("job-a", deliver="file:secrets/{clientId}"), job("job-b", deliver="file:secrets/b"))
        (program.home / "secrets").mkdir(mode=0o700)
        done = program("apply", "--yes", "--verbose", "--output", "json")
        assert done.code == 0, done.stderr
        for name in ("job-a", "b"):
            path = program.home / "secrets" / name
            assert path.stat().st_mode & 0o777 == 0o600
            assert len(path.read_text()) >= 32
            assert path.read_text() not in program.seen
        kept = b"".join(path.read_bytes() for path in program.state.rglob("*") if path.is_file())
        assert (program.home / "secrets/b").read_bytes() not in kept
        before = (program.home / "secrets/b").read_text()
        declare(
            program, job("job-a", deliver="file:secrets/{clientId}"), job("job-b", deliver="file:secrets/b", version=2)
        )
        planned = program("plan")
        assert "secret: rotate, version 2, generated, delivered to file:" in planned.stdout
        assert program("apply", "--yes").code == 0
        assert (program.home / "secrets/b").read_text() != before


def test_a_secret_is_printed_only_when_it_is_allowed(program: Program) -> None:
    with own_server(program):
        declare(program, job("job-a", deliver="stdout"))
        refused = program("apply", "--yes")
        assert refused.code == 2, refused.stdout + refused.stderr
        assert "--print-secrets" in refused.stderr
        assert program("clients", "show", "job-a").code == 1
        done = program("apply", "--yes", "--print-secrets")
        assert done.code == 0, done.stderr
        match = re.match("job-a\t([A-Za-z0-9_-]{32,})\n", done.stdout)
        assert match
        assert match[1] not in done.stderr
        declare(program, job("job-a", deliver="stdout"), job("job-b", deliver="stdout"))
        done = program("apply", "--yes", "--print-secrets", "--output", "json")
        (step,) = done.json["results"]
        assert len(step["secret"]) >= 32
        assert step["secret"] not in done.stderr


def test_replication_is_information_when_the_server_stands_alone(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        done = program("apply", "--yes", "--replicate", "--output", "json")
        assert done.code == 0, done.stderr
        assert done.json["replication"]["status"] == "standalone"
        declare(program, web("b-ui"), web("z-ui", defaultAccessTokenManagerRef={"id": "nope"}))
        done = program("apply", "--yes", "--replicate", "--output", "json")
        assert done.code == 1
        assert done.json["replication"]["status"] == "skipped"
        assert "not replicated: " in done.stderr


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


def test_concurrency_and_fail_fast(program: Program) -> None:
    with own_server(program, "--faults", "500@POST/oauth/clients=100%"):
        declare(program, *(web(f"ui-{number}") for number in range(6)))
        done = program("apply", "--yes", "--fail-fast", "--concurrency", "1", "--output", "json")
    assert done.code == 1
    assert done.json["summary"] == {"succeeded": 0, "failed": 1, "skipped": 5, "unknown": 0}


def test_states_of_a_list(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"), web("b-ui"))
        assert program("apply", "--yes", "--quiet").code == 0
        assert program("clients", "update", "b-ui", "--set", "description=by hand").code == 0
        declare(program, web("a-ui"), web("b-ui"), web("c-ui"))
        states = {one["client_id"]: one["state"] for one in program("clients", "list", "--output", "jsonl").lines}
        others = set(states) - {"a-ui", "b-ui"}
        assert states == {"a-ui": "in sync", "b-ui": "drifted", **dict.fromkeys(others, "unmanaged")}
        assert len(others) == 3
        drifted = program("clients", "list", "state:drifted", "--output", "json").json["items"]
        assert [item["client_id"] for item in drifted] == ["b-ui"]
        (missing,) = program("clients", "list", "state:missing", "ui", "--output", "json").json["items"]
        assert (missing["client_id"], missing["state"], missing["document"]) == ("c-ui", "missing", None)
        assert missing["grant_types"] == ["AUTHORIZATION_CODE"]
        table = program("clients", "list", "state:missing,drifted").stdout.splitlines()
        assert [line.split()[:4] for line in table[1:]] == [
            ["●", "enabled", "drifted", "b-ui"],
            ["●", "enabled", "missing", "c-ui"],
        ]
        (shown,) = program("clients", "show", "b-ui", "--output", "json").json["items"]
        assert shown["state"] == "drifted"
        (program.home / "inventory.yaml").write_text("version: 1\nclients:\n- clientId: a\n  nonsense: 1\n")
        broken = program("clients", "list", "--output", "jsonl")
        assert broken.code == 0
        assert {line["state"] for line in broken.lines} == {"unknown"}
        assert re.search(r"warning: .*inventory\.yaml:4:", broken.stderr)
        assert program("clients", "show", "b-ui", "--output", "json").json["items"][0]["state"] == "unknown"


def test_states_need_no_state_file(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        assert program("apply", "--yes", "--quiet").code == 0
        for path in Path(program.state).glob("provisioning*"):
            path.unlink()
        assert program("clients", "list", "a-ui", "--output", "jsonl").lines[0]["state"] == "in sync"
        assert program("plan", "--detailed-exitcode").code == 0


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
