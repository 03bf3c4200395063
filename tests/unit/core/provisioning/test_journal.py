"""The journal: durable before, in groups during, readable at any time by anyone."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.provisioning.journal import Journal, read_abandoned, read_run, read_runs
from ocm_tui.core.provisioning.lock import RunLock
from ocm_tui.core.provisioning.store import FILE_NAME, Unusable, read_memory
from tests.unit.core.provisioning.runs_support import SCOPE, STARTED, last, outcome, plan

CHILD = """
import sys
from pathlib import Path
from ocm_tui.core.provisioning.journal import Journal
from tests.unit.core.provisioning.runs_support import *
journal = Journal(Path(sys.argv[1]))
clients = [f"client-{number}" for number in range(200)]
journal.begin("run-of-child", plan(*clients), started_at=STARTED, total=len(clients))
print("begun", flush=True)
sys.stdin.readline()
for one in clients:
    journal.record(outcome(one, memory=last(one, created=True)))
{end}
"""
KILLED_AT_WORK = "print('recorded', flush=True); sys.stdin.readline()"
KILLED_IN_A_TRANSACTION = """
journal._database.execute("BEGIN IMMEDIATE")
journal._outcomes(journal._database, [outcome("half-done")])
print('recorded', flush=True); sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


def begun(path: Path, *client_ids: str, run_id: str = "run-1") -> Journal:
    journal = Journal(path)
    journal.begin(run_id, plan(*client_ids), started_at=STARTED, total=len(client_ids))
    return journal


def child(path: Path, end: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD.replace("{end}", end), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    return process


def told(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"go on\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"recorded\n"


def test_the_plan_is_on_record_before_anything_else(path: Path) -> None:
    journal = begun(path, "a", "b")
    record = read_run(path, "run-1")
    assert record.plan == plan("a", "b")
    assert not record.outcomes
    assert (record.summary.total, record.summary.started_at, record.summary.ended_at) == (2, STARTED, None)
    journal.close()


def test_outcomes_and_memory_are_one(path: Path) -> None:
    journal = begun(path, "a", "b", "c")
    journal.record(outcome("A", memory=last("one", created=True)))
    journal.record(replace(outcome("b", "failed"), promoted=False))
    journal.close("finished", "2026-01-31T12:05:00Z")
    record = read_run(path, "run-1")
    assert record.outcomes["a"] == replace(outcome("A"), memory=None)
    assert not record.outcomes["b"].promoted
    assert record.outcomes["b"].result.error == "the server said no"
    summary = record.summary
    assert (summary.status, summary.succeeded, summary.failed, summary.unknown) == ("finished", 1, 1, 0)
    assert summary.ended_at == "2026-01-31T12:05:00Z"
    assert dict(read_memory(path, SCOPE)) == {"a": last("one", created=True)}


def test_a_deletion_is_forgotten_with_its_outcome(path: Path) -> None:
    journal = begun(path, "a")
    journal.record(outcome("a", memory=last()))
    journal.flush()
    journal.close()
    journal = begun(path, "a", run_id="run-2")
    journal.record(replace(outcome("a"), forget=True))
    journal.close("finished")
    assert dict(read_memory(path, SCOPE)) == {}


def test_a_run_goes_on(path: Path) -> None:
    journal = begun(path, "a", "b")
    journal.record(outcome("a"))
    journal.record(outcome("b", "unknown"))
    journal.close("interrupted", STARTED)
    again = Journal(path)
    again.reopen(read_run(path, "run-1").summary)
    again.record(outcome("b"))
    again.close("finished", STARTED)
    summary = read_run(path, "run-1").summary
    assert (summary.status, summary.succeeded, summary.unknown) == ("finished", 2, 0)


def test_a_run_that_sent_nothing_leaves_nothing(path: Path) -> None:
    journal = begun(path, "a")
    journal.abandon()
    journal.close()
    assert read_runs(path, 10) == []
    with pytest.raises(UsageError, match="no run run-1"):
        read_run(path, "run-1")


def test_runs_come_newest_first_and_the_oldest_go(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocm_tui.core.provisioning.journal._KEPT_RUNS", 3)
    for number in range(5):
        journal = begun(path, "a", run_id=f"run-{number}")
        journal.record(outcome("a"))
        journal.close("finished", STARTED)
    assert [run.run_id for run in read_runs(path, 10)] == ["run-4", "run-3", "run-2"]
    assert [run.run_id for run in read_runs(path, 1)] == ["run-4"]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM steps").fetchone() == (3,)
    database.close()


async def test_a_run_is_abandoned_when_nobody_holds_its_lock(path: Path) -> None:
    journal = begun(path, "a")
    async with RunLock(path.parent, SCOPE.base_url, "run-1"):
        assert read_runs(path, 1)[0].status == "running"
        assert read_abandoned(path, SCOPE) == []
    assert read_runs(path, 1)[0].status == "abandoned"
    assert read_abandoned(path, SCOPE) == ["run-1"]
    journal.close("finished", STARTED)
    assert read_runs(path, 1)[0].status == "finished"


def test_there_is_no_journal_yet(path: Path) -> None:
    assert read_runs(path, 10) == []
    with pytest.raises(UsageError):
        read_run(path, "run-1")


@pytest.mark.parametrize("end", [KILLED_AT_WORK, KILLED_IN_A_TRANSACTION])
def test_another_process_is_killed_while_it_writes(path: Path, end: str) -> None:
    process = child(path, end)
    assert read_run(path, "run-of-child").plan == plan(*(f"client-{number}" for number in range(200)))
    told(process)
    read_run(path, "run-of-child")  # beside the writer
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    record = read_run(path, "run-of-child")
    assert record.summary.status == "abandoned"
    assert "half-done" not in record.outcomes
    assert record.outcomes.keys() == read_memory(path, SCOPE).keys()
    begun(path, "a", run_id="run-2").close("finished", STARTED)  # the next one is not held up


def test_two_processes_write_at_once(path: Path) -> None:
    process = child(path, "journal.close('finished', STARTED); print('recorded', flush=True)")
    journal = begun(path, *(f"mine-{number}" for number in range(200)))
    told(process)
    for number in range(200):
        journal.record(outcome(f"mine-{number}"))
    journal.close("finished", STARTED)
    process.communicate(timeout=60)
    assert journal.problem is None
    assert [run.succeeded for run in read_runs(path, 2)] == [200, 200]


@pytest.fixture
def no_room() -> Iterator[Callable[[int], None]]:
    """A file of this process may not grow beyond a few pages: what a full disk looks like to SQLite."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, former)


def test_a_full_disk_before_the_run_sends_nothing(path: Path, no_room: Callable[[int], None]) -> None:
    no_room(8192)
    journal = Journal(path)
    with pytest.raises(OcmError, match="cannot be written"):
        journal.begin("run-1", plan(*(f"{os.urandom(64).hex()}" for _ in range(500))), started_at=STARTED, total=500)
    journal.close()


def test_a_full_disk_during_the_run_is_said(path: Path, no_room: Callable[[int], None]) -> None:
    journal = begun(path, "a")
    journal.record(outcome("a"))
    room = sum(one.stat().st_size for one in path.parent.iterdir()) + 20_000
    no_room(room)
    for number in range(300):
        journal.record(outcome(f"client-{number}", memory=last("x" * 1000)))
    journal.close("finished", STARTED)
    assert journal.problem is not None
    assert "cannot be written" in journal.problem
    assert read_run(path, "run-1").summary.status == "abandoned"


def test_a_damaged_plan_is_told_as_such(path: Path) -> None:
    begun(path, "a").close("finished", STARTED)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE runs SET plan = x'00'")
    database.close()
    with pytest.raises(Unusable, match="damaged"):
        read_run(path, "run-1")
    assert len(read_runs(path, 1)) == 1
