"""`ocm-tui apply` from outside: what it did, with which secrets, and what a second plan and a list say."""

import re
from pathlib import Path

import pytest

from tests.contract.command_line import Program
from tests.contract.inventories import declare, job, own_server, stored, web


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


def test_concurrency_and_fail_fast(program: Program) -> None:
    with own_server(program, "--faults", "500@POST/oauth/clients=100%"):
        declare(program, *(web(f"ui-{number}") for number in range(6)))
        done = program("apply", "--yes", "--fail-fast", "--concurrency", "1", "--output", "json")
    assert done.code == 1
    assert done.json["summary"] == {"succeeded": 0, "failed": 1, "skipped": 5, "unknown": 0}


def test_a_server_that_is_not_there(program: Program) -> None:
    path = declare(program, web("a-ui"))
    done = program("apply", "--yes", "--env", "dead", "--inventory", str(path), "--output", "json")
    assert (done.code, done.stdout) == (3, "")


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
