"""What the SQLite files of this program have in common: whose they are, reading beside a writer, and unusable ones."""

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = [
    "BUSY_MS",
    "NewerFile",
    "demand_ours",
    "identity",
    "is_empty",
    "make_private",
    "open_for_reading",
    "prepare",
    "set_aside",
    "transaction",
    "write_ahead",
]

BUSY_MS: Final = 1500
_WAL_BYTES: Final = 8 * 2**20
_TURN: Final = 0.005  # seconds


class NewerFile(Exception):
    """A later version of the program wrote the file: it is left alone."""


def make_private(path: Path) -> None:
    """The file, with mode 0600 from its first moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


def prepare(
    database: sqlite3.Connection, *, application: int, version: int, schema: Sequence[str], synchronous: str
) -> None:
    """The tables, in a file that is new or ours. NewerFile, or sqlite3.DatabaseError for one that is not ours."""
    # In this order: another process may be making the file at this moment, all of it in one transaction.
    tables, found, written = (
        database.execute(question).fetchone()[0]
        for question in ("SELECT count(*) FROM sqlite_master", "PRAGMA application_id", "PRAGMA user_version")
    )
    if tables and found != application:
        raise sqlite3.DatabaseError("it belongs to another program")
    if written > version:
        raise NewerFile
    if not tables:
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    write_ahead(database)
    database.execute(f"PRAGMA synchronous = {synchronous}")
    database.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    if not tables or written < version:
        with transaction(database):
            for statement in (*schema, f"PRAGMA application_id = {application}", f"PRAGMA user_version = {version}"):
                database.execute(statement)


def write_ahead(database: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. SQLite does not wait here for somebody who writes, whatever the timeout."""
    end = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_TURN)
        else:
            return


def open_for_reading(path: Path, application: int) -> sqlite3.Connection:
    """Raises sqlite3.Error for a file that is not ours. Where nothing may be written, it is read as it was at rest.

    A file that is just being made has no table yet; `is_empty` tells.
    """
    for option in ("mode=ro", "immutable=1"):
        database = sqlite3.connect(f"{path.absolute().as_uri()}?{option}", uri=True, timeout=BUSY_MS / 1000)
        try:
            demand_ours(database, application)
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


def demand_ours(database: sqlite3.Connection, application: int) -> None:
    if not is_empty(database) and database.execute("PRAGMA application_id").fetchone()[0] != application:
        raise sqlite3.DatabaseError("it belongs to another program")


def is_empty(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def identity(path: Path) -> int | None:
    """Which file the path names now; None when it names none."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def set_aside(path: Path, which: int | None) -> Path | None:
    """Rename a file that is not usable, with what SQLite keeps beside it; None if another process was faster."""
    if identity(path) != which:
        return None
    aside = path.with_name(f"{path.name}.unusable-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}")
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        path.with_name(f"{path.name}-wal").rename(aside.with_name(f"{aside.name}-wal"))
    return path.rename(aside)


class transaction:  # noqa: N801  # reads as a statement
    """Takes the write lock at the beginning, so that waiting for another process happens here."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if self._database.in_transaction:
            self._database.execute("COMMIT" if kind is None else "ROLLBACK")
