"""What every cache must do alike: leases, versions that never go back, times to live, sweeps, and the feed."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from ocm_tui.core.registry.entries import NEGATIVE, encode, gone, key_of
from ocm_tui.core.registry.model import RegistryClient
from ocm_tui.core.registry.ports import GONE, CacheChange, ClientCache
from tests.contract.registry.backends import Backend, all_keys

_TTL = 600_000


def _value(client_id: UUID, version: int) -> bytes:
    return encode(RegistryClient(client_id=client_id, client_code="orders", row_version=version))


async def test_a_key_that_is_not_there(cache: ClientCache) -> None:
    one = uuid4()
    assert await cache.get(one) is None
    assert await cache.get_many([one]) == [(None, GONE)]
    assert await cache.get_many([]) == []
    assert await cache.invalidate([one]) == 0
    assert await cache.invalidate([]) == 0
    assert await cache.size() == 0


async def test_the_lease_is_one_readers(cache: ClientCache) -> None:
    one, value = uuid4(), _value(uuid4(), 5)
    first, second = await cache.get_or_lease(one, lease_ms=_TTL), await cache.get_or_lease(one, lease_ms=_TTL)
    assert first.token
    assert first.value is None
    assert (second.token, second.value) == ("", None)
    assert await cache.fill(one, "a token that nobody gave", 5, value, _TTL) is None
    assert await cache.fill(one, first.token, 5, value, _TTL) is True
    assert await cache.fill(one, first.token, 6, value, _TTL) is None
    assert (await cache.get_or_lease(one)).value == value == await cache.get(one)


async def test_a_lease_expires(cache: ClientCache) -> None:
    one = uuid4()
    late = await cache.get_or_lease(one, lease_ms=1)
    token = ""
    while not token:
        token = (await cache.get_or_lease(one, lease_ms=_TTL)).token
    assert await cache.fill(one, late.token, 5, _value(one, 5), _TTL) is None
    assert await cache.fill(one, token, 4, _value(one, 4), _TTL) is True


@pytest.mark.parametrize("what", ["put", "put_many", "invalidate"])
async def test_a_writer_takes_the_lease_away(cache: ClientCache, what: str) -> None:
    one = uuid4()
    lease = await cache.get_or_lease(one, lease_ms=_TTL)
    match what:
        case "put":
            assert await cache.put(one, 5, _value(one, 5), _TTL)
        case "put_many":
            assert await cache.put_many([(one, 5, _value(one, 5), _TTL)]) == [True]
        case "invalidate":
            await cache.invalidate([one])
    assert await cache.fill(one, lease.token, 9, _value(one, 9), _TTL) is None
    assert await cache.get(one) == (None if what == "invalidate" else _value(one, 5))


async def test_a_write_that_lost_takes_the_lease_away_too(backend: Backend, cache: ClientCache) -> None:
    one = uuid4()
    lease = await cache.get_or_lease(one, lease_ms=_TTL)
    await backend.plant(one, _value(one, 7))
    assert await cache.put(one, 5, _value(one, 5), _TTL) is False
    assert await cache.fill(one, lease.token, 9, _value(one, 9), _TTL) is None


async def test_versions_never_go_back(cache: ClientCache) -> None:
    one = uuid4()
    for version, stored in ((5, True), (4, False), (5, False), (6, True)):
        assert await cache.put(one, version, _value(one, version), _TTL) is stored
    assert await cache.get(one) == _value(one, 6)
    assert await cache.put_many([(one, 5, b"", _TTL), (one, 7, _value(one, 7), _TTL), (one, 7, b"", _TTL)]) == [
        False,
        True,
        False,
    ]
    assert await cache.put_many([]) == []


async def test_an_older_fill_loses(backend: Backend, cache: ClientCache) -> None:
    one = uuid4()
    lease = await cache.get_or_lease(one, lease_ms=_TTL)
    await backend.plant(one, _value(one, 6))
    assert await cache.fill(one, lease.token, 5, _value(one, 5), _TTL) is False
    assert await cache.get(one) == _value(one, 6)


async def test_any_row_wins_over_nobody_and_a_deletion_over_the_rows_before_it(cache: ClientCache) -> None:
    one = uuid4()
    assert await cache.put(one, 0, NEGATIVE, _TTL)
    assert not await cache.put(one, 0, NEGATIVE, _TTL)
    assert await cache.put(one, 1, _value(one, 1), _TTL)
    assert not await cache.put(one, 0, NEGATIVE, _TTL)
    assert await cache.put(one, 3, gone(3), _TTL)
    assert not await cache.put(one, 2, _value(one, 2), _TTL)
    assert await cache.put(one, 4, _value(one, 4), _TTL)


@pytest.mark.parametrize("foreign", [b"", b'{"client_id":"x"}', b"\x00\xff", b'{"v":"9"}', b'{"v":-9,"x":1}'])
async def test_a_value_without_a_version_loses_to_any(backend: Backend, cache: ClientCache, foreign: bytes) -> None:
    one = uuid4()
    await backend.plant(one, foreign)
    assert await cache.get(one) == foreign
    ((value, ttl),) = await cache.get_many([one])
    assert (value, ttl) == (foreign, -1)
    assert await cache.put(one, 0, NEGATIVE, _TTL)
    assert await cache.get(one) == NEGATIVE


async def test_times_to_live_count_down_and_end(cache: ClientCache) -> None:
    short, long = uuid4(), uuid4()
    await cache.put(long, 1, _value(long, 1), _TTL)
    await cache.put(short, 1, _value(short, 1), 30)
    ((_, ttl),) = await cache.get_many([long])
    assert 0 < ttl <= _TTL
    while await cache.get(short) is not None:
        pass
    assert (await cache.get_many([short, long]))[0] == (None, GONE)
    assert await cache.put(short, 1, _value(short, 1), _TTL)  # the version of what has gone counts no more


async def test_many_are_answered_in_the_order_asked(cache: ClientCache) -> None:
    ids = [uuid4() for _ in range(700)]
    await cache.put_many([(one, number, _value(one, number), _TTL) for number, one in enumerate(ids[::2], 1)])
    found = await cache.get_many(ids)
    assert [value is not None for value, _ in found] == [number % 2 == 0 for number in range(700)]
    assert found[2][0] == _value(ids[2], 2)
    assert await cache.invalidate(ids) == 350
    assert await cache.size() == 0


async def test_a_sweep_tells_what_each_key_is(backend: Backend, cache: ClientCache) -> None:
    row, nobody, deleted, foreign = (uuid4() for _ in range(4))
    await cache.put(row, 12345678901, _value(row, 12345678901), _TTL)
    await cache.put(nobody, 0, NEGATIVE, _TTL)
    await cache.put(deleted, 7, gone(7), _TTL)
    await backend.plant(foreign, b'{"client_id":"x"}')
    await cache.get_or_lease(uuid4(), lease_ms=_TTL)  # a lease is no copy
    page = await cache.scan("0", 500)
    assert page.cursor == "0"
    keys = {one.key: one for one in page.keys}
    assert len(keys) == 4
    assert (keys[key_of(row)].version, keys[key_of(row)].size) == (12345678901, len(_value(row, 12345678901)))
    assert (keys[key_of(nobody)].version, keys[key_of(nobody)].negative) == (0, True)
    assert (keys[key_of(deleted)].version, keys[key_of(deleted)].gone) == (7, True)
    assert (keys[key_of(foreign)].version, keys[key_of(foreign)].ttl_ms) == (-1, -1)
    assert not keys[key_of(row)].negative
    assert 0 < keys[key_of(row)].ttl_ms <= _TTL


async def test_a_sweep_finds_every_key_that_stays(cache: ClientCache) -> None:
    stay, go = [uuid4() for _ in range(400)], [uuid4() for _ in range(100)]
    await cache.put_many([(one, 1, _value(one, 1), _TTL) for one in (*stay, *go)])
    cursor, found = "0", set[str]()
    while True:
        page = await cache.scan(cursor, 50)
        found |= {one.key for one in page.keys}
        cursor = page.cursor
        if cursor == "0":
            break
        await cache.invalidate([go.pop() for _ in range(min(10, len(go)))])
        new = uuid4()
        await cache.put(new, 1, _value(new, 1), _TTL)
        await cache.get(stay[0])
    assert {key_of(one) for one in stay} <= found


async def test_two_sweeps_do_not_disturb_each_other(cache: ClientCache) -> None:
    ids = [uuid4() for _ in range(300)]
    await cache.put_many([(one, 1, _value(one, 1), _TTL) for one in ids])
    first, second = await asyncio.gather(all_keys(cache, 7), all_keys(cache, 50))
    assert set(first) == set(second) == {key_of(one) for one in ids}


async def test_the_feed_begins_with_everything_and_tells_each_change(backend: Backend, cache: ClientCache) -> None:
    changes = cache.changes()
    assert await anext(changes) == CacheChange(None)
    one = uuid4()
    await cache.put(one, 1, _value(one, 1), _TTL)
    assert await _until(changes, key_of(one))
    await cache.invalidate([one])
    assert await _until(changes, key_of(one))
    await cache.put(one, 1, _value(one, 1), _TTL)
    await backend.flush()
    assert await _until(changes, None)
    await changes.aclose()  # type: ignore[attr-defined]


async def _until(changes: AsyncIterator[CacheChange], key: str | None) -> bool:
    """The change of this key; a feed may tell one twice, and may tell of others before it."""
    async for change in changes:
        if change.key == key:
            return True
    return False


async def test_it_answers_and_may_be_closed_twice(backend: Backend) -> None:
    cache = backend.cache()
    await cache.ping()
    await cache.close()
    await cache.close()
