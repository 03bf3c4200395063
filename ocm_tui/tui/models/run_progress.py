"""One apply as far as it is known: what waits, what runs, how what ended did.

Events come by the thousand. Taking one is a few dictionary operations and a counter; a view looks at `revision` when it
has the time to paint.
"""

import time
from collections.abc import Iterable
from typing import Final, Literal, get_args

from ocm_tui.core.provisioning.model import ApplyResult, StepResult, StepStatus
from ocm_tui.core.provisioning.runs import ApplyEvent, RunEnded, RunStarted, StepEnded, StepStarted

__all__ = ["STEP_STATES", "RunProgress", "StepState"]

StepState = Literal["waiting", "running", "succeeded", "failed", "unknown", "skipped"]
STEP_STATES: Final[tuple[StepState, ...]] = get_args(StepState)


class RunProgress:
    """`results` are by client id. `run_id` is "" until the run has one."""

    def __init__(self, client_ids: Iterable[str], run_id: str = "") -> None:
        self.revision = 0
        self.run_id = run_id
        self.ended: ApplyResult | None = None
        self.results: dict[str, StepResult] = {}
        self._states: dict[str, StepState] = dict.fromkeys(client_ids, "waiting")
        self._counts: dict[StepState, int] = {"waiting": len(self._states)}
        self._started = 0.0  # of the monotonic clock
        self._done_before = 0

    @staticmethod
    def of_past(run_id: str, client_ids: Iterable[str], results: Iterable[StepResult]) -> "RunProgress":
        """A run that is in the journal. What it has no result for was sent or not: nobody has looked yet."""
        progress = RunProgress(client_ids, run_id)
        for result in results:
            progress.take(StepEnded(result))
        for client_id, state in list(progress._states.items()):
            if state == "waiting":
                progress._set(client_id, "unknown")
        return progress

    def again(self) -> "RunProgress":
        """The same run, resumed: what succeeded stays, the rest waits."""
        resumed = RunProgress(self._states, self.run_id)
        for result in self.results.values():
            if result.status == "succeeded":
                resumed.take(StepEnded(result))
        resumed._done_before = resumed.done
        return resumed

    def take(self, event: ApplyEvent) -> None:
        match event:
            case RunStarted(run_id):
                self.run_id, self._started = run_id, time.monotonic()
            case StepStarted(client_id):
                self._set(client_id, "running")
            case StepEnded(result):
                self.results[result.client_id] = result
                self._set(result.client_id, result.status)
            case RunEnded(result):
                self.finish(result)
        self.revision += 1

    def finish(self, result: ApplyResult) -> None:
        """The result is the last word; it may tell of steps that no event told of."""
        self.run_id = result.run_id
        for step in result.results:
            self.results[step.client_id] = step
            self._set(step.client_id, step.status)
        self.ended = result
        self.revision += 1

    def state(self, client_id: str) -> StepState | None:
        """None: the client has no part in this run."""
        return self._states.get(client_id)

    def count(self, state: StepState) -> int:
        return self._counts.get(state, 0)

    @property
    def total(self) -> int:
        return len(self._states)

    @property
    def done(self) -> int:
        return self.total - self.count("waiting") - self.count("running")

    @property
    def unfinished(self) -> int:
        """Steps that a resume would look at again."""
        return self.total - self.count("succeeded")

    @property
    def complete(self) -> bool:
        """Everything succeeded."""
        return self.ended is not None and not self.unfinished and not self.ended.interrupted

    def seconds_left(self) -> float | None:
        """As long as the steps so far took; None while that is a guess."""
        done, elapsed = self.done - self._done_before, time.monotonic() - self._started
        if not self._started or done < 20 or elapsed < 2.0:
            return None
        return elapsed / done * (self.total - self.done)

    def _set(self, client_id: str, state: StepState | StepStatus) -> None:
        former = self._states.get(client_id)
        if former is not None:
            self._counts[former] -= 1
        self._states[client_id] = state
        self._counts[state] = self._counts.get(state, 0) + 1
