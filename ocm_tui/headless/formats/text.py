"""Aligned columns and a little colour for people. Everything that comes in here must be clean already."""

import unicodedata
from collections.abc import Sequence
from typing import Final

__all__ = ["GREEN", "GREY", "RED", "YELLOW", "padded", "painted", "table", "width_of"]

RED: Final = "31"
GREEN: Final = "32"
YELLOW: Final = "33"
GREY: Final = "90"


def painted(text: str, paint: str, *, color: bool) -> str:
    return f"\x1b[{paint}m{text}\x1b[0m" if color and paint else text


def width_of(text: str) -> int:
    """Terminal columns: wide East Asian letters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def padded(text: str, width: int, *, right: bool = False) -> str:
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    paints: Sequence[str] = (),
    color: bool = False,
) -> str:
    """Columns two blanks apart; those in `right` (indexes) end flush. `paints` colours the first cell of each row."""
    widths = [max(width_of(cell) for cell in column) for column in zip(headings, *rows, strict=True)]
    lines = [_line(headings, widths, right)]
    for index, row in enumerate(rows):
        cells = list(row)
        line = _line(cells, widths, right)
        if paints and paints[index]:
            first = padded(cells[0], widths[0], right=0 in right)
            line = painted(first, paints[index], color=color) + line[len(first) :]
        lines.append(line)
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    return "  ".join(
        padded(cell, width, right=index in right) for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()
