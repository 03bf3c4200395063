"""The pattern of most panes: a list with a filter on the left, the detail of what is selected on the right.

A pane that follows it gives its filter hint, its table and its detail, and says how a filter narrows its rows. On a
narrow terminal the detail replaces the list.
"""

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.containers import Vertical
from textual.widget import Widget

from ocm_tui.core.errors import UsageError
from ocm_tui.core.text import clean
from ocm_tui.tui.clipboard import put
from ocm_tui.tui.pane import PaneScreen
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.text_panel import TabbedPanel

__all__ = ["ListPane"]


class ListPane(PaneScreen):
    """Its actions `filter`, `open`, `back`, `next_tab`, `previous_tab` and `copy` stand in the action table."""

    AUTO_FOCUS = "RowTable"
    filter_hint: ClassVar[str]
    copied: ClassVar[str]  # what `copy` copies, in words

    def make_filter(self) -> FilterBar:
        return FilterBar(self.filter_hint)

    @abstractmethod
    def make_table(self) -> RowTable: ...

    @abstractmethod
    def make_detail(self) -> TabbedPanel:
        """With the id `detail` and the class `box`."""

    @abstractmethod
    def narrow(self, text: str) -> None:
        """Apply a filter to the rows. UsageError leaves them as they are and is shown under the filter."""

    @abstractmethod
    def show_state(self) -> None:
        """Title, counts, and what stands in the place of rows that are not there."""

    def give_up(self) -> None:
        """`esc` with nothing left to close: stop what is under way."""

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(id="list", classes="box"):
            yield self.make_filter()
            yield self.make_table()
        yield self.make_detail()

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    @property
    def panel(self) -> TabbedPanel:
        return self.query_one(TabbedPanel)

    @property
    def filter_bar(self) -> FilterBar:
        return self.query_one(FilterBar)

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        try:
            self.narrow(event.text)
        except UsageError as error:
            self.filter_bar.complain(f"{error.title}. {error.hint}")
            return
        self.filter_bar.complain("")
        self.table.rows_changed()
        self.show_state()

    @on(FilterBar.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    @on(RowTable.Chosen)
    async def _chosen(self) -> None:
        await self.run_action("open")

    async def action_filter(self) -> None:
        await self.filter_bar.open()

    def open_detail(self) -> None:
        self.add_class("-detail")
        self.panel.focus_text()

    def action_back(self) -> None:
        if self.has_class("-detail") or self.panel.has_focus_within:
            self.remove_class("-detail")
            self.table.focus()
        elif self.filter_bar.text:
            self.filter_bar.action_clear()
        else:
            self.give_up()

    def action_next_tab(self) -> None:
        self.panel.turn(1)

    def action_previous_tab(self) -> None:
        self.panel.turn(-1)

    def action_copy(self) -> None:
        key = self.table.selected_key
        if key is None:
            self.console.announce("Nothing is selected.", severity="warning")
            return
        self.console.announce(f"{self.copied} {put(self.console, clean(key))}.")
