"""Secrets on the command line: delivered once, kept when in doubt, seen nowhere; and what an interruption leaves."""

import json
import re
import signal
import stat
from pathlib import Path

import pytest

from tests.contract.command_line import DOCUMENT, Answer, Program, RawServer, Simulated, environment_yaml


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
    assert "The former secret" in done.stderr
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
