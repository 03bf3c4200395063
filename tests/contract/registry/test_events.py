"""Client events, on the embedded registry and on Postgres with Valkey: the same promises, kept by both."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Refused, UsageError
from ocm_tui.core.registry.entries import decode
from ocm_tui.core.registry.events.arrivals import arrival
from ocm_tui.core.registry.events.codec import encode
from ocm_tui.core.registry.events.consumer import EventConsumer
from ocm_tui.core.registry.events.effects import effects_of
from ocm_tui.core.registry.events.operations import publish, replay
from tests.contract.registry.event_support import (
    STREAM,
    Backend,
    consume,
    event,
    expected,
    history,
    row,
    shuffled,
    stream_of,
)

KINDS = ["created", "updated", "suspended", "rotated", "updated"]


@pytest.fixture(params=["embedded", "postgres+valkey"])
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Backend, None]:
    made = Backend(tmp_path)
    if request.param != "embedded":
        made = Backend(tmp_path, request.getfixturevalue("postgres_dsn"), request.getfixturevalue("redis_url"))
    yield made
    await made.close()


async def test_events_in_any_order_become_rows_and_copies(backend: Backend) -> None:
    registry = backend.open()
    clients = [uuid4() for _ in range(20)]
    by_client = {
        one: history(one, [*KINDS, *(["revoked"] if number % 4 == 0 else [])]) for number, one in enumerate(clients)
    }
    events = shuffled([one for events in by_client.values() for one in events], 7, duplicates=0.1)
    await publish(registry, events)
    health = await consume(registry, lambda health: health.seen >= len(events), batch=16)
    assert health.applied + health.older == sum(map(len, by_client.values()))
    assert health.duplicates == len(events) - health.applied - health.older
    for one in clients:
        assert await row(backend, one) == expected(by_client[one])
        copy = decode(await registry.cache.get(one) or b"")
        assert copy.client is not None
        assert copy.version == (await registry.find(str(one))).row_version
        assert (copy.client.status, copy.client.rate_limit) == (expected(by_client[one]).status, 5)
        assert b"hash-" not in (await registry.cache.get(one) or b"")
    status = await stream_of(registry).status()
    assert (status.pending, status.lag, status.length, status.consumers) == (0, 0, len(events), ())
    assert await registry.store.outbox_size() == 0
    assert await backend.execute("SELECT count(*) FROM processed_events") == sum(map(len, by_client.values()))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from([*KINDS, "suspended", "revoked"]), min_size=1, max_size=9), data=st.data())
async def test_every_permutation_converges(backend: Backend, kinds: list[str], data: st.DataObject) -> None:
    """Through the effects themselves: any order, any cuts, duplicates at any place."""
    registry = backend.opened[0] if backend.opened else backend.open()
    events = history(uuid4(), kinds)
    mixed = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=3))]))
    effects = effects_of(registry.store)
    place = 1
    while mixed:
        size = data.draw(st.integers(1, len(mixed)))
        part, mixed = mixed[:size], mixed[size:]
        await effects.apply([arrival(f"{place + i}-0", encode(one)) for i, one in enumerate(part)])
        place += size
    assert await row(backend, events[0].client_id) == expected(events)


async def test_a_status_before_its_client_is_hidden_until_the_client_comes(backend: Backend) -> None:
    registry, client = backend.open(), uuid4()
    events = history(client, KINDS)
    await publish(registry, [events[2]])
    await consume(registry, lambda health: health.seen)
    assert await row(backend, client) == expected([events[2]])
    assert await registry.store.get(client) is None
    assert (await registry.store.counts()).total == 0
    await publish(registry, [events[0]])
    await consume(registry, lambda health: health.seen)
    assert (await registry.get(client)).client.status == "SUSPENDED"


async def test_without_versions_the_stream_orders(backend: Backend) -> None:
    registry, client = backend.open(), uuid4()
    await publish(registry, [event("updated", client, None, rate_limit=rate, client_code="x") for rate in (1, 2, 3)])
    deliveries = await stream_of(registry).tail()
    effects = effects_of(registry.store)
    for one in reversed(deliveries):
        await effects.apply([arrival(one.stream_id, one.fields or {})])
    assert (await registry.find("x")).rate_limit == 3


async def test_fields_that_are_not_said_stay(backend: Backend) -> None:
    registry, client = backend.open(), uuid4()
    await publish(registry, [event("created", client, 1, client_code="x", bap_id="b", metadata={"a": 1})])
    await consume(registry, lambda health: health.seen)
    await publish(registry, [event("updated", client, 2, bap_id=None), event("updated", client, 3, rate_limit=9)])
    await consume(registry, lambda health: health.seen == 2)
    found = await registry.find("x")
    assert (found.bap_id, found.rate_limit, found.metadata, found.profile_version) == (None, 9, {"a": 1}, 3)


async def test_what_is_no_event_becomes_a_dead_letter_and_the_others_are_applied(backend: Backend) -> None:
    registry, client = backend.open(), uuid4()
    stream = stream_of(registry)
    await publish(registry, [event("created", client, 1, client_code="x", rate_limit=0), *history(client, KINDS)])
    health = await consume(registry, lambda health: health.seen)
    assert (health.buried, health.seen) == (1, 5)
    letters = await stream.letters()
    assert [one.error for one in letters] == ["payload.rate_limit is not a whole number from 1 on"]
    assert letters[0].source_id == (await stream.tail())[0].stream_id
    assert letters[0].fields["client_id"] == str(client)
    assert ((await stream.status()).pending, (await stream.status()).dead_letters) == (0, 1)


async def test_an_event_that_the_database_refuses_five_times_is_buried_and_replayed_once_cured(
    backend: Backend,
) -> None:
    registry, poison, others = backend.open(), uuid4(), [uuid4() for _ in range(3)]
    await registry.store.outbox_size()  # the tables are there
    if backend.is_embedded:
        await backend.execute(
            "CREATE TRIGGER poison BEFORE INSERT ON clients WHEN NEW.client_code = 'poison' "
            "BEGIN SELECT RAISE(ABORT, 'no poison'); END"
        )
    else:
        await backend.execute("ALTER TABLE clients ADD CONSTRAINT poison CHECK (client_code <> 'poison')")
    bad = event("created", poison, 1, client_code="poison", client_secret_hash="argon2-of-it", rate_limit=1)
    events = [one for client in others for one in history(client, KINDS)]
    await publish(registry, [*events[:7], bad, *events[7:]])
    health = await consume(registry, lambda health: health.buried)
    assert (health.buried, health.seen, health.retrying) == (1, 15, 0)
    for client in others:
        assert await row(backend, client) == expected(history(client, KINDS))
    (letter,) = await stream_of(registry).letters()
    assert "argon2-of-it" not in letter.error
    assert (await stream_of(registry).status()).pending == 0

    await backend.execute(
        "DROP TRIGGER poison" if backend.is_embedded else "ALTER TABLE clients DROP CONSTRAINT poison"
    )
    done = await replay(registry)
    assert (done.letters, done.published) == (1, 1)
    assert await stream_of(registry).letters() == []
    await consume(registry, lambda health: health.applied)
    assert (await registry.find("poison")).profile_version == 1
    with pytest.raises(UsageError, match="no dead letter 1-1"):
        await replay(registry, ["1-1"])


async def test_what_a_dead_consumer_left_is_taken_over_and_its_lost_cache_write_made_up_for(backend: Backend) -> None:
    registry, client = backend.open(), uuid4()
    stream = stream_of(registry)
    await publish(registry, history(client, KINDS))
    await stream.join("died")
    read = await stream.read(3)
    await effects_of(registry.store).apply([arrival(one.stream_id, one.fields or {}) for one in read])
    assert await registry.cache.get(client) is None  # it died between commit and cache
    health = await consume(backend.open(), lambda health: health.seen == 5, claim_idle=0.0)
    assert health.duplicates == 3
    assert await row(backend, client) == expected(history(client, KINDS))
    if not backend.is_embedded:  # there each process has a cache of its own
        assert decode(await registry.cache.get(client) or b"").client is not None
    assert (await stream.status()).pending == 0


async def test_its_own_backlog_comes_first(backend: Backend) -> None:
    registry, client = backend.open(), uuid4()
    stream = stream_of(registry)
    await publish(registry, history(client, KINDS))
    await stream.join("me")
    assert len(await stream.read(2)) == 2
    assert [one.times for one in await stream.backlog()] == [2, 2]
    health = await consume(registry, lambda health: health.seen == 5, name="me")
    assert (health.applied, health.state) == (5, "stopped")
    assert await stream.backlog() == []


async def test_several_consumers_share_the_work(backend: Backend) -> None:
    registries = [backend.open() for _ in range(3)]
    clients = [uuid4() for _ in range(30)]
    events = shuffled([one for client in clients for one in history(client, KINDS)], 3)
    await publish(registries[0], events)
    total, stop = [0, 0, 0], asyncio.Event()

    async def work(number: int) -> None:
        def look(health: object) -> None:
            total[number] = consumer.health.seen
            if sum(total) >= len(events):
                stop.set()

        consumer = EventConsumer(registries[number], batch=5, block_ms=20, backoff=0.001)
        await asyncio.wait_for(consumer.run(stop, look), 60)

    await asyncio.gather(*(work(number) for number in range(3)))
    assert sum(total) == len(events)
    for client in clients:
        assert await row(backend, client) == expected(history(client, KINDS))
    status = await stream_of(registries[0]).status()
    assert (status.pending, status.consumers) == (0, ())


async def test_entries_that_were_trimmed_away_while_they_were_pending_are_let_go(backend: Backend) -> None:
    registry = backend.open()
    stream = stream_of(registry)
    await publish(registry, history(uuid4(), KINDS))
    await stream.join("me")
    read = await stream.read()
    if backend.is_embedded:
        await backend.execute("DELETE FROM stream_entries")
    else:
        from redis.asyncio import Redis

        async with Redis.from_url(backend.redis_url) as redis:
            await redis.xdel(STREAM, *(one.stream_id for one in read))
    assert [one.fields for one in await stream.backlog()] == [None] * 5
    health = await consume(registry, lambda health: health.gone == 5, name="me")
    assert (health.seen, (await stream.status()).pending) == (0, 0)


async def test_status_says_what_there_is_and_what_waits(backend: Backend) -> None:
    registry = backend.open()
    stream = stream_of(registry)
    empty = await stream.status()
    assert (empty.reachable, empty.problem, empty.length, empty.consumers) == (True, "", 0, ())
    await publish(registry, history(uuid4(), KINDS))
    await stream.join("one")
    await stream.read(2)
    status = await stream.status()
    assert (status.length, status.lag, status.pending, status.dead_letters) == (5, 3, 2, 0)
    assert [(one.name, one.pending) for one in status.consumers] == [("one", 2)]
    assert status.oldest_pending_ms is not None
    assert 0 <= status.oldest_pending_ms < 60_000
    assert status.as_json()["consumers"][0]["name"] == "one"
    await stream.leave()
    assert [one.name for one in (await stream.status()).consumers] == ["one"]  # something is pending under it


async def test_the_tail_is_the_newest_and_nobodys_delivery(backend: Backend) -> None:
    registry = backend.open()
    await publish(registry, history(uuid4(), KINDS))
    tail = await stream_of(registry).tail(2)
    assert [(one.fields or {})["version"] for one in tail] == ["4", "5"]
    await stream_of(registry).join("one")
    assert len(await stream_of(registry).read()) == 5


async def test_a_read_only_registry_neither_publishes_nor_consumes_nor_replays(backend: Backend) -> None:
    registry = backend.open(WritePolicy(read_only=True))
    with pytest.raises(Refused):
        await publish(registry, [])
    with pytest.raises(Refused):
        await replay(registry)
    with pytest.raises(Refused):
        await EventConsumer(registry).run(asyncio.Event())


async def test_what_is_remembered_of_events_is_forgotten_in_time(backend: Backend) -> None:
    registry = backend.open()
    effects = effects_of(registry.store)
    assert await effects.newest() is None
    await publish(registry, history(uuid4(), KINDS))
    await consume(registry, lambda health: health.seen == 5)
    newest = await effects.newest()
    assert newest is not None
    assert abs(datetime.now(UTC) - newest) < timedelta(minutes=5)
    assert await effects.forget(newest - timedelta(days=1)) == 0
    assert await effects.forget(newest + timedelta(seconds=1)) == 5


async def test_an_operators_write_and_an_event_of_the_same_client_at_once(backend: Backend) -> None:
    """Neither is lost: the operator's status, and the event's profile."""
    registry, client = backend.open(), uuid4()
    await publish(registry, history(client, ["created"]))
    await consume(registry, lambda health: health.seen)
    await publish(registry, history(client, ["updated"] * 5, first=2))
    await asyncio.gather(
        consume(backend.open(), lambda health: health.seen == 5, batch=1), registry.set_status(client, "SUSPENDED")
    )
    await registry.drain_outbox()
    assert (await registry.store.get_many([client]))[client].status == "SUSPENDED"
    assert (await registry.store.get_many([client]))[client].profile_version == 6
