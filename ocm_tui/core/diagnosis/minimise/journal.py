"""Which throwaway clients may be on a server: on the disk before each is sent, gone when it is certainly not there.

So whatever ends the program, the journal names every client that a trial may have left, and nothing but those.
Any number of processes may use it at once.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from ocm_tui.core import sqlite_files
from ocm_tui.core.errors import OcmError

__all__ = ["FILE_NAME", "PREFIX", "PendingTrial", "TrialJournal", "at_work", "is_at_work", "now", "run_directory"]

FILE_NAME: Final = "trials.sqlite3"
PREFIX: Final = "ocm-trial-"

_T = TypeVar("_T")

_APPLICATION: Final = 0x6F636D78  # "ocmx", in the header of the file
_VERSION: Final = 1
_PATIENCE: Final = 10.0  # seconds that another process may hold the write lock
_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS pending (
        client_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, environment TEXT NOT NULL, base_url TEXT NOT NULL,
        sent_at REAL NOT NULL) WITHOUT ROWID""",
)


@dataclass(frozen=True, slots=True)
class PendingTrial:
    """A throwaway client that is on the server at `base_url`, or may be. `sent_at` is seconds since the epoch."""

    client_id: str
    run_id: str
    environment: str
    base_url: str
    sent_at: float


class TrialJournal:
    """In a state directory, where the artifacts of the runs are kept as well. Every method blocks: use a thread.

    OcmError when the file cannot be used: nothing must be sent then. `notice` says when a damaged one was set aside.
    Rows come from a file that others can write: what is not named like a throwaway client is never given out.
    """

    def __init__(self, directory: Path) -> None:
        self.directory, self.path = directory, directory / FILE_NAME
        self.notice: str | None = None
        self._database: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def sending(self, trial: PendingTrial) -> None:
        """On the disk when this returns."""
        row = (trial.client_id, trial.run_id, trial.environment, trial.base_url, trial.sent_at)
        self._do(lambda database: database.execute("INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?)", row))

    def settled(self, client_id: str) -> None:
        """It is certainly not on the server."""
        self._do(lambda database: database.execute("DELETE FROM pending WHERE client_id = ?", (client_id,)))

    def pending(self) -> list[PendingTrial]:
        """Of every server, the oldest first. Does not make the file."""
        if not self.path.exists():
            return []
        rows = self._do(lambda database: database.execute("SELECT * FROM pending ORDER BY sent_at").fetchall())
        return [PendingTrial(*row) for row in rows if isinstance(row[0], str) and row[0].startswith(PREFIX)]

    def close(self) -> None:
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _do(self, action: Callable[[sqlite3.Connection], _T]) -> _T:
        with self._lock:
            try:
                database = self._database = self._database or self._opened()
                with sqlite_files.transaction(database):
                    return action(database)
            except (sqlite3.Error, OSError) as error:
                raise OcmError(
                    f"the journal of trials {self.path} cannot be written: {error}",
                    hint="the state directory must be writable, and not full; nothing is tried without it",
                ) from error

    def _opened(self) -> sqlite3.Connection:
        try:
            which = sqlite_files.identity(self.path)
            try:
                return _open(self.path)
            except sqlite3.OperationalError:
                raise  # disk full, read-only, locked: the file itself is not to blame
            except sqlite3.DatabaseError as error:
                aside = sqlite_files.set_aside(self.path, which)
                if aside is not None:
                    self.notice = f"{self.path} was not usable ({error}); it is now {aside}, and what it knew is lost"
                return _open(self.path)
        except sqlite_files.NewerFile:
            raise OcmError(
                f"the journal of trials {self.path} was written by a newer ocm-tui",
                hint="use that version, or move the file away",
            ) from None


def _open(path: Path) -> sqlite3.Connection:
    sqlite_files.make_private(path)
    # Used by threads that take turns.
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        sqlite_files.prepare(database, application=_APPLICATION, version=_VERSION, schema=_SCHEMA, synchronous="FULL")
    except BaseException:
        database.close()
        raise
    return database


def now() -> float:
    return time.time()


def run_directory(state: Path, run_id: str) -> Path:
    return state / "trials" / run_id


@contextmanager
def at_work(state: Path, run_id: str) -> Iterator[Path]:
    """The directory of a run, 0700. Until the end of the block, or of the process, others see that it is at work."""
    directory = run_directory(state, run_id)
    try:
        for one in (state, directory.parent, directory):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OcmError(
            f"the directory of the trials cannot be made: {directory}: {error.strerror}",
            hint="the state directory must be writable, and not full; nothing is tried without it",
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield directory
    finally:
        with suppress(OSError):
            (directory / "lock").unlink()
        os.close(descriptor)


def is_at_work(state: Path, run_id: str) -> bool:
    """In whatever process."""
    try:
        descriptor = os.open(run_directory(state, run_id) / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
