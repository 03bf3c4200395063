"""How database and cache are, told by real ones: with all rights, with few, and dead."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.registry.embedded_status import NEWEST
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.postgres import PostgresStore
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from ocm_tui.core.registry.status import read_status
from tests.contract.registry.backends import PATIENT, Backend, entry
from tests.databases import scripts


async def test_what_both_kinds_tell(backend: Backend, registry: ClientRegistry) -> None:
    client = (await registry.upsert(entry("orders"))).client
    assert client is not None
    await registry.set_status(client.client_id, "SUSPENDED")
    await registry.get(client.client_id)
    status = await read_status(registry, exact=True)
    database, cache = status.database, status.cache
    assert database.kind == registry.store.kind
    assert database.reachable
    assert database.writable
    assert (database.problem, database.denied, database.outbox) == ("", (), 0)
    assert database.version
    assert database.latency_ms is not None
    assert (database.database_bytes or 0) > 1000
    assert cache.kind == registry.cache.kind
    assert (cache.problem, cache.denied, cache.keys, cache.breaker) == ("", (), 1, "closed")
    assert cache.own is not None
    assert (cache.own.hits, cache.own.misses, cache.own.hit_ratio) == (1, 0, 1.0)
    assert status.clients is not None
    assert (status.clients.total, status.clients.suspended) == (1, 1)
    assert status.stream is None
    told = json.loads(json.dumps(status.as_json()))
    assert {"database", "cache", "stream", "clients"} <= told.keys()
    assert told["clients"] == {"total": 1, "active": 0, "suspended": 1, "revoked": 0, "exact": True}
    assert "counters" not in told["database"] | told["cache"]
    assert told["cache"]["own"]["hits"] == 1


async def _servers(dsn: str, url: str) -> ClientRegistry:
    return ClientRegistry(PostgresStore(dsn), RedisCache(url, timeout=PATIENT, patience=PATIENT))


async def test_ratios_and_rates_are_those_since_the_look_before(postgres_dsn: str, redis_url: str) -> None:
    registry = await _servers(postgres_dsn, redis_url)
    try:
        client = (await registry.upsert(entry())).client
        assert client is not None
        first = await read_status(registry)
        assert (first.cache.hit_ratio, first.database.transactions_per_s) == (None, None)
        for _ in range(3):
            await registry.cache.get(client.client_id)
        await registry.cache.get(entry().client_id)
        second = await read_status(registry, first)
        assert second.cache.hit_ratio == 0.75
        assert (second.cache.commands_per_s or 0) > 0
        assert second.database.transactions_per_s is not None
        assert second.cache.used_memory
        assert second.cache.policy
        assert second.database.sessions is not None
        assert second.database.sessions.total >= 1
        assert second.database.pool is not None
        assert second.database.table_bytes
    finally:
        await registry.close()


async def test_who_waits_for_whom(postgres_dsn: str, redis_url: str) -> None:
    import asyncpg

    registry = await _servers(postgres_dsn, redis_url)
    holder, waiter = await asyncpg.connect(postgres_dsn), await asyncpg.connect(postgres_dsn)
    try:
        await holder.execute("BEGIN; LOCK TABLE client_registry.processed_events")
        waiting = asyncio.create_task(waiter.execute("TRUNCATE client_registry.processed_events"))
        database = (await read_status(registry)).database
        while not database.waiting_locks:  # until the server has got to it
            database = (await read_status(registry)).database
        assert database.waiting_locks == 1
        assert database.blocked == 1
        assert database.sessions is not None
        assert (database.sessions.waiting, database.sessions.idle_in_transaction) == (1, 1)
        assert (database.longest_transaction_ms or 0) > 0
        await holder.execute("ROLLBACK")
        await waiting
    finally:
        await holder.close()
        await waiter.close()
        await registry.close()


async def test_when_the_newest_row_was_synced(registry: ClientRegistry) -> None:
    newest = datetime(2026, 2, 3, 4, 5, 6, 700, tzinfo=UTC)
    assert (await read_status(registry)).database.newest_synced_at is None
    for moment in (newest - timedelta(days=1), newest, None, newest - timedelta(microseconds=1)):
        await registry.upsert(entry(last_synced_at=moment))
    assert (await read_status(registry)).database.newest_synced_at == newest


@pytest.mark.parametrize("index", [True, False])
async def test_no_whole_table_is_read_for_it(postgres_dsn: str, index: bool) -> None:
    """Where pages of a table are said to be expensive, as those of a large one are; without the index as with it."""
    settings = "seq_page_cost=1000000" + ("" if index else "&enable_indexscan=off&enable_indexonlyscan=off")
    dsn = f"{postgres_dsn}{'&' if '?' in postgres_dsn else '?'}{settings}"
    registry = ClientRegistry(PostgresStore(dsn), MemoryCache())
    newest = datetime(2026, 2, 3, tzinfo=UTC)
    try:
        await registry.upsert(entry(last_synced_at=newest))
        database = (await read_status(registry)).database
    finally:
        await registry.close()
    assert database.newest_synced_at == (newest if index else None)
    assert database.denied == ()


async def test_nor_in_the_embedded_store(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.sqlite3")
    try:
        plan = await store.read(lambda database: database.execute(f"EXPLAIN QUERY PLAN {NEWEST}").fetchall())
    finally:
        await store.close()
    assert "clients_last_synced" in plan[0][3]


@pytest.fixture(name="nobody_listens")
def _nobody_listens() -> Iterator[int]:
    with closing(socket.socket()) as taken:  # bound, and never listening
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_dead_servers(nobody_listens: int) -> None:
    registry = await _servers(
        f"postgresql://ocm:planted-word@127.0.0.1:{nobody_listens}/registry", f"redis://127.0.0.1:{nobody_listens}/0"
    )
    try:
        status = await read_status(registry)
        told = json.dumps(status.as_json())
    finally:
        await registry.close()
    assert (status.database.reachable, status.cache.reachable) == (False, False)
    assert str(nobody_listens) in status.database.problem
    assert str(nobody_listens) in status.cache.problem
    assert status.clients is None
    assert status.clients_problem
    assert "planted-word" not in told


async def test_a_database_without_the_table(postgres_dsn: str) -> None:
    registry = ClientRegistry(PostgresStore(postgres_dsn, schema="elsewhere"), MemoryCache())
    try:
        status = await read_status(registry)
    finally:
        await registry.close()
    assert status.database.reachable
    assert status.database.sessions is not None
    assert any("elsewhere.clients" in one for one in status.database.denied)
    assert status.clients is None
    assert "elsewhere.clients" in status.clients_problem


async def test_what_an_account_may_not_see_is_named(postgres_dsn: str, redis_url: str) -> None:
    """Neither other sessions nor the rows; neither INFO nor the slow log."""
    import asyncpg

    role = postgres_dsn.rsplit("/", 1)[1].partition("?")[0] + "_nobody"
    scripts(postgres_dsn, f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA client_registry TO {role}")
    admin = RedisCache(redis_url)
    client: Any
    async with admin.asking() as client:
        await client.execute_command(
            "ACL", "SETUSER", "watcher", "on", "nopass", "~client:*", "+@all", "-info", "-slowlog"
        )
    watcher = redis_url.replace("unix://", "unix://watcher:any@")
    registry = await _servers(postgres_dsn.replace("ocm@", f"{role}@"), watcher)
    other = await asyncpg.connect(postgres_dsn)
    try:
        status = await read_status(registry)
    finally:
        await other.close()
        await registry.close()
        async with admin.asking() as client:
            await client.execute_command("ACL", "DELUSER", "watcher")
        await admin.close()
        scripts(postgres_dsn, f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert status.database.reachable
    assert "clients" in status.database.denied
    assert "pg_stat_activity of other accounts (pg_read_all_stats)" in status.database.denied
    assert status.database.sessions is not None
    assert status.database.sessions.total >= 2, "that there are others can be seen"
    assert status.database.version
    assert not status.database.writable
    assert status.clients is None
    assert "refused this account" in status.clients_problem
    assert status.cache.denied == ("INFO", "SLOWLOG")
    assert status.cache.keys == 0
    assert status.cache.latency_ms is not None
