"""A scrolling panel of plain text with tabs on top; the text is never markup."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.visual import Visual
from textual.widgets import Static

from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.scrolling import LineView

__all__ = ["AFTER_START", "ReadingPane", "TabbedPanel"]

AFTER_START = 0.4  # seconds; the first frame shows the empty box, and the first rows come before its inside


class ReadingPane(LineView, can_focus=True):
    """Text to scroll through, wrapped to the width; new text costs no layout of the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "Bottom", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.text = Content("")
        self._strips: list[Strip] = []

    def show(self, text: Content, *, top: bool) -> None:
        self.text = text
        self._wrap()
        if top:
            self.scroll_to(y=0, animate=False)

    def on_resize(self) -> None:
        self._wrap()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._wrap()

    def _wrap(self) -> None:
        width = self.size.width - 2
        if width > 0:
            self._strips = Visual.to_strips(self, self.text, width, None, self.visual_style, pad=True)
            self.set_lines(len(self._strips))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        width = self.size.width
        if line >= len(self._strips):
            return Strip.blank(width, self.rich_style)
        gap = Strip.blank(1, self.rich_style)
        return Strip.join([gap, self._strips[line], gap]).adjust_cell_length(width, self.rich_style)


class TabbedPanel(Vertical):
    """`tabs` are names; the owner renders the text of `active` and hands it to `show`."""

    DEFAULT_CSS = """
    TabbedPanel .tabs { height: 1; padding: 0 1; }
    """
    active: reactive[int] = reactive(0)

    def __init__(self, tabs: Sequence[str], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.tabs = tuple(tabs)
        self._text = Content("")

    def on_mount(self) -> None:
        self.set_timer(AFTER_START, self._fill)

    async def _fill(self) -> None:
        if self.children or not self.is_attached:
            return  # it is filled already, or the console was left at once
        await self.mount(Static(Content(""), classes="tabs"), ReadingPane())
        if self.children:  # a panel that is being closed takes none, and asking again would never end
            self.watch_active()
            self.show(self._text)

    @property
    def active_tab(self) -> str:
        return self.tabs[self.active]

    def turn(self, by: int) -> None:
        self.active = (self.active + by) % len(self.tabs)

    def watch_active(self) -> None:
        if self.children:
            names = [
                Content.styled(name, TONES["active" if n == self.active else "dim"]) for n, name in enumerate(self.tabs)
            ]
            self.query_one(".tabs", Static).update(Content("  ").join(names))

    def show(self, text: Content, *, top: bool = True) -> None:
        self._text = text
        if self.children:
            self.query_one(ReadingPane).show(text, top=top)
        else:
            self.call_later(self._fill)

    def focus_text(self) -> None:
        if self.children:
            self.query_one(ReadingPane).focus()
