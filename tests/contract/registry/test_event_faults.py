"""The event stream while its servers are dead, hung, flushed, bare, or say no; and how it is kept short."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from ocm_tui.core.registry.errors import RegistryDenied, StreamUnreachable
from ocm_tui.core.registry.events import redis_stream
from ocm_tui.core.registry.events.consumer import EventConsumer
from ocm_tui.core.registry.events.operations import publish
from ocm_tui.core.registry.events.redis_stream import GROUP, RedisStream
from ocm_tui.core.registry.events.sqlite_stream import SqliteStream
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.contract.registry.event_support import STREAM, Backend, consume, expected, history, row, stream_of
from tests.real_servers import RealServer, postgres_server, valkey_server

KINDS = ["created", "updated", "suspended", "rotated", "updated"]
_DAY = 86_400.0


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[RealServer]:
    with postgres_server(own=True) as server:
        yield server


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[RealServer]:
    with valkey_server(own=True, persistent=True) as server:
        yield server


@asynccontextmanager
async def consuming(backend: Backend) -> AsyncGenerator[EventConsumer, None]:
    """A consumer at work while the test does something to the servers."""
    stop = asyncio.Event()
    consumer = EventConsumer(backend.open(), block_ms=20, backoff=0.01)
    task = asyncio.create_task(consumer.run(stop, lambda _health: None))
    try:
        yield consumer
    finally:
        stop.set()
        await asyncio.wait_for(task, 60)
        await backend.close()


async def until(consumer: EventConsumer, state: str, seen: int) -> None:
    """The consumer's own reports end the wait."""
    reported = asyncio.Event()
    consumer._tell = lambda _health: reported.set()
    async with asyncio.timeout(60):
        while (consumer.health.state, consumer.health.seen) != (state, seen):
            reported.clear()
            await reported.wait()


async def test_a_database_that_goes_away_is_waited_for_and_no_event_is_to_blame(
    tmp_path: Path, own_postgres: RealServer, redis_url: str
) -> None:
    backend, clients = Backend(tmp_path, own_postgres.url, redis_url), [uuid4(), uuid4()]
    await backend.migrate()
    async with consuming(backend) as consumer:
        await publish(backend.opened[0], history(clients[0], KINDS))
        await until(consumer, "running", 5)
        await backend.execute("CHECKPOINT")  # a test's server takes its time with writing to the disk
        own_postgres.kill()
        await publish(backend.opened[0], history(clients[1], KINDS))
        await until(consumer, "waiting", 5)
        assert "cannot be reached" in consumer.health.problem
        own_postgres.start()
        await until(consumer, "running", 10)
        status = await consumer.stream.status()
        assert (status.pending, status.dead_letters, consumer.health.buried) == (0, 0, 0)
        for client in clients:
            assert await row(backend, client) == expected(history(client, KINDS))


async def test_a_stream_that_goes_away_is_joined_again(
    tmp_path: Path, postgres_dsn: str, own_valkey: RealServer
) -> None:
    backend, clients = Backend(tmp_path, postgres_dsn, own_valkey.url), [uuid4(), uuid4()]
    async with consuming(backend) as consumer:
        await publish(backend.opened[0], history(clients[0], KINDS))
        await until(consumer, "running", 5)
        own_valkey.kill()
        await until(consumer, "waiting", 5)
        assert "did not answer" in consumer.health.problem
        own_valkey.start()
        await until(consumer, "running", 5)
        await publish(backend.opened[0], history(clients[1], KINDS))
        await until(consumer, "running", 10)
        assert await row(backend, clients[1]) == expected(history(clients[1], KINDS))


async def test_a_flushed_server_gets_a_new_group(tmp_path: Path, postgres_dsn: str, redis_url: str) -> None:
    backend, client = Backend(tmp_path, postgres_dsn, redis_url), uuid4()
    async with consuming(backend) as consumer:
        await publish(backend.opened[0], history(client, KINDS[:2]))
        await until(consumer, "running", 2)
        async with Redis.from_url(redis_url) as redis:
            await redis.flushall()
        await publish(backend.opened[0], history(client, KINDS[2:], first=3))
        await until(consumer, "running", 5)
        assert await row(backend, client) == expected(history(client, KINDS))


async def test_a_database_without_the_tables_buries_nothing(
    tmp_path: Path, own_postgres: RealServer, redis_url: str
) -> None:
    backend = Backend(tmp_path, own_postgres.url.replace("/postgres?", "/template1?"), redis_url)
    async with consuming(backend) as consumer:
        await publish(backend.opened[0], history(uuid4(), KINDS))
        await until(consumer, "waiting", 0)
        assert "ocm-tui registry migrate" in consumer.health.problem or "table" in consumer.health.problem
        assert consumer.health.buried == 0
        assert (await consumer.stream.status()).dead_letters == 0


async def test_a_server_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(redis_stream, "_PATIENCE", 0.1)
    path = tmp_path / "s"

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(never, path):
        stream = RedisStream(f"unix://{path}", STREAM)
        with pytest.raises(StreamUnreachable):
            await stream.join("me")
        with pytest.raises(StreamUnreachable):
            await stream.read(block_ms=1)
        await stream.close()


async def test_a_url_without_its_password_in_messages() -> None:
    stream = RedisStream("redis://someone:s3cr3t@127.0.0.1:1/0", STREAM)
    with pytest.raises(StreamUnreachable) as caught:
        await stream.tail()
    assert stream.address == "127.0.0.1:1"
    assert "s3cr3t" not in f"{caught.value} {caught.value.detail} {caught.value.hint}"
    await stream.close()


async def test_what_an_account_may_not_see_is_named_and_the_rest_is_there(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.acl_setuser(
            "narrow", enabled=True, nopass=True, keys=["*"], commands=["+xlen", "+xpending", "+ping"]
        )
        try:
            stream = RedisStream(redis_url, STREAM)
            await stream.join("me")
            await stream.close()
            narrow = RedisStream(_as_user(redis_url, "narrow"), STREAM)
            status = await narrow.status()
            assert (status.length, status.pending, status.lag, status.consumers) == (0, 0, None, ())
            assert status.denied == ("XINFO GROUPS", "XINFO CONSUMERS")
            with pytest.raises(RegistryDenied):
                await narrow.read(block_ms=1)
            await narrow.close()
        finally:
            await redis.acl_deluser("narrow")


def _as_user(url: str, user: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}username={user}&password=x"


async def test_trimming_keeps_a_day_what_is_pending_and_what_others_have_not_read(redis_url: str) -> None:
    stream = RedisStream(redis_url, STREAM)
    async with Redis.from_url(redis_url) as redis:
        for number in range(1, 501):  # the server trims whole nodes of a hundred
            await redis.xadd(STREAM, {"type": "x"}, id=f"{number}-0")
        await redis.xadd(STREAM, {"type": "x"})
        await redis.xgroup_create(STREAM, "other", id="250-0")
        await stream.join("me")
        assert await stream.trim() == 0  # nobody has read anything
        read = await stream.read(1000)
        await stream.acknowledge([one.stream_id for one in read if one.stream_id != "310-0"])
        assert await stream.trim() == 0  # the other group is at 250, on the first day of all
        await redis.xgroup_setid(STREAM, "other", "$")
        assert await stream.trim() == 0  # 310 is pending
        await stream.acknowledge(["310-0"])
        assert await stream.trim() == 500
        assert await redis.xlen(STREAM) == 1
        assert [one["name"] for one in await redis.xinfo_groups(STREAM)] == [GROUP.encode(), b"other"]
    await stream.close()


async def test_the_embedded_stream_is_trimmed_as_well(tmp_path: Path) -> None:
    now = [1_000_000.0]
    store = SqliteStore(tmp_path / "registry.sqlite3")
    stream = SqliteStream(store, STREAM, clock=lambda: now[0])
    await stream.publish(history(uuid4(), KINDS))
    await stream.join("me")
    read = await stream.read()
    now[0] += 3 * _DAY
    await stream.publish(history(uuid4(), KINDS))
    await stream.acknowledge([one.stream_id for one in read[1:]])
    new = await stream.read()
    assert await stream.trim() == 0
    await stream.acknowledge([read[0].stream_id, *(one.stream_id for one in new)])
    assert await stream.trim() == 5
    assert len(await stream.tail()) == 5
    assert [one.name for one in (await stream.status()).consumers] == ["me"]
    now[0] += 2 * _DAY
    await stream.trim()
    assert (await stream.status()).consumers == ()
    await store.close()


async def test_the_embedded_stream_goes_on_when_the_clock_goes_back(tmp_path: Path) -> None:
    now = [1_000_000.0]
    store = SqliteStore(tmp_path / "registry.sqlite3")
    stream = SqliteStream(store, STREAM, clock=lambda: now[0])
    first = await stream.publish(history(uuid4(), KINDS))
    now[0] -= _DAY
    second = await stream.publish(history(uuid4(), KINDS))
    await stream.join("me")
    assert [one.stream_id for one in await stream.read()] == [*first, *second]
    await store.close()


async def test_the_consumers_of_one_file_are_seen_by_each_other(tmp_path: Path) -> None:
    """Two stores on one file, as two processes have them: what one publishes wakes the other."""
    one, other = Backend(tmp_path), Backend(tmp_path)
    reading = other.open()
    await stream_of(reading).join("me")
    waiting = asyncio.create_task(consume(reading, lambda health: health.seen == 5, block_ms=30_000))
    await publish(one.open(), history(uuid4(), KINDS))
    assert (await waiting).applied == 5
    await one.close()
    await other.close()
