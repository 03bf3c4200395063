"""The detail of one OCI profile."""

from typing import Final

from textual.content import Content
from textual.message import Message

from ocm_tui.tui.models.oci_rows import shown
from ocm_tui.tui.oci_text import ProfileFacts, effective_content, findings_content, overview_content
from ocm_tui.tui.pane import titled
from ocm_tui.tui.widgets.text_panel import TabbedPanel

__all__ = ["OciDetail"]

TABS = ("Overview", "Findings", "Probe", "Effective", "GenAI")
_AROUND: Final = 3  # cells beside the text: its margins and the scrollbar


class OciDetail(TabbedPanel):
    class Wanted(Message):
        """The tab that is shown needs what was not asked for yet."""

    def __init__(self, *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(TABS, id=id, classes=classes)
        self._facts: ProfileFacts | None = None

    def on_mount(self) -> None:
        titled(self, "Detail")

    def show_nothing(self) -> None:
        self._facts = None
        titled(self, "Detail")
        self.show(Content(""))

    def show_profile(self, facts: ProfileFacts) -> None:
        same = self._facts is not None and self._facts.entry.name == facts.entry.name
        self._facts = facts
        titled(self, shown(facts.entry.name))
        self._render_tab(top=not same)

    def on_resize(self) -> None:
        """What is long goes on under itself: where that is depends on the width."""
        if self._facts is not None:
            self._render_tab(top=False)

    def turn_to(self, tab: str) -> None:
        self.active = self.tabs.index(tab)

    def watch_active(self) -> None:
        super().watch_active()
        if self.is_mounted:
            self._render_tab(top=True)

    def _render_tab(self, *, top: bool) -> None:
        facts = self._facts
        if facts is None:
            self.show(Content(""))
            return
        if self.active_tab == "Effective" and facts.effective is None:
            self.post_message(self.Wanted())
        self.show(_content(self.active_tab, facts, max(self.size.width - _AROUND, 20)), top=top)


def _content(tab: str, facts: ProfileFacts, width: int) -> Content:
    from ocm_tui.tui.oci_answers_text import genai_content, probe_content

    texts = {
        "Overview": overview_content,
        "Findings": findings_content,
        "Probe": probe_content,
        "Effective": effective_content,
        "GenAI": genai_content,
    }
    return texts[tab](facts, width)
