"""The frame of every run, new or resumed: journal and secrets first, then the steps, then the record of their end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import current_run, utc_text
from ocm_tui.core.provisioning.apply import Engine, ExchangeIds
from ocm_tui.core.provisioning.journal import Journal, Outcome
from ocm_tui.core.provisioning.model import ApplyResult, Change, StepResult
from ocm_tui.core.provisioning.registry_rows import OpenRegistry
from ocm_tui.core.provisioning.repeat import StopSignal
from ocm_tui.core.provisioning.runs import ApplyOptions, OnEvent, RunEnded, RunStarted
from ocm_tui.core.provisioning.staging import StagedSecrets, stage_secrets
from ocm_tui.core.provisioning.step import Past, PrintSecret, StepContext

__all__ = ["Run", "now"]


def now() -> str:
    """UTC, ISO 8601."""
    return utc_text(time.time())


@dataclass(slots=True, kw_only=True)
class Run:
    """One run, or one more part of it. `changes` are the steps to carry out, `begin` opens the journal for them.

    `begin` blocks, and raises OcmError when nothing must be sent. `resumed`: earlier parts may have sent any of the
    steps that have no outcome in `former`; `found` is what a list has shown since. `before` is done when the journal
    is open, and gives results that belong to the run as well; `order` is that of all results, by clientId.
    """

    run_id: str
    environment: str
    changes: Sequence[Change]
    clients: ClientService
    log: ExchangeLog
    journal_path: Path
    concurrency: int
    options: ApplyOptions
    begin: Callable[[Journal], None]
    on_event: OnEvent = lambda _: None
    print_secret: PrintSecret | None = None
    open_registry: OpenRegistry | None = None
    resumed: bool = False
    former: Mapping[str, Outcome] = field(default_factory=dict)
    found: Mapping[str, ClientDocument] | None = None
    before: Callable[[Journal], Awaitable[Sequence[StepResult]]] | None = None
    order: Mapping[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    async def carry_out(self) -> ApplyResult:
        """A cancellation ends it in good order, and the result is returned; a second one ends it at once."""
        signal = StopSignal()
        token = current_run.set(self.run_id)
        try:
            parts = asyncio.create_task(self._parts(signal), name=f"apply {self.run_id}")
        finally:
            current_run.reset(token)
        try:
            return await asyncio.shield(parts)
        except asyncio.CancelledError:
            if parts.cancelled():
                raise
            signal.interrupt()
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
        try:
            return await asyncio.shield(parts)
        except asyncio.CancelledError:
            parts.cancel()
            await asyncio.wait([parts])
            raise

    async def _parts(self, signal: StopSignal) -> ApplyResult:
        started = time.perf_counter()
        journal, exchanges = Journal(self.journal_path), ExchangeIds(self.log, self.run_id)
        try:
            await asyncio.to_thread(self.begin, journal)
            more = await self.before(journal) if self.before is not None else ()
            staged = await self._staged(journal)
            context = self._context(staged, signal)
            engine = self._engine(context, journal, exchanges)
            self.on_event(RunStarted(self.run_id, len(self.changes)))
            results = await engine.run()
            await asyncio.to_thread(journal.flush)
            if journal.problem is None:
                await self._release(staged, context.settled)
            await asyncio.to_thread(journal.close, "interrupted" if signal.interrupted else "finished", now())
        finally:
            exchanges.close()
            await asyncio.to_thread(journal.close)
            self.notices += [text for text in (journal.notice, journal.problem) if text]
        result = ApplyResult(
            run_id=self.run_id,
            environment=self.environment,
            results=tuple(sorted((*more, *results), key=lambda one: self.order.get(one.client_id, 0))),
            interrupted=signal.interrupted,
            duration_ms=(time.perf_counter() - started) * 1e3,
        )
        self.on_event(RunEnded(result))
        return result

    async def _staged(self, journal: Journal) -> StagedSecrets:
        """Before the first request: what cannot be staged must be met while the old secrets still work."""
        can_print = self.options.print_secrets and self.print_secret is not None
        try:
            left = [change for change in self.changes if self._past(change) != "server done"]
            return await stage_secrets(left, self.run_id, print_secrets=can_print)
        except OcmError:
            if not self.resumed:
                await asyncio.to_thread(journal.abandon)
            raise

    async def _release(self, staged: StagedSecrets, settled: Sequence[str]) -> None:
        try:
            await staged.release(settled)
        except OcmError as error:
            self.notices.append(error.title)

    def _context(self, staged: StagedSecrets, signal: StopSignal) -> StepContext:
        return StepContext(
            server=self.clients.server,
            policy=self.clients.policy,
            staged=staged,
            signal=signal,
            run_id=self.run_id,
            now=now,
            print_secret=self.print_secret,
            found=self.found,
            open_registry=self.open_registry,
        )

    def _engine(self, context: StepContext, journal: Journal, exchanges: ExchangeIds) -> Engine:
        return Engine(
            self.changes,
            context,
            journal,
            exchanges,
            concurrency=min(self.options.concurrency, self.concurrency),
            fail_fast=self.options.fail_fast,
            on_event=self.on_event,
            past=self._past,
            earlier=self._earlier,
        )

    def _past(self, change: Change) -> Past:
        if not self.resumed:
            return "none"
        former = self._earlier(change)
        if former is None or former.status == "unknown":
            return "open"
        if former.server_done:
            return "server done"
        return "not sent" if former.status == "skipped" or former.conflict or not former.attempts else "open"

    def _earlier(self, change: Change) -> StepResult | None:
        outcome = self.former.get(change.client_id.casefold())
        return outcome.result if outcome else None
