"""A real cache client against servers that are gone or hang: reads come from the database, and wait once at most."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ocm_tui.core.registry.errors import CacheUnreachable
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.contract.registry.backends import entry


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
