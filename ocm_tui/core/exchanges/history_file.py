"""The SQLite file behind the history: opening, bounds, and what to do with a file that is not ours."""

import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.codec import encoded
from ocm_tui.core.exchanges.model import Exchange

__all__ = ["Bounds", "HistoryFile", "NewerHistory", "identity", "is_empty", "open_for_reading", "set_aside"]

_APPLICATION: Final = 0x6F636D74  # "ocmt", in the header of the file
_VERSION: Final = 1
_BUSY_MS: Final = 1500
_WAL_BYTES: Final = 8 * 2**20

_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS exchange (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, started_at REAL NOT NULL, document TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS exchange_started ON exchange (started_at, seq)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


class NewerHistory(OcmError):
    """A later version of the program wrote the file: it is left alone."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds, exchanges, bytes."""

    max_age: float
    max_count: int
    max_bytes: int


class HistoryFile:
    """One connection for writing, to be used by one thread. Every method may raise sqlite3.Error or OSError."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self._bounds = bounds
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
        self._database = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def append(self, exchanges: Sequence[Exchange]) -> None:
        """All of them or none. One that is there already stays as it is."""
        rows = [(exchange.id, exchange.started_at, encoded(exchange)) for exchange in exchanges]
        with _transaction(self._database):
            self._database.executemany(
                "INSERT OR IGNORE INTO exchange (id, started_at, document) VALUES (?, ?, ?)", rows
            )

    def prune(self) -> None:
        """Let go of the oldest beyond the bounds, a tenth at a time when the file is too large."""
        with _transaction(self._database):
            self._database.execute("DELETE FROM exchange WHERE started_at < ?", (time.time() - self._bounds.max_age,))
            self._database.execute(
                "DELETE FROM exchange WHERE seq <= (SELECT max(seq) FROM exchange) - ?", (self._bounds.max_count,)
            )
            while self._bytes() > self._bounds.max_bytes and self._drop_a_tenth():
                pass
        self._database.executescript("PRAGMA incremental_vacuum")  # `execute` would give back one page only

    def close(self) -> None:
        self._database.close()

    def _prepare(self) -> None:
        database = self._database
        # In this order: another process may be making the file at this moment, all of it in one transaction.
        tables, application, version = (
            database.execute(question).fetchone()[0]
            for question in ("SELECT count(*) FROM sqlite_master", "PRAGMA application_id", "PRAGMA user_version")
        )
        if tables and application != _APPLICATION:
            raise sqlite3.DatabaseError("it belongs to another program")
        if version > _VERSION:
            raise NewerHistory("the history file was written by a newer ocm-tui")
        if not tables:
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        if not tables or version < _VERSION:
            with _transaction(database):
                for statement in _SCHEMA:
                    database.execute(statement)

    def _bytes(self) -> int:
        """Of the pages in use; the file is at most as large as they once were."""
        used, free, size = (
            int(self._database.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (used - free) * size

    def _drop_a_tenth(self) -> bool:
        oldest, newest = self._database.execute("SELECT min(seq), max(seq) FROM exchange").fetchone()
        if oldest is None:
            return False
        self._database.execute("DELETE FROM exchange WHERE seq <= ?", (oldest + (newest - oldest) // 10,))
        return True


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.Error for a file that is not a history file. Where nothing may be written, as it was at rest.

    A file that is just being made has no table yet; `is_empty` tells.
    """
    for option in ("mode=ro", "immutable=1"):
        database = sqlite3.connect(f"{path.absolute().as_uri()}?{option}", uri=True, timeout=_BUSY_MS / 1000)
        try:
            _demand_ours(database)
        except sqlite3.OperationalError:
            database.close()
            if option == "immutable=1":
                raise
        except BaseException:
            database.close()
            raise
        else:
            return database
    raise AssertionError


def is_empty(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def identity(path: Path) -> int | None:
    """Which file the path names now; None when it names none."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def set_aside(path: Path, which: int | None) -> Path | None:
    """Rename a file that is not usable, without what SQLite keeps beside it; None if another process was faster."""
    if identity(path) != which:
        return None
    aside = path.with_name(f"{path.name}.unusable-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path.rename(aside)


def _demand_ours(database: sqlite3.Connection) -> None:
    if not is_empty(database) and database.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise sqlite3.DatabaseError("it belongs to another program")


class _transaction:  # noqa: N801  # reads as a statement
    """Takes the write lock at the beginning, so that waiting for another process happens here."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if self._database.in_transaction:
            self._database.execute("COMMIT" if kind is None else "ROLLBACK")
