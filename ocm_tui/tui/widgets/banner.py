"""The line on top: where am I."""

import time
from datetime import UTC, datetime
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ocm_tui.core.text import clean
from ocm_tui.tui.state import Connection, age_text

__all__ = ["Banner"]

_MARKS = {"starting": "◌", "connecting": "◌", "connected": "●", "failed": "▲", "none": "○"}


class Banner(Widget):
    """Environment, endpoint, version, account; access, age and the clock on the right: what matters most, if narrow."""

    DEFAULT_CSS = """
    Banner { height: 1; background: $environment; color: $environment-text; text-style: bold; }
    """

    connection: reactive[Connection] = reactive(Connection)

    def on_mount(self) -> None:
        self.set_interval(1.0, self.refresh)

    def render(self) -> Content:
        width = self.size.width
        left, right = self._left(), self._right()
        while _length(left) + _length(right) + 3 > width and (drop := _least_important(left, right)) is not None:
            left, right = ([part for part in side if part is not drop] for side in (left, right))
        head = " " + " · ".join(part.text for part in left)
        tail = " · ".join(part.text for part in right) + " " if right else ""
        return Content(head + " " * max(width - cell_len(head) - cell_len(tail), 1) + tail)

    def _left(self) -> list["_Part"]:
        now = self.connection
        name = f"{_MARKS[now.phase]} {clean(now.environment or 'ocm-tui', 30)}"
        if now.protected:
            name += " ⚠ protected"
        parts = [_Part(name, 9)]
        if now.host:
            parts.append(_Part(clean(now.host, 60), 6))
        if now.phase == "connected":
            parts.append(_Part(f"PingFederate {clean(now.version, 20)}", 3))
            if now.user:
                parts.append(_Part(clean(now.user, 30) + (f" ({now.account})" if now.account else ""), 5))
        else:
            words = {"starting": "starting", "connecting": "connecting", "none": "no server configured"}
            parts.append(_Part(words.get(now.phase) or clean(now.problem or "not connected", 80), 7))
        return parts

    def _right(self) -> list["_Part"]:
        now = self.connection
        parts: list[_Part] = []
        if now.phase not in ("starting", "none"):
            parts.append(_Part("read-write" if now.refusal is None else "read-only", 8))
        if now.as_of:
            parts.append(_Part(f"as of {age_text(time.time() - now.as_of)} ago", 4))
        return [*parts, _Part(datetime.now(UTC).strftime("%H:%M:%SZ"), 1)]


class _Part(NamedTuple):
    """What goes first when the line is too narrow is what matters least."""

    text: str
    importance: int


def _length(parts: list[_Part]) -> int:
    return sum(cell_len(part.text) + 3 for part in parts)


def _least_important(*sides: list[_Part]) -> _Part | None:
    droppable = [part for side in sides for part in side if part.importance < 8]
    return min(droppable, key=lambda part: part.importance, default=None)
