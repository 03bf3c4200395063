"""The service over both backends: reads, writes, and that no copy outlives a write that it does not know."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Refused, UsageError
from ocm_tui.core.registry import service
from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.entries import NEGATIVE, decode, encode
from ocm_tui.core.registry.errors import CacheUnreachable, DatabaseUnreachable, NotRegistered
from ocm_tui.core.registry.model import RegistryClient, RegistryQuery
from ocm_tui.core.registry.ports import ClientCache, ClientStore
from ocm_tui.core.registry.service import CacheWork, ClientRegistry
from tests.contract.registry.backends import Backend, entry
from tests.contract.registry.interposed import Interposed, cache_of, store_of


async def _cached(cache: ClientCache, client_id: UUID) -> RegistryClient | None:
    value = await cache.get(client_id)
    return decode(value).client if value is not None else None


async def test_the_first_read_fills_and_the_second_hits(registry: ClientRegistry) -> None:
    row = (await registry.store.upsert(entry())).client
    assert row is not None
    first, second = await registry.get(row.client_id), await registry.get(row.client_id)
    assert (first.client, first.source, first.version, first.age) == (row, "database", row.row_version, 0.0)
    assert (second.client, second.source, second.version) == (row, "cache", row.row_version)
    assert second.age is not None
    assert second.age >= 0
    counters = registry.counters
    assert (counters.hits, counters.misses, counters.from_database, counters.cache_failures) == (1, 1, 1, 0)


async def test_the_copy_lives_a_tenth_more_or_less(backend: Backend) -> None:
    for chance, ttl in ((0.0, 90_000), (1.0, 110_000)):
        registry = backend.registry(ttl=100, chance=lambda chance=chance: chance)
        client_id = (await registry.upsert(entry())).client_id
        ((_, left),) = await registry.cache.get_many([client_id])
        assert ttl - 20_000 < left <= ttl


async def test_nobody_is_remembered_until_somebody_comes(registry: ClientRegistry) -> None:
    one = entry()
    for _ in range(3):
        with pytest.raises(NotRegistered) as caught:
            await registry.get(one.client_id)
        assert caught.value.code == 65006
    assert (registry.counters.from_database, registry.counters.negative) == (1, 2)
    await registry.upsert(one)
    assert (await registry.get(one.client_id)).source == "cache"


async def test_a_write_is_seen_at_once_by_everybody(backend: Backend) -> None:
    here, there = backend.registry(), backend.registry()
    one = entry()
    written = await here.upsert(one)
    assert written.propagated
    assert await here.store.outbox_size() == 0
    assert (await there.get(one.client_id)).client == written.client
    revoked = await here.set_status(one.client_id, "REVOKED")
    assert revoked.propagated
    assert await here.propagated(one.client_id)
    found = await there.get(one.client_id)
    assert (found.client.status, found.source) == ("REVOKED", "cache")
    await here.delete(one.client_id)
    with pytest.raises(NotRegistered):
        await there.get(one.client_id)
    assert there.counters.from_database == 0
    await here.upsert(one)
    assert (await there.get(one.client_id)).client.status == "ACTIVE"


async def test_the_operators_networks_are_kept_beside(registry: ClientRegistry) -> None:
    written = await registry.upsert(entry(allowed_ips=("10.1.2.3/8",), given_ips=("10.1.2.3/8",), metadata={"a": 1}))
    assert written.client is not None
    assert written.client.allowed_ips == ("10.0.0.0/8",)
    assert written.client.metadata == {"a": 1, GIVEN_KEY: ["10.1.2.3/8"]}


# The race: a reader has seen the row, a writer changes it and tells the cache, and then the reader fills.


@pytest.mark.parametrize("evicted", [False, True])
async def test_a_slow_reader_cannot_put_back_what_was_changed(backend: Backend, *, evicted: bool) -> None:
    store, cache, writer = Interposed(backend.store()), backend.cache(), backend.registry()
    one = entry()
    await writer.store.upsert(one)
    reader = backend.registry(store_of(store), cache)
    store.hold("get")
    reading = asyncio.ensure_future(reader.get(one.client_id))
    await store.reached("get")
    await writer.set_status(one.client_id, "REVOKED")
    if evicted:
        await cache.invalidate([one.client_id])
    store.release("get")
    assert (await reading).client.status == "ACTIVE"  # it began before the write
    copy = await _cached(cache, one.client_id)
    assert (copy is None) if evicted else (copy is not None and copy.status == "REVOKED")
    assert (await reader.get(one.client_id)).client.status == "REVOKED"


async def test_a_lost_cache_write_is_made_up_for(backend: Backend) -> None:
    store, cache = backend.store(), Interposed(backend.cache())
    registry, one = backend.registry(store, cache_of(cache)), entry()
    await registry.upsert(one)
    cache.fail("put")
    written = await registry.set_status(one.client_id, "REVOKED")
    assert written.client is not None
    assert written.client.status == "REVOKED"
    assert not written.propagated
    assert not await registry.propagated(one.client_id)
    assert (await registry.get(one.client_id)).client.status == "ACTIVE"
    cache.recover()
    assert await registry.drain_outbox() == 1
    assert await registry.propagated(one.client_id)
    found = await registry.get(one.client_id)
    assert (found.client.status, found.source) == ("REVOKED", "cache")


async def test_propagation_of_some_is_told_without_reading_the_whole_outbox(backend: Backend) -> None:
    store = Interposed(backend.store())
    registry = backend.registry(store_of(store))
    known, *waiting = [entry(f"client-{number}") for number in range(20)]
    await registry.upsert(known)
    await registry.store.upsert_many(waiting)
    store.calls.clear()
    ids = [one.client_id for one in waiting[:3]]
    assert await registry.unpropagated([known.client_id, *ids]) == frozenset(ids)
    assert await registry.propagated(known.client_id)
    assert not await registry.propagated(waiting[0].client_id)
    assert set(store.calls) == {"outbox_of"}


async def test_a_reader_who_comes_after_the_write_shares_no_read_from_before(backend: Backend) -> None:
    store, cache = Interposed(backend.store()), Interposed(backend.cache())
    registry, one = backend.registry(store_of(store), cache_of(cache)), entry()
    await store_of(store).upsert(one)
    cache.fail("get", "get_or_lease", "put")  # only the database can tell
    store.hold("get")
    early = asyncio.ensure_future(registry.get(one.client_id))
    await store.reached("get")
    await registry.set_status(one.client_id, "REVOKED")
    store.release("get")
    store.hold("get")
    late = asyncio.ensure_future(registry.get(one.client_id))
    await store.reached("get")
    store.release("get")
    assert (await early).client.status == "ACTIVE"
    assert (await late).client.status == "REVOKED"
    assert store.calls.count("get") == 2


async def test_300_readers_of_a_cold_key_are_one_read(backend: Backend) -> None:
    store = Interposed(backend.store())
    registry, one = backend.registry(store_of(store)), entry()
    await store_of(store).upsert(one)
    found = await asyncio.gather(*(registry.get(one.client_id) for _ in range(300)))
    assert len({each.client.client_id for each in found}) == 1
    assert store.calls.count("get") == 1
    assert registry.counters.coalesced + registry.counters.hits + 1 == 300


async def test_readers_of_two_processes_wait_for_the_one_that_fills(backend: Backend) -> None:
    slow, quick = Interposed(backend.store()), Interposed(backend.store())
    cache, waiting = backend.cache(), Interposed(backend.cache())
    first, second, one = (
        backend.registry(store_of(slow), cache),
        backend.registry(store_of(quick), cache_of(waiting)),
        entry(),
    )
    await store_of(slow).upsert(one)
    slow.hold("get")
    waiting.hold("get_or_lease")
    filling = asyncio.ensure_future(first.get(one.client_id))
    await slow.reached("get")
    reading = asyncio.ensure_future(second.get(one.client_id))
    await waiting.reached("get_or_lease")  # the lease is the first one's
    slow.release("get")
    await filling
    waiting.release("get_or_lease")
    assert (await reading).source == "cache"
    assert "get" not in quick.calls


async def test_a_filler_that_died_delays_nobody_for_long(backend: Backend) -> None:
    registry, one = backend.registry(), entry()
    await registry.store.upsert(one)
    await registry.cache.get_or_lease(one.client_id, lease_ms=600_000)
    found = await registry.get(one.client_id)
    assert found.source == "database"
    assert await registry.cache.get(one.client_id) is None


async def test_who_stops_waiting_stops_nobody_else(backend: Backend) -> None:
    store = Interposed(backend.store())
    registry, one = backend.registry(store_of(store)), entry()
    await store_of(store).upsert(one)
    store.hold("get")
    readers = [asyncio.ensure_future(registry.get(one.client_id)) for _ in range(5)]
    await store.reached("get")
    readers[0].cancel()
    readers[3].cancel()
    await asyncio.wait([readers[0], readers[3]])
    store.release("get")
    assert {(await readers[turn]).client.client_code for turn in (1, 2, 4)} == {"orders"}
    await registry.cache.invalidate([one.client_id])
    store.hold("get")
    only = asyncio.ensure_future(registry.get(one.client_id))
    await store.reached("get")
    only.cancel()
    await asyncio.wait([only])
    store.release("get")
    assert (await registry.get(one.client_id)).client.client_code == "orders"


# A cache that does not answer.


async def test_a_dead_cache_costs_nothing_but_its_help(backend: Backend) -> None:
    cache, clock = Interposed(backend.cache()), [0.0]
    registry = backend.registry(cache=cache_of(cache), clock=lambda: clock[0], chance=lambda: 0.5)
    one, two = entry(), entry("shop")
    await registry.upsert(one)
    cache.die()
    for _ in range(5):
        assert (await registry.get(one.client_id)).source == "database"
    assert registry.breaker.state == "open"
    asked = len(cache.calls)
    assert (await registry.get(one.client_id)).source == "database"
    assert not (await registry.upsert(two)).propagated
    assert not (await registry.set_status(one.client_id, "SUSPENDED")).propagated
    assert len(cache.calls) == asked
    clock[0] = 2.5  # the pause is over, and the cache still dead
    with pytest.raises(CacheUnreachable):
        await registry.relay.recover()
    assert registry.breaker.is_probe_due is False
    cache.recover()
    clock[0] = 4.0  # this one is longer
    assert not await registry.relay.recover()
    clock[0] = 10.0
    assert await registry.relay.recover()
    assert registry.breaker.is_closed
    assert await registry.store.outbox_size() == 0
    found = await registry.get(one.client_id)
    assert (found.source, found.client.status) == ("cache", "SUSPENDED")


async def test_reads_stay_away_until_what_was_missed_is_in_the_cache(backend: Backend) -> None:
    cache, clock = Interposed(backend.cache()), [0.0]
    registry, one = backend.registry(cache=cache_of(cache), clock=lambda: clock[0]), entry()
    await registry.upsert(one)
    cache.die()
    for _ in range(5):
        await registry.get(one.client_id)
    await registry.set_status(one.client_id, "REVOKED")
    cache.recover()
    clock[0] = 100.0
    cache.hold("ping")
    assert (await registry.get(one.client_id)).client.status == "REVOKED"  # it starts the probe, and waits for nothing
    await cache.reached("ping")
    assert registry.breaker.state == "half-open"
    assert (await registry.get(one.client_id)).client.status == "REVOKED"
    assert "get_or_lease" not in cache.calls[cache.calls.index("ping") :]
    cache.release("ping")


async def test_an_account_that_may_only_look_reads_and_fills_nothing(backend: Backend) -> None:
    cache = Interposed(backend.cache())
    registry, one = backend.registry(cache=cache_of(cache)), entry()
    await registry.store.upsert(one)
    cache.deny("get_or_lease", "fill", "put", "put_many", "invalidate")
    for _ in range(7):
        assert (await registry.get(one.client_id)).source == "database"
    assert registry.breaker.state == "closed"
    assert registry.counters.cache_failures == 0
    assert not (await registry.set_status(one.client_id, "SUSPENDED")).propagated


async def test_with_a_dead_database_copies_are_shown_with_their_age(backend: Backend) -> None:
    store = Interposed(backend.store())
    registry, one = backend.registry(store_of(store)), entry()
    row = (await registry.upsert(one)).client
    assert row is not None
    await registry.cache.invalidate([one.client_id])
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    await registry.cache.put(one.client_id, row.row_version, encode(row, cached_at=hour_ago), 600_000)
    store.die()
    found = await registry.get(one.client_id)
    assert found.source == "cache"
    assert found.age is not None
    assert found.age >= 3600
    with pytest.raises(DatabaseUnreachable):
        await registry.get(uuid4())
    with pytest.raises(DatabaseUnreachable):
        await registry.set_status(one.client_id, "REVOKED")


# What stands in the cache and should not.


@pytest.mark.parametrize("value", [b"", b"\xff", b'{"client_id":"x"}', b'{"v":999999999,"client_id":"x"}', b'{"v":7'])
async def test_a_copy_that_cannot_be_read_is_replaced(backend: Backend, registry: ClientRegistry, value: bytes) -> None:
    row = (await registry.store.upsert(entry())).client
    assert row is not None
    await backend.plant(row.client_id, value)
    assert (await registry.get(row.client_id)).client == row
    assert await _cached(registry.cache, row.client_id) == row


async def test_a_key_of_nobody_that_cannot_be_read_is_replaced(backend: Backend, registry: ClientRegistry) -> None:
    one = uuid4()
    await backend.plant(one, b"?")
    with pytest.raises(NotRegistered):
        await registry.get(one)
    assert await registry.cache.get(one) == NEGATIVE


# What an operator does.


async def test_invalidating_says_what_was_there(backend: Backend, registry: ClientRegistry) -> None:
    ids = [(await registry.upsert(entry(f"c{number}"))).client_id for number in range(3)]
    work = await registry.invalidate([*ids, ids[0], uuid4()])
    assert work == CacheWork(requested=4, done=3, already_gone=1, failed=0, verified=4)
    assert work.as_json() == {"requested": 4, "done": 3, "already_gone": 1, "failed": 0, "verified": 4}
    assert await registry.cache.size() == 0
    assert await registry.invalidate([]) == CacheWork()


async def test_an_invalidation_that_does_nothing_is_found_out(backend: Backend) -> None:
    cache = Interposed(backend.cache())
    registry = backend.registry(cache=cache_of(cache))
    row = (await registry.store.upsert(entry())).client
    assert row is not None
    await registry.store.set_status(row.client_id, "REVOKED")
    cache.hold("invalidate")
    working = asyncio.ensure_future(registry.invalidate([row.client_id]))
    await cache.reached("invalidate")
    await backend.plant(row.client_id, encode(row))  # a foreign writer puts it back at once
    cache.release("invalidate")
    assert await working == CacheWork(requested=1, done=0, already_gone=1, failed=1, verified=0)


async def test_a_refresh_makes_every_copy_right(backend: Backend, registry: ClientRegistry) -> None:
    rows = [(await registry.store.upsert(entry(f"c{number}"))).client for number in range(5)]
    fresh, older, ahead, other_body, missing = (row for row in rows if row is not None)
    orphan = RegistryClient(client_id=uuid4(), client_code="orphan", row_version=3)
    await backend.plant(fresh.client_id, encode(fresh), 600_000)
    await backend.plant(older.client_id, encode(replace(older, row_version=0)), 600_000)
    await backend.plant(ahead.client_id, encode(replace(ahead, row_version=10**9, status="REVOKED")), 600_000)
    await backend.plant(other_body.client_id, encode(replace(other_body, rate_limit=1)), 600_000)
    await backend.plant(orphan.client_id, encode(orphan), 600_000)
    good = [fresh, older, ahead, other_body, missing]
    work = await registry.refresh([*(row.client_id for row in good), orphan.client_id, uuid4()])
    assert work == CacheWork(requested=7, done=6, already_gone=1, failed=0, verified=7)
    for row in good:
        assert await _cached(registry.cache, row.client_id) == row
    assert await registry.cache.get(orphan.client_id) is None


async def test_warming_leaves_copies_alone_that_are_there(registry: ClientRegistry) -> None:
    await registry.upsert(entry("there"))
    await registry.store.upsert_many([entry(f"c{number}") for number in range(1200)])
    work = await registry.warm(RegistryQuery())
    assert work == CacheWork(requested=1201, done=1200, already_gone=1, failed=0, verified=1201)
    assert await registry.cache.size() == 1201
    assert (await registry.warm(RegistryQuery(words=("there",)))).requested == 1


async def test_many_at_once_leave_no_old_copy(registry: ClientRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_CHUNK", 5000)
    entries = [entry(f"c{number}") for number in range(6000)]
    told: list[int] = []
    await registry.upsert_many(entries, on_progress=told.append)
    assert told == [5000, 6000]
    few = [one.client_id for one in entries[::600]]
    await registry.refresh(few)
    done = await registry.upsert_many([replace(one, rate_limit=7) for one in entries] + [entries[0]])
    assert (done.created, done.updated, done.unchanged) == (0, 5999, 1)
    assert await registry.store.outbox_size() == 0
    for one in few[1:]:
        assert (await registry.get(one)).client.rate_limit == 7


async def test_find_takes_an_id_or_a_code(registry: ClientRegistry) -> None:
    one = entry("orders-api")
    await registry.store.upsert_many([one, entry("twin"), entry("twin")])
    assert (await registry.find("orders-api")).client_id == one.client_id
    assert (await registry.find(str(one.client_id).upper())).client_code == "orders-api"
    with pytest.raises(UsageError, match="2 clients have the code twin"):
        await registry.find("twin")
    with pytest.raises(NotRegistered) as caught:
        await registry.find("orders-apy")
    assert "orders-api" in caught.value.hint
    with pytest.raises(NotRegistered):
        await registry.find(str(uuid4()))
    with pytest.raises(NotRegistered) as caught:
        await registry.find("\x1b[2J*")
    assert "\x1b" not in str(caught.value)


async def test_the_policy_refuses_every_write_before_anything_is_sent(backend: Backend) -> None:
    store, cache = Interposed(backend.store()), Interposed(backend.cache())
    registry = backend.registry(store_of(store), cache_of(cache), policy=WritePolicy(read_only=True))
    one = uuid4()
    writes: list[Callable[[], Awaitable[object]]] = [
        lambda: registry.upsert(entry()),
        lambda: registry.upsert_many([entry()]),
        lambda: registry.set_status(one, "REVOKED"),
        lambda: registry.delete(one),
        lambda: registry.invalidate([one]),
        lambda: registry.refresh([one]),
        registry.warm,
        registry.drain_outbox,
    ]
    for write in writes:
        with pytest.raises(Refused, match="read-only"):
            await write()
    assert store.calls == cache.calls == []


async def test_who_may_not_write_reads_without_leaving_a_copy(backend: Backend) -> None:
    policy = WritePolicy(protected=True)
    store, cache = backend.store(), Interposed(backend.cache())
    registry, row = backend.registry(store, cache_of(cache), policy=policy), (await store.upsert(entry())).client
    assert row is not None
    if cache.kind == "memory":
        return  # nobody else's
    for _ in range(2):
        assert (await registry.get(row.client_id)).source == "database"
    assert set(cache.calls) == {"get"}
    policy.unlock()
    await registry.get(row.client_id)
    assert (await registry.get(row.client_id)).source == "cache"


# The relay.


async def test_the_relay_brings_what_was_written_by_hand(backend: Backend) -> None:
    registry, one = backend.registry(), entry()
    await registry.upsert(one)
    await registry.get(one.client_id)
    registry.start_relay()
    backend.run("UPDATE clients SET status = 'REVOKED' WHERE client_id = ?", one.client_id)
    await _until_empty(registry.store)
    assert (await registry.get(one.client_id)).client.status == "REVOKED"


async def test_two_relays_bring_everything_once_is_enough(backend: Backend) -> None:
    first, second = backend.registry(), backend.registry()
    await first.store.upsert_many([entry(f"c{number}") for number in range(700)])
    gone = (await first.store.upsert(entry("gone"))).client_id
    await first.store.delete(gone)
    await asyncio.gather(first.drain_outbox(), second.drain_outbox())
    assert await first.store.outbox_size() == 0
    with pytest.raises(NotRegistered):
        await first.get(gone)


async def test_a_relay_outlives_its_servers(backend: Backend) -> None:
    store, cache = Interposed(backend.store()), Interposed(backend.cache())
    registry, one = backend.registry(store_of(store), cache_of(cache)), entry()
    await store_of(store).upsert(one)
    cache.fail("put_many")
    with pytest.raises(CacheUnreachable):
        await registry.drain_outbox()
    assert await registry.store.outbox_size() == 1
    cache.recover()
    store.fail("confirm", error=DatabaseUnreachable("no database"))
    with pytest.raises(DatabaseUnreachable):
        await registry.drain_outbox()
    store.recover()
    assert await registry.drain_outbox() == 1
    assert (await registry.get(one.client_id)).source == "cache"


async def _until_empty(store: ClientStore) -> None:
    while await store.outbox_size():
        pass
