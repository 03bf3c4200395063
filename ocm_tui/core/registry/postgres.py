"""The client table in Postgres: a registry of ours, or one that others made and that we only look at."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.errors import DatabaseFailed, NotRegistered, RegistryDenied
from ocm_tui.core.registry.migrations import Migration
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
from ocm_tui.core.registry.postgres_listen import listened
from ocm_tui.core.registry.postgres_pool import Database
from ocm_tui.core.registry.postgres_query import condition
from ocm_tui.core.registry.postgres_rows import Shape, client_of, read_shape
from ocm_tui.core.registry.postgres_upsert import upsert_many, upsert_one
from ocm_tui.core.registry.values import checked
from ocm_tui.core.text import clean

__all__ = ["PostgresStore"]

_VERSIONS: Final = 10_000
_BULK_SECONDS: Final = 60.0
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 42))"  # the one the event consumer takes


class PostgresStore:
    """For one event loop. Connects on first use. `schema` is that of the tables; `patience`: seconds for an answer."""

    def __init__(self, dsn: str, *, schema: str = "client_registry", write: bool = True, patience: float = 5.0) -> None:
        if not (schema.isascii() and schema.isidentifier() and schema == schema.lower()):
            raise UsageError(f"{clean(schema, 60)} is no schema name", hint="lower-case letters, digits and `_`")
        self.schema = schema
        self._database = Database(dsn, write=write, patience=patience)
        self._shape: Shape | None = None

    @property
    def kind(self) -> str:
        return "postgres"

    @property
    def address(self) -> str:
        return self._database.address

    @property
    def pool(self) -> Any:
        """asyncpg's, for its numbers; None before the first call."""
        return self._database.pool

    @property
    def capabilities(self) -> frozenset[StoreCapability]:
        return self._shape.capabilities if self._shape is not None else frozenset()

    @property
    def ours(self) -> bool:
        """Whether its tables were made by our migrations. Known after the first call."""
        return self._shape is not None and self._shape.ours

    def reading(self) -> AbstractAsyncContextManager[Any]:
        """An asyncpg connection; each statement is a transaction of its own."""
        return self._database.reading()

    def writing(self, *, seconds: float | None = None) -> AbstractAsyncContextManager[Any]:
        """An asyncpg connection in a transaction that is committed at the end. `seconds` for long statements."""
        return self._database.writing(seconds=seconds)

    async def probe(self) -> Shape:
        """What there is, and what this account may; looked at once."""
        if self._shape is None:
            async with self.reading() as connection:
                shape = await read_shape(connection, self.schema)
            if not shape.exists:  # not remembered: somebody may make it
                raise DatabaseFailed(
                    f"the database at {self.address} has no table {self.schema}.clients",
                    hint="`ocm-tui registry migrate` makes it",
                )
            self._shape = shape
        return self._shape

    async def get(self, client_id: UUID) -> RegistryClient | None:
        found = await self._select("client_id = $1", [client_id])
        return found[0] if found else None

    async def get_many(self, client_ids: Sequence[UUID]) -> Mapping[UUID, RegistryClient]:
        found = await self._select("client_id = ANY($1::uuid[])", [list(client_ids)])
        return {client.client_id: client for client in found}

    async def find(self, client_code: str) -> Sequence[RegistryClient]:
        if "\0" in client_code:
            return []
        return await self._select("client_code = $1", [client_code], "ORDER BY client_id")

    async def page(self, query: RegistryQuery, *, after: UUID | None = None, limit: int = 500) -> RegistryPage:
        where, values = condition(query, after)
        items = await self._select(where, values, f"ORDER BY client_id LIMIT {int(limit) + 1}")
        more = len(items) > limit
        return RegistryPage(items[:limit], items[limit - 1].client_id if more else None)

    async def counts(self, *, exact: bool = True) -> StatusCounts:
        shape = await self.probe()
        if not exact and (estimate := await self._estimate()) is not None:
            return estimate
        question = f"SELECT status::text, count(*) FROM {self.schema}.clients WHERE {shape.visible} GROUP BY 1"
        async with self.reading() as connection:
            found = dict(await connection.fetch(question))
        return StatusCounts(*(found.get(status, 0) for status in STATUSES))

    async def _estimate(self) -> StatusCounts | None:
        """From the statistics that ANALYZE left, or None when it never ran."""
        async with self.reading() as connection:
            rows = await connection.fetchval(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass($1)", f"{self.schema}.clients"
            )
            shares = await connection.fetchrow(
                "SELECT most_common_vals::text::text[] AS values, most_common_freqs AS shares FROM pg_stats "
                "WHERE schemaname = $1 AND tablename = 'clients' AND attname = 'status'",
                self.schema,
            )
        if rows is None or rows < 0 or shares is None or shares["values"] is None:
            return None
        part = dict(zip(shares["values"], shares["shares"], strict=True))
        active, suspended, revoked = (round(rows * part.get(status, 0.0)) for status in STATUSES)
        return StatusCounts(active, suspended, revoked, exact=False)

    async def versions(self) -> AsyncGenerator[Sequence[tuple[UUID, int]], None]:
        shape = await self.probe()
        version = "row_version" if "versions" in shape.capabilities else "0::bigint"
        question = (
            f"SELECT client_id, {version} FROM {self.schema}.clients "
            f"WHERE ($1::uuid IS NULL OR client_id > $1) AND {shape.visible} ORDER BY client_id LIMIT {_VERSIONS}"
        )
        after: UUID | None = None
        while True:
            async with self.reading() as connection:
                rows = await connection.fetch(question, after)
            if rows:
                yield [(row[0], row[1]) for row in rows]
                after = rows[-1][0]
            if len(rows) < _VERSIONS:
                return

    async def upsert(self, entry: RegistryEntry, *, guard: Guard | None = None) -> Written:
        entry = checked(entry)
        await self._demand_write()
        async with self.writing() as connection:
            before = await self._locked(connection, entry.client_id)
            if guard is not None:
                guard(before)
            changed = await upsert_one(connection, self.schema, entry)
            client = await self._row(connection, entry.client_id)
        assert client is not None
        return Written(entry.client_id, client, before, client.row_version, changed)

    async def upsert_many(self, entries: Sequence[RegistryEntry]) -> BulkWritten:
        if len({entry.client_id for entry in entries}) < len(entries):
            raise UsageError("one client stands twice in what is to be written", hint="leave one of the two out")
        shape = await self._demand_write()
        async with self.writing(seconds=_BULK_SECONDS) as connection:
            return await upsert_many(connection, self.schema, entries, shape.visible)

    async def set_status(self, client_id: UUID, status: ClientStatus, *, guard: Guard | None = None) -> Written:
        await self._demand_write()
        async with self.writing() as connection:
            before = await self._demanded(connection, client_id)
            if guard is not None:
                guard(before)
            if status not in STATUSES:
                raise UsageError(f"{clean(status, 40)} is no status", hint=f"one of {', '.join(STATUSES)}")
            if before.status == status:
                return Written(client_id, before, before, before.row_version, changed=False)
            if before.status == "REVOKED":
                raise UsageError(
                    f"{clean(before.client_code, 80)} is REVOKED, and stays so",
                    hint="register it anew under another client_id",
                )
            await connection.execute(
                f"UPDATE {self.schema}.clients SET status = $2 WHERE client_id = $1",
                client_id,
                status,
            )
            client = await self._row(connection, client_id)
        assert client is not None
        return Written(client_id, client, before, client.row_version, changed=True)

    async def delete(self, client_id: UUID, *, guard: Guard | None = None) -> Written:
        await self._demand_write()
        async with self.writing() as connection:
            before = await self._demanded(connection, client_id)
            if guard is not None:
                guard(before)
            await connection.execute(f"DELETE FROM {self.schema}.clients WHERE client_id = $1", client_id)
            version = await connection.fetchval(
                f"SELECT version FROM {self.schema}.cache_outbox WHERE client_id = $1",
                client_id,
            )
        return Written(client_id, None, before, version, changed=True)

    async def outbox(self, limit: int = 500) -> Sequence[OutboxEntry]:
        if "outbox" not in (await self.probe()).capabilities:
            return []
        question = f"SELECT client_id, version FROM {self.schema}.cache_outbox ORDER BY version LIMIT $1"
        async with self.reading() as connection:
            return [OutboxEntry(row[0], row[1]) for row in await connection.fetch(question, limit)]

    async def outbox_size(self) -> int:
        if "outbox" not in (await self.probe()).capabilities:
            return 0
        async with self.reading() as connection:
            return int(await connection.fetchval(f"SELECT count(*) FROM {self.schema}.cache_outbox"))

    async def outbox_of(self, client_ids: Sequence[UUID]) -> Sequence[OutboxEntry]:
        if "outbox" not in (await self.probe()).capabilities:
            return []
        question = f"SELECT client_id, version FROM {self.schema}.cache_outbox WHERE client_id = ANY($1::uuid[])"
        async with self.reading() as connection:
            return [OutboxEntry(row[0], row[1]) for row in await connection.fetch(question, list(client_ids))]

    async def confirm(self, entries: Sequence[OutboxEntry]) -> None:
        if not entries:
            return
        # Locked in the order of ids, as the triggers do it.
        statement = f"""
            WITH done AS (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS d (client_id, version)),
                 held AS (SELECT o.client_id FROM {self.schema}.cache_outbox o JOIN done USING (client_id)
                          WHERE o.version <= done.version ORDER BY o.client_id FOR UPDATE OF o)
            DELETE FROM {self.schema}.cache_outbox o USING held, done
            WHERE o.client_id = held.client_id AND o.client_id = done.client_id AND o.version <= done.version"""
        async with self.writing() as connection:
            await connection.execute(
                statement, [entry.client_id for entry in entries], [entry.version for entry in entries]
            )

    def changes(self) -> AsyncIterator[None]:
        return listened(self._database, self.schema)

    async def waiting_migrations(self) -> Sequence[Migration]:
        """What `migrate` would apply. DatabaseFailed when the registry is not ours to migrate."""
        from ocm_tui.core.registry.postgres_migrations import waiting_migrations

        return await waiting_migrations(self._database, self.schema)

    async def migrate(self) -> Sequence[Migration]:
        """Make or update the tables of a registry of ours; what was applied."""
        from ocm_tui.core.registry.postgres_migrations import migrate_registry

        try:
            return await migrate_registry(self._database, self.schema)
        finally:
            self._shape = None

    async def close(self) -> None:
        await self._database.close()

    async def _select(self, where: str, values: Sequence[Any], tail: str = "") -> Sequence[RegistryClient]:
        shape = await self.probe()
        question = f"SELECT {shape.columns} FROM {self.schema}.clients WHERE {shape.visible} AND {where} {tail}"
        async with self.reading() as connection:
            return [client_of(row) for row in await connection.fetch(question, *values)]

    async def _row(self, connection: Any, client_id: UUID, tail: str = "") -> RegistryClient | None:
        shape = await self.probe()
        row = await connection.fetchrow(
            f"SELECT {shape.columns} FROM {self.schema}.clients WHERE client_id = $1 AND {shape.visible} {tail}",
            client_id,
        )
        return client_of(row) if row is not None else None

    async def _locked(self, connection: Any, client_id: UUID) -> RegistryClient | None:
        """The row, which nobody else changes until our transaction ends; nor inserts it."""
        await connection.execute(_LOCK, str(client_id))
        return await self._row(connection, client_id, "FOR UPDATE")

    async def _demanded(self, connection: Any, client_id: UUID) -> RegistryClient:
        client = await self._locked(connection, client_id)
        if client is None:
            raise NotRegistered(f"the registry has no client {client_id}")
        return client

    async def _demand_write(self) -> Shape:
        shape = await self.probe()
        if "write" not in shape.capabilities:
            raise RegistryDenied(f"the registry at {self.address} cannot be written to", **_why_not(shape))
        return shape


def _why_not(shape: Shape) -> Mapping[str, str]:
    if not {"versions", "outbox"} <= shape.capabilities:
        return {
            "detail": "its table has no versions and no outbox, so that caches could not be kept right",
            "hint": "write with the programs that own it",
        }
    return {"detail": "this account may only read there, or the server is a standby"}
