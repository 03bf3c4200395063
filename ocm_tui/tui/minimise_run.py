"""One search for the smallest payload, under way or done. It ends in good order whoever stops looking at it."""

import asyncio
from typing import TYPE_CHECKING

from ocm_tui.core.diagnosis.minimise.model import Budget, Minimised, Trial
from ocm_tui.core.diagnosis.minimise.service import minimise_exchange
from ocm_tui.core.exchanges.model import Exchange

if TYPE_CHECKING:
    from ocm_tui.core.session import Session

__all__ = ["MinimiseRun"]


class MinimiseRun:
    """`stop` is asked once: what is under way is deleted again, and `result` tells what was found until then."""

    def __init__(self, session: "Session", exchange: Exchange, budget: Budget) -> None:
        self.exchange, self.budget = exchange, budget
        self.trials: list[Trial] = []
        self.stopping = False
        self._task = asyncio.create_task(self._carried_out(session), name="minimise")
        session.closers.append(self.close)  # before the connection goes, which the deletions need

    async def _carried_out(self, session: "Session") -> Minimised:
        try:
            return await minimise_exchange(session, self.exchange, budget=self.budget, on_trial=self.trials.append)
        finally:
            if self.close in session.closers:
                session.closers.remove(self.close)

    @property
    def active(self) -> bool:
        return not self._task.done()

    async def result(self) -> Minimised:
        """Who stops waiting does not stop the search. Raises OcmError when nothing could be tried."""
        return await asyncio.shield(self._task)

    def stop(self) -> None:
        if self.active and not self.stopping:
            self.stopping = True
            self._task.cancel()

    async def close(self) -> None:
        self.stop()
        await asyncio.wait([self._task])
