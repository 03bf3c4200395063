"""One statement for one upsert and for ten thousand: what it says is compared, guarded and written by the server."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from ocm_tui.core.registry.model import BulkWritten, RegistryEntry
from ocm_tui.core.registry.values import checked

__all__ = ["upsert_many", "upsert_one"]

# How a value travels: networks and JSON as text, which the server parses much faster than the driver encodes.
_TYPES: Final = {
    "client_id": "uuid",
    "client_code": "text",
    "bap_id": "text",
    "bap_uri": "text",
    "allowed_ips": "text",
    "rate_limit": "integer",
    "metadata": "text",
    "client_secret_hash": "text",
    "profile_version": "bigint",
    "last_synced_at": "timestamptz",
    "status": "text",
}
_CASTS: Final = {"allowed_ips": "::cidr[]", "metadata": "::jsonb"}
_BY_INSERT_ONLY: Final = frozenset({"client_id", "status"})
_STAGE: Final = "ocm_tui_staged_clients"
_PIECE: Final = 2_500  # rows; fewer are written no sooner, and more keep the server waiting for the first


async def upsert_one(connection: Any, schema: str, entry: RegistryEntry) -> bool:
    """Within a transaction. False when the row says all of it, or something newer."""
    names = _said(entry)
    given = ", ".join(f"${number}::{_TYPES[name]}{_CASTS.get(name, '')}" for number, name in enumerate(names, 1))
    done = await connection.execute(_statement(schema, names, f"VALUES ({given})"), *_values(entry))
    return str(done) == "INSERT 0 1"


async def upsert_many(connection: Any, schema: str, entries: Sequence[RegistryEntry], visible: str) -> BulkWritten:
    """Within a transaction. Staged by COPY in pieces: the next one is checked and laid out while the server writes."""
    columns = ", ".join(f"{name} {_TYPES[name]}" for name in _TYPES)
    await connection.execute(f"CREATE TEMP TABLE {_STAGE} (piece integer, {columns}) ON COMMIT DROP")
    created = written = 0
    busy: asyncio.Task[Any] | None = None
    try:
        for piece, (names, part) in enumerate(_pieces(entries)):
            rows = [(piece, *_values(checked(entry))) for entry in part]
            if busy is not None:
                created, written = _added(created, written, await busy)
            await connection.copy_records_to_table(_STAGE, columns=("piece", *names), records=rows)
            busy = asyncio.create_task(connection.fetchrow(_bulk(schema, names, visible), piece))
            await asyncio.sleep(0)  # it is on its way
        if busy is not None:
            created, written = _added(created, written, await busy)
    finally:
        if busy is not None and not busy.done():  # the connection is free before the transaction is rolled back
            busy.cancel()
            await asyncio.gather(busy, return_exceptions=True)
    return BulkWritten(created, written - created, len(entries) - written)


def _pieces(entries: Sequence[RegistryEntry]) -> Iterator[tuple[tuple[str, ...], Sequence[RegistryEntry]]]:
    """What an entry leaves alone differs, so like ones are written together."""
    groups = defaultdict[tuple[str, ...], list[RegistryEntry]](list)
    for entry in entries:
        groups[_said(entry)].append(entry)
    for names, group in groups.items():
        for start in range(0, len(group), _PIECE):
            yield names, group[start : start + _PIECE]


@cache
def _bulk(schema: str, names: tuple[str, ...], visible: str) -> str:
    given = ", ".join(f"{name}{_CASTS.get(name, '')}" for name in names)
    # In the order of ids, as every other writer: two that write the same rows wait, and seldom deadlock.
    source = f"SELECT {given} FROM {_STAGE} WHERE piece = $1 ORDER BY client_id"
    return (
        f"WITH hidden AS (SELECT client_id FROM {schema}.clients WHERE NOT ({visible})), "
        f"written AS ({_statement(schema, names, source)} RETURNING c.client_id, c.xmax = 0 AS new) "
        "SELECT count(*) FILTER (WHERE new OR hidden.client_id IS NOT NULL) AS created, count(*) AS written "
        "FROM written LEFT JOIN hidden USING (client_id)"
    )


def _added(created: int, written: int, row: Any) -> tuple[int, int]:
    return created + row["created"], written + row["written"]


def _said(entry: RegistryEntry) -> tuple[str, ...]:
    """The columns that an entry sets, in one order."""
    return _names(entry.secret_hash is not None, entry.profile_version is not None, entry.last_synced_at is not None)


@cache
def _names(secret: bool, version: bool, synced: bool) -> tuple[str, ...]:
    left_alone = {"client_secret_hash": not secret, "profile_version": not version, "last_synced_at": not synced}
    return tuple(name for name in _TYPES if not left_alone.get(name))


def _values(entry: RegistryEntry) -> tuple[Any, ...]:
    """Those of `_said`."""
    sometimes: list[Any] = [] if entry.secret_hash is None else [entry.secret_hash.reveal()]
    sometimes += [one for one in (entry.profile_version, entry.last_synced_at) if one is not None]
    return (
        entry.client_id,
        entry.client_code,
        entry.bap_id,
        entry.bap_uri,
        f"{{{','.join(entry.allowed_ips)}}}",
        entry.rate_limit,
        json.dumps(dict(entry.metadata)) if entry.metadata else "{}",
        *sometimes,
        entry.status or "ACTIVE",
    )


def _statement(schema: str, names: tuple[str, ...], source: str) -> str:
    said = [name for name in names if name not in _BY_INSERT_ONLY]
    other = ", ".join(f"c.{name}" for name in said), ", ".join(f"excluded.{name}" for name in said)
    # A newer version is a change by itself.
    guarded = "profile_version" in names
    condition = (
        "c.profile_version < excluded.profile_version" if guarded else f"({other[0]}) IS DISTINCT FROM ({other[1]})"
    )
    return (
        f"INSERT INTO {schema}.clients AS c ({', '.join(names)}) {source} ON CONFLICT (client_id) DO UPDATE "
        f"SET {', '.join(f'{name} = excluded.{name}' for name in said)} "
        f"WHERE {condition}"
    )
