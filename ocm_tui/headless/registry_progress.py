"""Long work on the registry as it goes: a line on stderr, and the words for an interruption."""

from typing import TYPE_CHECKING

from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.status_line import StatusLine, bar

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import SweepProgress

__all__ = ["CountLine", "SweepLine"]


class CountLine:
    """`done` of `total` things called `what`, such as "rows written"."""

    def __init__(self, invocation: Invocation, what: str, total: int) -> None:
        self._what, self._done, self._total = what, 0, total
        self._progress = invocation.progress
        self._line = StatusLine(invocation.output, self._text)

    def on_progress(self, done: int) -> None:
        self._done = done
        self._progress.done = f"{done:,} of {self._total:,} {self._what}"
        self._progress.left = f"{self._total - done:,}" if done < self._total else ""
        self._line.changed()

    def close(self) -> None:
        self._line.close()

    def _text(self, columns: int) -> str:
        said = f" {self._done:,}/{self._total:,} {self._what}"
        return f"{bar(self._done, self._total, max(min(columns - len(said), 40), 0))}{said}"


class SweepLine:
    def __init__(self, invocation: Invocation) -> None:
        self._now: SweepProgress | None = None
        self._line = StatusLine(invocation.output, self._text)

    def on_progress(self, progress: "SweepProgress") -> None:
        self._now = progress
        self._line.changed()

    def close(self) -> None:
        self._line.close()

    def _text(self, columns: int) -> str:
        if self._now is None:
            return ""
        said = f" {self._now.phase}: {self._now.scanned:,} of {self._now.of:,} keys"
        return f"{bar(self._now.scanned, self._now.of, max(min(columns - len(said), 40), 0))}{said}"
