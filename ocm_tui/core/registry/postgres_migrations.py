"""Our migrations in Postgres. A registry that somebody else made is left as it is."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from ocm_tui.core.registry.errors import DatabaseFailed
from ocm_tui.core.registry.migrations import (
    TABLE,
    Dialect,
    Migration,
    known_migrations,
    migrate,
    to_apply,
)
from ocm_tui.core.registry.postgres_pool import Database

__all__ = ["migrate_registry", "waiting_migrations"]

_SECONDS: Final = 60.0
_WRITTEN_FOR: Final = "client_registry"  # the schema's name in the SQL files


async def migrate_registry(database: Database, schema: str) -> Sequence[Migration]:
    """What was applied."""
    return await migrate(_Target(database, schema))


async def waiting_migrations(database: Database, schema: str) -> Sequence[Migration]:
    """What would be applied; changes nothing."""
    async with database.reading() as connection:
        await _refuse_foreign(connection, schema, database.address)
        applied = await _applied(connection, schema)
    return to_apply(known_migrations("postgres"), applied, database.address)


class _Target:
    """A `MigrationTarget`."""

    def __init__(self, database: Database, schema: str) -> None:
        self._database, self._schema = database, schema
        self._connection: Any = None

    @property
    def dialect(self) -> Dialect:
        return "postgres"

    @property
    def address(self) -> str:
        return self._database.address

    @asynccontextmanager
    async def locked(self) -> AsyncGenerator[None, None]:
        async with self._database.writing(seconds=_SECONDS) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('ocm-tui:migrate', 0))")
            self._connection = connection
            yield

    async def applied(self) -> Mapping[int, str]:
        await _refuse_foreign(self._connection, self._schema, self.address)
        await self._connection.execute(
            f"CREATE SCHEMA IF NOT EXISTS {self._schema}; "
            f"CREATE TABLE IF NOT EXISTS {self._schema}.{TABLE} (id integer PRIMARY KEY, name text NOT NULL, "
            "sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        return await _applied(self._connection, self._schema)

    async def apply(self, migration: Migration) -> None:
        await self._connection.execute(migration.sql.replace(_WRITTEN_FOR, self._schema), timeout=_SECONDS)
        await self._connection.execute(
            f"INSERT INTO {self._schema}.{TABLE} (id, name, sha256) VALUES ($1, $2, $3)",
            migration.id, migration.name, migration.sha256,
        )  # fmt: skip


async def _refuse_foreign(connection: Any, schema: str, address: str) -> None:
    """Ours are those with our record of migrations, and those that are not there yet."""
    foreign = await connection.fetchval(
        f"SELECT to_regclass('{schema}.{TABLE}') IS NULL AND to_regclass('{schema}.clients') IS NOT NULL"
    )
    if foreign:
        raise DatabaseFailed(
            f"the registry at {address} was made by another program, and is not migrated",
            hint="it can be looked at as it is; for a registry of your own use another database",
        )


async def _applied(connection: Any, schema: str) -> Mapping[int, str]:
    if await connection.fetchval("SELECT to_regclass($1)::text", f"{schema}.{TABLE}") is None:
        return {}
    return dict(await connection.fetch(f"SELECT id, sha256 FROM {schema}.{TABLE}"))
