"""The detail of an exchange: tabs on top, lines that fold, and a bar to search them."""

from collections.abc import Callable, Sequence

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ocm_tui.tui.models.text_lines import Line
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.line_pane import LinePane
from ocm_tui.tui.widgets.text_panel import TabbedPanel

__all__ = ["ExchangePanel"]

Lines = Callable[[int], Sequence[Line]]


class ExchangePanel(TabbedPanel):
    class Searched(Message):
        """Another place was found, or none: the counts changed."""

    def __init__(self, tabs: Sequence[str], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(tabs, id=id, classes=classes)
        self._lines: Lines | None = None
        self._search_bar = FilterBar("find in this tab")

    async def _fill(self) -> None:
        if self.children or not self.is_attached:
            return
        await self.mount(Static(Content(""), classes="tabs"), self._search_bar, LinePane())
        if self.children:
            self.watch_active()
            if self._lines is not None:
                self.show_lines(self._lines)

    def show_lines(self, make: Lines, *, top: bool = True) -> None:
        """`make` is called when there is a place to show them, with its width, and again when that changes."""
        self._lines = make
        if self.children:
            self.pane.show(make, top=top)
        else:
            self.call_later(self._fill)

    @property
    def pane(self) -> LinePane:
        return self.query_one(LinePane)

    def focus_text(self) -> None:
        """At once, not with a message to come: the next key is for the pane."""
        if self.children:
            self.screen.set_focus(self.pane)

    # Searching

    async def open_search(self) -> None:
        if self.children:
            await self._search_bar.open()

    @property
    def sought(self) -> str:
        return self._search_bar.text

    def end_search(self) -> None:
        self._search_bar.action_clear()

    @property
    def match_place(self) -> tuple[int, int]:
        """Which match the cursor is on (0: on none), and how many there are."""
        return self.pane.match_place if self.children else (0, 0)

    def next_match(self, by: int) -> None:
        if self.children:
            self.pane.next_match(by)
            self.post_message(self.Searched())

    @on(FilterBar.Changed)
    def _typed(self, event: FilterBar.Changed) -> None:
        event.stop()
        if self.children:
            self.pane.search(event.text)
            self.post_message(self.Searched())

    @on(FilterBar.Left)
    def _left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.focus_text()
