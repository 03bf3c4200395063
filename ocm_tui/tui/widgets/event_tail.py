"""The newest events of the client stream, in sight beside the list."""

from collections.abc import Callable, Sequence
from uuid import UUID

from textual.content import Content
from textual.widget import Widget

from ocm_tui.core.text import clean
from ocm_tui.tui.models.event_rows import EventLine
from ocm_tui.tui.tones import TONES

__all__ = ["EventTail"]


class EventTail(Widget):
    DEFAULT_CSS = """
    EventTail { height: 6; border: round $border-plain; border-title-color: $foreground-dim; padding: 0 1; }
    """

    def __init__(self, name_of: Callable[[UUID], str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._name_of = name_of
        self._lines: Sequence[EventLine] = ()
        self._notice = "Reading the event stream …"

    def on_mount(self) -> None:
        self.border_title = Content("Events")

    def show(self, lines: Sequence[EventLine], *, title: str, notice: str = "") -> None:
        """`notice` stands in the place of events that are not there. Both are safe text."""
        self.border_title = Content(clean(title, 120))
        if (lines, notice) != (self._lines, self._notice):
            self._lines, self._notice = lines, notice
            self.refresh()

    def render(self) -> Content:
        if not self._lines:
            return Content.styled(clean(self._notice, 300), TONES["dim"])
        width, height = self.content_size
        shown = self._lines[-height:]
        return Content("\n").join([line.content(self._who(line), width) for line in shown])

    def _who(self, line: EventLine) -> str:
        return self._name_of(line.client_id) if line.client_id is not None else "–"
