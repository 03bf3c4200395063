"""An input for text from outside: what a terminal would obey is shown as a mark, the text itself stays what it is.

A mark stands for one character and is one cell wide, so that the cursor is where it seems to be.
"""

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

from ocm_tui.core.text import clean

__all__ = ["PlainInput", "marked"]


def marked(text: str, *, keep: str = "") -> str:
    """`text` with a mark in the place of every unsafe character that is not in `keep`."""
    if clean(text) == text:
        return text
    return "".join(character if character in keep else _mark(character) for character in text)


def _mark(character: str) -> str:
    shown = clean(character)
    return shown if len(shown) == 1 else "\ufffd"


class PlainInput(Input):
    # Textual lays out the whole screen anew when the virtual size changes, which here is at every key. The place of an
    # input does not depend on its text: it only has to know how far it may scroll.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))

    @property
    def _value(self) -> Text:
        """What Textual paints in place of the value."""
        if self.password:
            return super()._value
        return Text(marked(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(marked(self.value[:position]))
