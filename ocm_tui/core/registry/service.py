"""The client registry as the rest of the program sees it: rows, their copies in the cache, and the way between."""

import asyncio
import random
import time
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.breaker import Breaker
from ocm_tui.core.registry.copies import Copies
from ocm_tui.core.registry.errors import CacheUnreachable, NotRegistered, RegistryDenied
from ocm_tui.core.registry.events.model import EventStream
from ocm_tui.core.registry.model import (
    BulkWritten,
    ClientStatus,
    RegistryClient,
    RegistryEntry,
    RegistryPage,
    RegistryQuery,
    Written,
)
from ocm_tui.core.registry.ports import ClientCache, ClientStore, Guard, OutboxEntry
from ocm_tui.core.registry.reads import CACHE_SECONDS, Found, ReadCounters, ReadPath
from ocm_tui.core.registry.relay import Relay
from ocm_tui.core.registry.upkeep import CacheUpkeep, CacheWork
from ocm_tui.core.registry.values import storable
from ocm_tui.core.text import clean

__all__ = ["CacheWork", "ClientRegistry", "Found", "ReadCounters"]

_CHUNK: Final = 10_000
_NEAR: Final = 500


class ClientRegistry:
    """For one event loop. Raises RegistryErrors, UsageError for a value that no registry holds, Refused by the policy.

    A write is done when the database has it; `propagated` says whether the cache has it as well. If not, the relay
    brings it (here when `start_relay` was called, or that of any other process).
    """

    def __init__(
        self,
        store: ClientStore,
        cache: ClientCache,
        *,
        stream: EventStream | None = None,
        ttl: float = 300.0,
        policy: WritePolicy | None = None,
        server_base_url: str = "",
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
        cache_seconds: float = CACHE_SECONDS,
    ) -> None:
        """`ttl` is how many seconds a copy lives, `cache_seconds` how long one read may wait for the cache."""
        self.store = store
        self.cache = cache
        self.stream = stream
        self.ttl = ttl
        self.policy = policy or WritePolicy()
        self.server_base_url = server_base_url
        self.counters = ReadCounters()
        self.breaker = Breaker(clock=clock, chance=chance)
        self._copies = Copies(ttl, chance)
        self._reads = ReadPath(
            store,
            cache,
            self._copies,
            self.breaker,
            self.counters,
            chance=chance,
            cache_seconds=cache_seconds,
            may_fill=self._may_fill,
        )
        self._upkeep = CacheUpkeep(store, cache, self._copies)
        self.relay = Relay(store, cache, self._copies, self.breaker, may_write=self._may_write)
        self._tasks: set[asyncio.Task[object]] = set()
        self._relaying = False

    async def get(self, client_id: UUID) -> Found:
        """By the way that an authentication takes: from the cache if it can be. NotRegistered when there is none."""
        self._recover_if_due()
        found = await self._reads.get(client_id)
        if found is None:
            raise NotRegistered(f"the registry has no client {client_id}")
        return found

    async def find(self, text: str) -> RegistryClient:
        """By UUID or client_code, from the database. UsageError when several clients have that code."""
        with suppress(ValueError):
            client = await self.store.get(UUID(text))
            if client is None:
                raise NotRegistered(f"the registry has no client {UUID(text)}")
            return client
        if not storable(text):  # no database can be asked for it
            raise NotRegistered(f"the registry has no client {clean(text, 80)}")
        found = await self.store.find(text)
        if len(found) > 1:
            ids = ", ".join(str(client.client_id) for client in found[:5])
            raise UsageError(f"{len(found)} clients have the code {clean(text, 80)}", hint=f"name one by its id: {ids}")
        if not found:
            raise NotRegistered(f"the registry has no client {clean(text, 80)}", hint=await self._nearest(text))
        return found[0]

    async def page(self, query: RegistryQuery, *, after: UUID | None = None, limit: int = 500) -> RegistryPage:
        return await self.store.page(query, after=after, limit=limit)

    async def upsert(self, entry: RegistryEntry, *, guard: Guard | None = None) -> Written:
        """`guard` sees the row that would be overwritten, and may raise to keep it."""
        entry = _as_stored(entry)
        self.policy.require(f"write {clean(entry.client_code, 80)} to the registry")
        guarded = {"guard": guard} if guard is not None else {}
        return await self._propagate(await self.store.upsert(entry, **guarded))

    async def set_status(self, client_id: UUID, status: ClientStatus, *, guard: Guard | None = None) -> Written:
        """`guard` sees the row as it is, and may raise to keep its status."""
        self.policy.require(f"set the status of {client_id} in the registry")
        guarded = {"guard": guard} if guard is not None else {}
        return await self._propagate(await self.store.set_status(client_id, status, **guarded))

    async def delete(self, client_id: UUID, *, guard: Guard | None = None) -> Written:
        self.policy.require(f"delete {client_id} from the registry")
        guarded = {"guard": guard} if guard is not None else {}
        return await self._propagate(await self.store.delete(client_id, **guarded))

    async def upsert_many(
        self, entries: Sequence[RegistryEntry], *, on_progress: Callable[[int], None] | None = None
    ) -> BulkWritten:
        """In chunks, each of them all or nothing; `on_progress` is told how many are written. The last of two entries
        for one client counts. Their copies are taken out of the cache, by the relay if it cannot be reached now."""
        ready = list({entry.client_id: _as_stored(entry) for entry in entries}.values())
        self.policy.require(f"write {len(ready)} clients to the registry")
        total = BulkWritten(0, 0, 0)
        for start in range(0, len(ready), _CHUNK):
            chunk = ready[start : start + _CHUNK]
            written = await self.store.upsert_many(chunk)
            for entry in chunk:
                self._reads.written(entry.client_id)
            if self.breaker.is_closed and (written.created or written.updated):
                with suppress(OcmError):  # the rows are written; what the cache lacks is in the outbox
                    await self.relay.drain(_CHUNK)
            total = BulkWritten(
                total.created + written.created, total.updated + written.updated, total.unchanged + written.unchanged
            )
            if on_progress is not None:
                on_progress(start + len(chunk))
        return total

    async def invalidate(self, client_ids: Sequence[UUID]) -> CacheWork:
        self.policy.require(f"invalidate {len(client_ids)} cached clients")
        return await self._upkeep.invalidate(client_ids)

    async def refresh(self, client_ids: Sequence[UUID]) -> CacheWork:
        self.policy.require(f"refresh {len(client_ids)} cached clients")
        return await self._upkeep.refresh(client_ids)

    async def warm(self, query: RegistryQuery | None = None) -> CacheWork:
        self.policy.require("warm the registry's cache")
        return await self._upkeep.warm(query or RegistryQuery())

    async def bring(self, client_ids: Sequence[UUID]) -> bool:
        """The rows as they are now into the cache, after a write that did not go through here (events).

        False when the cache cannot be reached: then it is for the outbox. Clients without a row have no copy to renew.
        """
        for client_id in client_ids:
            self._reads.written(client_id)
        if not self.breaker.is_closed:
            self._recover_if_due()
            return False
        rows = await self.store.get_many(client_ids)
        copies = [self._copies.of(row) for row in rows.values()]
        try:
            if copies:
                await self.cache.put_many(copies)
        except CacheUnreachable:
            self.counters.cache_failures += 1
            self.breaker.failed()
            return False
        with suppress(OcmError):  # then the relay brings them once more, which does no harm
            await self.store.confirm([OutboxEntry(client_id, version) for client_id, version, *_ in copies])
        return True

    async def drain_outbox(self) -> int:
        """Bring everything to the cache that it does not know yet; how many entries that were."""
        self.policy.require("bring the registry's cache up to date")
        return await self.relay.drain()

    async def propagated(self, client_id: UUID) -> bool:
        """Whether the cache knows the newest version of this client."""
        return not await self.unpropagated([client_id])

    async def unpropagated(self, client_ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of them whose newest version the cache does not know yet; the rest of the outbox is not read."""
        return frozenset(entry.client_id for entry in await self.store.outbox_of(list(client_ids)))

    def start_relay(self) -> None:
        """One, however often it is asked for; it ends with `close`."""
        if not self._relaying:
            self._relaying = True
            self._keep(self.relay.run())

    async def close(self) -> None:
        """May be called twice."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for part in (self.stream, self.cache, self.store):
            if part is not None:
                with suppress(OcmError):
                    await part.close()

    async def _propagate(self, written: Written) -> Written:
        """The cache's part of a write. Whatever happens to it, the write itself has happened."""
        self._reads.written(written.client_id)
        if written.client is not None:
            copy = self._copies.of(written.client)
        else:
            copy = self._copies.of_deleted(written.client_id, written.version)
        if not self.breaker.is_closed:
            return written
        try:
            await self.cache.put(*copy)
        except CacheUnreachable:
            self.counters.cache_failures += 1
            self.breaker.failed()
            return written
        except RegistryDenied:
            return written
        with suppress(OcmError):  # then the relay brings it once more, which does no harm
            await self.store.confirm([OutboxEntry(written.client_id, written.version)])
        return replace(written, propagated=True)

    def _may_write(self) -> bool:
        return self.policy.why_not() is None

    def _may_fill(self) -> bool:
        """A copy is a write to somebody's cache, unless it is our own."""
        return self.cache.kind == "memory" or self._may_write()

    def _recover_if_due(self) -> None:
        """Beside the reads: none of them waits for a cache that may still be dead."""
        if self.breaker.is_probe_due:
            self.breaker.begin_probe()
            self._keep(self._recover())

    async def _recover(self) -> None:
        with suppress(OcmError):
            await self.relay.finish_probe()

    def _keep(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _nearest(self, text: str) -> str:
        """A hint at codes that look like this one."""
        import difflib

        start = text[:2].replace("*", "?")
        page = await self.store.page(RegistryQuery(codes=(f"{start}*",)), limit=_NEAR)
        near = difflib.get_close_matches(text, [client.client_code for client in page.items], 1)
        return f"did you mean {clean(near[0], 80)}?" if near else "look for it with `ocm-tui registry list`"


def _as_stored(entry: RegistryEntry) -> RegistryEntry:
    """With the operator's own texts of the networks beside them."""
    if not entry.given_ips:
        return entry
    return replace(entry, metadata={**entry.metadata, GIVEN_KEY: list(entry.given_ips)})
