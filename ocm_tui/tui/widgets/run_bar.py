"""The line under a plan: what is under way and how far it is, how it ended, or what to do next."""

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget

from ocm_tui.core.text import clean
from ocm_tui.tui.models.plan_rows import STATE_CELLS
from ocm_tui.tui.models.run_progress import RunProgress, StepState
from ocm_tui.tui.state import age_text, duration_text
from ocm_tui.tui.tones import TONES

__all__ = ["RunBar", "ended_content", "running_content"]

_TROUBLE: Final[tuple[StepState, ...]] = ("failed", "unknown", "skipped")
_ENDINGS: Final[tuple[StepState, ...]] = ("succeeded", *_TROUBLE)


class RunBar(Widget):
    DEFAULT_CSS = "RunBar { height: 1; padding: 0 1; background: $surface; }"

    def __init__(self) -> None:
        super().__init__()
        self._said = Content("")

    def say(self, *parts: Content | str) -> None:
        said = Content(" · ").join([Content(part) if isinstance(part, str) else part for part in parts if part])
        if said != self._said:
            self._said = said
            self.refresh()

    def render(self) -> Content:
        return self._said.truncate(self.size.width, ellipsis=True)


def running_content(progress: RunProgress, *, stopping: bool, width: int) -> list[Content]:
    """A bar with what is done of it, the counts, and how long it may still take."""
    done, total = progress.done, progress.total
    cells = max(min(width // 4, 30), 8)
    filled = cells * done // total if total else cells
    bar = Content.assemble(("█" * filled, "$accent"), ("░" * (cells - filled), TONES["dim"]), f" {done:,} of {total:,}")
    left = progress.seconds_left()
    if stopping:
        last = Content.styled(f"stopping: {progress.count('running'):,} in flight end first", TONES["warn"])
        return [bar, last, *_counts(progress, _TROUBLE)]
    estimate = Content.styled(f"about {age_text(left)} left" if left is not None else "", TONES["dim"])
    stops = Content.assemble(("esc", TONES["key"]), " stops")
    return [bar, *_counts(progress, _TROUBLE), *_counts(progress, ("running",)), stops, estimate]


def ended_content(progress: RunProgress) -> list[Content]:
    """The counts as one, then the run's id; a run that is only known from the journal has no duration."""
    took = progress.ended.duration_ms if progress.ended is not None else 0.0
    words = f"run {clean(progress.run_id, 40)}" + (f" in {duration_text(took)}" if took else "")
    waiting = progress.count("waiting")
    never = [Content.styled(f"{waiting:,} not reached", TONES["warn"])] if waiting else []
    return [Content(" · ").join([*_counts(progress, _ENDINGS), *never]), Content.styled(words, TONES["dim"])]


def _counts(progress: RunProgress, states: Sequence[StepState]) -> list[Content]:
    return [
        Content.styled(f"{count:,} {state}", TONES[STATE_CELLS[state].tone])
        for state in states
        if (count := progress.count(state))
    ]
