"""Views that paint their own lines: how long they are may change with every key."""

from textual.geometry import Size
from textual.scroll_view import ScrollView

__all__ = ["LineView"]


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
