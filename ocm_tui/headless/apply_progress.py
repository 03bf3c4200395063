"""An apply as it goes, on stderr: a line for each client as it ends, and on a terminal a bar below them."""

from collections import Counter
from typing import Final

from ocm_tui.core.provisioning.model import StepStatus
from ocm_tui.core.provisioning.runs import ApplyEvent, RunStarted, StepEnded, StepStarted
from ocm_tui.headless.formats.apply import step_lines
from ocm_tui.headless.formats.plan import counted
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.status_line import StatusLine, bar

__all__ = ["ApplyProgress"]

_SHOWN: Final[tuple[StepStatus, ...]] = ("failed", "unknown")


class ApplyProgress:
    """`on_event` takes what the apply tells, and keeps what an interruption would say; `run_id` is "" at first."""

    def __init__(self, invocation: Invocation, total: int) -> None:
        self.run_id = ""
        self._output, self._progress = invocation.output, invocation.progress
        self._total, self._under_way = total, 0
        self._ended: Counter[StepStatus] = Counter()
        self._line = StatusLine(invocation.output, self._text)

    def on_event(self, event: ApplyEvent) -> None:
        match event:
            case RunStarted(run_id, total):
                self.run_id, self._total = run_id, total
            case StepStarted():
                self._under_way += 1
            case StepEnded(result) if result.status != "skipped":  # that one was never begun
                self._ended[result.status] += 1
                self._under_way = max(self._under_way - 1, 0)
                self._line.say(step_lines(result, color=self._output.words_color))
        self._keep()
        self._line.changed()

    def close(self) -> None:
        self._line.close()

    def _keep(self) -> None:
        done = self._ended.total()
        left = self._total - done - self._under_way
        self._progress.done = f"{counted(done, 'change')} of {self._total} ended" if done else "nothing"
        self._progress.left = counted(left, "change") if left > 0 else ""
        self._progress.unknown = (
            f"{counted(self._under_way, 'change')} under way; `ocm-tui apply --resume {self.run_id}` finds out"
            if self._under_way
            else ""
        )

    def _text(self, columns: int) -> str:
        done = self._ended.total()
        bad = [f"{self._ended[status]} {status}" for status in _SHOWN if self._ended[status]]
        said = "  ".join([f" {done}/{self._total}", *bad])
        return f"{bar(done, self._total, max(min(columns - len(said), 40), 0))}{said}"
