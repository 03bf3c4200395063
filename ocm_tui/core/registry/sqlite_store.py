"""The embedded store: the client table in one SQLite file."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.errors import DatabaseUnreachable, NotRegistered
from ocm_tui.core.registry.model import (
    STATUSES,
    BulkWritten,
    ClientStatus,
    RegistryClient,
    RegistryEntry,
    RegistryPage,
    RegistryQuery,
    StatusCounts,
    Written,
)
from ocm_tui.core.registry.ports import Guard, OutboxEntry, StoreCapability
from ocm_tui.core.registry.sqlite_file import SqliteFile
from ocm_tui.core.registry.sqlite_rows import COLUMNS, VISIBLE, client_of, columns_of, condition, now
from ocm_tui.core.registry.values import checked, checked_with_metadata
from ocm_tui.core.text import clean

__all__ = ["SqliteStore"]

_T = TypeVar("_T")

_MANY: Final = 500  # parameters in one statement, below what every SQLite takes
_VERSIONS: Final = 5_000
_POLL: Final = 0.5  # seconds between looks at what other processes wrote


class SqliteStore:
    """For one event loop."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SqliteFile(path)
        self._watchers: list[asyncio.Event] = []

    @property
    def kind(self) -> str:
        return "sqlite"

    @property
    def address(self) -> str:
        return str(self.path)

    @property
    def capabilities(self) -> frozenset[StoreCapability]:
        reading: frozenset[StoreCapability] = frozenset({"versions", "outbox", "notify"})
        return reading if self._file.why_read_only else reading | {"write"}

    async def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """`work` in one transaction that begins with the lock; it runs in the thread of the writer."""
        try:
            return await self._file.write(work)
        finally:
            for watcher in self._watchers:
                watcher.set()

    async def read(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        return await self._file.read(work)

    async def get(self, client_id: UUID) -> RegistryClient | None:
        return await self.read(partial(_row, client_id=client_id))

    async def get_many(self, client_ids: Sequence[UUID]) -> Mapping[UUID, RegistryClient]:
        return await self.read(partial(_rows, client_ids=client_ids))

    async def find(self, client_code: str) -> Sequence[RegistryClient]:
        where = f"{VISIBLE} AND client_code = ? ORDER BY client_id"
        return await self.read(lambda database: _select(database, where, [client_code]))

    async def page(self, query: RegistryQuery, *, after: UUID | None = None, limit: int = 500) -> RegistryPage:
        where, values = condition(query, after)
        items = await self.read(
            lambda database: _select(database, f"{where} ORDER BY client_id LIMIT ?", [*values, limit + 1])
        )
        more = len(items) > limit
        return RegistryPage(items[:limit], items[limit - 1].client_id if more else None)

    async def counts(self, *, exact: bool = True) -> StatusCounts:  # noqa: ARG002 - part of the port
        """Always exact: there is no estimate to take instead."""
        question = f"SELECT status, count(*) FROM clients WHERE {VISIBLE} GROUP BY status"  # noqa: S608
        found: dict[str, int] = await self.read(lambda database: dict(database.execute(question).fetchall()))
        return StatusCounts(found.get("ACTIVE", 0), found.get("SUSPENDED", 0), found.get("REVOKED", 0))

    async def versions(self) -> AsyncGenerator[Sequence[tuple[UUID, int]], None]:
        where = f"client_id > ? AND {VISIBLE} ORDER BY 1 LIMIT ?"
        question = f"SELECT client_id, row_version FROM clients WHERE {where}"  # noqa: S608
        after = b""
        while rows := await self.read(partial(_fetch, question=question, values=(after, _VERSIONS))):
            yield [(UUID(bytes=client_id), version) for client_id, version in rows]
            after = rows[-1][0]

    async def upsert(self, entry: RegistryEntry, *, guard: Guard | None = None) -> Written:
        return await self.write(partial(_upsert, entry=checked(entry), guard=guard))

    async def upsert_many(self, entries: Sequence[RegistryEntry]) -> BulkWritten:
        ready = [entry for entry, _ in checked_with_metadata(entries)]
        if len({entry.client_id for entry in ready}) < len(ready):
            raise UsageError("one client stands twice in what is to be written", hint="leave one of the two out")
        return await self.write(partial(_upsert_many, entries=ready))

    async def set_status(self, client_id: UUID, status: ClientStatus, *, guard: Guard | None = None) -> Written:
        return await self.write(partial(_set_status, client_id=client_id, status=status, guard=guard))

    async def delete(self, client_id: UUID, *, guard: Guard | None = None) -> Written:
        return await self.write(partial(_delete, client_id=client_id, guard=guard))

    async def outbox(self, limit: int = 500) -> Sequence[OutboxEntry]:
        question = "SELECT client_id, version FROM cache_outbox ORDER BY version LIMIT ?"
        rows = await self.read(partial(_fetch, question=question, values=(limit,)))
        return [OutboxEntry(UUID(bytes=client_id), version) for client_id, version in rows]

    async def outbox_size(self) -> int:
        rows = await self.read(partial(_fetch, question="SELECT count(*) FROM cache_outbox", values=()))
        return int(rows[0][0])

    async def outbox_of(self, client_ids: Sequence[UUID]) -> Sequence[OutboxEntry]:
        return await self.read(partial(_waiting, client_ids=client_ids))

    async def confirm(self, entries: Sequence[OutboxEntry]) -> None:
        done = [(entry.client_id.bytes, entry.version) for entry in entries]
        statement = "DELETE FROM cache_outbox WHERE client_id = ? AND version <= ?"
        await self._file.write(lambda database: database.executemany(statement, done).rowcount)

    async def changes(self) -> AsyncIterator[None]:
        watcher = asyncio.Event()
        self._watchers.append(watcher)
        try:
            seen = await self._seen()
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL):
                        await watcher.wait()
                woken = watcher.is_set()
                watcher.clear()
                latest = await self._seen()
                if woken or latest != seen:
                    seen = latest
                    yield
        finally:
            self._watchers.remove(watcher)

    async def look_for_foreign_writes(self) -> bool:
        """Whether another process wrote since the last look, or since the file was opened."""
        with suppress(DatabaseUnreachable):
            return await self._file.others_wrote()
        return False

    async def close(self) -> None:
        await self._file.close()

    async def _seen(self) -> int:
        """-1 while the file cannot be looked at: it is looked at again."""
        with suppress(DatabaseUnreachable):
            return await self._file.seen()
        return -1


def _fetch(database: sqlite3.Connection, question: str, values: Sequence[Any]) -> list[Any]:
    return database.execute(question, values).fetchall()


def _select(database: sqlite3.Connection, where: str, values: Sequence[Any]) -> list[RegistryClient]:
    question = f"SELECT {COLUMNS} FROM clients WHERE {where}"  # noqa: S608
    return [client_of(row) for row in database.execute(question, values)]


def _row(database: sqlite3.Connection, client_id: UUID) -> RegistryClient | None:
    found = _select(database, f"client_id = ? AND {VISIBLE}", [client_id.bytes])
    return found[0] if found else None


def _rows(database: sqlite3.Connection, client_ids: Sequence[UUID]) -> dict[UUID, RegistryClient]:
    found: dict[UUID, RegistryClient] = {}
    for start in range(0, len(client_ids), _MANY):
        part = [client_id.bytes for client_id in client_ids[start : start + _MANY]]
        where = f"client_id IN ({','.join('?' * len(part))}) AND {VISIBLE}"
        found.update((client.client_id, client) for client in _select(database, where, part))
    return found


def _waiting(database: sqlite3.Connection, client_ids: Sequence[UUID]) -> list[OutboxEntry]:
    found: list[OutboxEntry] = []
    for start in range(0, len(client_ids), _MANY):
        part = [client_id.bytes for client_id in client_ids[start : start + _MANY]]
        question = f"SELECT client_id, version FROM cache_outbox WHERE client_id IN ({','.join('?' * len(part))})"  # noqa: S608
        found += [OutboxEntry(UUID(bytes=one), version) for one, version in database.execute(question, part)]
    return found


def _demanded(database: sqlite3.Connection, client_id: UUID) -> RegistryClient:
    client = _row(database, client_id)
    if client is None:
        raise NotRegistered(f"the registry has no client {client_id}")
    return client


def _upsert(database: sqlite3.Connection, entry: RegistryEntry, guard: Guard | None) -> Written:
    """A row that waits unseen for its profile keeps its status."""
    before = _row(database, entry.client_id)
    if guard is not None:
        guard(before)
    changed = _write_profile(database, entry)
    client = _demanded(database, entry.client_id)
    return Written(entry.client_id, client, before, client.row_version, changed)


def _upsert_many(database: sqlite3.Connection, entries: Sequence[RegistryEntry]) -> BulkWritten:
    there = _rows(database, [entry.client_id for entry in entries]).keys()
    created = updated = 0
    for entry in entries:
        if _write_profile(database, entry):
            created += entry.client_id not in there
            updated += entry.client_id in there
    return BulkWritten(created, updated, len(entries) - created - updated)


def _write_profile(database: sqlite3.Connection, entry: RegistryEntry) -> bool:
    """False when the row says all of it, or something newer."""
    said, at = columns_of(entry), now()
    inserted = {"client_id": entry.client_id.bytes, "status": entry.status or "ACTIVE", "created_at": at, **said}
    newer = "clients.profile_version < excluded.profile_version AND " if entry.profile_version is not None else ""
    statement = f"""INSERT INTO clients ({", ".join(inserted)}, updated_at) VALUES ({", ".join("?" * len(inserted))}, ?)
        ON CONFLICT (client_id) DO UPDATE
            SET {", ".join(f"{name} = excluded.{name}" for name in said)}, updated_at = excluded.updated_at
            WHERE {newer}({" OR ".join(f"clients.{name} IS NOT excluded.{name}" for name in said)})"""  # noqa: S608
    return database.execute(statement, [*inserted.values(), at]).rowcount > 0


def _set_status(database: sqlite3.Connection, client_id: UUID, status: ClientStatus, guard: Guard | None) -> Written:
    before = _demanded(database, client_id)
    if guard is not None:
        guard(before)
    if status not in STATUSES:
        raise UsageError(f"{clean(status, 40)} is no status", hint=f"one of {', '.join(STATUSES)}")
    if before.status == status:
        return Written(client_id, before, before, before.row_version, changed=False)
    if before.status == "REVOKED":
        raise UsageError(
            f"{clean(before.client_code, 80)} is REVOKED, and stays so", hint="register it anew under another client_id"
        )
    database.execute(
        "UPDATE clients SET status = ?, updated_at = ? WHERE client_id = ?", (status, now(), client_id.bytes)
    )
    client = _demanded(database, client_id)
    return Written(client_id, client, before, client.row_version, changed=True)


def _delete(database: sqlite3.Connection, client_id: UUID, guard: Guard | None) -> Written:
    before = _demanded(database, client_id)
    if guard is not None:
        guard(before)
    database.execute("DELETE FROM clients WHERE client_id = ?", (client_id.bytes,))
    version = database.execute("SELECT last FROM row_version_sequence").fetchone()[0]
    return Written(client_id, None, before, version, changed=True)
