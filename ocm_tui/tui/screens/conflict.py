"""Changed under us: what it was, what I made of it, what somebody else made of it; one of them for each field."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.client_text import value_text
from ocm_tui.tui.hanging import hanging
from ocm_tui.tui.models.conflict_rows import CONFLICT_COLUMNS, Choice, ConflictRows
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.whole_screen import WholeScreen
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.row_table import RowTable

__all__ = ["ConflictScreen"]

_NAMES: Final = 8  # columns of the names before the values
_AROUND: Final = 15  # rows that are not for the values: bars, borders, words, and some of the table


class ConflictScreen(WholeScreen[ClientDocument | None]):
    """Dismissed with the document that was put together, based on theirs, or with None when the user leaves it."""

    DEFAULT_CSS = """
    ConflictScreen #fields { height: 1fr; }
    ConflictScreen #note { height: auto; padding: 0 1; }
    ConflictScreen RowTable { height: 1fr; }
    ConflictScreen #field { height: auto; padding: 0 1; }
    """
    pane = "conflict"
    live = False  # the values in full need the room
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("conflict")]

    def __init__(
        self, client_id: str, rows: ConflictRows, *, was: str = "Was", newer: str = "The server's document"
    ) -> None:
        """`was` names the first column: what both sides started from; `newer` is what somebody else changed."""
        super().__init__(f"Changed under us: {clean(client_id, 60)}", danger=True)
        self.rows, self._was, self._newer = rows, was, newer

    def compose_dialog(self) -> Iterable[Widget]:
        named = {"Was": self._was}
        columns = [replace(column, title=named.get(column.title, column.title)) for column in CONFLICT_COLUMNS]
        with Vertical(id="fields", classes="box"):
            yield Static(id="note")
            yield RowTable(columns, self.rows)
        yield Static(id="field", classes="box")

    def on_mount(self) -> None:
        self.table.focus()
        self._refresh()

    def on_resize(self) -> None:
        self.call_after_refresh(self._describe)

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    def _refresh(self) -> None:
        undecided = len(self.rows.undecided)
        titled(self.query_one("#fields"), self._title, f"{undecided} undecided" if undecided else "all decided")
        note = f"{self._newer} is newer than the one you changed. Nothing was sent."
        self.query_one("#note", Static).update(Content(note))
        self.table.rows_changed()
        if not self.rows.fields:
            self.table.say("Both documents say the same.", "^s goes on from theirs.")
        self._describe()

    @on(RowTable.Highlighted)
    def _describe(self) -> None:
        """The values in full, as far as there is room: in the columns they are cut sooner."""
        place = self.rows.position(self.table.selected_key) if self.table.selected_key is not None else None
        field = self.query_one("#field", Static)
        field.display = place is not None
        if place is None:
            return
        one = self.rows.fields[place]
        titled(field, one.path, "both changed it" if one.both else "")
        width = max(self.size.width - 4, 20)  # without the border and its padding
        longest = max((self.size.height - _AROUND) // 3, 2) * (width - _NAMES - 4)  # words do not fill each row
        values = ((self._was, one.was), ("Mine", one.mine), ("Theirs", one.theirs))
        lines = [
            hanging(
                Content.styled(f"{name[: _NAMES - 1]:<{_NAMES}}", TONES["dim"]),
                Content(clean(value_text(value), longest)),
                width,
            )
            for name, value in values
        ]
        field.update(Content("\n").join(lines))

    def _choose(self, choice: Choice) -> None:
        path = self.table.selected_key
        if path is not None:
            self.rows.choose(path, choice)
            self._refresh()
            self.table.action_move(1)

    def action_mine(self) -> None:
        self._choose("mine")

    def action_theirs(self) -> None:
        self._choose("theirs")

    def action_all_mine(self) -> None:
        self.rows.choose_all("mine")
        self._refresh()

    def action_all_theirs(self) -> None:
        self.rows.choose_all("theirs")
        self._refresh()

    def action_accept(self) -> None:
        undecided = self.rows.undecided
        if not undecided:
            self.dismiss(self.rows.settled())
            return
        self.table.select(undecided[0])
        self._describe()
        fields = f"{len(undecided)} fields are" if len(undecided) > 1 else "1 field is"
        problem = f"{fields} undecided: m takes mine, t theirs."
        self.console.note(problem, severity="warning")
        self.query_one("#note", Static).update(Content.styled(problem, "$warning"))

    def action_back(self) -> None:
        self.dismiss(None)
