"""One sweep over the cache: scan, compare, and look once more at what seems wrong."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ocm_tui.core.registry.cache_states import CACHE_STATES, CacheState, CompareReport, SweepProgress
from ocm_tui.core.registry.comparing import Comparison, comparison
from ocm_tui.core.registry.entries import version_of
from ocm_tui.core.registry.findings import Findings, KeyRange, SeenKeys
from ocm_tui.core.registry.verdicts import verdict

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["Sweep"]

_COUNT: Final = 300  # keys a batch: more would make other clients of the cache wait
_KEYS_A_RANGE: Final = 100_000  # some twenty megabytes while they are compared
_ONCE_MORE: Final = 500
_WHOLE: Final = 250  # values that are read whole at a time: the screen stays alive between them
_AT_A_TIME: Final = 5_000
_ID: Final = 16  # bytes
_DOUBTED: Final = frozenset({"stale", "orphan", "corrupt"})  # what may be no more than two reads at two moments


class Sweep:
    def __init__(
        self,
        registry: "ClientRegistry",
        on_progress: Callable[[SweepProgress], None] | None,
        stop: asyncio.Event,
        *,
        again_after: float,
        throttle: bool,
    ) -> None:
        self._store, self._cache = registry.store, registry.cache
        self._tell = on_progress or (lambda _: None)
        self._stop, self._again_after, self._throttle = stop, again_after, throttle
        self._seen = SeenKeys()
        self._findings = Findings()
        self._doubts = bytearray()  # their ids
        self._summary: Counter[CacheState] = Counter()
        self._of = 0
        self._distinct = 0
        self._complete = False
        self._approximate = False
        self._deep = False
        self._whole = 0  # values that were read to their end

    async def scan(self) -> None:
        """All keys, unless it is stopped."""
        self._of = await self._cache.size()
        cursor = "0"
        while not self._stop.is_set():
            start = perf_counter()
            page = await self._cache.scan(cursor, _COUNT)
            self._seen.add(page.keys)
            cursor = page.cursor
            self._tell(SweepProgress("scanning", len(self._seen), max(self._of, len(self._seen))))
            if cursor == "0":
                self._complete = True
                return
            if self._throttle:
                await self._pause(perf_counter() - start)

    async def compared(self, *, keep_fresh: bool, deep: bool = False) -> CompareReport:
        self._deep = deep
        parts = await asyncio.to_thread(self._seen.parts, _KEYS_A_RANGE)
        rows = comparison(self._store, self._seen, missing=self._complete)
        try:
            for part in parts:
                self._tell(SweepProgress("comparing", self._distinct, len(self._seen)))
                keys = await asyncio.to_thread(self._seen.range, part)
                await self._compare(rows, keys, keep_fresh=keep_fresh)
        finally:
            await rows.close()
        self._approximate = rows.approximate
        await self._look_again(keep_fresh=keep_fresh)
        return self._report()

    async def listed(self) -> CompareReport:
        """Every key, compared with nothing: only what shows by itself has a state."""
        seen = self._seen
        for part in await asyncio.to_thread(seen.parts, _KEYS_A_RANGE):
            keys = await asyncio.to_thread(seen.range, part)
            self._distinct += len(keys.places)
            await self._add_all(keys.places, None)
        return self._report()

    async def _compare(self, rows: Comparison, keys: KeyRange, *, keep_fresh: bool) -> None:
        self._distinct += len(keys.places)
        fresh = dict(keys.places) if keep_fresh or self._deep else {}
        unlike = 0
        async with aclosing(rows.unlike(keys)) as batches:
            async for batch in batches:
                self._approximate = rows.approximate
                for client_id, version in batch:
                    place = keys.places.get(client_id)
                    unlike += place is not None
                    fresh.pop(client_id, None)
                    self._judge(client_id, place, version)
        self._summary["fresh"] += len(keys.places) - unlike
        if self._deep:
            for client_id in await self._other_within(list(fresh)):
                self._summary["fresh"] -= 1
                self._doubts += client_id
                del fresh[client_id]
        await self._add_all(fresh if keep_fresh else {}, "fresh")

    async def _other_within(self, client_ids: Sequence[bytes]) -> list[bytes]:
        """Those whose value has its row's version and says something else; of those that it comes to before a stop."""
        found: list[bytes] = []
        for start in range(0, len(client_ids), _WHOLE):
            if self._stop.is_set():
                self._deep = self._complete = False
                break
            begun = perf_counter()
            part = client_ids[start : start + _WHOLE]
            self._whole += len(part)
            self._tell(SweepProgress("reading values", self._whole, len(self._seen)))
            clients = [UUID(bytes=one) for one in part]
            values, rows = await asyncio.gather(self._cache.get_many(clients), self._store.get_many(clients))
            for packed, client_id, (value, _) in zip(part, clients, values, strict=True):
                if verdict(client_id, value, rows.get(client_id)).state != "fresh":
                    found.append(packed)
            if self._throttle:
                await self._pause(perf_counter() - begun)
        return found

    def _judge(self, client_id: bytes, place: int | None, row: int | None) -> None:
        state = self._state(place, row)
        if state in _DOUBTED:
            self._doubts += client_id
            return
        self._summary[state] += 1
        self._add(client_id, state, place, row)

    def _state(self, place: int | None, row: int | None) -> CacheState:
        if place is None:
            return "missing"
        if self._seen.versions[place] < 0:
            return "corrupt"
        if self._seen.absent[place]:
            return "negative" if row is None else "stale"
        return "orphan" if row is None else "stale"

    def _add(self, client_id: bytes, state: CacheState | None, place: int | None, row: int | None) -> None:
        seen, approximate = self._seen, self._approximate
        if place is None:
            self._findings.add(client_id, state, versions=(None, row), approximate=approximate)
            return
        versions = _known(seen.versions[place]), row
        ttl_ms, size = seen.ttls[place], seen.sizes[place]
        self._findings.add(client_id, state, ttl_ms=ttl_ms, versions=versions, size=size, approximate=approximate)

    async def _add_all(self, places: Mapping[bytes, int], state: CacheState | None) -> None:
        """The screen stays alive meanwhile."""
        for number, (client_id, place) in enumerate(places.items(), 1):
            self._add(client_id, state, place, self._seen.versions[place] if state is not None else None)
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)

    async def _look_again(self, *, keep_fresh: bool) -> None:
        if not self._doubts:
            return
        await self._pause(self._again_after)
        doubts = len(self._doubts) // _ID
        for start in range(0, doubts, _ONCE_MORE):
            self._tell(SweepProgress("checking again", start, doubts))
            places = range(start, min(start + _ONCE_MORE, doubts))
            chunk = [UUID(bytes=bytes(self._doubts[place * _ID : (place + 1) * _ID])) for place in places]
            await self._settle(chunk, keep_fresh=keep_fresh)

    async def _settle(self, clients: Sequence[UUID], *, keep_fresh: bool) -> None:
        """The whole value beside the whole row, whatever the versions said: this verdict counts."""
        values, rows = await asyncio.gather(self._cache.get_many(clients), self._store.get_many(clients))
        for client_id, (value, ttl_ms) in zip(clients, values, strict=True):
            row = rows.get(client_id)
            told = verdict(client_id, value, row)
            if told.state is None:
                continue  # gone from both
            self._summary[told.state] += 1
            if told.state == "fresh" and not keep_fresh:
                continue
            version = _known(told.cached.version) if told.cached else None
            self._findings.add(
                client_id.bytes,
                told.state,
                ttl_ms=ttl_ms,
                versions=(version, version_of(row) if row is not None else None),
                size=len(value) if value is not None else 0,
                approximate=told.foreign or self._approximate,
            )

    async def _pause(self, seconds: float) -> None:
        """Shorter when it is stopped."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    def _report(self) -> CompareReport:
        return CompareReport(
            scanned=self._distinct,
            of=max(self._of, self._distinct),
            complete=self._complete,
            summary={state: self._summary[state] for state in CACHE_STATES},
            items=self._findings,
            foreign=self._seen.foreign,
            approximate=self._approximate,
            deep=self._deep,
        )


def _known(version: int) -> int | None:
    return version if version >= 0 else None
