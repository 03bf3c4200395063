"""Two values beside each other: what the server has on the left, what is declared on the right."""

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final

from rich.cells import cell_len, chop_cells
from textual.content import Content

from ocm_tui.tui.client_text import value_text
from ocm_tui.tui.tones import TONES

__all__ = ["RULE", "columns", "columns_line", "side_by_side"]

RULE: Final = " │ "  # between the columns
_MOST_ITEMS: Final = 100

_Cell = tuple[str, str]  # text and tone
_Row = tuple[_Cell, _Cell]


def side_by_side(before: Any, after: Any, width: int) -> list[Content]:
    """Lines of `width` cells. Of two lists the common items stand in one line; None is absent."""
    rows = list(_rows(_listed(before), _listed(after)))
    lines: list[Content] = []
    for left, right in rows[:_MOST_ITEMS]:
        lines += columns_line(left, right, width)
    if len(rows) > _MOST_ITEMS:
        lines.append(Content.styled(f"… {len(rows) - _MOST_ITEMS:,} more", TONES["dim"]))
    return lines


def columns_line(left: _Cell, right: _Cell, width: int) -> list[Content]:
    """One row of the two columns; what is too long goes on in the next lines."""
    return [
        Content.assemble((one, TONES[left[1]]), (RULE, TONES["dim"]), (other, TONES[right[1]]))
        for one, other in columns(left[0], right[0], width)
    ]


def columns(left: str, right: str, width: int) -> Iterator[tuple[str, str]]:
    """The lines of both columns, with RULE between them `width` cells at most; the left one is filled with blanks."""
    half = max((width - len(RULE)) // 2, 8)
    for one, other in zip_longest(_chopped(left, half), _chopped(right, half), fillvalue=""):
        yield one + " " * (half - cell_len(one)), other


def _chopped(text: str, width: int) -> list[str]:
    """At least one piece. Plain text needs no measuring, and there may be a lot of it."""
    if text.isascii() and text.isprintable():
        return [text[start : start + width] for start in range(0, len(text), width)] or [""]
    return chop_cells(text, width) or [""]


def _rows(before: Any, after: Any) -> Iterator[_Row]:
    if _is_list(before) and _is_list(after):
        yield from _list_rows(before or [], after or [])
    else:
        yield _gone(before), _come(after)


def _list_rows(before: Sequence[Any], after: Sequence[Any]) -> Iterator[_Row]:
    old, new = {_canonical(item) for item in before}, {_canonical(item) for item in after}
    common = [item for item in after if _canonical(item) in old]
    removed = [item for item in before if _canonical(item) not in new]
    added = [item for item in after if _canonical(item) not in old]
    if not removed and not added:  # the same items in another order
        yield from ((_gone(one), _come(other)) for one, other in zip_longest(before, after))
        return
    yield from (((f"  {value_text(item)}", "dim"),) * 2 for item in common)
    yield from ((_gone(one), _come(other)) for one, other in zip_longest(removed, added))


def _gone(value: Any) -> _Cell:
    return ("  –", "dim") if value is None else (f"- {value_text(value)}", "bad")


def _come(value: Any) -> _Cell:
    return ("  –", "dim") if value is None else (f"+ {value_text(value)}", "good")


def _is_list(value: Any) -> bool:
    return value is None or isinstance(value, list | tuple)


def _listed(value: Any) -> Any:
    """An extended parameter is its list of values."""
    return value["values"] if isinstance(value, dict) and value.keys() == {"values"} else value


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
