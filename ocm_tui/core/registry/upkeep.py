"""What an operator does to the cache by hand. Each says what became of it, and looks whether it did."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from ocm_tui.core.registry.copies import Copies
from ocm_tui.core.registry.entries import decode, differences, version_of
from ocm_tui.core.registry.model import RegistryClient, RegistryQuery
from ocm_tui.core.registry.ports import ClientCache, ClientStore

__all__ = ["CacheUpkeep", "CacheWork"]

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class CacheWork:
    """How many keys: asked for, done, not there any more (or, to be warmed: there already), not done.

    `verified` counts those that were looked at afterwards and are as they should be.
    """

    requested: int = 0
    done: int = 0
    already_gone: int = 0
    failed: int = 0
    verified: int = 0

    def __add__(self, other: "CacheWork") -> "CacheWork":
        return CacheWork(
            self.requested + other.requested,
            self.done + other.done,
            self.already_gone + other.already_gone,
            self.failed + other.failed,
            self.verified + other.verified,
        )

    def as_json(self) -> dict[str, int]:
        return {
            "requested": self.requested,
            "done": self.done,
            "already_gone": self.already_gone,
            "failed": self.failed,
            "verified": self.verified,
        }


class CacheUpkeep:
    def __init__(self, store: ClientStore, cache: ClientCache, copies: Copies) -> None:
        self._store = store
        self._cache = cache
        self._copies = copies

    async def invalidate(self, client_ids: Sequence[UUID]) -> CacheWork:
        """Keys and leases go. A key that a reader has filled again since, from the row as it is, is as it should be."""
        work = CacheWork()
        for batch in _batches(client_ids):
            done = await self._cache.invalidate(batch)
            verified = await self._count_good(batch, may_lack=True)
            failed = len(batch) - verified
            work += CacheWork(len(batch), done, len(batch) - done, failed, verified)
        return work

    async def refresh(self, client_ids: Sequence[UUID]) -> CacheWork:
        """The rows as they are now, over whatever stands there; the copy of a row that is gone goes."""
        work = CacheWork()
        for batch in _batches(client_ids):
            rows = await self._store.get_many(batch)
            gone = [client_id for client_id in batch if client_id not in rows]
            there = await self._cache.invalidate(gone) if gone else 0
            await self._write(list(rows.values()))
            verified = await self._count_good(batch, may_lack=False)
            work += CacheWork(len(batch), len(rows) + there, len(gone) - there, len(batch) - verified, verified)
        return work

    async def warm(self, query: RegistryQuery) -> CacheWork:
        """Copies of all that the query finds, where there are none; copies that are there are left alone."""
        work, after = CacheWork(), None
        while True:
            page = await self._store.page(query, after=after, limit=_BATCH)
            if page.items:
                stored = sum(await self._cache.put_many([self._copies.of(client) for client in page.items]))
                verified = await self._count_good([client.client_id for client in page.items], may_lack=False)
                count = len(page.items)
                work += CacheWork(count, stored, count - stored, count - verified, verified)
            if page.next is None:
                return work
            after = page.next
            await asyncio.sleep(0)

    async def _write(self, rows: Sequence[RegistryClient]) -> None:
        """A copy that claims to be as new may have another body, and a newer one may be from a former database."""
        there = await self._cache.get_many([row.client_id for row in rows])
        as_new = [
            row.client_id
            for row, (value, _) in zip(rows, there, strict=True)
            if value is not None and decode(value).version >= version_of(row)
        ]
        if as_new:
            await self._cache.invalidate(as_new)
        await self._cache.put_many([self._copies.of(row) for row in rows])

    async def _count_good(self, client_ids: Sequence[UUID], *, may_lack: bool) -> int:
        """How many copies say what their rows say, or are absent where there is no row (or where they may be)."""
        values = await self._cache.get_many(client_ids)
        there = {
            client_id: value for client_id, (value, _) in zip(client_ids, values, strict=True) if value is not None
        }
        looked_up = list(client_ids) if not may_lack else list(there)
        rows = await self._store.get_many(looked_up) if looked_up else {}
        return sum(_is_good(there.get(one), rows.get(one), may_lack=may_lack) for one in client_ids)


def _is_good(value: bytes | None, row: RegistryClient | None, *, may_lack: bool) -> bool:
    if value is None:
        return may_lack or row is None
    cached = decode(value)
    if cached.client is None:
        return not cached.corrupt and (row is None or cached.version < version_of(row))
    if row is None:
        return False
    return cached.version > version_of(row) or not differences(cached.client, row)


def _batches(client_ids: Sequence[UUID]) -> list[list[UUID]]:
    once = list(dict.fromkeys(client_ids))
    return [once[start : start + _BATCH] for start in range(0, len(once), _BATCH)]
