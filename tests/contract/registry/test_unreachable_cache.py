"""A real cache client against servers that are gone or hang: reads come from the database, and wait once at most."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

import pytest
import redis.asyncio as redis

from ocm_tui.core.registry.errors import CacheUnreachable
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.contract.registry.backends import entry

_LONG: Final = 30.0  # seconds: not what is measured here


@pytest.fixture(params=["gone", "hung"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """gone: nobody listens. hung: the system accepts, and nobody answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        number = int(listener.getsockname()[1])
        if request.param == "gone":
            listener.close()
        yield number


async def test_reads_and_writes_go_on(tmp_path: Path, port: int) -> None:
    registry = ClientRegistry(
        SqliteStore(tmp_path / "r.sqlite3"), RedisCache(f"redis://127.0.0.1:{port}", timeout=0.05, patience=0.05)
    )
    one = entry()
    assert not (await registry.upsert(one)).propagated
    for number in range(2, 5):
        assert (await registry.get(one.client_id)).source == "database"
        assert registry.counters.cache_failures == number  # one call each, and no more after it has failed
    found = await asyncio.gather(*(registry.get(one.client_id) for _ in range(50)))
    assert {each.source for each in found} == {"database"}
    assert registry.breaker.state == "open"
    failures = registry.counters.cache_failures
    assert (await registry.set_status(one.client_id, "REVOKED")).client is not None
    assert (await registry.get(one.client_id)).client.status == "REVOKED"
    assert registry.counters.cache_failures == failures
    assert await registry.store.outbox_size() == 1
    with pytest.raises(CacheUnreachable):
        await registry.refresh([one.client_id])
    await registry.close()


@pytest.mark.parametrize("stale", ["yes", "no"])
async def test_reads_and_writes_go_on_while_it_fails_over(tmp_path: Path, redis_url: str, stale: str) -> None:
    """The server has become a replica whose primary is gone: it takes no writes, and answers reads or does not."""
    store = SqliteStore(tmp_path / "r.sqlite3")
    registry = ClientRegistry(store, RedisCache(redis_url, timeout=_LONG, patience=_LONG), cache_seconds=_LONG)
    cold = entry("cold")
    await store.upsert(cold)
    assert await registry.drain_outbox() == 1
    await registry.invalidate([cold.client_id])
    async with _replica_of_nobody(redis_url, stale):
        assert (await registry.get(cold.client_id)).source == "database"
        one = await registry.upsert(entry("one"))
        assert not one.propagated
        assert registry.counters.cache_failures == 2
        assert (await registry.get(one.client_id)).client.client_code == "one"
        with pytest.raises(CacheUnreachable):
            await registry.refresh([cold.client_id])
        assert (await registry.upsert_many([entry("many")])).created == 1
        assert await store.outbox_size() == 2
    await registry.drain_outbox()
    assert await store.outbox_size() == 0
    assert (await registry.get(one.client_id)).source == "cache"
    await registry.close()


@asynccontextmanager
async def _replica_of_nobody(url: str, stale: str) -> AsyncIterator[None]:
    client: Any = redis.Redis.from_url(url)
    try:
        await client.config_set("replica-serve-stale-data", stale)
        await client.execute_command("REPLICAOF", "127.0.0.1", "1")
        yield
    finally:
        await client.execute_command("REPLICAOF", "NO", "ONE")
        await client.config_set("replica-serve-stale-data", "yes")
        await client.aclose()
