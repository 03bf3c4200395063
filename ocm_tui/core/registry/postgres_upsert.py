"""One statement for one upsert and for ten thousand: what it says is compared, guarded and written by the server."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Final

from ocm_tui.core.registry.model import BulkWritten, RegistryEntry
from ocm_tui.core.registry.values import checked_with_metadata

__all__ = ["upsert_many", "upsert_one"]

# How a value travels: networks and JSON as text, which the server parses much faster than the driver encodes.
_TYPES: Final = {
    "client_id": "uuid",
    "client_code": "text",
    "bap_id": "text",
    "bap_uri": "text",
    "rate_limit": "integer",
    "profile_version": "bigint",
    "last_synced_at": "timestamptz",
    "client_secret_hash": "text",
    "status": "text",
    "allowed_ips": "text",
    "metadata": "text",
}
_LAID_OUT: Final = frozenset({"client_secret_hash", "status", "allowed_ips", "metadata"})  # the others as they are
_CASTS: Final = {"allowed_ips": "::cidr[]", "metadata": "::jsonb"}
_BY_INSERT_ONLY: Final = frozenset({"client_id", "status"})
_STAGE: Final = "ocm_tui_staged_clients"
_FIRST_PIECE: Final = 800  # rows: the server waits for these only
_GROWTH: Final = 3  # of the pieces: the server takes longer over one than we over the next, and hears of fewer


async def upsert_one(connection: Any, schema: str, entry: RegistryEntry) -> bool:
    """Within a transaction. False when the row says all of it, or something newer."""
    [(entry, metadata)] = checked_with_metadata([entry])
    names = _said(entry)
    given = ", ".join(f"${number}::{_TYPES[name]}{_CASTS.get(name, '')}" for number, name in enumerate(names, 1))
    done = await connection.execute(_statement(schema, names, f"VALUES ({given})"), *_layout(names)(entry, metadata))
    return str(done) == "INSERT 0 1"


async def upsert_many(connection: Any, schema: str, entries: Sequence[RegistryEntry], visible: str) -> BulkWritten:
    """Within a transaction. Staged by COPY in pieces: the next one is checked and laid out while the server writes."""
    columns = ", ".join(f"{name} {_TYPES[name]}" for name in _TYPES)
    # Once for a connection: with its indexes and types it is more work for the server than a thousand clients.
    await connection.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {_STAGE} (piece integer, {columns}) ON COMMIT DELETE ROWS"
    )
    created = written = 0
    busy: asyncio.Task[Any] | None = None
    try:
        for piece, (names, part) in enumerate(_pieces(entries)):
            values = _layout(names)
            rows = [(piece, *values(*one)) for one in checked_with_metadata(part)]
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
        start, size = 0, _FIRST_PIECE
        while start < len(group):
            yield names, group[start : start + size]
            start, size = start + size, size * _GROWTH


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


@cache
def _layout(names: tuple[str, ...]) -> Callable[[RegistryEntry, str], tuple[Any, ...]]:
    """What gives the values of `_said` for an entry that is checked, and its metadata as JSON."""
    as_they_are = attrgetter(*(name for name in names if name not in _LAID_OUT))

    def values(entry: RegistryEntry, metadata: str) -> tuple[Any, ...]:
        secret = () if entry.secret_hash is None else (entry.secret_hash.reveal(),)
        networks = f"{{{','.join(entry.allowed_ips)}}}"
        return (*as_they_are(entry), *secret, entry.status or "ACTIVE", networks, metadata)

    return values


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
