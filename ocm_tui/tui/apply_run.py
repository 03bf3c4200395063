"""One apply under way. It belongs to the session, not to a screen: what is in flight ends whoever looks."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from ocm_tui.core.errors import Interrupted
from ocm_tui.core.provisioning.model import ApplyResult
from ocm_tui.core.provisioning.runs import OnEvent
from ocm_tui.tui.models.run_progress import RunProgress
from ocm_tui.tui.stoppable import StoppableTask

__all__ = ["ApplyRun", "ending_text"]

_WORDS: Final = {"succeeded": "done", "failed": "failed", "unknown": "unknown", "skipped": "not done"}


class ApplyRun(StoppableTask[ApplyResult]):
    def __init__(self, progress: RunProgress, start: Callable[[OnEvent], Coroutine[Any, Any, ApplyResult]]) -> None:
        self.progress = progress
        super().__init__(self._carried_out(start), name="apply")

    async def _carried_out(self, start: Callable[[OnEvent], Coroutine[Any, Any, ApplyResult]]) -> ApplyResult:
        try:
            result = await start(self.progress.take)
        except asyncio.CancelledError:
            raise Interrupted("the run was stopped before anything was sent") from None
        self.progress.finish(result)
        return result

    @property
    def farewell(self) -> str:
        """What is still to be said when the console is left: the run was stopped before its end. Else empty."""
        if self.active or self._task.cancelled() or self._task.exception() is not None:
            return ""
        result = self._task.result()
        return f"{ending_text(result)} ocm-tui apply --resume {result.run_id} goes on with it" * result.interrupted


def ending_text(result: ApplyResult) -> str:
    """`Run 7f3a: 12 done, 3 not done.`"""
    counts = [f"{count:,} {_WORDS[status]}" for status, count in result.summary.items() if count]
    stopped = " was stopped" if result.interrupted else ""
    return f"Run {result.run_id}{stopped}: {', '.join(counts) or 'nothing to do'}."
