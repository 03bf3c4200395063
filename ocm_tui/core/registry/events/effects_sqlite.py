"""Events into the embedded table. The lock of the file is the lock of every client."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ocm_tui.core.registry.entries import canonical_json, microseconds
from ocm_tui.core.registry.events.arrivals import Arrival
from ocm_tui.core.registry.events.effects import Applied, applied, first_of_each
from ocm_tui.core.registry.events.fold import Change, Row, fold
from ocm_tui.core.registry.sqlite_rows import now, time_of

if TYPE_CHECKING:
    from ocm_tui.core.registry.sqlite_store import SqliteStore

__all__ = ["SqliteEffects"]

_REMEMBER: Final = (
    "INSERT INTO processed_events (event_id, stream_id, processed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)
_ROW: Final = (
    "SELECT client_code, bap_id, bap_uri, allowed_ips, rate_limit, metadata, profile_version, status, status_version, "
    "secret_version FROM clients WHERE client_id = ?"
)
_PROFILE: Final = """
INSERT INTO clients (client_id, client_code, bap_id, bap_uri, allowed_ips, rate_limit, metadata, profile_version,
    created_at, updated_at, last_synced_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9)
ON CONFLICT (client_id) DO UPDATE SET client_code = excluded.client_code, bap_id = excluded.bap_id,
    bap_uri = excluded.bap_uri, allowed_ips = excluded.allowed_ips, rate_limit = excluded.rate_limit,
    metadata = excluded.metadata, profile_version = excluded.profile_version, updated_at = excluded.updated_at,
    last_synced_at = excluded.last_synced_at
WHERE clients.profile_version < excluded.profile_version"""
_STATUS: Final = """
INSERT INTO clients (client_id, status, status_version, profile_version, created_at, updated_at)
    VALUES (?1, ?2, ?3, 0, ?4, ?4)
ON CONFLICT (client_id) DO UPDATE SET status = excluded.status, status_version = excluded.status_version,
    updated_at = excluded.updated_at
WHERE clients.status <> 'REVOKED' AND
    (clients.status_version < excluded.status_version OR excluded.status = 'REVOKED')"""
_KEY: Final = """
INSERT INTO clients (client_id, client_secret_hash, secret_version, profile_version, created_at, updated_at)
    VALUES (?1, ?2, ?3, 0, ?4, ?4)
ON CONFLICT (client_id) DO UPDATE SET client_secret_hash = excluded.client_secret_hash,
    secret_version = excluded.secret_version, updated_at = excluded.updated_at
WHERE clients.secret_version < excluded.secret_version"""


class SqliteEffects:
    def __init__(self, store: "SqliteStore") -> None:
        self._store = store

    async def apply(self, arrivals: Sequence[Arrival]) -> Applied:
        return await self._store.write(lambda database: _apply(database, arrivals))

    async def forget(self, before: datetime) -> int:
        statement, moment = "DELETE FROM processed_events WHERE processed_at < ?", microseconds(before)
        return await self._store.write(lambda database: database.execute(statement, (moment,)).rowcount)

    async def ready(self) -> None:
        """Opening the file makes the tables, or fails."""
        await self.newest()

    async def newest(self) -> datetime | None:
        question = "SELECT max(processed_at) FROM processed_events"
        return time_of(await self._store.read(lambda database: database.execute(question).fetchone()[0]))


def _apply(database: sqlite3.Connection, arrivals: Sequence[Arrival]) -> Applied:
    at = now()
    fresh = [
        one
        for one in first_of_each(arrivals).values()
        if database.execute(_REMEMBER, (one.event_id, one.stream_id, at)).rowcount
    ]
    changes, outcomes = fold(_rows(database, {one.client_id for one in fresh}), fresh)
    for change in changes:
        _write(database, change, at)
    return applied(arrivals, outcomes)


def _rows(database: sqlite3.Connection, ids: Iterable[UUID]) -> dict[UUID, Row]:
    found = ((one, database.execute(_ROW, (one.bytes,)).fetchone()) for one in ids)
    return {one: _row(columns) for one, columns in found if columns is not None}


def _row(columns: Sequence[object]) -> Row:
    code, bap_id, bap_uri, networks, rate_limit, metadata, profile_version, status, status_version, secret = columns
    profile = {
        "client_code": code, "bap_id": bap_id, "bap_uri": bap_uri, "allowed_ips": tuple(json.loads(str(networks))),
        "rate_limit": rate_limit, "metadata": json.loads(str(metadata)),
    }  # fmt: skip
    return Row(
        profile=profile,
        profile_version=profile_version,  # type: ignore[arg-type]  # the columns' types are the table's
        status=status,  # type: ignore[arg-type]
        status_version=status_version,  # type: ignore[arg-type]
        secret_version=secret,  # type: ignore[arg-type]
    )


def _write(database: sqlite3.Connection, change: Change, at: int) -> None:
    key = change.client_id.bytes
    if change.profile is not None:
        told = change.profile
        database.execute(_PROFILE, (
            key, told["client_code"], told["bap_id"], told["bap_uri"], canonical_json(list(told["allowed_ips"])),
            told["rate_limit"], canonical_json(dict(told["metadata"])), change.profile_version, at,
        ))  # fmt: skip
    if change.status is not None:
        database.execute(_STATUS, (key, change.status, change.status_version, at))
    if change.secret_hash is not None:
        database.execute(_KEY, (key, change.secret_hash.reveal(), change.secret_version, at))
