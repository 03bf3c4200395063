"""A scrolling panel of plain text with tabs on top; the text is never markup."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from ocm_tui.tui.tones import TONES

__all__ = ["AFTER_FIRST_FRAME", "ReadingPane", "TabbedPanel"]


AFTER_FIRST_FRAME = 0.03  # seconds; the first frame shows the empty box


class ReadingPane(VerticalScroll, can_focus=True):
    """Text to scroll through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "Bottom", show=False),
    ]


class TabbedPanel(Vertical):
    """`tabs` are names; the owner renders the text of `active` and hands it to `show`."""

    DEFAULT_CSS = """
    TabbedPanel .tabs { height: 1; padding: 0 1; }
    TabbedPanel .text { width: 1fr; height: auto; padding: 0 1; }
    """
    active: reactive[int] = reactive(0)

    def __init__(self, tabs: Sequence[str], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.tabs = tuple(tabs)
        self._text = Content("")
        self._filled = False  # the inner parts are mounted one after the other, and are used when all of them are

    def on_mount(self) -> None:
        self.set_timer(AFTER_FIRST_FRAME, self._fill)

    async def _fill(self) -> None:
        await self.mount(Static(Content(""), classes="tabs"), ReadingPane(Static(self._text, classes="text")))
        self._filled = True
        self.watch_active()
        self.show(self._text)

    @property
    def active_tab(self) -> str:
        return self.tabs[self.active]

    def turn(self, by: int) -> None:
        self.active = (self.active + by) % len(self.tabs)

    def watch_active(self) -> None:
        if self._filled:
            names = [
                Content.styled(name, TONES["active" if n == self.active else "dim"]) for n, name in enumerate(self.tabs)
            ]
            self.query_one(".tabs", Static).update(Content("  ").join(names))

    def show(self, text: Content, *, top: bool = True) -> None:
        self._text = text
        if self._filled:
            self.query_one(".text", Static).update(text)
            if top:
                self.query_one(ReadingPane).scroll_home(animate=False)

    def focus_text(self) -> None:
        if self._filled:
            self.query_one(ReadingPane).focus()
