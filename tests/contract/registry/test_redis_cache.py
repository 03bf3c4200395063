"""What only Redis has: its scripts, its feed, servers that fail. What every cache must do is in the shared suite."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
import redis.asyncio as redis

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.entries import NEGATIVE, key_of
from ocm_tui.core.registry.errors import CacheUnreachable
from ocm_tui.core.registry.ports import CacheChange
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.redis_connect import address_of, database_of
from ocm_tui.core.registry.redis_feed import fed
from tests.real_servers import valkey_server

_ONE = UUID("00000000-0000-4000-8000-000000000001")
_TWO = UUID("00000000-0000-4000-8000-000000000002")
_LONG = 60_000  # milliseconds


@asynccontextmanager
async def _opened(url: str, *, seconds: float = 30.0) -> AsyncIterator[RedisCache]:
    """With more time than a login has: on a busy machine a tenth of a second proves nothing."""
    cache = RedisCache(url, timeout=seconds, patience=seconds)
    try:
        yield cache
    finally:
        await cache.close()


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[RedisCache]:
    async with _opened(redis_url) as opened:
        yield opened


@pytest.fixture
async def raw(redis_url: str) -> AsyncIterator[Any]:
    client = redis.Redis.from_url(redis_url)
    try:
        yield client
    finally:
        await client.aclose()


async def _next(feed: AsyncIterator[CacheChange]) -> str | None:
    return (await asyncio.wait_for(anext(feed), 60)).key


async def test_the_feed_tells_what_others_do(cache: RedisCache, raw: Any) -> None:
    feed = cache.changes()
    assert await _next(feed) is None  # look at everything once
    for command in (("SET", key_of(_ONE), "x"), ("PEXPIRE", key_of(_ONE), _LONG), ("DEL", key_of(_ONE))):
        await raw.execute_command(*command)
        assert await _next(feed) == key_of(_ONE)
    await raw.execute_command("SET", "other:1", "x")
    await raw.execute_command("SET", key_of(_TWO), "x", "PX", "20")
    assert [await _next(feed), await _next(feed)] == [key_of(_TWO), key_of(_TWO)]  # set, and expired
    await raw.execute_command("FLUSHALL")
    assert await _next(feed) is None


@pytest.mark.parametrize("which", ["pubsub", "normal"])
async def test_a_feed_that_loses_a_connection_begins_anew(redis_url: str, raw: Any, which: str) -> None:
    feed = fed(redis_url, alive=0.2)
    assert await _next(feed) is None
    following = asyncio.create_task(_next(feed))
    await raw.execute_command("CLIENT", "KILL", "TYPE", which, "SKIPME", "yes")
    assert await following is None
    await raw.execute_command("SET", key_of(_ONE), "x")
    assert await _next(feed) == key_of(_ONE)
    await feed.aclose()


async def test_scripts_are_sent_again_after_a_flush(cache: RedisCache, raw: Any) -> None:
    assert await cache.put_many([(_ONE, 1, b'{"v":1}', _LONG), (_TWO, 1, b'{"v":1}', _LONG)]) == [True, True]
    await raw.script_flush()
    assert await cache.put_many([(_ONE, 1, b'{"v":1}', _LONG), (_TWO, 2, b'{"v":2}', _LONG)]) == [False, True]
    await raw.script_flush()
    assert await cache.put(_ONE, 3, b'{"v":3}', _LONG)
    await raw.script_flush()
    assert [key.version for key in (await cache.scan()).keys] != []


async def test_more_than_one_round_trip(cache: RedisCache) -> None:
    ids = [UUID(int=number) for number in range(1_234)]
    assert all(await cache.put_many([(one, 7, b'{"v":7}', _LONG) for one in ids]))
    found = await cache.get_many(ids)
    assert all(value == b'{"v":7}' and 0 < ttl <= _LONG for value, ttl in found)
    seen, cursor = set[str](), "0"
    while True:
        page = await cache.scan(cursor, 100)
        seen |= {key.key for key in page.keys}
        cursor = page.cursor
        if cursor == "0":
            break
    assert len(seen) == await cache.size() == 1_234
    assert await cache.invalidate(ids) == 1_234


async def test_a_key_of_another_type_is_corrupt_and_heals(cache: RedisCache, raw: Any) -> None:
    await raw.execute_command("HSET", key_of(_ONE), "a", "b")
    await raw.execute_command("LPUSH", key_of(_TWO), "b")
    assert await cache.get(_ONE) is None
    assert await cache.get_many([_ONE]) == [(b"", -1)]
    assert {(key.version, key.ttl_ms, key.size) for key in (await cache.scan()).keys} == {(-1, -1, 0)}
    lease = await cache.get_or_lease(_ONE)
    assert await cache.fill(_ONE, lease.token, 0, NEGATIVE, _LONG) is True
    assert await cache.put(_TWO, 1, b'{"v":1}', _LONG) is True
    assert await cache.get(_TWO) == b'{"v":1}'


async def test_a_sweep_without_scripts_sees_the_same(cache: RedisCache, raw: Any) -> None:
    await cache.put(_ONE, 9_007_199_254_740_991, b'{"v":9007199254740991,"gone":1}', _LONG)
    await cache.put(_TWO, 0, NEGATIVE, _LONG)
    await raw.execute_command("HSET", "client:hash", "a", "b")
    await raw.execute_command("SET", b"client:\xff\x1b[31m", b'{"v":12')
    found = {key.key: (key.version, key.size, key.negative, key.gone) for key in (await cache.scan()).keys}
    cache._look = cache._look[-1:]
    again = {key.key: (key.version, key.size, key.negative, key.gone) for key in (await cache.scan()).keys}
    assert found == again
    assert found[key_of(_ONE)] == (9_007_199_254_740_991, 31, False, True)
    assert found[key_of(_TWO)] == (0, len(NEGATIVE), True, False)
    assert len(found) == 4


async def test_many_readers_share_few_connections(cache: RedisCache, raw: Any) -> None:
    await cache.put(_ONE, 1, b'{"v":1}', _LONG)
    assert set(await asyncio.gather(*(cache.get(_ONE) for _ in range(500)))) == {b'{"v":1}'}
    assert len(await raw.client_list()) <= 16 + 1


async def test_a_server_that_hangs_or_dies() -> None:
    with valkey_server(own=True) as server:
        async with _opened(server.url) as cache, _opened(server.url, seconds=0.1) as hasty:
            feed = cache.changes()
            assert await _next(feed) is None
            await cache.put(_ONE, 1, b'{"v":1}', _LONG)
            assert await _next(feed) == key_of(_ONE)
            server.pause()
            for ask in (hasty.get(_ONE), hasty.ping(), hasty.scan(), hasty.put(_ONE, 2, b'{"v":2}', _LONG)):
                with pytest.raises(CacheUnreachable):
                    await ask
            server.resume()
            assert await cache.get(_ONE) is not None
            server.kill()
            with pytest.raises(CacheUnreachable):
                await cache.get(_ONE)
            server.start()
            assert await cache.get(_ONE) is None
            while await _next(feed) is not None:  # what came before the server died
                pass
            await cache.put(_TWO, 4, b'{"v":4}', _LONG)
            assert await _next(feed) == key_of(_TWO)
            await feed.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "address", "database"),
    [
        ("redis://cache.example.com", "cache.example.com:6379/0", 0),
        ("rediss://u:p%40ss@cache.example.com:6380/3", "cache.example.com:6380/3", 3),
        ("redis://:word@cache.example.com/?db=2", "cache.example.com:6379/2", 2),
        ("unix://u:word@/run/redis.sock?db=5", "/run/redis.sock", 5),
    ],
)
def test_addresses_have_no_login(url: str, address: str, database: int) -> None:
    assert (address_of(url), database_of(url)) == (address, database)


async def test_an_unusable_url_is_not_quoted() -> None:
    for url in ("redis://u:planted-pass-9@cache.example.com:port/0", "http://u:planted-pass-9@cache.example.com"):
        with pytest.raises(UsageError) as raised:
            async with _opened(url) as cache:
                await cache.get(_ONE)
        assert "planted" not in f"{raised.value} {raised.value.detail} {raised.value.hint}"
