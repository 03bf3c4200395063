"""One thing that the console can do: its keys, its names, and what refuses it."""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Action", "Kind"]

Kind = Literal["look", "write", "destroy"]


@dataclass(frozen=True, slots=True)
class Action:
    """`keys` are alternatives, the first is the one shown; `kind` decides what refuses it.

    `footer` puts it there; where the terminal is narrow, one that `stays` is the last that goes.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    kind: Kind = "look"
    footer: bool = False
    shown_key: str = ""
    stays: bool = False

    @property
    def pane(self) -> str:
        return self.id.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.id.partition(".")[2]

    @property
    def key_text(self) -> str:
        return self.shown_key or _KEY_NAMES.get(self.keys[0], self.keys[0])


_KEY_NAMES: Final = {
    "slash": "/",
    "question_mark": "?",
    "enter": "⏎",
    "space": "space",
    "escape": "esc",
    "ctrl+p": "^p",
    "ctrl+s": "^s",
    "ctrl+q": "^q",
    "delete": "del",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
