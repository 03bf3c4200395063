"""Text to read in a pane: lines of toned parts that wrap to a width, fold, and can be searched.

Lines are cut into rows once for a width, and nothing here is painted: a fold of 64 KiB of JSON costs a millisecond.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from rich.cells import cell_len

__all__ = ["Line", "LinesView", "Part", "Row", "line", "words"]

Part = tuple[str, str]  # cleaned text, and its tone (a name of `tones.TONES`)

_MOST_MATCHES: Final = 10_000
_LEAST_WIDTH: Final = 8


class Line(NamedTuple):
    """`hides` > 0: so many lines below it go when it is folded, and `folded` stands behind it instead.

    `prose` is broken between words; everything else where the row ends. Rows after the first are indented by `hang`.
    """

    parts: tuple[Part, ...]
    hides: int = 0
    folded: tuple[Part, ...] = ()
    hang: int = 0
    prose: bool = False

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


class Row(NamedTuple):
    """One row of the pane: the characters from `start` to `end` of the line at `line`."""

    line: int
    start: int
    end: int


def line(*parts: Part | str) -> Line:
    return Line(tuple((part, "") if isinstance(part, str) else part for part in parts))


def words(*parts: Part | str, hang: int = 0) -> Line:
    """A line of prose."""
    return line(*parts)._replace(prose=True, hang=hang)


class LinesView:
    """The lines that are not folded away, as rows of `width` cells; and the places of a searched word."""

    def __init__(self, lines: Sequence[Line] = (), width: int = 80) -> None:
        self.lines = tuple(lines)
        self.rows: list[Row] = []
        self.matches: list[int] = []  # the lines that hold what is searched for
        self.sought = ""
        self.wanted: re.Pattern[str] | None = None
        self._folded: set[int] = set()
        self._width = max(width, _LEAST_WIDTH)
        self._cut = [self._rows(number, found) for number, found in enumerate(self.lines)]
        self._build()

    def shown(self, number: int) -> Line:
        """The line as it stands there now: what it hides is behind its mark."""
        found = self.lines[number]
        return found._replace(parts=(*found.parts, *found.folded)) if number in self._folded else found

    def row_of(self, number: int) -> int:
        """The first row of a line; of one that is folded away, the row of what hides it."""
        place = 0
        for index, row in enumerate(self.rows):
            if row.line > number:
                break
            if row.start == 0:
                place = index
        return place

    # Folding

    def is_folded(self, number: int) -> bool:
        return number in self._folded

    def around(self, number: int) -> int | None:
        """The nearest line at or above `number` that can hide it."""
        for above in range(number, -1, -1):
            hides = self.lines[above].hides
            if hides and above + hides >= number:
                return above
        return None

    def fold(self, number: int, folded: bool) -> None:
        if self.lines[number].hides and folded != (number in self._folded):
            self._folded ^= {number}
            self._build()

    def fold_all(self) -> None:
        """Everything that is inside something else: the outermost blocks stay open."""
        inner: set[int] = set()
        end = -1
        for number, found in enumerate(self.lines):
            if found.hides and number > end:
                end = number + found.hides
            elif found.hides:
                inner.add(number)
        self._folded = inner
        self._build()

    def unfold_all(self) -> None:
        self._folded.clear()
        self._build()

    # Searching

    def search(self, text: str) -> None:
        """Whatever the case; an empty text ends it."""
        self.sought = text
        self.wanted = re.compile(re.escape(text), re.IGNORECASE) if text.strip() else None
        self.matches = []
        if self.wanted is not None:
            for number, found in enumerate(self.lines):
                if self.wanted.search(found.text):
                    self.matches.append(number)
                    if len(self.matches) >= _MOST_MATCHES:
                        break

    def reveal(self, number: int) -> int:
        """Open everything that hides the line; its row."""
        hiding = {above for above in self._folded if above < number <= above + self.lines[above].hides}
        if hiding:
            self._folded -= hiding
            self._build()
        return self.row_of(number)

    def _build(self) -> None:
        rows: list[Row] = []
        start = 0
        for number in sorted(self._folded):
            if number >= start:  # else it is folded away itself
                rows.extend(chain.from_iterable(self._cut[start:number]))
                rows.extend(self._rows(number, self.shown(number)))
                start = number + 1 + self.lines[number].hides
        rows.extend(chain.from_iterable(self._cut[start:]))
        self.rows = rows

    def _rows(self, number: int, found: Line) -> tuple[Row, ...]:
        return tuple(Row(number, start, end) for start, end in _pieces(found, self._width))


def _pieces(found: Line, width: int) -> Iterable[tuple[int, int]]:
    text = found.text
    if len(text) <= width and (text.isascii() or cell_len(text) <= width):
        return ((0, len(text)),)
    return _wrapped(text, width, max(width - found.hang, _LEAST_WIDTH), prose=found.prose)


def _wrapped(text: str, first: int, later: int, *, prose: bool) -> Iterator[tuple[int, int]]:
    start, room = 0, first
    while start < len(text):
        end = _fitting(text, start, room)
        if prose and end < len(text) and text[end] != " ":
            blank = text.rfind(" ", start, end) + 1
            end = blank if text[start:blank].strip() else end  # a word longer than the row is cut
        yield start, end
        start, room = end, later
        if prose:
            start += len(text[start:]) - len(text[start:].lstrip(" "))


def _fitting(text: str, start: int, room: int) -> int:
    """Where the row that begins at `start` ends: at least one character."""
    piece = text[start : start + room]
    if piece.isascii():
        return start + len(piece)
    while len(piece) > 1 and cell_len(piece) > room:
        piece = piece[: max(len(piece) - max((cell_len(piece) - room) // 2, 1), 1)]
    return start + len(piece)
