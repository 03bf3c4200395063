"""One search for the smallest payload, under way or done. It ends in good order whoever stops looking at it."""

from typing import TYPE_CHECKING

from ocm_tui.core.diagnosis.minimise.model import Budget, Minimised, Trial
from ocm_tui.core.diagnosis.minimise.service import minimise_exchange
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.tui.stoppable import StoppableTask

if TYPE_CHECKING:
    from ocm_tui.core.session import Session

__all__ = ["MinimiseRun"]


class MinimiseRun(StoppableTask[Minimised]):
    """When it is stopped, what is under way is deleted again, and `result` tells what was found until then.

    `result` raises OcmError when nothing could be tried.
    """

    def __init__(self, session: "Session", exchange: Exchange, budget: Budget) -> None:
        self.exchange, self.budget = exchange, budget
        self.trials: list[Trial] = []
        super().__init__(self._carried_out(session), name="minimise")
        session.closers.append(self.close)  # before the connection goes, which the deletions need

    async def _carried_out(self, session: "Session") -> Minimised:
        try:
            return await minimise_exchange(session, self.exchange, budget=self.budget, on_trial=self.trials.append)
        finally:
            if self.close in session.closers:
                session.closers.remove(self.close)
