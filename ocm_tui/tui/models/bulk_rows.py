"""What came of a change of many clients: one row each, failures first in the order they came."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ocm_tui.core.clients.bulk import BulkResult
from ocm_tui.core.text import clean
from ocm_tui.tui.widgets.row_table import Cell, Column, Tone

__all__ = ["BULK_COLUMNS", "BulkRows"]

BULK_COLUMNS: Final = (
    Column("Result", 11),
    Column("Client", 18, share=2),
    Column("Why", 20, share=3, needs=50),
)
_WORDS: Final[dict[str, tuple[str, Tone]]] = {
    "waiting": ("· waiting", "dim"),
    "succeeded": ("● done", "good"),
    "failed": ("▲ failed", "bad"),
    "unknown": ("? unknown", "warn"),
    "skipped": ("○ not done", "dim"),
}


class BulkRows:
    """A `RowSource`. What went wrong stands on top, so that it is not looked for among a thousand that went well."""

    def __init__(self, client_ids: Sequence[str]) -> None:
        self.client_ids = list(client_ids)
        self.results: dict[str, BulkResult] = {}
        self._wrong: list[str] = []
        self._order = self.client_ids
        self._place: dict[str, int] = {}
        self._arrange()

    @property
    def counts(self) -> Counter[str]:
        return Counter(result.status for result in self.results.values())

    @property
    def wrong(self) -> list[BulkResult]:
        """Failures and what nobody knows."""
        return [self.results[client_id] for client_id in self._wrong]

    def take(self, result: BulkResult) -> None:
        self.results[result.client_id] = result
        if result.status in ("failed", "unknown"):
            self._wrong.append(result.client_id)

    def arrange(self) -> None:
        """Bring what went wrong to the top; to be called before painting, not for every result."""
        if self._order[: len(self._wrong)] != self._wrong:
            self._arrange()

    def _arrange(self) -> None:
        self._order = list(dict.fromkeys([*self._wrong, *self.client_ids]))
        self._place = {client_id: place for place, client_id in enumerate(self._order)}

    # RowSource

    def __len__(self) -> int:
        return len(self._order)

    def key(self, position: int) -> str:
        return self._order[position]

    def position(self, key: str) -> int | None:
        return self._place.get(key)

    def cells(self, position: int) -> Sequence[Cell]:
        client_id = self.key(position)
        result = self.results.get(client_id)
        text, tone = _WORDS[result.status if result is not None else "waiting"]
        why = str(result.error) if result is not None and result.error is not None else ""
        return (Cell(text, tone), Cell(clean(client_id, 200)), Cell(clean(why, 300), "dim"))
