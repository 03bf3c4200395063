"""What is kept between applies, in one SQLite file: what was last applied to each client, and the runs.

Keyed by environment and server, so that one file serves them all. Nothing in it is secret. A file that is damaged is
set aside by who writes, and said; one of a newer version is left alone.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from ocm_tui.core import sqlite_files
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import OcmError
from ocm_tui.core.provisioning.model import LastApplied

__all__ = ["FILE_NAME", "Memory", "Scope", "Unusable", "forget", "open_store", "read_memory", "reading", "remember"]

FILE_NAME: Final = "provisioning.sqlite3"

_T = TypeVar("_T")

_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))

_APPLICATION: Final = 0x6F636D70  # "ocmp", in the header of the file
_VERSION: Final = 1
_PATIENCE: Final = 10.0  # seconds that another process may hold the write lock
_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS applied (
        environment TEXT NOT NULL, base_url TEXT NOT NULL, client_key TEXT NOT NULL, document TEXT NOT NULL,
        created INTEGER NOT NULL, applied_at TEXT NOT NULL, run_id TEXT NOT NULL, secret_version INTEGER,
        PRIMARY KEY (environment, base_url, client_key))""",
    """CREATE TABLE IF NOT EXISTS runs (
        seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, environment TEXT NOT NULL, base_url TEXT NOT NULL,
        started_at TEXT NOT NULL, ended_at TEXT, status TEXT NOT NULL, total INTEGER NOT NULL, plan BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS steps (
        run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE, client_key TEXT NOT NULL,
        status TEXT NOT NULL, promoted INTEGER NOT NULL, result TEXT NOT NULL,
        PRIMARY KEY (run_id, client_key)) WITHOUT ROWID""",
)
_REMEMBER: Final = """
    INSERT INTO applied VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET document = excluded.document, created = max(created, excluded.created),
        applied_at = excluded.applied_at, run_id = excluded.run_id,
        secret_version = coalesce(
            max(excluded.secret_version, secret_version), excluded.secret_version, secret_version)"""
# What was only found as declared changes nothing that is known already.
_REMEMBER_FOUND: Final = f"""{_REMEMBER}
    WHERE document <> excluded.document OR (secret_version IS NULL AND excluded.secret_version IS NOT NULL)"""


class Unusable(OcmError):
    """The file cannot be used as it is: damaged, another program's, of a newer version, or not to be read."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One environment's clients on one server."""

    environment: str
    base_url: str


class Memory(Mapping[str, LastApplied]):
    """What was last applied, by case-folded client id. Records are decoded when they are asked for: few are."""

    def __init__(self, rows: Iterable[tuple[str, str, int, str, str, int | None]] = ()) -> None:
        self._rows = {row[0]: row for row in rows}

    def __getitem__(self, key: str) -> LastApplied:
        _, document, created, applied_at, run_id, secret_version = self._rows[key]
        try:
            decoded = json.loads(document)
        except ValueError:
            raise KeyError(key) from None
        return LastApplied(ClientDocument(decoded), bool(created), applied_at, run_id, secret_version)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def open_store(path: Path) -> tuple[sqlite3.Connection, str | None]:
    """A connection for writing, to be used by one thread, and a notice when a damaged file was set aside.

    Every commit is on the disk when it returns. Unusable when that cannot be had.
    """
    try:
        which = sqlite_files.identity(path)
        try:
            return _opened(path), None
        except sqlite3.OperationalError:
            raise  # disk full, read-only, locked: the file itself is not to blame
        except sqlite3.DatabaseError as error:
            aside = sqlite_files.set_aside(path, which)
            notice = f"{path} was not usable ({error}); it is now {aside}, and what was last applied is not known"
            return _opened(path), notice if aside else None
    except sqlite_files.NewerFile:
        raise _newer(path) from None
    except (sqlite3.Error, OSError) as error:
        raise Unusable(
            f"the journal {path} cannot be written: {error}", hint="the state directory must be writable, and not full"
        ) from error


def reading(path: Path, action: Callable[[sqlite3.Connection], _T], default: _T) -> _T:
    """What `action` reads, beside any writer; `default` when there is no file yet. Unusable says what is wrong."""
    try:
        if not path.exists():
            return default
        with closing(sqlite_files.open_for_reading(path, _APPLICATION)) as database:
            if sqlite_files.is_empty(database):
                return default
            if database.execute("PRAGMA user_version").fetchone()[0] > _VERSION:
                raise _newer(path)
            return action(database)
    except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(
            f"the journal {path} cannot be read: {error}", hint="move it away: the next apply begins a new one"
        ) from error


def read_memory(path: Path, scope: Scope) -> Memory:
    """Empty when nothing was ever applied. Unusable says why it is not known."""
    query = """SELECT client_key, document, created, applied_at, run_id, secret_version FROM applied
        WHERE environment = ? AND base_url = ?"""
    return reading(
        path, lambda database: Memory(database.execute(query, (scope.environment, scope.base_url))), Memory()
    )


def remember(
    database: sqlite3.Connection, scope: Scope, records: Iterable[tuple[str, LastApplied]], *, found: bool = False
) -> None:
    """Inside the caller's transaction. `created` stays true once it is; a secret version of None keeps the known one.

    `found`: not written, only found as declared.
    """
    rows = (
        (
            scope.environment,
            scope.base_url,
            client_id.casefold(),
            _ENCODER.encode(record.document),
            int(record.created),
            record.applied_at,
            record.run_id,
            record.secret_version,
        )
        for client_id, record in records
    )
    database.executemany(_REMEMBER_FOUND if found else _REMEMBER, rows)


def forget(database: sqlite3.Connection, scope: Scope, client_ids: Iterable[str]) -> None:
    database.executemany(
        "DELETE FROM applied WHERE environment = ? AND base_url = ? AND client_key = ?",
        ((scope.environment, scope.base_url, client_id.casefold()) for client_id in client_ids),
    )


def _opened(path: Path) -> sqlite3.Connection:
    sqlite_files.make_private(path)
    # Opened in one thread and then used by another, never by two at once.
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        sqlite_files.prepare(database, application=_APPLICATION, version=_VERSION, schema=_SCHEMA, synchronous="FULL")
        database.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        database.close()
        raise
    return database


def _newer(path: Path) -> Unusable:
    return Unusable(f"the journal {path} was written by a newer ocm-tui", hint="use that version, or move the file")
