"""A table that paints only the lines on screen, so that 100,000 rows cost what 40 cost.

The rows stay where they are, in a `RowSource`; the widget holds a cursor and remembers the key of the row under it, so
the selection stays on its row when others come and go. Marks are keys as well: they outlive filters and sorting.
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from ocm_tui.tui.tones import rich_style
from ocm_tui.tui.widgets.scrolling import CursorView

__all__ = ["MARK", "Cell", "Column", "RowSource", "RowTable", "Tone"]

MARK: Final = "◆"  # before a marked row

Tone = Literal["", "good", "warn", "bad", "dim", "strong"]


class Cell(NamedTuple):
    """Text that has been cleaned, and how it is meant."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in terminal cells; `share` > 0 takes that part of what is left; `needs` is the table width below which
    the column is dropped."""

    title: str
    width: int
    align: Literal["left", "right"] = "left"
    share: int = 0
    needs: int = 0


class RowSource(Protocol):
    """Rows by position. `cells` are in the order of the columns; `position` finds a key again, or None."""

    def __len__(self) -> int: ...

    def key(self, position: int) -> str: ...

    def cells(self, position: int) -> Sequence[Cell]: ...

    def position(self, key: str) -> int | None: ...


class RowTable(CursorView, can_focus=True):
    """Line 0 is the header, which does not scroll."""

    HEADER = 1
    cursor: var[int] = var(0)

    class Highlighted(Message):
        """The cursor came to another row; `key` is None when there are no rows."""

        def __init__(self, table: "RowTable", key: str | None, *, by_user: bool) -> None:
            super().__init__()
            self.table, self.key, self.by_user = table, key, by_user

        @property
        def control(self) -> "RowTable":
            return self.table

    class Chosen(Message):
        """A row was clicked a second time."""

        def __init__(self, table: "RowTable", key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

        @property
        def control(self) -> "RowTable":
            return self.table

    def __init__(self, columns: Sequence[Column], source: RowSource, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.source = source
        self.selected_key: str | None = None
        self.marks: set[str] = set()
        # Called at once when the user moves the cursor: a message would come after the rows that came meanwhile.
        self.when_moved: Callable[[], None] | None = None
        self._widths: tuple[int, ...] = ()
        self._fitted = -1  # the table width that `_widths` are for
        self._styles: dict[str, Style] = {}
        self._notice: tuple[str, ...] = ()

    # What others call

    def set_source(self, source: RowSource) -> None:
        self.source = source
        self.rows_changed()

    def set_columns(self, columns: Sequence[Column]) -> None:
        if tuple(columns) != self.columns:
            self.columns, self._fitted = tuple(columns), -1
            self.refresh()

    def rows_changed(self) -> None:
        """Rows were added, removed or reordered: keep the cursor on its key, or as near as can be."""
        count = len(self.source)
        self.set_lines(count + 1)
        position = self.source.position(self.selected_key) if self.selected_key is not None else None
        if position is None:
            position = min(self.cursor, max(count - 1, 0))
        self._place(position, by_user=False)
        self.refresh()

    def select(self, key: str) -> bool:
        """Put the cursor on a row; False when it is not in the view."""
        position = self.source.position(key)
        if position is None:
            return False
        self._place(position, by_user=False)
        return True

    def toggle_mark(self) -> None:
        """Mark the selected row, or take its mark away, and go to the next one."""
        if self.selected_key is not None:
            self.marks ^= {self.selected_key}
            self._place(self.cursor + 1, by_user=True)

    def mark_shown(self, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Mark every row of the view whose key is wanted, on top of those that are marked already."""
        keys = map(self.source.key, range(len(self.source)))
        self.marks |= {key for key in keys if wanted(key)}
        self.refresh()

    def clear_marks(self) -> None:
        self.marks.clear()
        self.refresh()

    def say(self, title: str, *lines: str) -> None:
        """What stands in the place of the rows when there are none: why, and the next step. Safe text."""
        if (title, *lines) != self._notice:
            self._notice = (title, *lines)
            if not len(self.source):
                self.refresh()

    # Movement

    def to_end(self) -> None:
        """Not the user's doing: whoever follows what comes in."""
        self._place(len(self.source) - 1, by_user=False)

    def count_lines(self) -> int:
        return len(self.source)

    def move_to(self, line: int) -> None:
        self._place(line, by_user=True)

    def on_click(self, event: events.Click) -> None:
        line = event.get_content_offset_capture(self).y
        position = line - 1 + self.scroll_offset.y
        if line < 1 or position >= len(self.source):
            return
        again = position == self.cursor
        self._place(position, by_user=True)
        if again and self.selected_key is not None:
            self.post_message(self.Chosen(self, self.selected_key))

    def _place(self, position: int, *, by_user: bool) -> None:
        count = len(self.source)
        position = min(max(position, 0), max(count - 1, 0))
        key = self.source.key(position) if count else None
        self.cursor = position
        self._reveal(position)
        self.refresh()
        if by_user and self.when_moved is not None:
            self.when_moved()
        if key != self.selected_key:
            self.selected_key = key
            self.post_message(self.Highlighted(self, key, by_user=by_user))

    def _reveal(self, position: int) -> None:
        lines = max(self.size.height - 1, 1)
        top = self.scroll_offset.y
        if position < top:
            self.scroll_to(y=position, animate=False)
        elif position >= top + lines:
            self.scroll_to(y=position - lines + 1, animate=False)

    # Painting

    def on_resize(self) -> None:
        self.set_lines(len(self.source) + 1)
        self._reveal(self.cursor)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not len(self.source):
            return self._notice_line(y, width)
        if width != self._fitted:
            self._widths, self._fitted = self._fit(width), width
        if y == 0:
            head = [Cell(column.title) for column in self.columns]
            return self._line(" ", head, self._style("") + self._style("head"), width)
        position = y - 1 + self.scroll_offset.y
        if position >= len(self.source):
            return Strip.blank(width, self.rich_style)
        base = self._style("")
        if position == self.cursor:
            base += self._style("cursor" if self.has_focus else "cursor-blurred")
        mark = MARK if self.marks and self.source.key(position) in self.marks else " "
        plain = position == self.cursor and self.has_focus
        return self._line(mark, self.source.cells(position), base, width, plain=plain)

    def _notice_line(self, y: int, width: int) -> Strip:
        """One line of the notice, which stands in the middle: its title, a blank line, the rest."""
        title, *rest = self._notice or ("",)
        room = max(width - 4, 10)
        below = [part for line in rest for part in textwrap.wrap(line, room) or [""]]
        lines = [*textwrap.wrap(title, room), "", *below]
        place = y - max((self.size.height - len(lines)) // 2, 0)
        text = lines[place] if 0 <= place < len(lines) else ""
        is_title = place < len(lines) - len(below)
        style = self._style("") + self._style("strong" if is_title else "dim")
        return Strip([Segment(set_cell_size(" " * ((width - cell_len(text)) // 2) + text, width), style)], width)

    def _line(self, mark: str, cells: Sequence[Cell], base: Style, width: int, *, plain: bool = False) -> Strip:
        segments = [Segment(mark, base if plain or mark == " " else base + self._style("key"))]
        used = 1
        for column, size, cell in zip(self.columns, self._widths, cells, strict=True):
            if size <= 0:
                continue
            style = base if plain or not cell.tone else base + self._style(cell.tone)
            segments.append(Segment(_fit_text(cell.text, size, column.align), style))
            segments.append(Segment(" ", base))
            used += size + 1
        return Strip(segments, used).adjust_cell_length(width, base)

    def _fit(self, width: int) -> tuple[int, ...]:
        sizes = [column.width if width >= column.needs else 0 for column in self.columns]
        shares = sum(column.share for column, size in zip(self.columns, sizes, strict=True) if size)
        left = width - 1 - sum(size + 1 for size in sizes if size)
        if shares and left > 0:
            for index, column in enumerate(self.columns):
                if sizes[index] and column.share:
                    sizes[index] += left * column.share // shares
        return tuple(sizes)

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            style = rich_style(self.app, name)
            self._styles[name] = self.rich_style + style if name == "" else style
        return self._styles[name]


def _fit_text(text: str, width: int, align: str) -> str:
    if text.isascii():
        length = len(text)
        if length <= width:
            return text.rjust(width) if align == "right" else text.ljust(width)
        return text[: width - 1] + "…"
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    return " " * (width - length) + text if align == "right" else text + " " * (width - length)
