"""Everything that was announced in this session, newest first."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.tui.exchange_text import clock_text
from ocm_tui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from ocm_tui.tui.announcing import Notice

__all__ = ["NoticesScreen"]

_MARKS = {"information": ("●", "$success"), "warning": ("▲", "$warning"), "error": ("▲", "$error")}


class NoticesScreen(Dialog[None]):
    DEFAULT_CSS = "NoticesScreen #notices { height: auto; max-height: 60vh; }"

    def __init__(self, notices: "Sequence[Notice]") -> None:
        super().__init__("Notices", hint="esc closes")
        self._notices = notices

    def compose_dialog(self) -> Iterable[Widget]:
        lines = [
            Content.assemble(
                (f"{_MARKS[n.severity][0]} ", _MARKS[n.severity][1]),
                (f"{clock_text(n.at)}  ", "$foreground-dim"),
                n.text,
            )
            for n in reversed(self._notices)
        ]
        yield VerticalScroll(
            Static(Content("\n").join(lines) if lines else Content("Nothing was announced yet.")), id="notices"
        )
