"""The saved filters of the log: pick one, save the one that is set, delete one."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.saved_filters import OWN, SavedFilter, SavedFilters
from ocm_tui.core.text import clean
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.widgets.plain_input import PlainInput
from ocm_tui.tui.widgets.row_table import Cell, Column, RowTable

__all__ = ["FiltersScreen"]

_COLUMNS: Final = (Column("Name", 16, share=1), Column("Filter", 20, share=2), Column("", 13, needs=70))
_MOST_LINES: Final = 15


class _FilterRows:
    """A `RowSource`."""

    def __init__(self) -> None:
        self.filters: Sequence[SavedFilter] = ()

    def __len__(self) -> int:
        return len(self.filters)

    def key(self, position: int) -> str:
        return f"{self.filters[position].origin} {self.filters[position].name}"

    def position(self, key: str) -> int | None:
        return next((place for place in range(len(self)) if self.key(place) == key), None)

    def cells(self, position: int) -> Sequence[Cell]:
        found = self.filters[position]
        return Cell(found.name), Cell(clean(found.query)), Cell(found.origin, "dim")


class FiltersScreen(Dialog[str]):
    """Dismissed with a filter, or with None."""

    DEFAULT_CSS = """
    FiltersScreen RowTable { background: $surface; }
    FiltersScreen Input { display: none; }
    FiltersScreen.-naming Input { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pick", "Set it", show=False),
        Binding("s", "name", "Save", show=False),
        Binding("delete,D", "delete", "Delete", show=False),
    ]

    def __init__(self, saved: SavedFilters, current: str) -> None:
        self._saved, self._current = saved, current.strip()
        save = f"s saves {clean(self._current, 40)} · " if self._current else ""
        super().__init__("Filters of the log", hint=f"⏎ sets it · {save}D deletes a saved one · esc closes")
        self._rows = _FilterRows()

    def compose_dialog(self) -> Iterable[Widget]:
        yield RowTable(_COLUMNS, self._rows)
        yield PlainInput(placeholder="a name for the filter, ⏎ saves it")

    def on_mount(self) -> None:
        self._show()
        self.table.focus()

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    def _show(self) -> None:
        self._rows.filters = self._saved.all
        self.table.rows_changed()
        self.table.styles.height = min(len(self._rows), _MOST_LINES) + 1

    @property
    def _selected(self) -> SavedFilter | None:
        key = self.table.selected_key
        place = self._rows.position(key) if key is not None else None
        return self._rows.filters[place] if place is not None else None

    @on(RowTable.Chosen)
    def _chosen(self) -> None:
        self.action_pick()

    def action_pick(self) -> None:
        if self._selected is not None:
            self.dismiss(self._selected.query)

    def action_name(self) -> None:
        if not self._current:
            self.say("There is no filter to save: / sets one first.")
            return
        self.add_class("-naming")
        self.query_one(PlainInput).focus()

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self._saved.save(event.value, self._current)
        except OcmError as error:
            self.say(f"{error}{' – ' + error.hint if error.hint else ''}")
            return
        self.remove_class("-naming")
        self._show()
        self.table.select(f"{OWN} {event.value.strip()}")
        self.table.focus()

    def action_delete(self) -> None:
        found = self._selected
        if found is None or found.origin != OWN:
            self.say("Only saved filters can be deleted.")
            return
        try:
            self._saved.delete(found.name)
        except OcmError as error:
            self.say(f"{error}{' – ' + error.hint if error.hint else ''}")
        self._show()
