"""One line on stderr that is drawn again and again: only on a terminal, never wider than it, and gone at the end."""

import asyncio
import os
from collections.abc import Callable
from typing import Final

from ocm_tui.core.text import clean
from ocm_tui.headless.output import Output

__all__ = ["StatusLine", "bar"]

_PAUSE: Final = 0.05  # seconds between two drawings: faster is flicker


class StatusLine:
    """`say` writes a line of words above, `changed` has the line drawn soon; `close` leaves nothing of it.

    `text(columns)` makes the line at the moment it is drawn. Where no line can be redrawn, words are all there is.
    """

    def __init__(self, output: Output, text: Callable[[int], str]) -> None:
        self._output, self._text = output, text
        self._waiting: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._on = output.redraws and not output.quiet

    def say(self, lines: list[str]) -> None:
        """Safe lines, colour included."""
        self._waiting += lines
        self.changed()

    def changed(self) -> None:
        if not self._on:
            self._flush("")
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._draw)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._flush("")

    def _draw(self) -> None:
        self._timer = None
        columns = _columns(self._output)
        self._flush(clean(self._text(columns - 1), columns - 1))

    def _flush(self, line: str) -> None:
        lines, self._waiting = self._waiting, []
        self._output.show(lines, line)


def bar(done: int, total: int, width: int) -> str:
    """`━━━━━─────`; full only when everything is done."""
    full = width * done // total if total else width
    return "━" * full + "─" * (width - full)


def _columns(output: Output) -> int:
    """Asked each time: a terminal may have been resized."""
    try:
        return max(os.get_terminal_size(output.stderr.fileno()).columns, 10)
    except (OSError, ValueError):
        return 80
