"""The clients list: all rows that have arrived, and the view of them that is filtered and sorted.

Appending and narrowing touch only what is new, so 100,000 rows stay as quick to filter as a thousand. A row's state is
what the inventory says of it; it may come later than the row, and is "" where there is no inventory.
"""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, repeat
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ocm_tui.core.text import clean
from ocm_tui.tui.state import age_text
from ocm_tui.tui.widgets.row_table import Cell, Column, Tone

if TYPE_CHECKING:
    from ocm_tui.core.clients.model import ClientRow
    from ocm_tui.core.clients.query import ClientQuery
    from ocm_tui.core.provisioning.model import ClientState

__all__ = ["CLIENT_COLUMNS", "SORTS", "STATE_COLUMNS", "STATE_MARKS", "ClientRows", "State", "grants_text"]

State: TypeAlias = 'ClientState | Literal[""]'

_NEVER: Final = 1 << 20  # wider than any table
_COLUMNS: Final = (
    Column("Client", 18, share=3),
    Column("Use", 8, needs=_NEVER),
    Column("Name", 12, share=2, needs=90),
    Column("Auth", 10, needs=46),
    Column("Grants", 14, share=1, needs=62),
    Column("Token mgr", 9, needs=76),
    Column("Age", 6, align="right", needs=54),
)
_BESIDE_STATES: Final = {"Use": 40, "Auth": 52, "Age": 59, "Grants": 74, "Token mgr": 84, "Name": 97}
# Without an inventory the state of a client is whether it is enabled; with one that is a word of its own.
CLIENT_COLUMNS: Final = (Column("State", 10), *_COLUMNS)
STATE_COLUMNS: Final = (
    Column("State", 11),
    *(replace(column, needs=_BESIDE_STATES.get(column.title, column.needs)) for column in _COLUMNS),
)
STATE_MARKS: "Final[Mapping[str, tuple[str, Tone]]]" = {
    "in sync": ("●", "good"),
    "drifted": ("◐", "warn"),
    "missing": ("○", "warn"),
    "blocked": ("■", "bad"),
    "unmanaged": ("·", "dim"),
    "unknown": ("?", "dim"),
}
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
        self.counts: Counter[str] = Counter()  # of the states
        self.absent: set[str] = set()  # ids that are declared and not on the server
        self._hays: list[str] = []
        self._states: list[State] = []
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
        index = self._view[position]
        row, state = self.rows[index], self._states[index]
        if state:
            mark, tone = STATE_MARKS[state]
            shown = Cell(f"{mark} {state}", tone)
        else:
            shown = Cell("● enabled", "good") if row.enabled else Cell("○ disabled", "dim")
        plain: Tone = "dim" if row.client_id in self.absent or not row.enabled else ""
        return (
            shown,
            Cell(clean(row.client_id, 200), "" if row.enabled else "dim"),
            Cell("" if row.enabled else "disabled", "warn"),
            Cell(clean(row.name, 200), "dim"),
            Cell(
                _AUTH_WORDS.get(row.auth_type, clean(row.auth_type, 20)), "warn" if row.auth_type == "NONE" else plain
            ),
            Cell(grants_text(row.grant_types), plain),
            Cell(clean(row.token_manager, 40) or "–", plain),
            Cell(_age(row.modified), "dim"),
        )

    def state(self, client_id: str) -> State:
        index = self._index.get(client_id)
        return "" if index is None else self._states[index]

    # Changes

    def get(self, client_id: str) -> "ClientRow | None":
        index = self._index.get(client_id)
        return None if index is None else self.rows[index]

    def extend(self, rows: "Iterable[ClientRow]", states: "Iterable[State] | None" = None) -> None:
        """`states` go with the rows, one each."""
        from ocm_tui.core.clients.query import haystack

        start = len(self.rows)
        beside: Iterable[State] = repeat("") if states is None else states
        for row, state in zip(rows, beside, strict=False):
            if row.client_id in self._index:
                continue
            self._index[row.client_id] = len(self.rows)
            self.rows.append(row)
            self._hays.append(haystack(row))
            self._states.append(state)
        self.counts.update(islice(self._states, start, None))
        self._show_more(start)

    def judge(self, states: "Mapping[str, State]") -> None:
        """States that came later than their rows."""
        for client_id, state in states.items():
            index = self._index.get(client_id)
            if index is not None:
                self._states[index] = state
        self.counts = Counter(self._states)
        if self.query is not None and self.query.states is not None:
            self._rebuild()

    def put(self, row: "ClientRow", state: State = "") -> None:
        """A client that was created or changed."""
        self.change([(row, state)])

    def remove(self, client_id: str) -> None:
        self.change([], gone=[client_id])

    def change(self, put: "Iterable[tuple[ClientRow, State]]", gone: Iterable[str] = ()) -> None:
        """Several clients at once: what was created or changed, and what is there no more."""
        from ocm_tui.core.clients.query import haystack

        new: list[tuple[ClientRow, State]] = []
        for row, state in put:
            self.absent.discard(row.client_id)
            index = self._index.get(row.client_id)
            if index is None:
                new.append((row, state))
                continue
            self.rows[index], self._hays[index], self._states[index] = row, haystack(row), state
        going = {index for client_id in gone if (index := self._index.get(client_id)) is not None}
        if going:
            self.absent.difference_update(self.rows[index].client_id for index in going)
            kept = [index for index in range(len(self.rows)) if index not in going]
            self.rows = [self.rows[index] for index in kept]
            self._hays = [self._hays[index] for index in kept]
            self._states = [self._states[index] for index in kept]
            self._index = {row.client_id: place for place, row in enumerate(self.rows)}
        self.counts = Counter(self._states)
        self._rebuild()
        if new:
            self.extend([row for row, _ in new], [state for _, state in new])

    def declare(self, rows: "Sequence[tuple[ClientRow, State]]") -> None:
        """Clients that the inventory has and the server has not."""
        self.change(rows)
        self.absent.update(row.client_id for row, _ in rows)

    def is_stored(self, client_id: str) -> bool:
        return client_id in self._index and client_id not in self.absent

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
        query, hays, rows, states = self.query, self._hays, self.rows, self._states
        if query is None or not (query.words or query.absent or query.tests or query.states is not None):
            return among
        if len(query.words) == 1 and not query.absent and not query.tests and query.states is None:
            word = query.words[0]
            if isinstance(among, range) and len(among) == len(hays):
                return [index for index, hay in enumerate(hays) if word in hay]
            return [index for index in among if word in hays[index]]
        if query.states is not None:  # few rows are in a state that is asked for: the rest needs no closer look
            among = [index for index in among if (states[index] or "unknown") in query.states]
        return [index for index in among if query.matches(rows[index], hays[index], state=states[index] or "unknown")]

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
