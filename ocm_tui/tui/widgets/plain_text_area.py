"""The text area that goes with `PlainInput`."""

from rich.text import Text
from textual.widgets import TextArea

from ocm_tui.tui.widgets.plain_input import marked

__all__ = ["PlainTextArea"]


class PlainTextArea(TextArea):
    def get_line(self, line_index: int) -> Text:
        """What Textual paints in place of the line."""
        return Text(marked(self.document.get_line(line_index), keep="\t"), end="", no_wrap=True)
