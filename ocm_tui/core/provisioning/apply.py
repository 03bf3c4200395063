"""The engine of an apply: a few workers over one list of steps, and one result for each step, whatever happens.

A step that has begun is brought to its end; what nobody began is skipped, with the reason.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ocm_tui.core.errors import Forbidden, OcmError, TransportError, Unauthorised, Unclear
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.provisioning.deliveries import Deliveries
from ocm_tui.core.provisioning.journal import Journal, Outcome
from ocm_tui.core.provisioning.model import Change, StepResult
from ocm_tui.core.provisioning.runs import OnEvent, StepEnded, StepStarted
from ocm_tui.core.provisioning.step import Past, StepContext, address
from ocm_tui.core.provisioning.steps import carry_out, complete

__all__ = ["Engine", "ExchangeIds"]

_LEAST_UNREACHED: Final = 8


class ExchangeIds:
    """A sink of the log: the exchanges of one run, by client."""

    def __init__(self, log: ExchangeLog, run_id: str) -> None:
        self._run_id = run_id
        self._by_client: dict[str, list[str]] = {}
        self.close = log.subscribe(self._take)

    def taken(self, client_id: str) -> tuple[str, ...]:
        """Those of this client since the last call."""
        return tuple(self._by_client.pop(client_id, ()))

    def _take(self, exchange: Exchange) -> None:
        if exchange.run_id == self._run_id and exchange.client_id is not None:
            self._by_client.setdefault(exchange.client_id, []).append(exchange.id)


class Engine:
    """Carries out `changes` once.

    In a run that is resumed `past` tells what its earlier parts did, and `earlier` how they ended: the attempts and
    exchanges of a step are those of all parts.
    """

    def __init__(
        self,
        changes: Sequence[Change],
        context: StepContext,
        journal: Journal,
        exchanges: ExchangeIds,
        *,
        concurrency: int,
        fail_fast: bool,
        on_event: OnEvent,
        past: Callable[[Change], Past],
        earlier: Callable[[Change], StepResult | None],
    ) -> None:
        self._changes, self._context, self._journal, self._exchanges = changes, context, journal, exchanges
        self._concurrency = max(1, min(concurrency, len(changes)))
        self._fail_fast, self._on_event = fail_fast, on_event
        self._past, self._earlier = past, earlier
        self._deliveries = Deliveries(context.staged, self._record)
        self._results: dict[str, StepResult] = {}
        self._unreached = 0

    async def run(self) -> list[StepResult]:
        """In the order of the changes. Only a cancellation is raised: then some steps have no result."""
        waiting = iter(self._changes)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliveries.run())
            async with asyncio.TaskGroup() as workers:
                for _ in range(self._concurrency if self._changes else 0):
                    workers.create_task(self._work(waiting))
            self._deliveries.end()
        for change in waiting:
            self._skip(change)
        return [self._results[change.client_id] for change in self._changes]

    async def _work(self, waiting: Iterator[Change]) -> None:
        signal = self._context.signal
        while signal.reason is None and (change := next(waiting, None)) is not None:
            self._on_event(StepStarted(change.client_id, change.action))
            step, error = await carry_out(change, self._context, self._past(change))
            if self._deliveries.takes(step):
                await self._deliveries.add(step, error)
            else:
                outcome, error = await complete(step, error)
                self._record(change, outcome)
            self._judge(change, error)

    def _record(self, change: Change, outcome: Outcome) -> None:
        result = self._complete(change, outcome.result)
        self._journal.record(replace(outcome, result=result))
        self._end(result)

    def _complete(self, change: Change, result: StepResult) -> StepResult:
        ids = self._exchanges.taken(address(change))
        former = self._earlier(change)
        if former is None:
            return replace(result, exchange_ids=ids)
        return replace(result, attempts=former.attempts + result.attempts, exchange_ids=(*former.exchange_ids, *ids))

    def _end(self, result: StepResult) -> None:
        self._results[result.client_id] = result
        self._on_event(StepEnded(result))

    def _judge(self, change: Change, error: OcmError | None) -> None:
        """Whether it makes sense to go on."""
        signal = self._context.signal
        if isinstance(error, Unauthorised | Forbidden):
            signal.stop(f"not begun: {error.title}")
        elif self._fail_fast and error is not None:
            signal.stop(f"not begun: {change.client_id} failed, and the run stops at the first failure")
        elif self._journal.problem is not None:
            signal.stop(f"not begun: {self._journal.problem}")
        self._unreached = self._unreached + 1 if isinstance(error, TransportError | Unclear) else 0
        if self._unreached >= max(2 * self._concurrency, _LEAST_UNREACHED):
            signal.stop(f"not begun: the server was not reached {self._unreached} times in a row")

    def _skip(self, change: Change) -> None:
        """What an earlier part of the run may have sent is not known to be undone, and keeps its staged secret."""
        reason, former = self._context.signal.reason, self._earlier(change)
        if self._context.staged.is_fresh(change.client_id):
            self._context.settled.append(change.client_id)
        if former is not None and former.status != "skipped":
            self._end(former)
            return
        unconfirmed = self._past(change) == "open"
        result = StepResult(
            client_id=change.client_id,
            action=change.action,
            status="unknown" if unconfirmed else "skipped",
            error=f"an earlier part of the run may have sent it; {reason}" if unconfirmed else reason,
        )
        self._journal.record(Outcome(result))
        self._end(result)
