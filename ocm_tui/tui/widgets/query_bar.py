"""The filter of the log: what may come next stands under it, and a mistake is pointed at."""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from ocm_tui.core.exchanges.completion import Completion, complete
from ocm_tui.core.exchanges.query import QuerySyntaxError, parse_query
from ocm_tui.core.text import clean
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.plain_input import marked

__all__ = ["QueryBar"]

Known = Callable[[], Mapping[str, Iterable[str]]]


class QueryBar(FilterBar):
    """While it has the focus, a line under it offers terms: `tab` takes the marked one, up and down mark another."""

    DEFAULT_CSS = """
    QueryBar .offers { display: none; height: 1; padding: 0 2; }
    QueryBar:focus-within .offers { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("down", "mark(1)", "Next offer", show=False),
        Binding("up", "mark(-1)", "Offer before", show=False),
    ]

    def __init__(self, hint: str, known: Known) -> None:
        """`known` gives values met so far, by key."""
        super().__init__(hint)
        self._known = known
        self._line = Static(Content(""), classes="offers")
        self._offers: list[Completion] = []
        self._marked = 0

    def _fill(self) -> None:
        if not self.children and self.is_attached:
            super()._fill()
            self.mount(self._line)

    async def open(self) -> None:
        await super().open()
        self._look()

    @on(Input.Changed)
    def _changed(self) -> None:
        self._look()

    def _look(self) -> None:
        text = self._field.value
        self._offers = complete(text, self._field.cursor_position, self._known())
        self._marked = 0
        self._show()

    def _show(self) -> None:
        if not self._line.is_attached:
            return
        self._line.update(self._offered() if self._offers else self._pointed())

    def _offered(self) -> Content:
        """From the marked one on, as many as there is room for; then what the marked one means."""
        room = max(self.size.width - 4, 10)
        shown: list[Content] = []
        best = self._offers[self._marked]
        meaning = f"  {clean(best.help, 80)}" if best.help else ""
        used = len(meaning)
        for number, offer in enumerate(self._offers[self._marked :]):
            text = clean(offer.text.strip(), 40)
            used += cell_len(text) + 2
            if shown and used > room:
                break
            shown.append(Content.styled(text, TONES["dim" if number else "key"]))
        return Content.assemble(Content("  ").join(shown), (meaning, TONES["dim"]))[:room]

    def _pointed(self) -> Content:
        """Under the characters that are wrong."""
        text = self._field.value
        try:
            parse_query(text)
        except QuerySyntaxError as error:
            start = cell_len(marked(text[: error.position])) - self._field.scroll_offset.x
            length = max(cell_len(marked(text[error.position : error.position + error.length])), 1)
            return Content.styled(" " * max(start, 0) + "▔" * length, TONES["bad"])
        return Content("")

    def action_mark(self, by: int) -> None:
        if self._offers:
            self._marked = (self._marked + by) % len(self._offers)
            self._show()

    def action_complete(self) -> None:
        """Without an offer `tab` goes on to the next part of the screen, as everywhere."""
        if not self._offers:
            self.screen.focus_next()
            return
        offer = self._offers[self._marked]
        self._field.value = offer.applied(self._field.value)
        self._field.cursor_position = offer.start + len(offer.text)
        self._look()
