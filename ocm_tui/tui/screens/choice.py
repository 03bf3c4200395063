"""One of a few ways to go on, each by its own key."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.core.text import clean
from ocm_tui.tui.hanging import hanging
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.tones import TONES

__all__ = ["ChoiceScreen"]

_C = TypeVar("_C", bound=str)


class ChoiceScreen(Dialog[_C | None]):
    """Dismissed with the choice whose key was pressed, or with None."""

    def __init__(self, title: str, choices: Mapping[str, tuple[_C, str]]) -> None:
        """`choices`: a key, what it stands for, and a sentence about it."""
        super().__init__(title)
        self._choices = choices

    def compose_dialog(self) -> Iterable[Widget]:
        width = min(self.app.size.width * 9 // 10, 100) - 4  # of the box, without its border and margins
        lines = [
            hanging(Content.styled(f"  {key}  ", TONES["key"]), Content(clean(sentence, 200)), width)
            for key, (_, sentence) in self._choices.items()
        ]
        yield Static(Content("\n").join(lines))

    def on_key(self, event: events.Key) -> None:
        if event.key in self._choices:
            event.stop()
            self.dismiss(self._choices[event.key][0])
