"""The SQLite file behind the history: opening, bounds, and what to do with a file that is not ours."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ocm_tui.core import sqlite_files
from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.codec import encoded
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.sqlite_files import identity, is_empty, set_aside, transaction

__all__ = [
    "Bounds",
    "HistoryFile",
    "NewerHistory",
    "identity",
    "is_empty",
    "is_searchable",
    "open_for_reading",
    "set_aside",
]

_APPLICATION: Final = 0x6F636D74  # "ocmt", in the header of the file
_VERSION: Final = 2
_PLAIN_VERSION: Final = 1  # the first had no columns to search

# What is searched stands in columns of its own, before the document, so that a row can be judged without reading it.
# A file of the first version is copied; in a new one there is nothing to copy.
_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS exchange (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, started_at REAL NOT NULL, document TEXT NOT NULL)""",
    "ALTER TABLE exchange RENAME TO former",
    """CREATE TABLE exchange (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, started_at REAL NOT NULL,
        status INTEGER, duration_ms REAL, method TEXT, target TEXT, layer TEXT, client_id TEXT COLLATE NOCASE,
        run_id TEXT, path TEXT, document TEXT NOT NULL)""",
    """INSERT INTO exchange
        SELECT seq, id, started_at, json_extract(document, '$.status'), json_extract(document, '$.duration_ms'),
            json_extract(document, '$.method'), json_extract(document, '$.target'),
            json_extract(document, '$.error[0]'), json_extract(document, '$.client_id'),
            json_extract(document, '$.run_id'), json_extract(document, '$.path'), document
        FROM former""",
    "DROP TABLE former",
    "CREATE INDEX exchange_started ON exchange (started_at, seq)",
    "CREATE INDEX exchange_status ON exchange (status, started_at)",
    "CREATE INDEX exchange_duration ON exchange (duration_ms, started_at)",
    "CREATE INDEX exchange_method ON exchange (method, started_at)",
    "CREATE INDEX exchange_target ON exchange (target, started_at)",
    "CREATE INDEX exchange_layer ON exchange (layer, started_at) WHERE layer IS NOT NULL",
    "CREATE INDEX exchange_client ON exchange (client_id, started_at) WHERE client_id IS NOT NULL",
    "CREATE INDEX exchange_run ON exchange (run_id, started_at) WHERE run_id IS NOT NULL",
)
_INSERT: Final = """INSERT OR IGNORE INTO exchange
    (id, started_at, status, duration_ms, method, target, layer, client_id, run_id, path, document)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


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
        sqlite_files.make_private(path)
        self._database = sqlite3.connect(path, timeout=sqlite_files.BUSY_MS / 1000, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def append(self, exchanges: Sequence[Exchange]) -> None:
        """All of them or none. One that is there already stays as it is."""
        rows = [_row(exchange) for exchange in exchanges]
        with transaction(self._database):
            self._database.executemany(_INSERT, rows)

    def prune(self) -> None:
        """Let go of the oldest beyond the bounds, a tenth at a time when the file is too large."""
        with transaction(self._database):
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
        try:
            sqlite_files.prepare(
                self._database, application=_APPLICATION, version=_VERSION, schema=_SCHEMA, synchronous="NORMAL"
            )
        except sqlite_files.NewerFile:
            raise NewerHistory("the history file was written by a newer ocm-tui") from None

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
    """As `sqlite_files.open_for_reading`."""
    return sqlite_files.open_for_reading(path, _APPLICATION)


def is_searchable(database: sqlite3.Connection) -> bool:
    """Whether the columns to search are there; not in a file that only an earlier version has written to."""
    return int(database.execute("PRAGMA user_version").fetchone()[0]) > _PLAIN_VERSION


def _row(one: Exchange) -> tuple[str | int | float | None, ...]:
    layer = one.error.layer if one.error else None
    return (
        *(one.id, one.started_at, one.status, one.duration_ms, one.method, one.target, layer),
        *(one.client_id, one.run_id, one.path, encoded(one)),
    )
