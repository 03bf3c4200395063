"""The registry against what its servers can do at best, on a Postgres and a Valkey of our own.

Bulk upsert against COPY into a staging table and one INSERT … ON CONFLICT; sweep with comparison against one read-only
script a batch and one join; a key at a time, as a tool would that asks for each; what another client of the cache
feels meanwhile; and what a read takes without the cache.
"""

import asyncio
import gc
import json
import os
import socket
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from math import inf
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from ocm_tui.core.registry.inspection import Inspection, SweepProgress
from ocm_tui.core.registry.model import RegistryEntry, RegistryQuery
from ocm_tui.core.registry.postgres import PostgresStore
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.service import ClientRegistry
from tests.benchmarks.table import Row, quantile
from tests.real_servers import postgres_server, valkey_server

__all__ = ["run"]

_CLIENTS: Final = 100_000
_MANY_KEYS: Final = 1_000_000
_ONE_BY_ONE: Final = 2_000  # of the clients: the others would take as long
_READERS: Final = 300
_IDLE_SECONDS: Final = 3.0
_CHUNK: Final = 10_000  # as the service writes
_HEADERS: Final = """
local found = {}
for index, key in ipairs(KEYS) do
    found[index] = {redis.call('PTTL', key), redis.call('GETRANGE', key, 0, 31)}
end
return found
"""
_STAGE: Final = """
CREATE TEMP TABLE staged (client_id uuid, client_code text, bap_id text, bap_uri text, allowed_ips text,
                          rate_limit integer, metadata text, profile_version bigint) ON COMMIT DELETE ROWS
"""
_COLUMNS: Final = (
    "client_id", "client_code", "bap_id", "bap_uri", "allowed_ips", "rate_limit", "metadata", "profile_version",
)  # fmt: skip
_UPSERT: Final = """
INSERT INTO client_registry.clients AS c (client_id, client_code, bap_id, bap_uri, allowed_ips, rate_limit, metadata,
                                          profile_version)
SELECT client_id, client_code, bap_id, bap_uri, allowed_ips::cidr[], rate_limit, metadata::jsonb, profile_version
FROM staged
ON CONFLICT (client_id) DO UPDATE SET client_code = excluded.client_code, bap_id = excluded.bap_id,
    bap_uri = excluded.bap_uri, allowed_ips = excluded.allowed_ips, rate_limit = excluded.rate_limit,
    metadata = excluded.metadata, profile_version = excluded.profile_version
WHERE c.profile_version < excluded.profile_version
"""
_JOIN: Final = """
SELECT k.id, c.client_id, c.row_version FROM unnest($1::uuid[], $2::bigint[]) AS k (id, version)
FULL JOIN client_registry.clients c ON c.client_id = k.id WHERE k.version IS DISTINCT FROM c.row_version
"""


class _Spent(NamedTuple):
    """Seconds on the clock, and of all processors: our process and those of the server that worked for it. What else
    the machine does hardly changes the second."""

    seconds: float
    processors: float


def run(rounds: int = 3, *, clients: int = _CLIENTS, many_keys: int = _MANY_KEYS) -> list[Row]:
    """`clients` and `many_keys` are made smaller to see whether it works."""
    with postgres_server(own=True) as postgres, valkey_server(own=True) as valkey:
        return asyncio.run(_measured(postgres.url, valkey.url, rounds, clients, many_keys))


async def _measured(dsn: str, url: str, rounds: int, clients: int, many_keys: int) -> list[Row]:
    import asyncpg
    from redis.asyncio import Redis

    store = PostgresStore(dsn)
    await store.migrate()
    registry = ClientRegistry(store, RedisCache(url, timeout=1.0))
    raw, redis = await asyncpg.connect(dsn), Redis.from_url(url)
    try:
        rows = await _upserts(registry, raw, rounds, clients)
        rows += await _sweeps(registry, raw, redis, rounds, clients)
        rows.append(await _felt(registry, redis))
        rows.append(await _stampede(registry))
        rows += await _without_cache(registry)
        rows.append(await _memory(registry, raw, redis, many_keys))
        return rows
    finally:
        await redis.aclose()
        await raw.close()
        await registry.close()


async def _upserts(registry: ClientRegistry, raw: Any, rounds: int, clients: int) -> list[Row]:
    """Into an empty table first, over the same rows then. The outbox is emptied between: it is the cache's part."""
    ids = [uuid4() for _ in range(clients)]
    ours: dict[str, list[_Spent]] = {"insert": [], "update": []}
    theirs: dict[str, list[_Spent]] = {"insert": [], "update": []}
    await raw.execute(_STAGE)
    for number in range(rounds):
        ways = [(_through_store, ours), (_through_copy, theirs)]
        for way, spent in ways if number % 2 == 0 else reversed(ways):
            await raw.execute("TRUNCATE client_registry.clients, client_registry.cache_outbox")
            for version, kind in enumerate(("insert", "update"), 1):
                spent[kind].append(await way(registry, raw, ids, version))
                await raw.execute("TRUNCATE client_registry.cache_outbox")
                await raw.execute("VACUUM ANALYZE client_registry.clients")
    start = time.perf_counter()
    await registry.upsert_many([_entry(number, client_id, 3) for number, client_id in enumerate(ids)])
    with_cache = time.perf_counter() - start
    rows = [Row(f"upsert of {clients:,}, and into the cache", with_cache * 1e3, None, inf, "ms")]
    for kind, spent in ours.items():
        measured = zip(*spent, strict=True), zip(*theirs[kind], strict=True)
        for what, mine, reference in zip(("", ": processors"), *measured, strict=True):
            name = f"upsert of {clients:,}, {kind}{what}"
            rows.append(Row(name, median(mine) * 1e3, median(reference) * 1e3, 1.3, "ms", "raw COPY"))
    return rows


async def _through_store(registry: ClientRegistry, raw: Any, ids: list[UUID], version: int) -> _Spent:
    entries = [_entry(number, client_id, version) for number, client_id in enumerate(ids)]
    gc.collect()

    async def write() -> None:
        for chunk in range(0, len(entries), _CHUNK):
            await registry.store.upsert_many(entries[chunk : chunk + _CHUNK])

    return await _spent(raw, write)


async def _through_copy(_: ClientRegistry, raw: Any, ids: list[UUID], version: int) -> _Spent:
    records = []
    for number, client_id in enumerate(ids):
        one = _entry(number, client_id, version)
        networks = "{" + ",".join(one.allowed_ips) + "}"
        metadata = '{"team":"orders"}'
        records.append(
            (one.client_id, one.client_code, one.bap_id, one.bap_uri, networks, one.rate_limit, metadata, version)
        )
    gc.collect()

    async def write() -> None:
        async with raw.transaction():
            await raw.copy_records_to_table("staged", records=records, columns=_COLUMNS)
            await raw.execute(_UPSERT)

    return await _spent(raw, write)


async def _spent(raw: Any, write: Callable[[], Awaitable[None]]) -> _Spent:
    found = await raw.fetch("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
    servers = [row[0] for row in found]
    processors = time.process_time() + sum(map(_processor_time, servers))
    start = time.perf_counter()
    await write()
    seconds = time.perf_counter() - start
    return _Spent(seconds, time.process_time() + sum(map(_processor_time, servers)) - processors)


def _processor_time(pid: int) -> float:
    """Seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _entry(number: int, client_id: UUID, version: int) -> RegistryEntry:
    return RegistryEntry(
        client_id=client_id,
        client_code=f"client-{number:06}",
        bap_id=f"bap-{number % 1000}",
        bap_uri=f"https://bap-{number % 1000}.example.com",
        allowed_ips=("10.0.0.0/8", f"192.0.2.{number % 256}/32"),
        rate_limit=60 + version,
        metadata={"team": "orders"},
        profile_version=version,
    )


async def _sweeps(registry: ClientRegistry, raw: Any, redis: Any, rounds: int, clients: int) -> list[Row]:
    await registry.warm()
    inspection = Inspection(registry)
    ours, theirs = list[float](), list[float]()
    for number in range(rounds):
        for is_ours in (True, False) if number % 2 == 0 else (False, True):
            gc.collect()
            start = time.perf_counter()
            await (_our_sweep(inspection, clients) if is_ours else _raw_sweep(raw, redis, clients))
            (ours if is_ours else theirs).append(time.perf_counter() - start)
    one_by_one = await _key_by_key(raw, redis, clients)
    name = f"sweep and comparison of {clients:,}"
    return [
        Row(name, _best(ours) * 1e3, _best(theirs) * 1e3, 1.3, "ms", "raw script and join"),
        Row(name, _best(ours) * 1e3, one_by_one * 1e3, 1 / 15, "ms", "GET and SELECT for each key"),
    ]


async def _our_sweep(inspection: Inspection, clients: int) -> None:
    report = await inspection.sweep(throttle=False)
    assert report.summary["fresh"] == clients, report.summary


async def _raw_sweep(raw: Any, redis: Any, clients: int) -> None:
    """What the facts measured as the cheapest way, with nothing around it."""
    sha, versions, cursor = await redis.script_load(_HEADERS), dict[str, int](), 0
    while True:
        cursor, keys = await redis.scan(cursor, match="client:*", count=500)
        for key, (_, header) in zip(keys, await redis.evalsha_ro(sha, len(keys), *keys) if keys else [], strict=True):
            versions[key[7:].decode()] = int(header[5 : header.index(b",")])
        if not cursor:
            break
    unlike = await raw.fetch(_JOIN, list(versions), list(versions.values()))
    assert len(versions) == clients, len(versions)
    assert not unlike, unlike


async def _key_by_key(raw: Any, redis: Any, clients: int) -> float:
    """Seconds for all, from those of the first ones."""
    start, looked = time.perf_counter(), 0
    async for key in redis.scan_iter(match="client:*", count=500):
        await redis.pttl(key)
        value = await redis.get(key)
        row = await raw.fetchrow(
            "SELECT row_version FROM client_registry.clients WHERE client_id = $1", key[7:].decode()
        )
        assert value.startswith(b'{"v":%d,' % row["row_version"])
        looked += 1
        if looked == _ONE_BY_ONE:
            break
    return (time.perf_counter() - start) * clients / looked


async def _felt(registry: ClientRegistry, redis: Any) -> Row:
    """p99 of the GETs of a client in a process of its own, while we sweep as we always do."""
    key = (await redis.scan(0, match="client:*", count=10))[1][0].decode()
    url = redis.connection_pool.connection_kwargs["path"]
    async with _other_client(url, key) as take:
        await take()
        await asyncio.sleep(_IDLE_SECONDS)
        idle = await take()
        sweeps = time.perf_counter() + _IDLE_SECONDS
        while time.perf_counter() < sweeps:
            await Inspection(registry).sweep()
        swept = await take()
    name, note = "p99 of another client's GET during it", f"{len(swept)} GETs; throttled, as always"
    return Row(name, quantile(swept, 0.99) * 1e3, quantile(idle, 0.99) * 1e3, 15, "ms", "idle", note)


@asynccontextmanager
async def _other_client(socket: str, key: str) -> AsyncGenerator[Callable[[], Awaitable[list[float]]], None]:
    """Calling it gives the seconds of each GET since the call before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.registry_reader", socket, key,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 26,
    )  # fmt: skip
    reader, writer = process.stdout, process.stdin
    assert reader is not None
    assert writer is not None

    async def take() -> list[float]:
        writer.write(b"\n")
        times: list[float] = json.loads(await reader.readline())
        return times

    try:
        yield take
    finally:
        writer.close()
        await process.wait()


async def _stampede(registry: ClientRegistry) -> Row:
    cold = (await registry.page(RegistryQuery(), limit=1)).items[0].client_id
    await registry.invalidate([cold])
    before = registry.counters.from_database
    found = await asyncio.gather(*(registry.get(cold) for _ in range(_READERS)))
    assert {one.client.client_id for one in found} == {cold}
    return Row(f"{_READERS} readers of a cold key", registry.counters.from_database - before, None, 1, "reads")


async def _without_cache(registry: ClientRegistry) -> list[Row]:
    """What the first reads take whose cache is gone, or accepts and never answers. Later ones do not ask it."""
    client_id = (await registry.page(RegistryQuery(), limit=1)).items[0].client_id
    rows = []
    for state in ("gone", "hung"):
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            cache = RedisCache(f"redis://127.0.0.1:{listener.getsockname()[1]}")
            if state == "gone":
                listener.close()
            alone, reads = ClientRegistry(registry.store, cache), list[float]()
            while alone.breaker.is_closed:
                start = time.perf_counter()
                assert (await alone.get(client_id)).source == "database"
                reads.append(time.perf_counter() - start)
            await cache.close()
        start = time.perf_counter()
        await registry.store.get(client_id)
        extra = max(reads) - (time.perf_counter() - start)
        rows.append(Row(f"a read whose cache is {state}: more than the database's own", extra * 1e3, None, 150, "ms"))
    return rows


async def _memory(registry: ClientRegistry, raw: Any, redis: Any, keys: int) -> Row:
    """Half of the keys are as their rows, a quarter is stale, a quarter has no row: much worse than it ever is."""
    await redis.flushall()
    await raw.execute("TRUNCATE client_registry.clients, client_registry.cache_outbox")
    await raw.execute(
        "INSERT INTO client_registry.clients (client_id, client_code) "
        "SELECT gen_random_uuid(), 'client-' || n FROM generate_series(1, $1::int) n",
        keys * 3 // 4,
    )
    await raw.execute("VACUUM ANALYZE client_registry.clients")
    number = 0
    async for rows in registry.store.versions():
        async with redis.pipeline(transaction=False) as pipeline:
            for client_id, version in rows:
                number += 1
                pipeline.set(f"client:{client_id}", b'{"v":%d,"gone":1}' % (version - (number % 3 == 0)))
                if number % 3 == 0:
                    pipeline.set(f"client:{uuid4()}", b'{"v":%d}' % version)
            await pipeline.execute()
    gc.collect()
    before = most = _resident()

    def watch(_: SweepProgress) -> None:
        nonlocal most
        most = max(most, _resident())

    report = await Inspection(registry).sweep(throttle=False, on_progress=watch)
    note = f"{report.scanned:,} keys, {len(report.items):,} findings"
    return Row(f"memory of a sweep over {keys:,}", (most - before) / 1e6, None, 200, "MB", note=note)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _best(times: Sequence[float]) -> float:
    """What else the machine does can only make it slower."""
    return min(times)
