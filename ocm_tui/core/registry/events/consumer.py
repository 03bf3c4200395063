"""The consumer of client events: from the stream into the table, and from there into the cache.

    read ── parse ──▶ one transaction: locks, dedupe, guarded upserts ──▶ PUT into the cache ──▶ acknowledge
              │                        │
              └─ unparsable ─▶ dead letters ◀─ refused five times

An entry stays pending until all of it is done, so whatever dies in between, somebody does it again, and doing it again
changes nothing. Several consumers, also on several machines, share the work.
"""

import asyncio
import os
import random
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from ocm_tui.core.errors import NotConfigured, OcmError
from ocm_tui.core.registry.errors import CacheUnreachable, DatabaseFailed, StreamUnreachable
from ocm_tui.core.registry.events.batch import Batch
from ocm_tui.core.registry.events.effects import effects_of
from ocm_tui.core.registry.events.health import ConsumerHealth, ConsumerState
from ocm_tui.core.registry.events.model import Delivery, EventStream
from ocm_tui.core.registry.events.pause import Backoff

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["EventConsumer", "consumer_name"]

_UPKEEP: Final = 3600.0
_REMEMBERED: Final = timedelta(days=14)  # longer than the stream keeps what everybody is done with


def consumer_name() -> str:
    """Of one start of one process: nobody else has it, so what is pending under it is nobody else's."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"


class EventConsumer:
    """One consumer, for one `run`. `health` is how it is now.

    Every `claim_every` seconds it takes over what others left pending for `claim_idle` seconds. `block_ms` is how long
    a read waits for news, and so how long a stop may take. `backoff` is the first of growing pauses, in seconds.
    """

    def __init__(
        self,
        registry: "ClientRegistry",
        *,
        name: str | None = None,
        batch: int = 200,
        claim_every: float = 30.0,
        claim_idle: float = 60.0,
        block_ms: int = 2000,
        backoff: float = 0.1,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if registry.stream is None:
            raise NotConfigured("the registry has no event stream", hint="set `cache` of its registry to a Redis URL")
        self._registry, self._stream = registry, registry.stream
        self._effects = effects_of(registry.store)
        self._size, self._block_ms = batch, block_ms
        self._claim_every, self._claim_idle_ms = claim_every, int(claim_idle * 1000)
        self._backoff = Backoff(backoff, chance=chance)
        self._next_claim = self._next_upkeep = 0.0
        self._tell: Callable[[ConsumerHealth], None] = lambda _health: None
        self.health = ConsumerHealth(name=name or consumer_name(), stream=self._stream.name)

    @property
    def stream(self) -> EventStream:
        return self._stream

    async def run(self, stop: asyncio.Event, on_health: Callable[[ConsumerHealth], None] | None = None) -> None:
        """Until `stop` is set; then the batch at hand is finished. A server that is away is waited for.

        Refused, or RegistryDenied: this account may not consume.
        """
        self._registry.policy.require("consume client events")
        self._tell = on_health or self._tell
        self._next_upkeep = time.monotonic() + _UPKEEP
        try:
            while not stop.is_set():
                try:
                    await self._consume(stop)
                except (StreamUnreachable, DatabaseFailed, CacheUnreachable) as error:
                    self._say("waiting", problem=str(error))
                    await self._backoff.wait(stop)
        finally:
            with suppress(OcmError):
                await self._stream.leave()
            self._say("stopped")

    async def _consume(self, stop: asyncio.Event) -> None:
        self._say("joining", problem=self.health.problem)
        await self._effects.ready()
        await self._stream.join(self.health.name)
        await self._finish_backlog(stop)
        while not stop.is_set():
            if time.monotonic() >= self._next_claim:
                self._next_claim = time.monotonic() + self._claim_every
                await self._take_over(stop)
            deliveries = await self._stream.read(self._size, block_ms=self._block_ms)
            if await self._process(deliveries, stop):
                await self._finish_backlog(stop)
            await self._upkeep()

    async def _take_over(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            claimed = await self._stream.claim(idle_ms=self._claim_idle_ms, count=self._size)
            await self._process(claimed, stop)
            if len(claimed) < self._size:
                break
        await self._finish_backlog(stop)  # what is left of the claimed, and what was trimmed away meanwhile

    async def _finish_backlog(self, stop: asyncio.Event) -> None:
        """What failed is tried again after a pause, until it is applied or a dead letter."""
        while not stop.is_set() and (deliveries := await self._stream.backlog(self._size)):
            if await self._process(deliveries, stop):
                await self._backoff.wait(stop)

    async def _process(self, deliveries: Sequence[Delivery], stop: asyncio.Event) -> int:
        """How many are left pending, to be tried again."""
        if not deliveries:
            self._say("running")
            return 0
        batch = Batch(self._registry, self._effects, self._stream, deliveries)
        while True:
            try:
                left = await batch.work()
                break
            except DatabaseFailed as error:
                # Kept here rather than read again: a database that is away must not count as failed deliveries.
                self._say("waiting", problem=str(error))
                await self._backoff.wait(stop)
                if stop.is_set():
                    return len(deliveries)
        health = self.health
        self._say(
            "running",
            batches=health.batches + 1,
            applied=health.applied + batch.count("applied"),
            older=health.older + batch.count("older"),
            duplicates=health.duplicates + batch.count("duplicate"),
            buried=health.buried + batch.buried,
            gone=health.gone + batch.gone,
            retrying=left,
            problem=batch.problem,
            last_batch_at=datetime.now(UTC),
        )
        if not left:
            self._backoff.reset()
        return left

    async def _upkeep(self) -> None:
        """Once an hour, by every consumer: doing it twice does no harm."""
        if time.monotonic() >= self._next_upkeep:
            self._next_upkeep = time.monotonic() + _UPKEEP
            await self._stream.trim()
            await self._effects.forget(datetime.now(UTC) - _REMEMBERED)

    def _say(self, state: ConsumerState, *, problem: str = "", **changed: Any) -> None:
        self.health = replace(self.health, state=state, problem=problem, **changed)
        self._tell(self.health)
