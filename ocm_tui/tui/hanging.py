"""A label and a text that goes on under itself, not under the label, when it is longer than its line."""

from collections.abc import Iterator

from rich.cells import cell_len
from textual.content import Content

__all__ = ["hanging"]

_LEAST = 30  # cells beside the label: a long text that has fewer begins below it
_BELOW = 2


def hanging(label: Content, text: Content, width: int) -> Content:
    """Lines of `width` cells at most: `label`, and `text` from the column on where the label ends.

    Broken between words where there are any. Labels that stand in one column have to have one width.
    """
    column = label.cell_length
    below = width - column < _LEAST and (text.cell_length > width - column or "\n" in text.plain)
    if below:
        column = _BELOW
    rows = [text[start:end] for start, end in _rows(text.plain, max(width - column, 1))]
    first = [label, rows[0]] if below else [Content.assemble(label, rows[0])]
    return Content("\n" + " " * column).join([*first, *rows[1:]])


def _rows(text: str, room: int) -> Iterator[tuple[int, int]]:
    """Where each row of `room` cells begins and ends: at least one, empty when the text is."""
    start = 0
    while True:
        end = _fitting(text, start, room)
        if end < len(text) and text[end] not in " \n":
            blank = text.rfind(" ", start, end) + 1
            end = blank if text[start:blank].strip() else end  # a word longer than the row is cut
        yield start, end
        rest = text[end:].lstrip(" ").removeprefix("\n")
        start = len(text) - len(rest)
        if not rest:
            return


def _fitting(text: str, start: int, room: int) -> int:
    """Where the row that begins at `start` ends, or a newline does it: at least one character."""
    end = start
    while end < len(text) and room > 0 and text[end] != "\n":
        room -= cell_len(text[end])
        end += 1
    return max(end if room >= 0 else end - 1, min(start + 1, len(text)))
