"""The line of panes under the banner."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from ocm_tui.tui.tones import TONES

__all__ = ["PANES", "PaneTabs"]

PANES = (("clients", "Clients"), ("oci", "OCI profiles"), ("registry", "Registry"), ("log", "Log"))


class PaneTabs(Widget):
    DEFAULT_CSS = """PaneTabs { height: 1; background: $surface; }"""

    class Picked(Message):
        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    standing: reactive[str] = reactive("")  # on the right, if there is room

    def __init__(self, active: str) -> None:
        super().__init__()
        self.active = active

    def render(self) -> Content:
        parts: list[Content] = []
        for number, (pane, title) in enumerate(PANES, 1):
            tone = TONES["active" if pane == self.active else "dim"]
            parts.append(Content.assemble((f" {number} {title}", tone), " "))
        tabs = Content("").join(parts)
        gap = self.size.width - tabs.cell_length - len(self.standing) - 1
        if not self.standing or gap < 2:
            return tabs
        return Content.assemble(tabs, " " * gap, (self.standing, TONES["warn"]))

    def on_click(self, event: events.Click) -> None:
        start = 0
        for number, (pane, title) in enumerate(PANES, 1):
            start += len(f" {number} {title} ")
            if event.x < start:
                self.post_message(self.Picked(pane))
                return
