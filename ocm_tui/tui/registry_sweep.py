"""One comparison of the whole cache with the rows: under way, stopped, or done, and what it says of itself."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ocm_tui.tui.models.registry_cells import CACHE_MARKS
from ocm_tui.tui.state import age_text
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import CompareReport, SweepProgress

__all__ = ["Sweep"]

_BAR_WIDTH: Final = 20
_STATES: Final = ("stale", "corrupt", "orphan", "fresh", "missing", "negative")


class Sweep:
    """`progress` is set from the sweep at every batch and looked at by a timer: no message is sent for it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.running = False
        self.progress: SweepProgress | None = None
        self.report: CompareReport | None = None
        self._stop = asyncio.Event()
        self._clock = clock
        self._ended = 0.0

    def begin(self) -> asyncio.Event:
        """What the sweep is told to watch: it ends early once this is set."""
        self.running, self.progress = True, None
        self._stop = asyncio.Event()
        return self._stop

    def note(self, progress: "SweepProgress") -> None:
        self.progress = progress

    def stop(self) -> None:
        self._stop.set()

    def end(self, report: "CompareReport | None") -> None:
        self.running, self.progress = False, None
        if report is not None:
            self.report, self._ended = report, self._clock()

    def outdate(self) -> None:
        """What it found was changed since: it counts no longer."""
        self.report = None

    def summary(self) -> str:
        """One sentence about the last one: `912 of 912 keys compared: 1 stale, 870 fresh`."""
        report = self.report
        if report is None:
            return ""
        counted = ", ".join(
            f"{report.summary.get(state, 0):,} {state}" for state in _STATES if report.summary.get(state)
        )
        part = "" if report.complete else ", then stopped"
        about = " (approximate: the table has no versions)" if report.approximate else ""
        return f"{report.scanned:,} of {report.of:,} keys compared{part}: {counted or 'nothing cached'}{about}"

    def content(self, width: int) -> Content:
        """The line under the list; empty before the first one."""
        if self.running:
            return self._bar()[:width]
        report = self.report
        if report is None:
            return Content("")
        parts = [Content.styled(f"{report.scanned:,} of {report.of:,} keys", TONES["dim"])]
        parts.append(
            Content.styled("complete", TONES["dim"]) if report.complete else Content.styled("partial", TONES["warn"])
        )
        for state in _STATES:
            if count := report.summary.get(state, 0):
                mark, tone = CACHE_MARKS[state]
                parts.append(Content.styled(f"{mark} {count:,} {state}", TONES[tone]))
        if report.foreign:
            parts.append(Content.styled(f"{report.foreign:,} foreign", TONES["warn"]))
        parts.append(Content.styled(f"{age_text(self._clock() - self._ended)} ago", TONES["dim"]))
        return Content.styled(" · ", TONES["dim"]).join(parts)[:width]

    def _bar(self) -> Content:
        now = self.progress
        if now is None:
            return Content.styled("starting the comparison …", TONES["dim"])
        share = min(now.scanned / now.of, 1.0) if now.of else 1.0
        done = int(share * _BAR_WIDTH)
        stopping = "stopping …" if self._stop.is_set() else "esc stops"
        return Content.assemble(
            ("▰" * done, TONES["value"]),
            ("▱" * (_BAR_WIDTH - done), TONES["dim"]),
            f" {now.phase} {now.scanned:,} of {now.of:,}",
            (f" · {stopping}", TONES["dim"]),
        )
