"""A pane of lines with a cursor: blocks fold, words are found, and only what is on screen is painted."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from ocm_tui.tui.models.text_lines import Line, LinesView, Row
from ocm_tui.tui.tones import rich_style
from ocm_tui.tui.widgets.scrolling import CursorView

__all__ = ["LinePane"]

_MARGIN = 2  # cells: the fold mark, and a gap at the right


class LinePane(CursorView, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "fold", "Fold", show=False),
        Binding("right,l", "unfold", "Unfold", show=False),
        Binding("minus", "fold_all", "Fold all", show=False),
        Binding("plus", "unfold_all", "Unfold all", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view = LinesView()
        self.cursor = 0
        self._styles: dict[str, Style] = {}
        self._make: Callable[[int], Sequence[Line]] | None = None

    # What others call

    def show(self, make: Callable[[int], Sequence[Line]], *, top: bool) -> None:
        """`make` gives the lines for a width in cells; it is asked again when that changes. `top` begins anew."""
        self._make = make
        sought, at = self.view.sought, self.cursor
        self.view = LinesView(make(self._room), self._room)
        self.view.search(sought)
        self.cursor = 0 if top else min(at, max(len(self.view.rows) - 1, 0))
        self._rows_changed()
        if top:
            self.scroll_to(y=0, animate=False)

    def search(self, text: str) -> None:
        """Go to the first place at or below the cursor, and mark all of them."""
        self.view.search(text)
        if self.view.matches:
            self._go_to_match(next((at for at in self.view.matches if at >= self._line), self.view.matches[0]))
        self.refresh()

    def next_match(self, by: int) -> None:
        """Around the end, to the other side."""
        matches = self.view.matches
        if not matches:
            return
        here = self._line
        later = [at for at in matches if at > here] if by > 0 else [at for at in reversed(matches) if at < here]
        self._go_to_match(later[0] if later else matches[0 if by > 0 else -1])

    def fold_where(self, wanted: Callable[[Line], bool]) -> None:
        for number, found in enumerate(self.view.lines):
            if found.hides and wanted(found):
                self.view.fold(number, True)
        self._rows_changed()

    def go_to_next(self, by: int, wanted: Callable[[Line], bool]) -> None:
        """The next block of wanted lines, or the one before: its first line."""
        lines, here = self.view.lines, self._line
        starts = [at for at, found in enumerate(lines) if wanted(found) and not (at and wanted(lines[at - 1]))]
        later = [at for at in starts if at > here] if by > 0 else [at for at in reversed(starts) if at < here]
        if later:
            self._go_to_match(later[0])

    @property
    def match_place(self) -> tuple[int, int]:
        """Which match the cursor is on (0: on none), and how many there are."""
        matches = self.view.matches
        return (matches.index(self._line) + 1 if self._line in matches else 0), len(matches)

    @property
    def _line(self) -> int:
        return self.view.rows[self.cursor].line if self.view.rows else 0

    @property
    def _room(self) -> int:
        return max(self.size.width - _MARGIN, 10)

    # Movement and folding

    def count_lines(self) -> int:
        return len(self.view.rows)

    def move_to(self, line: int) -> None:
        self._place(line)

    def action_fold(self) -> None:
        """The block of this line; on a folded one, or at its first line, the block around it."""
        at = self._line
        if self.view.rows:
            block = self.view.around(at - 1 if self.view.is_folded(at) else at)
            if block is not None:
                self._fold(block, True)

    def action_unfold(self) -> None:
        if self.view.rows:
            self._fold(self._line, False)

    def action_fold_all(self) -> None:
        at = self._line
        self.view.fold_all()
        self._rows_changed()
        self._place(self.view.row_of(at))

    def action_unfold_all(self) -> None:
        at = self._line
        self.view.unfold_all()
        self._rows_changed()
        self._place(self.view.row_of(at))

    def toggle_fold(self) -> bool:
        """Whether there was a block to fold or to open."""
        at = self._line
        if not self.view.rows or not self.view.lines[at].hides:
            return False
        self._fold(at, not self.view.is_folded(at))
        return True

    def on_click(self, event: events.Click) -> None:
        row = event.get_content_offset_capture(self).y + self.scroll_offset.y
        if row < len(self.view.rows):
            self._place(row)
            if event.x <= 1 or event.chain > 1:
                self.toggle_fold()

    def _fold(self, number: int, folded: bool) -> None:
        self.view.fold(number, folded)
        self._rows_changed()
        self._place(self.view.row_of(number))

    def _go_to_match(self, number: int) -> None:
        row = self.view.reveal(number)
        self._rows_changed()
        self._place(row)

    def _place(self, row: int) -> None:
        self.cursor = min(max(row, 0), max(len(self.view.rows) - 1, 0))
        height, top = max(self.size.height, 1), self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)
        self.refresh()

    def _rows_changed(self) -> None:
        self.set_lines(len(self.view.rows))
        self.refresh()

    # Painting

    def on_resize(self) -> None:
        if self._make is not None:
            self.show(self._make, top=False)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        width = self.size.width
        if at >= len(self.view.rows):
            return Strip.blank(width, self.rich_style)
        row = self.view.rows[at]
        base = self._style("")
        if at == self.cursor and self.has_focus:
            base += self._style("cursor-blurred")
        shown = self.view.shown(row.line)
        mark = ("▸" if self.view.is_folded(row.line) else "▾") if shown.hides and not row.start else " "
        segments = [Segment(mark, base + self._style("dim"))]
        if row.start:
            segments.append(Segment(" " * shown.hang, base))
        segments += self._pieces(shown, row, base)
        return Strip(segments).adjust_cell_length(width, base)

    def _pieces(self, shown: Line, row: Row, base: Style) -> list[Segment]:
        """The characters of the row: each part in its tone, what is searched for in its own."""
        segments: list[Segment] = []
        found = list(self._found(shown.text, row))
        position = 0
        for text, tone in shown.parts:
            start, end = max(row.start - position, 0), min(row.end - position, len(text))
            style = base + self._style(tone) if tone else base
            while start < end:
                inside = next(((a, b) for a, b in found if b > position + start), None)
                stop = end if inside is None else min(end, max(inside[0] - position, start))
                if stop > start:
                    segments.append(Segment(text[start:stop], style))
                if inside is not None and stop < end:
                    hit = min(end, inside[1] - position)
                    segments.append(Segment(text[stop:hit], base + self._style("match")))
                    stop = hit
                start = stop
            position += len(text)
        return segments

    def _found(self, text: str, row: Row) -> list[tuple[int, int]]:
        if self.view.wanted is None:
            return []
        return [match.span() for match in self.view.wanted.finditer(text) if match.end() > row.start]

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            style = rich_style(self.app, name)
            self._styles[name] = self.rich_style + style if name == "" else style
        return self._styles[name]
