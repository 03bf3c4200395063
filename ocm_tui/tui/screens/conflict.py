"""Changed under us: what it was, what I made of it, what somebody else made of it; one of them for each field."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import actions_of, bindings_of
from ocm_tui.tui.client_text import value_text
from ocm_tui.tui.models.conflict_rows import CONFLICT_COLUMNS, Choice, ConflictRows
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.row_table import RowTable

__all__ = ["ConflictScreen"]

_LONGEST = 600


class ConflictScreen(Dialog[ClientDocument | None]):
    """Dismissed with the document that was put together, based on theirs, or with None when the user leaves it."""

    DEFAULT_CSS = """
    ConflictScreen #dialog { width: 96%; max-width: 180; height: 90%; }
    ConflictScreen RowTable { height: 1fr; min-height: 4; }
    ConflictScreen #field { height: auto; max-height: 9; border-top: solid $border-plain; }
    """
    pane = "conflict"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("conflict")]

    def __init__(
        self, client_id: str, rows: ConflictRows, *, was: str = "Was", newer: str = "The server's document"
    ) -> None:
        """`was` names the first column: what both sides started from; `newer` is what somebody else changed."""
        keys = "   ".join(f"{action.key_text} {action.title.lower()}" for action in actions_of("conflict"))
        super().__init__(f"Changed under us: {clean(client_id, 60)}", hint=keys, danger=True)
        self.rows, self._was, self._newer = rows, was, newer

    def compose_dialog(self) -> Iterable[Widget]:
        yield Static(Content(f"{self._newer} is newer than the one you changed. Nothing was sent."))
        named = {"Was": self._was}
        columns = [replace(column, title=named.get(column.title, column.title)) for column in CONFLICT_COLUMNS]
        yield RowTable(columns, self.rows)
        yield Static(Content(""), id="field")

    def on_mount(self) -> None:
        self.table.focus()
        self._refresh()

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    def _refresh(self) -> None:
        self.table.rows_changed()
        if not self.rows.fields:
            self.table.say("Both documents say the same.", "^s goes on from theirs.")
        self._describe()

    @on(RowTable.Highlighted)
    def _describe(self) -> None:
        """The values in full: in the columns they are cut."""
        place = self.rows.position(self.table.selected_key) if self.table.selected_key is not None else None
        if place is None:
            self.query_one("#field", Static).update(Content(""))
            return
        one = self.rows.fields[place]
        lines = [Content.styled(clean(one.path, 200), "bold")]
        for name, value in ((self._was, one.was), ("Mine", one.mine), ("Theirs", one.theirs)):
            lines.append(Content.assemble((f"{name:<8}", TONES["dim"]), Content(clean(value_text(value), _LONGEST))))
        if one.both:
            lines.append(Content.styled("Both changed it.", "$warning"))
        self.query_one("#field", Static).update(Content("\n").join(lines))

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
        self.console.announce(f"{fields} undecided: m takes mine, t theirs.", severity="warning")

    def action_back(self) -> None:
        self.dismiss(None)
