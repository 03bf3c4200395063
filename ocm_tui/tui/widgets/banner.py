"""The line on top: where am I."""

import time
from datetime import UTC, datetime

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ocm_tui.core.text import clean
from ocm_tui.tui.state import Connection, age_text

__all__ = ["Banner"]

_MARKS = {"starting": "◌", "connecting": "◌", "connected": "●", "failed": "▲", "none": "○"}


class Banner(Widget):
    """Environment, endpoint, version, account on the left; access, age and the clock on the right, as far as they fit."""

    DEFAULT_CSS = """
    Banner { height: 1; background: $environment; color: $environment-text; text-style: bold; }
    """

    connection: reactive[Connection] = reactive(Connection)

    def on_mount(self) -> None:
        self.set_interval(1.0, self.refresh)

    def render(self) -> Content:
        width = self.size.width
        left, right = self._left(), self._right()
        while right and sum(map(cell_len, left)) + 3 * len(left) + sum(map(cell_len, right)) + 3 * len(right) > width:
            right.pop()
        head = " " + " · ".join(left)
        tail = " · ".join(right) + " " if right else ""
        gap = " " * max(width - cell_len(head) - cell_len(tail), 1)
        return Content(head + gap + tail)

    def _left(self) -> list[str]:
        now = self.connection
        name = f"{_MARKS[now.phase]} {clean(now.environment or 'ocm-tui', 30)}"
        if now.protected:
            name += " ⚠ protected"
        parts = [name]
        if now.host:
            parts.append(clean(now.host, 60))
        if now.phase == "connected":
            parts.append(f"PingFederate {clean(now.version, 20)}")
            if now.user:
                parts.append(clean(now.user, 30) + (f" ({now.account})" if now.account else ""))
        else:
            parts.append(
                {"starting": "starting", "connecting": "connecting", "none": "no server configured"}.get(now.phase)
                or clean(now.problem or "not connected", 80)
            )
        return parts

    def _right(self) -> list[str]:
        """In order of importance: the last goes first when the line is narrow."""
        now = self.connection
        if now.phase in ("starting", "none"):
            access = ""
        elif now.refusal is None:
            access = "read-write"
        else:
            access = "read-only"
        age = f"as of {age_text(time.time() - now.as_of)} ago" if now.as_of else ""
        clock = datetime.now(UTC).strftime("%H:%M:%SZ")
        return [part for part in (access, age, clock) if part]
