"""All keys of a pane and of the app, found by typing; under them, what the pane is about."""

import textwrap
from collections.abc import Iterable
from importlib import resources

from textual import on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from ocm_tui.tui.actions import Action, actions_of
from ocm_tui.tui.keys_table import PANES
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.widgets.plain_input import PlainInput

__all__ = ["HelpScreen"]

_MOVEMENT = (
    ("↑ ↓ j k", "Move the selection"),
    ("g G", "To the first row, to the last row"),
    ("pgup pgdn", "A page up or down"),
    ("tab", "To the next part of the screen"),
)


class HelpScreen(Dialog[None]):
    DEFAULT_CSS = "HelpScreen #help-text { height: 55vh; max-height: 30; }"

    def __init__(self, pane: str, *, everywhere: bool = True) -> None:
        """`everywhere`: the app's own keys work there as well."""
        super().__init__(f"Help: {PANES[pane]}", hint="type to find · esc closes")
        self._pane = pane
        self._groups = ("This pane", pane), *((("Everywhere", "app"),) if everywhere else ())

    def compose_dialog(self) -> Iterable[Widget]:
        yield PlainInput(placeholder="find a key or a word …")
        yield VerticalScroll(Static(self._text("")), id="help-text")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.query_one("#help-text Static", Static).update(self._text(event.value))

    def _text(self, wanted: str) -> Content:
        words = wanted.lower().split()
        width = min(int(self.app.size.width * 0.9), 100) - 6
        lines: list[Content] = []
        for title, group in self._groups:
            found = [action for action in actions_of(group) if _matches(action, words)]
            if found:
                lines += [
                    Content.styled(title, "bold $accent"),
                    *(_line(action, width) for action in found),
                    Content(""),
                ]
        if not words:
            lines += [Content.styled("Movement", "bold $accent")]
            lines += [Content.assemble((f"{keys:>10}  ", "bold"), text) for keys, text in _MOVEMENT]
            lines += [Content(""), Content(_about(self._pane))]
        return Content("\n").join(lines) if lines else Content("Nothing like that.")


def _matches(action: Action, words: list[str]) -> bool:
    text = f"{action.key_text} {' '.join(action.keys)} {action.title} {action.help}".lower()
    return all(word in text for word in words)


def _line(action: Action, width: int) -> Content:
    """Key, title, and the help text wrapped under itself."""
    indent = 25
    words = textwrap.wrap(action.help, max(width - indent, 20)) or [""]
    first = (f"{action.key_text:>6}  ", "bold"), (f"{action.title:<16} ", "$foreground"), (words[0], "$foreground-dim")
    rest = [Content.styled(" " * indent + line, "$foreground-dim") for line in words[1:]]
    return Content("\n").join([Content.assemble(*first), *rest])


def _about(pane: str) -> str:
    try:
        return (resources.files("ocm_tui.tui") / "help" / f"{pane}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
