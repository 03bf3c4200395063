"""The journal of runs: the plan is on the disk before anything is sent, outcomes follow in groups.

A run that was killed can be told from its journal: what has an outcome is so; everything else may or may not have been
sent, and is read back when the run is resumed. Any process may read it at any time.
"""

import json
import sqlite3
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, cast

from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.provisioning.lock import holder
from ocm_tui.core.provisioning.model import LastApplied, Plan, StepResult
from ocm_tui.core.provisioning.plan_file import decoded_plan, encoded_plan
from ocm_tui.core.provisioning.runs import RunStatus, RunSummary
from ocm_tui.core.provisioning.store import Scope, forget, open_store, reading, remember
from ocm_tui.core.sqlite_files import transaction
from ocm_tui.core.text import clean

__all__ = ["Journal", "Outcome", "RunRecord", "read_abandoned", "read_run", "read_runs"]

_GATHER: Final = 0.05  # seconds in which outcomes come together before they are written as one group
_KEPT_RUNS: Final = 200
_RESULT_FIELDS: Final = frozenset(field.name for field in fields(StepResult))
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))
_TUPLES: Final = ("exchange_ids", "notes")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended, and what is remembered of its client from now on, both or neither.

    `promoted` is false when the server has a new secret whose staged copy is not in its place yet.
    """

    result: StepResult
    memory: LastApplied | None = None
    forget: bool = False
    promoted: bool = True


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the journal has it. `outcomes` by case-folded client id."""

    summary: RunSummary
    plan: Plan
    outcomes: Mapping[str, Outcome]


class Journal:
    """Written by one run, from a thread of its own. `begin` or `reopen` first, `close` at the end, whatever happened.

    `record` only takes note, and nothing else may be called at the same time as another method. When the file cannot
    be written any more `problem` says why, and nothing new must be sent.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._waiting: deque[Outcome] = deque()
        self._writer: threading.Thread | None = None
        self._ending = threading.Event()
        self._run_id, self._scope = "", Scope("", "")
        self.problem: str | None = None
        self.notice: str | None = None

    def begin(
        self, run_id: str, plan: Plan, *, started_at: str, total: int, found: Iterable[tuple[str, LastApplied]] = ()
    ) -> None:
        """Blocks until the plan is on the disk; `found` are clients that are as declared. OcmError if it cannot be."""
        row = (run_id, plan.environment, plan.base_url, started_at, total, zlib.compress(encoded_plan(plan), 1))
        self._run_id, self._scope = run_id, Scope(plan.environment, plan.base_url)

        def write(database: sqlite3.Connection) -> None:
            database.execute(
                """INSERT INTO runs (run_id, environment, base_url, started_at, status, total, plan)
                   VALUES (?, ?, ?, ?, 'running', ?, ?)""",
                row,
            )
            remember(database, self._scope, found, found=True)
            database.execute(
                "DELETE FROM runs WHERE seq <= (SELECT max(seq) FROM runs) - ? AND run_id <> ?", (_KEPT_RUNS, run_id)
            )

        self._open(write)

    def reopen(self, run: RunSummary) -> None:
        """The run goes on: it is running again."""
        self._run_id, self._scope = run.run_id, Scope(run.environment, run.base_url)
        self._open(lambda database: database.execute(*self._status("running", None)))

    def abandon(self) -> None:
        """Nothing was sent: as if the run had never begun."""
        self.flush()
        self._write(lambda database: database.execute("DELETE FROM runs WHERE run_id = ?", (self._run_id,)))

    def record(self, outcome: Outcome) -> None:
        self._waiting.append(outcome)

    def flush(self) -> None:
        """Every outcome is on the disk when this returns, or `problem` says why not; no more are taken then."""
        self._ending.set()
        if self._writer is not None:
            self._writer.join()
            self._writer = None
        self._write_group()

    def close(self, status: RunStatus | None = None, ended_at: str | None = None) -> None:
        """Write what is waiting, and how the run ended. Blocks; the second time does nothing."""
        if self._database is None:
            return
        try:
            self.flush()
            if status is not None and self.problem is None:
                self._write(lambda database: database.execute(*self._status(status, ended_at)))
        except OcmError as error:
            self.problem = error.title
        finally:
            self._database.close()
            self._database = None

    def _open(self, write: Callable[[sqlite3.Connection], object]) -> None:
        self._database, self.notice = open_store(self._path)
        self._write(write)
        self._writer = threading.Thread(target=self._keep_writing, name="journal", daemon=True)
        self._writer.start()

    def _keep_writing(self) -> None:
        while not self._ending.wait(_GATHER):
            self._write_group()

    def _write(self, write: Callable[[sqlite3.Connection], object]) -> None:
        assert self._database is not None
        try:
            with transaction(self._database):
                write(self._database)
        except sqlite3.Error as error:
            raise _unwritable(self._path, error) from error

    def _write_group(self) -> None:
        group = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not group or self.problem is not None:
            return
        try:
            self._write(lambda database: self._outcomes(database, group))
        except OcmError as error:
            self.problem = error.title

    def _outcomes(self, database: sqlite3.Connection, group: Sequence[Outcome]) -> None:
        database.executemany(
            "INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?)",
            (
                (
                    self._run_id,
                    outcome.result.client_id.casefold(),
                    outcome.result.status,
                    int(outcome.promoted),
                    _ENCODER.encode({name: getattr(outcome.result, name) for name in _RESULT_FIELDS}),
                )
                for outcome in group
            ),
        )
        written = ((one.result.client_id, one.memory) for one in group if one.memory is not None)
        remember(database, self._scope, written)
        forget(database, self._scope, (one.result.client_id for one in group if one.forget))

    def _status(self, status: RunStatus, ended_at: str | None) -> tuple[str, tuple[str | None, ...]]:
        return "UPDATE runs SET status = ?, ended_at = ? WHERE run_id = ?", (status, ended_at, self._run_id)


def read_runs(path: Path, limit: int) -> list[RunSummary]:
    """Newest first. Unusable when the journal cannot be read."""
    return reading(path, lambda database: _summaries(database, path, "ORDER BY seq DESC LIMIT ?", limit), [])


def read_abandoned(path: Path, scope: Scope) -> list[str]:
    """The ids of the runs that were killed and never resumed, oldest first."""
    clause = "WHERE status = 'running' AND environment = ? AND base_url = ? ORDER BY seq"
    none: list[RunSummary] = []
    runs = reading(path, lambda database: _summaries(database, path, clause, scope.environment, scope.base_url), none)
    return [run.run_id for run in runs if run.status == "abandoned"]


def read_run(path: Path, run_id: str) -> RunRecord:
    """UsageError when there is no such run."""
    record = reading(path, lambda database: _record(database, path, run_id), None)
    if record is None:
        raise UsageError(f"there is no run {clean(run_id, 80)} in the journal", hint=f"it is kept in {path}")
    return record


def _record(database: sqlite3.Connection, path: Path, run_id: str) -> RunRecord | None:
    database.execute("BEGIN")  # one moment for both tables
    summaries = _summaries(database, path, "WHERE run_id = ?", run_id)
    if not summaries:
        return None
    ((plan,),) = database.execute("SELECT plan FROM runs WHERE run_id = ?", (run_id,))
    steps = database.execute("SELECT client_key, promoted, result FROM steps WHERE run_id = ?", (run_id,))
    outcomes = {key: Outcome(_result(text), promoted=bool(promoted)) for key, promoted, text in steps}
    try:
        return RunRecord(summaries[0], decoded_plan(zlib.decompress(plan)), outcomes)
    except (zlib.error, OcmError) as error:
        raise ValueError(f"the plan of run {run_id} is damaged: {error}") from error


def _summaries(database: sqlite3.Connection, path: Path, clause: str, *values: str | int) -> list[RunSummary]:
    found = database.execute(
        f"SELECT run_id, environment, base_url, started_at, ended_at, status, total FROM runs {clause}",  # noqa: S608
        values,
    ).fetchall()
    return [_summary(database, path, row) for row in found]


def _summary(database: sqlite3.Connection, path: Path, row: tuple[Any, ...]) -> RunSummary:
    run_id, environment, base_url, started_at, ended_at, status, total = row
    counts = dict(database.execute("SELECT status, count(*) FROM steps WHERE run_id = ? GROUP BY status", (run_id,)))
    if status == "running" and holder(path.parent, base_url) != run_id:
        status = "abandoned"
    return RunSummary(
        run_id=run_id,
        environment=environment,
        base_url=base_url,
        started_at=started_at,
        ended_at=ended_at,
        status=cast("RunStatus", status),
        total=total,
        succeeded=counts.get("succeeded", 0),
        failed=counts.get("failed", 0),
        skipped=counts.get("skipped", 0),
        unknown=counts.get("unknown", 0),
    )


def _result(text: str) -> StepResult:
    members = {name: value for name, value in json.loads(text).items() if name in _RESULT_FIELDS}
    return StepResult(**members | {name: tuple(members.get(name, ())) for name in _TUPLES})


def _unwritable(path: Path, error: sqlite3.Error) -> OcmError:
    return OcmError(
        f"the journal {path} cannot be written: {error}", hint="the state directory must be writable, and not full"
    )
