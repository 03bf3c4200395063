"""The cache of an embedded registry: in this process, bytes like the real one's, with the same rules."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from ocm_tui.core.registry.entries import key_of
from ocm_tui.core.registry.ports import GONE, CacheChange, CacheKey, CachePage, Lease

__all__ = ["MemoryCache"]

_HEADER: Final = re.compile(rb'\{"v":(\d{1,19})(?:,"(nx|gone)":1)?')
_FEED_LENGTH: Final = 10_000
_SWEEPS: Final = 16
_LEASES: Final = 1_000  # then those are dropped that nobody came back with
_NO_EXPIRY: Final = -1


@dataclass(slots=True)
class _Entry:
    value: bytes
    expires: float | None  # on the clock of the cache; None never


class MemoryCache:
    """For one event loop. Beyond `max_keys` the keys go that were not used for longest.

    `clock` is in seconds and never goes back. What expires is let go when somebody looks at it.
    """

    def __init__(self, *, max_keys: int = 200_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_keys = max_keys
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._leases: dict[UUID, tuple[str, float]] = {}  # token, expiry
        self._feeds: list[_Feed] = []
        self._sweeps: OrderedDict[str, list[str]] = OrderedDict()  # what each sweep has still to look at
        self.evictions = 0

    @property
    def kind(self) -> str:
        return "memory"

    @property
    def address(self) -> str:
        return "in process"

    async def get(self, client_id: UUID) -> bytes | None:
        entry = self._use(key_of(client_id))
        return entry.value if entry else None

    async def get_many(self, client_ids: Sequence[UUID]) -> Sequence[tuple[bytes | None, int]]:
        found = (self._use(key_of(client_id)) for client_id in client_ids)
        return [(entry.value, self._ttl(entry)) if entry else (None, GONE) for entry in found]

    async def get_or_lease(self, client_id: UUID, *, lease_ms: int = 500) -> Lease:
        entry = self._use(key_of(client_id))
        if entry is not None:
            return Lease(value=entry.value)
        held = self._leases.get(client_id)
        if held is not None and held[1] > self._clock():
            return Lease()
        if len(self._leases) >= _LEASES:
            self._drop_old_leases()
        token = str(uuid4())
        self._leases[client_id] = token, self._clock() + lease_ms / 1000
        return Lease(token=token)

    async def fill(self, client_id: UUID, token: str, version: int, value: bytes, ttl_ms: int) -> bool | None:
        held = self._leases.get(client_id)
        if held is None or held[0] != token or held[1] <= self._clock():
            return None
        return await self.put(client_id, version, value, ttl_ms)

    async def put(self, client_id: UUID, version: int, value: bytes, ttl_ms: int) -> bool:
        self._leases.pop(client_id, None)
        key = key_of(client_id)
        entry = self._use(key)
        if entry is not None and _header(entry.value)[0] >= version:
            return False
        self.set(key, value, ttl_ms)
        return True

    async def put_many(self, items: Sequence[tuple[UUID, int, bytes, int]]) -> Sequence[bool]:
        return [await self.put(*item) for item in items]

    async def invalidate(self, client_ids: Sequence[UUID]) -> int:
        there = 0
        for client_id in client_ids:
            self._leases.pop(client_id, None)
            key = key_of(client_id)
            there += self._use(key) is not None
            self._drop(key)
        return there

    async def scan(self, cursor: str = "0", count: int = 500) -> CachePage:
        if cursor == "0":
            cursor = str(uuid4())
            self._sweeps[cursor] = list(reversed(self._entries))
            while len(self._sweeps) > _SWEEPS:
                self._sweeps.popitem(last=False)
        waiting = self._sweeps.get(cursor, [])
        keys = [waiting.pop() for _ in range(min(count, len(waiting)))]
        if not waiting:
            self._sweeps.pop(cursor, None)
        found = [(key, entry) for key in keys if (entry := self._look(key)) is not None]
        return CachePage(cursor if waiting else "0", [self._described(key, entry) for key, entry in found])

    async def size(self) -> int:
        for key in list(self._entries):
            self._look(key)
        return len(self._entries)

    async def ping(self) -> None:
        return

    async def changes(self) -> AsyncIterator[CacheChange]:
        feed = _Feed()
        self._feeds.append(feed)
        try:
            while True:
                yield await feed.next()
        finally:
            self._feeds.remove(feed)

    async def close(self) -> None:
        self._entries.clear()
        self._leases.clear()

    def set(self, key: str, value: bytes, ttl_ms: int | None) -> None:
        """As a writer who knows no protocol would, over whatever stands there; `ttl_ms` None never expires."""
        self._entries[key] = _Entry(value, None if ttl_ms is None else self._clock() + ttl_ms / 1000)
        self._entries.move_to_end(key)
        self._tell(key)
        while len(self._entries) > self._max_keys:
            oldest, _ = self._entries.popitem(last=False)
            self.evictions += 1
            self._tell(oldest)

    def flush(self) -> None:
        """Forget everything, the fills under way too: somebody else wrote to the store behind it."""
        self._entries.clear()
        self._leases.clear()
        self._tell(None)

    def _use(self, key: str) -> _Entry | None:
        entry = self._look(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def _look(self, key: str) -> _Entry | None:
        """Without the effect on who is let go first: a sweep is no use."""
        entry = self._entries.get(key)
        if entry is None or entry.expires is None or entry.expires > self._clock():
            return entry
        self._drop(key)
        return None

    def _drop(self, key: str) -> None:
        if self._entries.pop(key, None) is not None:
            self._tell(key)

    def _drop_old_leases(self) -> None:
        now = self._clock()
        self._leases = {client_id: lease for client_id, lease in self._leases.items() if lease[1] > now}

    def _ttl(self, entry: _Entry) -> int:
        return _NO_EXPIRY if entry.expires is None else round((entry.expires - self._clock()) * 1000)

    def _described(self, key: str, entry: _Entry) -> CacheKey:
        version, kind = _header(entry.value)
        return CacheKey(key, self._ttl(entry), version, len(entry.value), kind == b"nx", kind == b"gone")

    def _tell(self, key: str | None) -> None:
        for feed in self._feeds:
            feed.put(key)


class _Feed:
    """One listener's keys in the order of their first change; one that fell far behind is told to look at all."""

    def __init__(self) -> None:
        self._waiting: dict[str | None, None] = {None: None}
        self._something = asyncio.Event()
        self._something.set()

    def put(self, key: str | None) -> None:
        if key is None or len(self._waiting) >= _FEED_LENGTH:
            self._waiting = {None: None}
        elif None not in self._waiting:
            self._waiting[key] = None
        self._something.set()

    async def next(self) -> CacheChange:
        await self._something.wait()
        key = next(iter(self._waiting))
        del self._waiting[key]
        if not self._waiting:
            self._something.clear()
        return CacheChange(key)


def _header(value: bytes) -> tuple[int, bytes | None]:
    """The version, -1 without one, and `nx` or `gone`."""
    match = _HEADER.match(value)
    return (int(match[1]), match[2]) if match else (-1, None)
