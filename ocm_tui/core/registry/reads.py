"""The hot path: a client by its id, from the cache if it can be, and never a copy that is older than a known write.

A copy is filled in with a lease that every write takes away, and only over an older version; so a reader that was slow
cannot put back what a writer has just changed. The cache's troubles cost a read a fixed time at most.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar
from uuid import UUID

from ocm_tui.core.registry.breaker import Breaker
from ocm_tui.core.registry.copies import Copies
from ocm_tui.core.registry.entries import CachedClient, decode, version_of
from ocm_tui.core.registry.errors import CacheUnreachable, RegistryDenied
from ocm_tui.core.registry.flight import SingleFlight
from ocm_tui.core.registry.model import RegistryClient
from ocm_tui.core.registry.ports import ClientCache, ClientStore

__all__ = ["CACHE_SECONDS", "Found", "ReadCounters", "ReadPath"]

_T = TypeVar("_T")

CACHE_SECONDS: Final = 0.12  # of one read, for all its calls to the cache
_LEASE_MS: Final = 500
_WAITS: Final = 6  # for who fills: 10 ms, then half as long again each time
_FIRST_WAIT: Final = 0.01
_AT_ONCE: Final = 4  # reads of the database while the cache is left alone: as many as the pool has connections


@dataclass(slots=True)
class ReadCounters:
    """Since the service began. `coalesced` readers shared the read of another one."""

    hits: int = 0
    misses: int = 0
    negative: int = 0
    from_database: int = 0
    coalesced: int = 0
    cache_failures: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """`age` is how many seconds ago the copy was made, None when it does not say; 0 from the database."""

    client: RegistryClient
    source: Literal["cache", "database"]
    version: int
    age: float | None


class ReadPath:
    def __init__(
        self,
        store: ClientStore,
        cache: ClientCache,
        copies: Copies,
        breaker: Breaker,
        counters: ReadCounters,
        *,
        chance: Callable[[], float] = random.random,
        cache_seconds: float = CACHE_SECONDS,
        may_fill: Callable[[], bool] = lambda: True,
    ) -> None:
        self._may_fill = may_fill
        self._cache_seconds = cache_seconds
        self._store = store
        self._cache = cache
        self._copies = copies
        self._breaker = breaker
        self._counters = counters
        self._chance = chance
        self._flights = SingleFlight[UUID, Found | None]()
        self._without_cache = asyncio.Semaphore(_AT_ONCE)

    async def get(self, client_id: UUID) -> Found | None:
        """None when there is no such client, as far as the cache or the database knows."""
        calls = _Calls(self._breaker, self._counters, self._cache_seconds)
        cached = await self._cached(calls, client_id)
        if cached is not None and not cached.corrupt:
            return self._told(cached)
        self._counters.misses += 1
        if self._flights.is_flying(client_id):
            self._counters.coalesced += 1
        return await self._flights.do(client_id, lambda: self._load(calls, client_id, corrupt=cached is not None))

    def written(self, client_id: UUID) -> None:
        """Reads that begin now must not share one that began before this write."""
        self._flights.forget(client_id)

    async def _load(self, calls: "_Calls", client_id: UUID, *, corrupt: bool) -> Found | None:
        if not self._may_fill():
            return await self._from_database(client_id)
        if corrupt:
            return await self._replace(calls, client_id)
        lease = await calls.ask(lambda: self._cache.get_or_lease(client_id, lease_ms=_LEASE_MS))
        if lease is None:
            async with self._without_cache:
                return await self._from_database(client_id)
        if lease.value is not None:
            cached = decode(lease.value)
            return await self._replace(calls, client_id) if cached.corrupt else self._told(cached)
        if not lease.token:
            return await self._wait_for_filler(calls, client_id)
        found = await self._from_database(client_id)
        _, version, value, ttl_ms = self._copies.of(found.client) if found else self._copies.of_nobody(client_id)
        await calls.ask(lambda: self._cache.fill(client_id, lease.token, version, value, ttl_ms))
        return found

    async def _wait_for_filler(self, calls: "_Calls", client_id: UUID) -> Found | None:
        """Another process holds the lease: it fills, or dies. Without it the row is read and not filled in."""
        for turn in range(_WAITS):
            await asyncio.sleep(_FIRST_WAIT * 1.5**turn * (0.5 + self._chance()))
            cached = await self._cached(calls, client_id)
            if cached is not None and not cached.corrupt:
                return self._told(cached)
            if not calls.may_ask:
                break
        return await self._from_database(client_id)

    async def _replace(self, calls: "_Calls", client_id: UUID) -> Found | None:
        """What stands there cannot be read, and might claim any version: it goes first."""
        found = await self._from_database(client_id)
        copy = self._copies.of(found.client) if found else self._copies.of_nobody(client_id)
        if await calls.ask(lambda: self._cache.invalidate([client_id])) is not None:
            await calls.ask(lambda: self._cache.put(*copy))
        return found

    async def _from_database(self, client_id: UUID) -> Found | None:
        self._counters.from_database += 1
        client = await self._store.get(client_id)
        return Found(client, "database", version_of(client), 0.0) if client is not None else None

    async def _cached(self, calls: "_Calls", client_id: UUID) -> CachedClient | None:
        value = await calls.ask(lambda: self._cache.get(client_id))
        return decode(value) if value is not None else None

    def _told(self, cached: CachedClient) -> Found | None:
        if cached.client is None:
            self._counters.negative += 1
            return None
        self._counters.hits += 1
        age = None if cached.cached_at is None else (self._copies.now() - cached.cached_at).total_seconds()
        return Found(cached.client, "cache", cached.version, None if age is None else max(age, 0.0))


class _Calls:
    """The calls of one read to the cache. After one that failed, or in vain for too long, there are no more."""

    def __init__(self, breaker: Breaker, counters: ReadCounters, seconds: float) -> None:
        self._breaker = breaker
        self._counters = counters
        self._left = seconds
        self.may_ask = breaker.is_closed

    async def ask(self, call: Callable[[], Awaitable[_T]]) -> _T | None:
        """None when the cache has nothing to say."""
        if not self.may_ask:
            return None
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._left):
                return await call()
        except (CacheUnreachable, TimeoutError):
            self.may_ask = False
            self._counters.cache_failures += 1
            self._breaker.failed()
        except RegistryDenied:
            self.may_ask = False  # an account that may only look: it reads, and fills nothing in
        finally:
            self._left -= loop.time() - began
        return None
