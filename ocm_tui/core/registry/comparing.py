"""Keys of the cache against rows of the table, range by range: what is not plainly the same, in batches.

For Postgres the keys travel to the rows, and one join a range finds the few that differ (see `postgres_compare`); else
the rows are read once, in the order of ids.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol
from uuid import UUID

from ocm_tui.core.registry.findings import KeyRange, SeenKeys
from ocm_tui.core.registry.ports import ClientStore

__all__ = ["Comparison", "Unlike", "comparison"]

Unlike = tuple[bytes, int | None]  # id, and the version of its row (None: there is no row)


class Comparison(Protocol):
    """Of one sweep. Ranges are asked for in the order of ids, each once and to its end."""

    approximate: bool

    def unlike(self, keys: KeyRange) -> AsyncGenerator[Sequence[Unlike], None]:
        """Keys with another version than that of their row, keys without a row, rows without a key."""
        ...

    async def close(self) -> None: ...


def comparison(store: ClientStore, seen: SeenKeys, *, missing: bool) -> Comparison:
    """Without `missing`, rows without a key are not told."""
    if store.kind == "postgres":
        from ocm_tui.core.registry.postgres_compare import JoinedComparison

        return JoinedComparison(store, seen, missing=missing)
    return OrderedComparison(store, seen, missing=missing)


class OrderedComparison:
    approximate = False

    def __init__(self, store: ClientStore, seen: SeenKeys, *, missing: bool) -> None:
        self._batches = store.versions()
        self._waiting: Sequence[tuple[UUID, int]] = ()  # read already, and beyond the last range
        self._seen, self._missing = seen, missing

    async def unlike(self, keys: KeyRange) -> AsyncGenerator[Sequence[Unlike], None]:
        alone = set(keys.places)
        while rows := self._waiting or await anext(self._batches, []):  # [] and not (), which fails in Python 3.11
            found, self._waiting = self._compared(rows, keys, alone)
            if found:
                yield found
            if self._waiting:
                break
        if alone:
            yield [(client_id, None) for client_id in sorted(alone)]

    async def close(self) -> None:
        await self._batches.aclose()

    def _compared(
        self, rows: Sequence[tuple[UUID, int]], keys: KeyRange, alone: set[bytes]
    ) -> tuple[list[Unlike], Sequence[tuple[UUID, int]]]:
        """What differs, and the rows behind the range."""
        found: list[Unlike] = []
        for number, (client_id, version) in enumerate(rows):
            packed = client_id.bytes
            if keys.high is not None and packed >= keys.high:
                return found, rows[number:]
            place = keys.places.get(packed)
            alone.discard(packed)
            if place is None:
                if self._missing:
                    found.append((packed, version))
            elif self._seen.versions[place] != version:
                found.append((packed, version))
        return found, ()
