"""All clients of one server: the population, and over it what was written, added and deleted since."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ocm_tui.simulator.documents import Documents, StoredClient
from ocm_tui.simulator.population import Population, dumps

__all__ = ["ClientStore"]

_BLOCK: Final = 1000
_MOST_SEARCHES: Final = 16

Row = int | str  # the number of a client of the population, or the id of one that was added


class ClientStore:
    """Clients come in the order of the population, then in that of their creation."""

    def __init__(self, population: Population, documents: Documents, clock: Callable[[], int]) -> None:
        self._population, self._documents, self._clock = population, documents, clock
        self._written: dict[str, StoredClient] = {}
        self._added: dict[str, None] = {}
        self._live: range | array[int] = range(population.count)
        self._haystacks: dict[int, list[str]] = {}
        self._searches: dict[tuple[str, str], Sequence[Row]] = {}

    def __len__(self) -> int:
        return len(self._live) + len(self._added)

    def __contains__(self, client_id: str) -> bool:
        return client_id in self._written or self._number(client_id) is not None

    def get(self, client_id: str) -> StoredClient | None:
        """A client that was never written is made anew on each call: `put` it after a change."""
        if (written := self._written.get(client_id)) is not None:
            return written
        number = self._number(client_id)
        return None if number is None else self._population.stored(number)

    def text(self, client_id: str) -> str | None:
        """The client as JSON text; None when there is no such client."""
        number = self._number(client_id)
        if client_id not in self._written and number is None:
            return None
        return self._text(client_id if number is None else number)

    def put(self, client: StoredClient) -> None:
        """Replace, or add."""
        client_id, number = client.client_id, self._number(client.client_id)
        self._written[client_id] = client
        if number is None:
            self._added[client_id] = None
        else:
            self._haystacks.pop(number // _BLOCK, None)
        self._searches.clear()

    def remove(self, client_id: str) -> None:
        number = self._number(client_id)
        self._written.pop(client_id, None)
        self._added.pop(client_id, None)
        if number is not None:
            if isinstance(self._live, range):
                self._live = array("I", self._live)
            del self._live[bisect_left(self._live, number)]
        self._searches.clear()

    def rows(self, query: str = "", tags: frozenset[str] = frozenset(), order: str = "") -> Sequence[Row]:
        """All rows, or those that match; `order` is one of the API's `sortBy`, "" for the store's own."""
        if not query and not tags and not order:
            return [*self._live, *self._added] if self._added else self._live
        key = (query.casefold(), f"{order}/{','.join(sorted(tags))}")
        if (known := self._searches.get(key)) is not None:
            return known
        rows: Sequence[Row] = list(self._matching(key[0]))
        if tags:
            rows = [row for row in rows if tags & self._tags(row)]
        if order:
            rows = sorted(rows, key=lambda row: self._sort_key(row, order))
        if len(self._searches) >= _MOST_SEARCHES:
            self._searches.pop(next(iter(self._searches)))
        self._searches[key] = rows
        return rows

    def texts(self, rows: Sequence[Row]) -> list[str]:
        return [self._text(row) for row in rows]

    def _number(self, client_id: str) -> int | None:
        """None for an added client, even when it took the place of a deleted one of the population."""
        number = self._population.number_of(client_id)
        if number is None or isinstance(self._live, range):
            return number
        place = bisect_left(self._live, number)
        return number if place < len(self._live) and self._live[place] == number else None

    def _written_at(self, row: Row) -> StoredClient | None:
        if not self._written:
            return None
        return self._written.get(row if isinstance(row, str) else self._population.id_of(row))

    def _text(self, row: Row) -> str:
        if (written := self._written_at(row)) is not None:
            return dumps(self._documents.shown(written, self._clock()))
        assert isinstance(row, int)
        return self._population.text(row)

    def _matching(self, query: str) -> Iterator[Row]:
        block, haystack = -1, [""]
        for number in self._live:
            if number // _BLOCK != block:
                block = number // _BLOCK
                haystack = self._haystack(block)
            if query in haystack[number % _BLOCK]:
                yield number
        for client_id in self._added:
            if query in _searchable(client_id, self._written[client_id].document["name"]):
                yield client_id

    def _haystack(self, block: int) -> list[str]:
        if (known := self._haystacks.get(block)) is not None:
            return known
        made = []
        for number in range(block * _BLOCK, min((block + 1) * _BLOCK, self._population.count)):
            client_id, name = self._population.labels(number)
            if (written := self._written.get(client_id)) is not None:
                name = written.document["name"]
            made.append(_searchable(client_id, name))
        self._haystacks[block] = made
        return made

    def _tags(self, row: Row) -> frozenset[str]:
        client = self._written_at(row)
        if client is None:
            assert isinstance(row, int)
            if not self._population.may_have_tags(row):
                return frozenset()
            client = self._population.stored(row)
        return frozenset(tag["id"] for tag in client.document.get("tags") or ())

    def _sort_key(self, row: Row, order: str) -> tuple[str | int, ...]:
        written = self._written_at(row)
        if written is not None:
            client_id, name = written.client_id, str(written.document["name"])
            created, modified = written.created, written.modified
        else:
            assert isinstance(row, int)
            client_id, name = self._population.labels(row)
            created, modified = self._population.dates(row)
        by: dict[str, str | int] = {
            "CLIENT_ID": client_id.casefold(),
            "CLIENT_NAME": name.casefold(),
            "CREATED": created or 0,
            "MODIFIED": modified or 0,
        }
        return by[order], client_id


def _searchable(client_id: str, name: str) -> str:
    return f"{client_id}\n{name}".casefold()
