"""What only the cache in this process has; what every cache must do is in the contract suite."""

from uuid import UUID, uuid4

from ocm_tui.core.registry.entries import key_of
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.ports import GONE, CacheChange


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _value(version: int) -> bytes:
    return b'{"v":%d}' % version


async def test_times_to_live_follow_the_clock() -> None:
    clock = _Clock()
    cache, one = MemoryCache(clock=clock), uuid4()
    await cache.put(one, 1, _value(1), 1000)
    clock.now = 0.25
    assert await cache.get_many([one]) == [(_value(1), 750)]
    assert [(key.key, key.ttl_ms) for key in (await cache.scan()).keys] == [(key_of(one), 750)]
    clock.now = 1.0
    assert await cache.get_many([one]) == [(None, GONE)]
    assert await cache.size() == 0


async def test_a_lease_ends_with_its_time() -> None:
    clock = _Clock()
    cache, one = MemoryCache(clock=clock), uuid4()
    token = (await cache.get_or_lease(one, lease_ms=500)).token
    clock.now = 0.499
    assert (await cache.get_or_lease(one)).token == ""
    clock.now = 0.5
    assert await cache.fill(one, token, 1, _value(1), 1000) is None
    assert (await cache.get_or_lease(one)).token not in {"", token}


async def test_leases_of_readers_that_died_do_not_pile_up() -> None:
    clock = _Clock()
    cache = MemoryCache(clock=clock)
    for number in range(5000):
        clock.now = number / 10
        await cache.get_or_lease(UUID(int=number))
    assert len(cache._leases) <= 1000


async def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = MemoryCache(max_keys=3)
    ids = [uuid4() for _ in range(4)]
    for one in ids[:3]:
        await cache.put(one, 1, _value(1), 1000)
    await cache.get(ids[0])
    await cache.scan()  # looking at all of them is no use of any
    await cache.put(ids[3], 1, _value(1), 1000)
    assert [await cache.get(one) is not None for one in ids] == [True, False, True, True]
    assert cache.evictions == 1


async def test_a_listener_that_fell_behind_looks_at_everything() -> None:
    cache = MemoryCache()
    changes = cache.changes()
    assert await anext(changes) == CacheChange(None)
    for number in range(20_000):
        await cache.put(UUID(int=number), 1, _value(1), 1000)
    assert await anext(changes) == CacheChange(None)
    last = uuid4()
    await cache.put(last, 1, _value(1), 1000)
    assert await anext(changes) == CacheChange(key_of(last))
    await changes.aclose()  # type: ignore[attr-defined]


async def test_expiry_and_eviction_are_told() -> None:
    clock = _Clock()
    cache = MemoryCache(max_keys=1, clock=clock)
    changes = cache.changes()
    await anext(changes)
    first, second = uuid4(), uuid4()
    await cache.put(first, 1, _value(1), 1000)
    await cache.put(second, 1, _value(1), 1000)
    assert [await anext(changes) for _ in range(2)] == [CacheChange(key_of(first)), CacheChange(key_of(second))]
    clock.now = 2.0
    assert await cache.get(second) is None
    assert await anext(changes) == CacheChange(key_of(second))
    await changes.aclose()  # type: ignore[attr-defined]


async def test_after_a_flush_no_fill_that_was_under_way_counts() -> None:
    cache, one = MemoryCache(), uuid4()
    token = (await cache.get_or_lease(one)).token
    cache.flush()
    assert await cache.fill(one, token, 1, _value(1), 1000) is None


async def test_sweeps_that_nobody_finishes_are_forgotten() -> None:
    cache = MemoryCache()
    for number in range(10):
        await cache.put(UUID(int=number), 1, _value(1), 1000)
    pages = [await cache.scan("0", 2) for _ in range(100)]
    assert len(cache._sweeps) <= 16
    assert (await cache.scan(pages[0].cursor, 2)).cursor == "0"
    assert len((await cache.scan(pages[-1].cursor, 100)).keys) == 8
