"""The event stream over Redis Streams (Redis 6.2 and later, Valkey).

It has a client of its own: the cache's gives up after a tenth of a second, while a read here waits for news.
"""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ocm_tui.core.registry.errors import RegistryError
from ocm_tui.core.registry.events.codec import encode, identified
from ocm_tui.core.registry.events.model import ClientEvent, DeadLetter, Delivery, StreamStatus
from ocm_tui.core.registry.events.redis_errors import no_such_group, translated
from ocm_tui.core.text import decode as text_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["GROUP", "RedisStream"]

GROUP: Final = "client-registry"

_PATIENCE: Final = 3.0  # seconds for a command, and for what a blocking one takes beyond its own limit
_CHUNK: Final = 500  # entries published in one round trip


class RedisStream:
    """An `EventStream`. Dead letters are a stream of their own, `NAME.dlq`. Opens connections on first use."""

    def __init__(self, url: str, name: str, *, clock: Callable[[], float] = time.time) -> None:
        self._url, self._name, self._clock = url, name, clock
        self._redis: Redis | None = None
        self._consumer = ""
        parts = urlsplit(url)
        self.address = parts.path if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{parts.port or 6379}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def _letters(self) -> str:
        return f"{self._name}.dlq"

    async def join(self, consumer: str) -> None:
        self._consumer = consumer
        async with self._connected() as redis:
            await _make_group(redis, self._name)

    async def leave(self) -> None:
        """Take our name out of the group, unless something is still pending under it: others claim that."""
        async with self._connected() as redis:
            pending = await redis.xpending_range(self._name, GROUP, "-", "+", 1, consumername=self._consumer)
            if not pending:
                await redis.xgroup_delconsumer(self._name, GROUP, self._consumer)

    async def backlog(self, count: int = 200) -> Sequence[Delivery]:
        return await self._read_group("0", count, None)

    async def read(self, count: int = 200, *, block_ms: int = 2000) -> Sequence[Delivery]:
        return await self._read_group(">", count, block_ms)

    async def _read_group(self, after: str, count: int, block_ms: int | None) -> Sequence[Delivery]:
        try:
            async with self._connected((block_ms or 0) / 1000) as redis:
                answer: Any = await redis.xreadgroup(GROUP, self._consumer, {self._name: after}, count, block_ms)
                entries = answer[0][1] if answer else []
                counts = {} if after == ">" else await self._delivered(redis, entries)
        except RegistryError as error:
            if not no_such_group(error):
                raise
            await self.join(self._consumer)  # somebody flushed the server: a new group, from its beginning
            return []
        return _deliveries(entries, counts)

    async def claim(self, *, idle_ms: int = 60_000, count: int = 200) -> Sequence[Delivery]:
        """Follows the cursor until `count` are ours. What was trimmed away while it was pending is dropped by the
        server from 7 on; 6.2 leaves it pending, and `backlog` shows it without fields."""
        entries: list[Any] = []
        cursor = "0-0"
        async with self._connected() as redis:
            while True:
                answer: Any = await redis.xautoclaim(
                    self._name, GROUP, self._consumer, idle_ms, cursor, count=count - len(entries)
                )
                cursor = text_of(answer[0])
                entries += [one for one in answer[1] if one[0] is not None]
                if cursor == "0-0" or len(entries) >= count:
                    break
            counts = await self._delivered(redis, entries)
        return _deliveries(entries, counts)

    async def _delivered(self, redis: "Redis", entries: Sequence[Any]) -> dict[bytes, int]:
        """How often each was delivered; what somebody claimed meanwhile counts as once."""
        if not entries:
            return {}
        pipe = redis.pipeline(transaction=False)
        for stream_id, _ in entries:
            pipe.xpending_range(self._name, GROUP, stream_id, stream_id, 1)
        answers = await pipe.execute()
        return {one[0]["message_id"]: int(one[0]["times_delivered"]) for one in answers if one}

    async def acknowledge(self, stream_ids: Sequence[str]) -> None:
        if stream_ids:
            async with self._connected() as redis:
                await redis.xack(self._name, GROUP, *stream_ids)

    async def bury(self, delivery: Delivery, error: str) -> None:
        from json import dumps

        letter: dict[Any, Any] = {
            "source_id": delivery.stream_id,
            "error": error,
            "entry": dumps(delivery.fields or {}),
        }
        async with self._connected() as redis:
            await redis.xadd(self._letters, letter)
            await redis.xack(self._name, GROUP, delivery.stream_id)

    async def publish(self, events: Sequence[ClientEvent]) -> Sequence[str]:
        return await self._add([encode(event) for event in events])

    async def _add(self, entries: Sequence[Mapping[str, str]]) -> list[str]:
        ids: list[str] = []
        for start in range(0, len(entries), _CHUNK):
            async with self._connected() as redis:
                pipe = redis.pipeline(transaction=False)
                for fields in entries[start : start + _CHUNK]:
                    pipe.xadd(self._name, dict[Any, Any](fields))
                ids += [text_of(one) for one in await pipe.execute()]
        return ids

    async def tail(self, count: int = 50) -> Sequence[Delivery]:
        async with self._connected() as redis:
            entries: Any = await redis.xrevrange(self._name, count=count)
        return _deliveries(entries[::-1], {})

    async def letters(self, count: int = 100) -> Sequence[DeadLetter]:
        async with self._connected() as redis:
            entries: Any = await redis.xrevrange(self._letters, count=count)
        return [_letter(*entry) for entry in reversed(entries)]

    async def replay(self, letter_ids: Sequence[str]) -> int:
        if not letter_ids:
            return 0
        async with self._connected() as redis:
            pipe = redis.pipeline(transaction=False)
            for letter_id in letter_ids:
                pipe.xrange(self._letters, letter_id, letter_id)
            found = [_letter(*entry) for answer in await pipe.execute() for entry in answer]
        sources = {letter.source_id: letter.fields for letter in found}
        await self._add([identified(source, fields) for source, fields in sources.items()])
        if found:
            async with self._connected() as redis:
                await redis.xdel(self._letters, *(letter.letter_id for letter in found))
        return len(sources)

    async def trim(self) -> int:
        from ocm_tui.core.registry.events.redis_upkeep import trim

        async with self._connected() as redis:
            return await trim(redis, self._name)

    async def status(self) -> StreamStatus:
        """Never raises for what the account may not see; StreamUnreachable for a server that is not there."""
        from ocm_tui.core.registry.events.redis_upkeep import status

        async with self._connected() as redis:
            return await status(redis, self._name, self._letters, self.address, self._clock() * 1000)

    async def close(self) -> None:
        if self._redis is not None:
            redis, self._redis = self._redis, None
            await redis.aclose()

    @asynccontextmanager
    async def _connected(self, more: float = 0.0) -> "AsyncGenerator[Redis, None]":
        async with translated(self.address, _PATIENCE + more):
            if self._redis is None:
                self._redis = _client(self._url)
            yield self._redis


def _client(url: str) -> "Redis":
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    pool = BlockingConnectionPool.from_url(
        url, max_connections=4, timeout=_PATIENCE, socket_timeout=None, socket_connect_timeout=_PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )  # fmt: skip
    return Redis.from_pool(pool)


async def _make_group(redis: "Redis", name: str) -> None:
    from redis.exceptions import ResponseError

    try:
        await redis.xgroup_create(name, GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise


def _deliveries(entries: Sequence[Any], counts: Mapping[bytes, int]) -> list[Delivery]:
    """An entry without fields was trimmed away while it was pending."""
    return [Delivery(text_of(one), _texts(fields) or None, counts.get(one, 1)) for one, fields in entries]


def _texts(fields: Mapping[bytes, bytes] | None) -> dict[str, str]:
    return {text_of(name): text_of(value) for name, value in (fields or {}).items()}


def _letter(letter_id: bytes, entry: Mapping[bytes, bytes]) -> DeadLetter:
    import json

    fields = _texts(entry)
    try:
        original = json.loads(fields.get("entry", ""))
    except ValueError:
        original = None
    if not isinstance(original, dict):  # not one of ours: shown as it is
        original = fields
    source = fields.get("source_id", text_of(letter_id))
    return DeadLetter(
        text_of(letter_id), source, fields.get("error", ""), {str(name): str(value) for name, value in original.items()}
    )
