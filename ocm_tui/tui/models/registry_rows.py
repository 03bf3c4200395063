"""The registry's clients with what the cache holds of each: rows that came, findings that came, the view of both.

A finding may come before its row, after it, or without one (an orphan has none, and is listed all the same). Times to
live count down here, from the moment they were read: nobody asks the cache once a second.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ocm_tui.tui.models.registry_cells import NEVER, WRONG, Seen, row_cells
from ocm_tui.tui.models.registry_filter import haystack, is_empty, matcher

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import CacheFinding
    from ocm_tui.core.registry.model import RegistryClient, RegistryQuery
    from ocm_tui.tui.widgets.row_table import Cell

__all__ = ["SORTS", "RegistryRows"]

SORTS: Final = ("id", "code", "cache state", "time to live", "newest sync")
_WORST_FIRST: Final = {
    state: n for n, state in enumerate(("stale", "corrupt", "orphan", "negative", "missing", "fresh"))
}
_BY_CACHE: Final = (2, 3)  # sorts that what the cache holds decides


class RegistryRows:
    """A `RowSource`. Keys are ids as text. `clients` stand in the order of ids; orphans come after them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clients: list[RegistryClient] = []
        self.query: RegistryQuery | None = None
        self.sort = 0
        self.problems_only = False
        self.unpropagated: set[UUID] = set()  # written; readers of the cache may not know yet
        self._clock = clock
        self._hays: list[str] = []
        self._index: dict[UUID, int] = {}
        self._seen: dict[UUID, Seen] = {}
        self._astray: dict[UUID, None] = {}  # cached wrongly, and not among the rows
        self._orphans: list[UUID] = []  # those of them that are listed now, behind the rows
        self._orphan_at: dict[UUID, int] = {}
        self._view: Sequence[int] = range(0)  # positions in `clients`; behind them, those of orphans

    @property
    def total(self) -> int:
        return len(self.clients)

    @property
    def filtered(self) -> bool:
        return self.problems_only or (self.query is not None and not is_empty(self.query))

    # RowSource

    def __len__(self) -> int:
        return len(self._view)

    def id_at(self, position: int) -> UUID:
        return self._id_of(self._view[position])

    def key(self, position: int) -> str:
        return str(self.id_at(position))

    def position(self, key: str) -> int | None:
        index = self._place_of(UUID(key))
        if index is None:
            return None
        if isinstance(self._view, range):
            return index
        if self.sort:
            return self._view.index(index) if index in self._view else None
        place = bisect_left(self._view, index)
        return place if place < len(self._view) and self._view[place] == index else None

    def cells(self, position: int) -> "Sequence[Cell]":
        client_id = self.id_at(position)
        seen = self._seen.get(client_id)
        left = self._left(seen) if seen is not None else None
        known = seen.finding if seen is not None else None
        return row_cells(client_id, self.get(client_id), known, left, propagated=client_id not in self.unpropagated)

    def _left(self, seen: Seen) -> float | None:
        if seen.expires is None or seen.expires == NEVER:
            return seen.expires
        return max(seen.expires - self._clock(), 0.0)

    # What is known of one client

    def get(self, client_id: UUID) -> "RegistryClient | None":
        index = self._index.get(client_id)
        return None if index is None else self.clients[index]

    def find(self, code: str) -> "RegistryClient | None":
        return next((client for client in self.clients if client.client_code == code), None)

    def seen(self, client_id: UUID) -> "CacheFinding | None":
        seen = self._seen.get(client_id)
        return None if seen is None else seen.finding

    def time_left(self, client_id: UUID) -> float | None:
        seen = self._seen.get(client_id)
        return None if seen is None else self._left(seen)

    def counts(self) -> Counter[str]:
        """Of the cache states that are known."""
        return Counter(seen.finding.state or "" for seen in self._seen.values())

    def wrong(self) -> "list[CacheFinding]":
        """What a repair is for."""
        return [seen.finding for seen in self._seen.values() if seen.finding.state in WRONG]

    def visible(self, first: int, count: int) -> list[UUID]:
        return [self.id_at(at) for at in range(max(first, 0), min(first + count, len(self)))]

    # Changes

    def extend(self, clients: "Iterable[RegistryClient]") -> None:
        """More rows, in the order of ids and behind those that are here. A row that is here already is replaced."""
        for client in clients:
            index = self._index.get(client.client_id)
            if index is not None:
                self.clients[index], self._hays[index] = client, haystack(client)
                continue
            self._index[client.client_id] = len(self.clients)
            self.clients.append(client)
            self._hays.append(haystack(client))
        self._rebuild()

    def put(self, clients: "Iterable[RegistryClient]", gone: Iterable[UUID] = ()) -> None:
        """Rows as they are now, and ids that have none any more."""
        going = {one for one in gone if one in self._index}
        coming = {client.client_id: client for client in clients}
        if going or any(one not in self._index for one in coming):
            kept = {client.client_id: client for client in self.clients if client.client_id not in going} | coming
            self._adopt(sorted(kept.values(), key=lambda client: client.client_id))
        else:
            for client in coming.values():
                index = self._index[client.client_id]
                self.clients[index], self._hays[index] = client, haystack(client)
        self._rebuild()

    def replace(self, clients: "Sequence[RegistryClient]") -> None:
        """A list that was read again, complete and in the order of ids; what is known of the cache stays."""
        self._adopt(clients)
        self._rebuild()

    def _adopt(self, clients: "Sequence[RegistryClient]") -> None:
        self.clients = list(clients)
        self._hays = [haystack(client) for client in self.clients]
        self._index = {client.client_id: place for place, client in enumerate(self.clients)}

    def see(self, findings: "Iterable[CacheFinding]") -> bool:
        """What the cache holds now of these clients; whether rows came, went or moved."""
        if self._take(findings) or self.problems_only or self.sort in _BY_CACHE:
            self._rebuild()
            return True
        return False

    def judge_all(self, findings: "Iterable[CacheFinding]", *, complete: bool) -> None:
        """The report of a sweep, fresh ones included. A complete one forgets everything that it did not see.

        A sweep compares versions: what a closer look found corrupt under the row's own version stays so.
        """
        closer = {one: seen for one, seen in self._seen.items() if seen.finding.state == "corrupt"}
        if complete:
            self._seen.clear()
            self._astray.clear()
        self._take(findings)
        for client_id, seen in closer.items():
            now = self.seen(client_id)
            if now is not None and now.state == "fresh" and now.cache_version == seen.finding.cache_version:
                self._seen[client_id] = seen
        self._rebuild()

    def forget_cache(self) -> None:
        """Whatever was known of the cache may be otherwise by now."""
        self._seen.clear()
        self._astray.clear()
        self._rebuild()

    def forget(self, client_ids: Iterable[UUID]) -> None:
        """These are neither in the table nor in the cache any more."""
        gone = [client_id for client_id in client_ids if self._seen.pop(client_id, None) is not None]
        for client_id in gone:
            self._astray.pop(client_id, None)
        if gone:
            self._rebuild()

    def _take(self, findings: "Iterable[CacheFinding]") -> bool:
        """Whether what stands behind the rows is another set now. What is neither a row nor wrong is not kept."""
        now, before = self._clock(), len(self._astray)
        left = False
        for finding in findings:
            listed = finding.client_id in self._index
            if listed or finding.state in WRONG:
                self._seen[finding.client_id] = Seen.of(finding, now)
            if listed or finding.state not in WRONG:
                left = self._astray.pop(finding.client_id, 0) is None or left
                if not listed:
                    self._seen.pop(finding.client_id, None)
            else:
                self._astray[finding.client_id] = None
        return left or len(self._astray) != before

    def set_query(self, query: "RegistryQuery | None") -> None:
        self.query = query
        self._rebuild()

    def set_sort(self, sort: int) -> None:
        self.sort = sort % len(SORTS)
        self._rebuild()

    def show_problems(self, only: bool) -> None:
        self.problems_only = only
        self._rebuild()

    def _place_of(self, client_id: UUID) -> int | None:
        index = self._index.get(client_id)
        if index is None and client_id in self._orphan_at:
            return len(self.clients) + self._orphan_at[client_id]
        return index

    def _rebuild(self) -> None:
        self._orphans = [one for one in self._astray if one not in self._index]
        self._orphan_at = {one: place for place, one in enumerate(self._orphans)}
        count = len(self.clients)
        view: Sequence[int] = range(count + len(self._orphans))
        if self.query is not None and not is_empty(self.query):
            matches = matcher(self.query)
            hays, clients = self._hays, self.clients
            rows = (index for index in range(count) if matches(clients[index], hays[index]))
            view = list(chain(rows, self._matching_orphans(self.query)))
        if self.problems_only:
            wrong = {finding.client_id for finding in self.wrong()} | self.unpropagated
            view = [index for index in view if self._id_of(index) in wrong]
        self._view = sorted(view, key=self._sort_key()) if self.sort else view

    def _matching_orphans(self, query: "RegistryQuery") -> Iterable[int]:
        """Of a client without a row only its id can be asked for."""
        if query.words or query.statuses or query.codes or query.baps or query.synced_before is not None:
            return ()
        return (len(self.clients) + place for one, place in self._orphan_at.items() if one in query.ids)

    def _id_of(self, index: int) -> UUID:
        count = len(self.clients)
        return self.clients[index].client_id if index < count else self._orphans[index - count]

    def _sort_key(self) -> Callable[[int], tuple[object, ...]]:
        def code(index: int) -> tuple[object, ...]:
            client = self._row(index)
            return (client is None, client.client_code.lower() if client is not None else "")

        def state(index: int) -> tuple[object, ...]:
            seen = self._seen.get(self._id_of(index))
            return (_WORST_FIRST.get(seen.finding.state or "", 9) if seen is not None else 10, index)

        def left(index: int) -> tuple[object, ...]:
            """The next to expire first; what never does is what stays longest, and no key comes last."""
            seen = self._seen.get(self._id_of(index))
            return (seen is None or seen.expires is None, (seen.expires or 0.0) if seen is not None else 0.0, index)

        def synced(index: int) -> tuple[object, ...]:
            client = self._row(index)
            at = client.last_synced_at if client is not None else None
            return (at is None, -at.timestamp() if at is not None else 0.0, index)

        return {1: code, 2: state, 3: left, 4: synced}[self.sort]

    def _row(self, index: int) -> "RegistryClient | None":
        return self.clients[index] if index < len(self.clients) else None
