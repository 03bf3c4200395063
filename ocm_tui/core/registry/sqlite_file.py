"""The file of the embedded registry: one connection that writes, one that reads, each with a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.errors import DatabaseFailed, DatabaseUnreachable, RegistryDenied
from ocm_tui.core.registry.migrations import TABLE, Migration, known_migrations, to_apply
from ocm_tui.core.registry.sqlite_rows import add_functions
from ocm_tui.core.sqlite_files import demand_ours, make_private, open_for_reading, transaction, write_ahead

__all__ = ["SqliteFile"]

_T = TypeVar("_T")

_APPLICATION: Final = 0x6F636D72  # "ocmr", in the header of the file
_BUSY_SECONDS: Final = 5.0
_UNREACHABLE: Final = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_CANTOPEN",
    "SQLITE_IOERR",
    "SQLITE_PROTOCOL",
    "SQLITE_FULL",
)


class SqliteFile:
    """Opened, and migrated, by the first call. Errors are those of a registry.

    Where the file may not be written, it is only read, and `why_read_only` says why.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.why_read_only = ""
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._writing = ThreadPoolExecutor(1, "registry-writer")
        self._reading = ThreadPoolExecutor(1, "registry-reader")
        self._opening = asyncio.Lock()
        self._is_open = self._is_closed = False
        self._theirs = -1

    async def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """`work` in one transaction, alone. Once it runs it is finished, also when the caller is cancelled."""
        await self.open()
        if self.why_read_only:
            raise RegistryDenied(
                f"the registry file {self.path} can only be read",
                detail=self.why_read_only,
                hint="check its permissions",
            )

        def alone() -> _T:
            assert self._writer is not None
            with transaction(self._writer):
                return work(self._writer)

        return await self._in(self._writing, alone)

    async def read(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """`work` on one state of the file; statements that would write fail."""
        await self.open()

        def steadily() -> _T:
            assert self._reader is not None
            self._reader.execute("BEGIN")
            try:
                return work(self._reader)
            finally:
                self._reader.execute("ROLLBACK")

        return await self._in(self._reading, steadily)

    async def others_wrote(self) -> bool:
        """Whether another process wrote since this was asked last, or since the file was opened."""
        await self.open()
        if self._writer is None:
            return await self._in(self._reading, lambda: self._look_at(self._reader))
        return await self._in(self._writing, lambda: self._look_at(self._writer))

    async def seen(self) -> int:
        """A number that changes whenever anybody commits."""
        await self.open()

        def look() -> int:
            assert self._reader is not None
            return _data_version(self._reader)

        return await self._in(self._reading, look)

    async def open(self) -> None:
        if self._is_open and not self._is_closed:
            return
        async with self._opening:
            if self._is_closed:
                raise DatabaseUnreachable(f"the registry file {self.path} is closed")
            if not self._is_open:
                await self._in(self._writing, self._open_writer)
                await self._in(self._reading, self._open_reader)
                self._is_open = True

    async def close(self) -> None:
        """May be called twice."""
        async with self._opening:
            if self._is_closed:
                return
            self._is_closed = True
            with suppress(OcmError):
                await self._in(self._reading, self._close_reader)
                await self._in(self._writing, self._close_writer)
            self._reading.shutdown(wait=False)
            self._writing.shutdown(wait=False)

    async def _in(self, thread: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
        try:
            done = await asyncio.get_running_loop().run_in_executor(thread, work)
        except (sqlite3.Error, OSError) as error:
            raise self._failure(error) from error
        # Where it is dropped its statement is reset, which may be the one that its thread runs again at that moment.
        assert not isinstance(done, sqlite3.Cursor), "a cursor stays in its thread"
        return done

    def _open_writer(self) -> None:
        try:
            make_private(self.path)
        except OSError as error:
            if not self.path.is_file():
                raise
            self.why_read_only = str(error)
            return
        database = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(database)
        except sqlite3.OperationalError as error:
            database.close()
            if not _is_read_only(error):
                raise
            self.why_read_only = str(error)
        except BaseException:
            database.close()
            raise
        else:
            self._writer = database

    def _prepare(self, database: sqlite3.Connection) -> None:
        demand_ours(database, _APPLICATION)
        write_ahead(database)
        for setting in ("synchronous = NORMAL", "foreign_keys = ON"):
            database.execute(f"PRAGMA {setting}")
        add_functions(database)
        with transaction(database):
            database.execute(f"PRAGMA application_id = {_APPLICATION}")
            database.execute(
                f"CREATE TABLE IF NOT EXISTS {TABLE} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
                "sha256 TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))) STRICT"
            )
            applied = dict(database.execute(f"SELECT id, sha256 FROM {TABLE}"))  # noqa: S608
            for migration in to_apply(known_migrations("sqlite"), applied, str(self.path)):
                _apply(database, migration)

    def _open_reader(self) -> None:
        if self._writer is None:
            self._reader = open_for_reading(self.path, _APPLICATION)
        else:
            self._reader = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, check_same_thread=False)
        self._reader.isolation_level = None
        self._reader.execute("PRAGMA query_only = ON")
        add_functions(self._reader)
        self._look_at(self._writer or self._reader)

    def _look_at(self, database: sqlite3.Connection | None) -> bool:
        """A connection sees the commits of all but itself."""
        assert database is not None
        former, self._theirs = self._theirs, _data_version(database)
        return former != self._theirs

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _close_writer(self) -> None:
        if self._writer is not None:
            with suppress(sqlite3.Error):  # a second process may be reading; it is only to keep the files small
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.close()

    def _failure(self, error: sqlite3.Error | OSError) -> OcmError:
        where = f"the registry file {self.path}"
        if isinstance(error, OSError) or getattr(error, "sqlite_errorname", "").startswith(_UNREACHABLE):
            return DatabaseUnreachable(
                f"{where} cannot be used", detail=str(error), hint="check its directory and disk"
            )
        if isinstance(error, sqlite3.OperationalError) and _is_read_only(error):
            return RegistryDenied(f"{where} can only be read", detail=str(error), hint="check its permissions")
        if isinstance(error, sqlite3.IntegrityError):
            return DatabaseFailed(f"{where} refused a value", detail=str(error))
        return DatabaseFailed(f"{where} failed", detail=str(error), hint="move it away to begin with an empty one")


def _apply(database: sqlite3.Connection, migration: Migration) -> None:
    """Statement by statement: a script would end the transaction that it runs in."""
    statement = ""
    for line in migration.sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            database.execute(statement)
            statement = ""
    database.execute(
        f"INSERT INTO {TABLE} (id, name, sha256) VALUES (?, ?, ?)",  # noqa: S608
        (migration.id, migration.name, migration.sha256),
    )


def _is_read_only(error: sqlite3.Error) -> bool:
    return str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_READONLY")


def _data_version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA data_version").fetchone()[0])
