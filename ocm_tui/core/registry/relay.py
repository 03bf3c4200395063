"""What brings the cache after the table: the outbox, emptied whenever something was written, by anybody.

A write leaves its row in the outbox within its own transaction, and takes it out when the cache has the new version.
What stays there was written by hand, by somebody who died in between, or while the cache could not be reached.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.breaker import Breaker
from ocm_tui.core.registry.copies import Copies
from ocm_tui.core.registry.errors import CacheUnreachable, RegistryDenied
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.ports import ClientCache, ClientStore, OutboxEntry
from ocm_tui.core.registry.sqlite_store import SqliteStore

__all__ = ["Relay"]

BATCH: Final = 500
_EVERY: Final = 5.0  # seconds without a wake-up
_OPEN_LOOK: Final = 0.5  # seconds between looks at a breaker that is open


class Relay:
    """Any number of them may work at the same time: what two bring, only counts once. `problem` is why it could not."""

    def __init__(
        self,
        store: ClientStore,
        cache: ClientCache,
        copies: Copies,
        breaker: Breaker,
        *,
        may_write: Callable[[], bool] = lambda: True,
    ) -> None:
        self._may_write = may_write
        self._store = store
        self._cache = cache
        self._copies = copies
        self._breaker = breaker
        self._draining = asyncio.Lock()
        self._wake = asyncio.Event()
        self.problem = ""

    async def drain(self, batch: int = BATCH) -> int:
        """How many entries were taken out. Raises what store and cache raise; what is left is for the next time."""
        drained = 0
        async with self._draining:
            while entries := await self._store.outbox(batch):
                await self._bring(entries)
                await self._store.confirm(entries)
                drained += len(entries)
                if len(entries) < batch:
                    break
        return drained

    async def recover(self) -> bool:
        """When the breaker's pause is over: one ping, then what was missed, and only then it closes."""
        if not self._breaker.is_probe_due:
            return self._breaker.is_closed
        self._breaker.begin_probe()
        await self.finish_probe()
        return True

    async def finish_probe(self) -> None:
        """Of a breaker that is half-open; it is open again when this raises."""
        try:
            await self._cache.ping()
            if self._may_write():
                with suppress(RegistryDenied):  # an account that may only read: others bring what is missing
                    await self.drain()
        except BaseException:
            self._breaker.open()
            raise
        self._breaker.close()

    async def run(self) -> None:
        """Until cancelled. It outlives every failure of the servers."""
        watching = asyncio.ensure_future(self._watch())
        try:
            while True:
                await self._turn()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_EVERY if self._breaker.is_closed else _OPEN_LOOK):
                        await self._wake.wait()
                self._wake.clear()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _turn(self) -> None:
        try:
            await self._forget_what_others_changed()
            if await self.recover() and self._may_write():
                await self.drain()
            self.problem = ""
        except CacheUnreachable as error:
            self._breaker.failed()
            self.problem = str(error)
        except OcmError as error:
            self.problem = str(error)

    async def _watch(self) -> None:
        """The store's feed; it is begun again when it ends with a failure."""
        while True:
            with suppress(OcmError):
                changes: AsyncIterator[None] = self._store.changes()
                async for _ in changes:
                    await self._forget_what_others_changed(any_change=True)
                    self._wake.set()
            await asyncio.sleep(_EVERY)

    async def _forget_what_others_changed(self, *, any_change: bool = False) -> None:
        """Copies in this process know nothing of a write by another process, which empties the outbox for itself."""
        if isinstance(self._cache, MemoryCache):
            if isinstance(self._store, SqliteStore):
                any_change = await self._store.look_for_foreign_writes()
            if any_change:
                self._cache.flush()

    async def _bring(self, entries: Sequence[OutboxEntry]) -> None:
        """Few are put, so that they are hits at once; of a bulk write the copies are only taken away."""
        client_ids = [entry.client_id for entry in entries]
        if len(entries) >= BATCH:
            await self._cache.invalidate(client_ids)
            return
        rows = await self._store.get_many(client_ids)
        copies = [
            self._copies.of(row)
            if (row := rows.get(entry.client_id)) is not None
            else self._copies.of_deleted(entry.client_id, entry.version)
            for entry in entries
        ]
        await self._cache.put_many(copies)
