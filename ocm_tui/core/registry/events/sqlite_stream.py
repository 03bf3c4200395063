"""The event stream of the embedded registry: the same promises as a Redis stream's, kept by tables in its file.

Each step is one transaction, so that several processes that share the file share the work.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from ocm_tui.core.registry.events import sqlite_queue as queue
from ocm_tui.core.registry.events.codec import encode, identified, packed, unpacked
from ocm_tui.core.registry.events.model import ClientEvent, DeadLetter, Delivery, StreamStatus

if TYPE_CHECKING:
    from ocm_tui.core.registry.sqlite_store import SqliteStore

__all__ = ["SqliteStream"]

_LOOK_AGAIN: Final = 0.2  # seconds: another process may have published
_DAY_MS: Final = 86_400_000


class SqliteStream:
    """An `EventStream` in the file of `store`, which others open and close. `clock` is in seconds since 1970."""

    def __init__(self, store: "SqliteStore", name: str, *, clock: Callable[[], float] = time.time) -> None:
        self._store, self._name, self._clock = store, name, clock
        self._consumer = ""
        self._published = asyncio.Event()

    @property
    def name(self) -> str:
        return self._name

    @property
    def address(self) -> str:
        return self._store.address

    async def join(self, consumer: str) -> None:
        self._consumer = consumer
        await self._store.write(partial(queue.join, name=self._name, consumer=consumer, now=self._now()))

    async def leave(self) -> None:
        await self._store.write(partial(queue.leave, name=self._name, consumer=self._consumer))

    async def backlog(self, count: int = 200) -> Sequence[Delivery]:
        return await self._store.write(
            partial(queue.backlog, name=self._name, consumer=self._consumer, count=count, now=self._now())
        )

    async def read(self, count: int = 200, *, block_ms: int = 2000) -> Sequence[Delivery]:
        until = asyncio.get_running_loop().time() + block_ms / 1000
        while True:
            self._published.clear()
            # Looking takes no lock; only who sees something asks for it.
            if await self._store.read(partial(queue.has_news, name=self._name)):
                found = await self._store.write(
                    partial(queue.deliver, name=self._name, consumer=self._consumer, count=count, now=self._now())
                )
                if found:
                    return found
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return []
            try:
                async with asyncio.timeout(min(left, _LOOK_AGAIN)):
                    await self._published.wait()
            except TimeoutError:
                continue

    async def claim(self, *, idle_ms: int = 60_000, count: int = 200) -> Sequence[Delivery]:
        now = self._now()
        return await self._store.write(
            partial(queue.claim, name=self._name, consumer=self._consumer, before=now - idle_ms, count=count, now=now)
        )

    async def acknowledge(self, stream_ids: Sequence[str]) -> None:
        if stream_ids:
            ids = [packed(one) for one in stream_ids]
            await self._store.write(partial(queue.acknowledge, name=self._name, ids=ids))

    async def bury(self, delivery: Delivery, error: str) -> None:
        await self._store.write(partial(queue.bury, name=self._name, delivery=delivery, error=error))

    async def publish(self, events: Sequence[ClientEvent]) -> Sequence[str]:
        entries = [encode(event) for event in events]
        ids = await self._store.write(partial(queue.add, name=self._name, entries=entries, now=self._now()))
        self._published.set()
        return [unpacked(one) for one in ids]

    async def tail(self, count: int = 50) -> Sequence[Delivery]:
        return await self._store.read(partial(queue.tail, name=self._name, count=count))

    async def letters(self, count: int = 100) -> Sequence[DeadLetter]:
        return await self._store.read(partial(queue.letters, name=self._name, count=count))

    async def replay(self, letter_ids: Sequence[str]) -> int:
        ids = [int(one) for one in letter_ids if one.isdecimal() and one.isascii()]
        done = await self._store.write(
            partial(queue.replay, name=self._name, ids=ids, again=identified, now=self._now())
        )
        self._published.set()
        return done

    async def trim(self) -> int:
        now = self._now()
        return await self._store.write(partial(queue.trim, name=self._name, day_ms=_DAY_MS, now=now))

    async def status(self) -> StreamStatus:
        return await self._store.read(partial(queue.status, name=self._name, address=self.address, now=self._now()))

    async def close(self) -> None:
        """The store is not ours to close."""

    def _now(self) -> int:
        return int(self._clock() * 1000)
