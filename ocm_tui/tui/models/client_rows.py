"""The clients list: all rows that have arrived, and the view of them that is filtered and sorted.

Appending and narrowing touch only what is new, so 100,000 rows stay as quick to filter as a thousand.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ocm_tui.core.text import clean
from ocm_tui.tui.state import age_text
from ocm_tui.tui.widgets.row_table import Cell, Column

if TYPE_CHECKING:
    from ocm_tui.core.clients.model import ClientRow
    from ocm_tui.core.clients.query import ClientQuery

__all__ = ["CLIENT_COLUMNS", "SORTS", "ClientRows", "grants_text"]

CLIENT_COLUMNS: Final = (
    Column("State", 10),
    Column("Client", 18, share=3),
    Column("Name", 12, share=2, needs=90),
    Column("Auth", 10, needs=46),
    Column("Grants", 14, share=1, needs=62),
    Column("Token mgr", 9, needs=76),
    Column("Age", 6, align="right", needs=54),
)
SORTS: Final = ("server's order", "id", "name", "newest change")

_AUTH_WORDS: Final = {
    "NONE": "none",
    "SECRET": "secret",
    "CERTIFICATE": "cert",
    "PRIVATE_KEY_JWT": "key JWT",
    "CLIENT_SECRET_JWT": "secret JWT",
}
_GRANT_WORDS: Final = {
    "AUTHORIZATION_CODE": "code",
    "IMPLICIT": "implicit",
    "RESOURCE_OWNER_CREDENTIALS": "ropc",
    "CLIENT_CREDENTIALS": "credentials",
    "REFRESH_TOKEN": "refresh",
    "EXTENSION": "assertion",
    "DEVICE_CODE": "device",
    "ACCESS_TOKEN_VALIDATION": "validation",
    "CIBA": "ciba",
    "TOKEN_EXCHANGE": "exchange",
}


def grants_text(grants: Iterable[str]) -> str:
    return " ".join(_GRANT_WORDS.get(grant, clean(grant, 30)) for grant in grants) or "–"


class ClientRows:
    """A `RowSource`. `rows` is in the server's order; `view` holds positions in it."""

    def __init__(self) -> None:
        self.rows: list[ClientRow] = []
        self.query: ClientQuery | None = None
        self.sort = 0
        self._hays: list[str] = []
        self._index: dict[str, int] = {}
        self._view: Sequence[int] = range(0)

    @property
    def total(self) -> int:
        return len(self.rows)

    # RowSource

    def __len__(self) -> int:
        return len(self._view)

    def key(self, position: int) -> str:
        return self.rows[self._view[position]].client_id

    def position(self, key: str) -> int | None:
        index = self._index.get(key)
        if index is None:
            return None
        if isinstance(self._view, range):
            return index
        if self.sort:
            return self._view.index(index) if index in self._view else None
        place = bisect_left(self._view, index)
        return place if place < len(self._view) and self._view[place] == index else None

    def cells(self, position: int) -> Sequence[Cell]:
        row = self.rows[self._view[position]]
        state = Cell("● enabled", "good") if row.enabled else Cell("○ disabled", "dim")
        return (
            state,
            Cell(clean(row.client_id, 200), "" if row.enabled else "dim"),
            Cell(clean(row.name, 200), "dim"),
            Cell(_AUTH_WORDS.get(row.auth_type, clean(row.auth_type, 20)), "warn" if row.auth_type == "NONE" else ""),
            Cell(grants_text(row.grant_types)),
            Cell(clean(row.token_manager, 40) or "–"),
            Cell(_age(row.modified), "dim"),
        )

    # Changes

    def get(self, client_id: str) -> "ClientRow | None":
        index = self._index.get(client_id)
        return None if index is None else self.rows[index]

    def extend(self, rows: "Iterable[ClientRow]") -> None:
        from ocm_tui.core.clients.query import haystack

        start = len(self.rows)
        for row in rows:
            if row.client_id in self._index:
                continue
            self._index[row.client_id] = len(self.rows)
            self.rows.append(row)
            self._hays.append(haystack(row))
        self._show_more(start)

    def put(self, row: "ClientRow") -> None:
        """A client that was created or changed."""
        from ocm_tui.core.clients.query import haystack

        index = self._index.get(row.client_id)
        if index is None:
            self.extend([row])
            return
        self.rows[index] = row
        self._hays[index] = haystack(row)
        self._rebuild()

    def remove(self, client_id: str) -> None:
        index = self._index.pop(client_id, None)
        if index is None:
            return
        del self.rows[index], self._hays[index]
        self._index = {row.client_id: place for place, row in enumerate(self.rows)}
        self._rebuild()

    def set_query(self, query: "ClientQuery | None") -> None:
        narrowed = query is not None and self.query is not None and query.narrows(self.query)
        self.query = query
        if narrowed:
            self._view = self._matching(self._view)
        else:
            self._rebuild()

    def set_sort(self, sort: int) -> None:
        self.sort = sort % len(SORTS)
        self._rebuild()

    def _rebuild(self) -> None:
        view = self._matching(range(len(self.rows)))
        self._view = self._sorted(view) if self.sort else view

    def _show_more(self, start: int) -> None:
        if self.sort:
            self._rebuild()
            return
        more = self._matching(range(start, len(self.rows)))
        if isinstance(self._view, range) and isinstance(more, range):
            self._view = range(len(self.rows))
        else:
            self._view = [*self._view, *more]

    def _matching(self, among: Sequence[int]) -> Sequence[int]:
        query, hays, rows = self.query, self._hays, self.rows
        if query is None or not (query.words or query.absent or query.tests):
            return among
        if len(query.words) == 1 and not query.absent and not query.tests:
            word = query.words[0]
            if isinstance(among, range) and len(among) == len(hays):
                return [index for index, hay in enumerate(hays) if word in hay]
            return [index for index in among if word in hays[index]]
        return [index for index in among if query.matches(rows[index], hays[index])]

    def _sorted(self, view: Sequence[int]) -> Sequence[int]:
        rows = self.rows
        keys: dict[int, Callable[[int], str]] = {
            1: lambda index: rows[index].client_id.lower(),
            2: lambda index: rows[index].name.lower(),
            3: lambda index: rows[index].modified,
        }
        return sorted(view, key=keys[self.sort], reverse=self.sort == 3)


def _age(modified: str) -> str:
    try:
        then = datetime.fromisoformat(modified)
    except ValueError:
        return "–"
    if then.tzinfo is None:
        return "–"
    return age_text(time.time() - then.timestamp())
