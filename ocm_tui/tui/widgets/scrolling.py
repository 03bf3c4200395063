"""Views that paint their own lines: how long they are may change with every key."""

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView

__all__ = ["CursorView", "LineView"]


class LineView(ScrollView):
    """A `ScrollView` of `lines` lines, as wide as it is.

    Textual lays the whole screen out again when a virtual size changes; here only the scrollbar has to know. The
    scrollbar is always there, so that no length of the contents moves anything else.
    """

    DEFAULT_CSS = """
    LineView { height: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    """

    def set_lines(self, lines: int) -> None:
        size = Size(self.size.width, lines)
        if size != self.virtual_size:
            self.set_reactive(LineView.virtual_size, size)
            self._scroll_update(size)


class CursorView(LineView):
    """Lines with a cursor that keys move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("home,g", "top", "Top", show=False),
        Binding("end,G", "bottom", "Bottom", show=False),
    ]

    HEADER: ClassVar[int] = 0  # lines above those that scroll
    cursor: int

    @abstractmethod
    def count_lines(self) -> int:
        """How many lines the cursor can be on."""

    @abstractmethod
    def move_to(self, line: int) -> None:
        """The user moves the cursor, at most to the ends."""

    def action_move(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        self.move_to(self.cursor + by * max(self.size.height - self.HEADER - 1, 1))

    def action_top(self) -> None:
        self.move_to(0)

    def action_bottom(self) -> None:
        self.move_to(self.count_lines() - 1)
