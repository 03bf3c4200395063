"""Events into the Postgres table.

Each client of a batch is locked first, in one order everywhere, by a lock that needs no row: so two consumers never
decide about one client at once, and never wait for each other in a ring. What operators write meanwhile is locked out
by the rows themselves, and by the guard in each upsert.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ocm_tui.core.registry.entries import canonical_json
from ocm_tui.core.registry.events.arrivals import Arrival
from ocm_tui.core.registry.events.effects import Applied, applied, first_of_each
from ocm_tui.core.registry.events.fold import Change, Row, fold

if TYPE_CHECKING:
    from ocm_tui.core.registry.postgres import PostgresStore

__all__ = ["PostgresEffects"]

_PATIENCE: Final = 4.0  # seconds: a batch may wait for another consumer's, longer than who only looks
_LOCK: Final = (
    "SELECT pg_advisory_xact_lock(key) FROM "
    "(SELECT DISTINCT hashtextextended(id::text, 42) AS key FROM unnest($1::uuid[]) AS id ORDER BY 1) AS keys"
)
_REMEMBER: Final = """
INSERT INTO {schema}.processed_events (event_id, stream_id) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT DO NOTHING RETURNING event_id"""
_ROWS: Final = """
SELECT client_id, client_code, bap_id, bap_uri, allowed_ips::text[] AS allowed_ips, rate_limit, metadata,
    profile_version, status, status_version, secret_version
FROM {schema}.clients WHERE client_id = ANY($1::uuid[]) ORDER BY client_id FOR UPDATE"""
# Networks travel as the text of an array: an array of arrays would be flattened.
_PROFILES: Final = """
INSERT INTO {schema}.clients AS c (client_id, client_code, bap_id, bap_uri, allowed_ips, rate_limit, metadata,
    profile_version, last_synced_at)
SELECT id, code, bap_id, bap_uri, networks::cidr[], rate_limit, metadata, version, clock_timestamp()
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::jsonb[], $8::bigint[])
    AS given(id, code, bap_id, bap_uri, networks, rate_limit, metadata, version) ORDER BY id
ON CONFLICT (client_id) DO UPDATE SET client_code = excluded.client_code, bap_id = excluded.bap_id,
    bap_uri = excluded.bap_uri, allowed_ips = excluded.allowed_ips, rate_limit = excluded.rate_limit,
    metadata = excluded.metadata, profile_version = excluded.profile_version, last_synced_at = excluded.last_synced_at
WHERE c.profile_version < excluded.profile_version"""
_STATUSES: Final = """
INSERT INTO {schema}.clients AS c (client_id, status, status_version, profile_version)
SELECT id, status, version, 0 FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS given(id, status, version)
ORDER BY id
ON CONFLICT (client_id) DO UPDATE SET status = excluded.status, status_version = excluded.status_version
WHERE c.status <> 'REVOKED' AND (c.status_version < excluded.status_version OR excluded.status = 'REVOKED')"""
_SECRETS: Final = """
INSERT INTO {schema}.clients AS c (client_id, client_secret_hash, secret_version, profile_version)
SELECT id, hash, version, 0 FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS given(id, hash, version)
ORDER BY id
ON CONFLICT (client_id) DO UPDATE SET client_secret_hash = excluded.client_secret_hash,
    secret_version = excluded.secret_version
WHERE c.secret_version < excluded.secret_version"""


class PostgresEffects:
    def __init__(self, store: "PostgresStore") -> None:
        self._store = store

    async def apply(self, arrivals: Sequence[Arrival]) -> Applied:
        async with self._store.writing(seconds=_PATIENCE) as connection:
            return await self._apply(connection, arrivals)

    async def _apply(self, connection: Any, arrivals: Sequence[Arrival]) -> Applied:
        first = first_of_each(arrivals)
        await connection.execute(_LOCK, sorted({one.client_id for one in arrivals}))
        given = sorted(first)  # in one order everywhere, as the locks
        remembered = await connection.fetch(self._sql(_REMEMBER), given, [first[one].stream_id for one in given])
        fresh = [first[record["event_id"]] for record in remembered]
        rows = await connection.fetch(self._sql(_ROWS), sorted({one.client_id for one in fresh}))
        changes, outcomes = fold({row["client_id"]: _row(row) for row in rows}, fresh)
        await self._write(connection, changes)
        return applied(arrivals, outcomes)

    async def _write(self, connection: Any, changes: Iterable[Change]) -> None:
        profiles, statuses, secrets = [], [], []
        for change in changes:
            if change.profile is not None:
                profiles.append(_profile(change))
            if change.status is not None:
                statuses.append((change.client_id, change.status, change.status_version))
            if change.secret_hash is not None:
                secrets.append((change.client_id, change.secret_hash.reveal(), change.secret_version))
        for statement, rows in ((_PROFILES, profiles), (_STATUSES, statuses), (_SECRETS, secrets)):
            if rows:
                await connection.execute(self._sql(statement), *(list(column) for column in zip(*rows, strict=True)))

    async def forget(self, before: datetime) -> int:
        async with self._store.writing() as connection:
            done = await connection.execute(
                self._sql("DELETE FROM {schema}.processed_events WHERE processed_at < $1"), before
            )
        return int(done.rpartition(" ")[2])

    async def ready(self) -> None:
        async with self._store.reading() as connection:
            await connection.execute(self._sql("SELECT secret_version, status_version FROM {schema}.clients LIMIT 0"))
            await connection.execute(self._sql("SELECT event_id FROM {schema}.processed_events LIMIT 0"))

    async def newest(self) -> datetime | None:
        async with self._store.reading() as connection:
            found: datetime | None = await connection.fetchval(
                self._sql("SELECT max(processed_at) FROM {schema}.processed_events")
            )
        return found

    def _sql(self, statement: str) -> str:
        return statement.replace("{schema}", self._store.schema)


def _row(record: Any) -> Row:
    profile = {
        "client_code": record["client_code"],
        "bap_id": record["bap_id"],
        "bap_uri": record["bap_uri"],
        "allowed_ips": tuple(record["allowed_ips"]),
        "rate_limit": record["rate_limit"],
        "metadata": json.loads(record["metadata"]),
    }
    return Row(
        profile=profile,
        profile_version=record["profile_version"],
        status=record["status"],
        status_version=record["status_version"],
        secret_version=record["secret_version"],
    )


def _profile(change: Change) -> tuple[UUID, str, str | None, str | None, str, int, str, int]:
    told = change.profile or {}
    return (
        change.client_id, told["client_code"], told["bap_id"], told["bap_uri"],
        "{" + ",".join(told["allowed_ips"]) + "}", told["rate_limit"], canonical_json(dict(told["metadata"])),
        change.profile_version,
    )  # fmt: skip
