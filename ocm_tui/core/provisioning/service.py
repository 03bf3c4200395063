"""From an inventory to the server, for every front end: load, plan, apply, resume, and what the journal knows."""

import asyncio
import base64
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import ConfigError, NotConfigured, UsageError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.provisioning.model import (
    ApplyResult,
    Change,
    Inventory,
    LastApplied,
    Plan,
    PlanOptions,
    StepResult,
)
from ocm_tui.core.provisioning.runs import ApplyOptions, OnEvent, RunSummary
from ocm_tui.core.secret import Secret

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.journal import Journal, RunRecord
    from ocm_tui.core.provisioning.registry_rows import OpenRegistry
    from ocm_tui.core.provisioning.replication import OnStatus, ReplicationOutcome
    from ocm_tui.core.provisioning.run import Run

__all__ = ["Provisioning"]

PrintSecret = Callable[[str, Secret], None]

_PLAN_OPTIONS: Final = PlanOptions()
_APPLY_OPTIONS: Final = ApplyOptions()
_NO_STATE: Final = "there is no directory for the journal, without which nothing is applied"


class Provisioning:
    """One environment and its server. All errors are OcmErrors; what only an apply needs is imported for one.

    `inventory` are the environment's own patterns, `concurrency` is how many requests the server is sent at once at
    most, `open_registry` gives the client registry whose rows an inventory may declare. `notice` says what else
    the user should know of the journal, such as that a damaged one was set aside.
    """

    def __init__(
        self,
        clients: ClientService,
        log: ExchangeLog,
        *,
        environment: str,
        state_directory: Path | None,
        inventory: tuple[Path, ...],
        concurrency: int,
        cache_directory: Path | None = None,
        open_registry: "OpenRegistry | None" = None,
    ) -> None:
        self.environment, self.inventory = environment, inventory
        self.notice: str | None = None
        self._clients, self._log, self._concurrency = clients, log, concurrency
        self._state, self._cache = state_directory, cache_directory
        self._open_registry = open_registry

    @property
    def base_url(self) -> str:
        return self._clients.server.base_url

    async def load(self, paths: Sequence[str | Path] = ()) -> Inventory:
        """The environment's inventory, or the one at `paths`. InvalidInventory with every problem in it."""
        from ocm_tui.core.provisioning.inventory_loading import load_inventory

        patterns = tuple(paths) or self.inventory
        if not patterns:
            raise NotConfigured(
                f"environment {self.environment} has no inventory",
                hint=f"--inventory FILE, or environments.{self.environment}.inventory in the configuration",
            )
        return await asyncio.to_thread(load_inventory, patterns, environment=self.environment, cache=self._cache)

    async def memory(self) -> Mapping[str, LastApplied]:
        """By case-folded client id. Empty, and `notice` says why, when it cannot be read: a plan works without."""
        if self._state is None:
            return {}
        from ocm_tui.core.provisioning.store import Scope, Unusable, read_memory

        self.notice = None
        try:
            return await asyncio.to_thread(read_memory, self._journal_path, Scope(self.environment, self.base_url))
        except Unusable as error:
            self.notice = f"what was last applied is not known: {error.title}"
            return {}

    async def plan(
        self,
        inventory: Inventory | None = None,
        options: PlanOptions = _PLAN_OPTIONS,
        on_page: Callable[[int], None] | None = None,
    ) -> Plan:
        """Reads, and writes nothing. Without an inventory the environment's own is loaded while the list begins."""
        from ocm_tui.core.provisioning.planner import make_plan

        memory = await self.memory()
        wanted: Inventory | Awaitable[Inventory] = self.load() if inventory is None else inventory
        plan = await make_plan(
            self._clients,
            wanted,
            environment=self.environment,
            memory=memory,
            options=options,
            on_page=on_page,
            open_registry=self._open_registry,
        )
        warnings = [f"run {one} was killed before its end: resume it first" for one in await self._abandoned()]
        warnings += [self.notice] if self.notice else []
        return replace(plan, warnings=(*plan.warnings, *warnings)) if warnings else plan

    async def apply(
        self,
        plan: Plan,
        options: ApplyOptions = _APPLY_OPTIONS,
        on_event: OnEvent | None = None,
        *,
        fresh: bool = True,
        print_secret: PrintSecret | None = None,
    ) -> ApplyResult:
        """Carry the plan out, and tell how each of its steps ended.

        Refused, Conflict and UsageError mean that nothing was sent. `fresh` is false for a plan that was saved: it is
        carried out as it is or, when any client is not as planned, not at all. Cancelled once, it brings to its end
        what is under way, and returns.
        """
        from ocm_tui.core.provisioning.listing import refuse_outdated
        from ocm_tui.core.provisioning.lock import RunLock
        from ocm_tui.core.provisioning.registry_rows import refuse_outdated_rows
        from ocm_tui.core.provisioning.run import now

        self._refuse_other_plan(plan)
        steps = _selected(plan, options.only)
        if steps:
            self._clients.policy.require(f"apply {len(steps)} change{'s' if len(steps) != 1 else ''}")
        directory, run_id, started_at = self._state_directory(), _new_run_id(), now()
        chosen = replace(plan, changes=tuple(steps), unmanaged=())
        found = [(change.client_id, record) for change, record in _as_declared(plan, run_id, started_at)]

        def begin(journal: "Journal") -> None:
            journal.begin(run_id, chosen, started_at=started_at, total=len(steps), found=found)

        async with RunLock(directory, self.base_url, run_id, wait=options.wait):
            if not fresh:
                await refuse_outdated(self._clients, _planned(plan, options.only))
                await refuse_outdated_rows(self._open_registry, _planned(plan, options.only))
            run = self._run(run_id, steps, options, begin)
            return await self._carried_out(run, on_event, print_secret)

    async def resume(
        self,
        run_id: str,
        options: ApplyOptions = _APPLY_OPTIONS,
        on_event: OnEvent | None = None,
        *,
        print_secret: PrintSecret | None = None,
    ) -> ApplyResult:
        """Carry on with a run: every step that has not succeeded for certain is read back, then adopted or done.

        The result is that of the whole run. UsageError when there is no such run, or when it belongs elsewhere.
        """
        from ocm_tui.core.provisioning import resume
        from ocm_tui.core.provisioning.lock import RunLock

        directory = self._state_directory()
        resume.refuse_other_target(await self._record(run_id), self.environment, self.base_url)
        self._clients.policy.require(f"resume run {run_id}")
        async with RunLock(directory, self.base_url, run_id, wait=options.wait):
            record = await self._record(run_id)  # as it is now that nobody else is at work
            steps = resume.remaining(record, options.only)
            found = await resume.read_found(self._clients, steps)
            run = self._run(run_id, steps, options, lambda journal: journal.reopen(record.summary))
            run.resumed, run.former, run.found = True, record.outcomes, found
            run.order = {change.client_id: place for place, change in enumerate(record.plan.steps)}
            run.before = lambda journal: resume.deliver_again(record, steps, journal)
            return await self._carried_out(run, on_event, print_secret)

    async def runs(self, limit: int = 50) -> list[RunSummary]:
        """Newest first, of every environment that shares the journal."""
        from ocm_tui.core.provisioning.journal import read_runs

        return await asyncio.to_thread(read_runs, self._journal_path, limit) if self._state else []

    async def run(self, run_id: str) -> tuple[RunSummary, list[StepResult], Plan]:
        """The results that are on record, in the order of the plan, and the steps of the plan. UsageError for none."""
        record = await self._record(run_id)
        keys = [change.client_id.casefold() for change in record.plan.changes]
        return record.summary, [record.outcomes[key].result for key in keys if key in record.outcomes], record.plan

    async def replicate(self, on_status: "OnStatus | None" = None) -> "ReplicationOutcome":
        from ocm_tui.core.provisioning.replication import replicate

        return await replicate(self._clients.server, policy=self._clients.policy, on_status=on_status)

    @property
    def _journal_path(self) -> Path:
        from ocm_tui.core.provisioning.store import FILE_NAME

        if self._state is None:
            raise NotConfigured(_NO_STATE)
        return self._state / FILE_NAME

    def _state_directory(self) -> Path:
        directory = self._journal_path.parent
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"the state directory cannot be created: {error.strerror}", path=directory) from error
        return directory

    def _refuse_other_plan(self, plan: Plan) -> None:
        if (plan.environment, plan.base_url) != (self.environment, self.base_url):
            raise UsageError(
                f"the plan was made for environment {plan.environment} at {plan.base_url}",
                hint=f"this is {self.environment} at {self.base_url}; --env names another one",
            )

    def _run(
        self, run_id: str, steps: Sequence[Change], options: ApplyOptions, begin: "Callable[[Journal], None]"
    ) -> "Run":
        from ocm_tui.core.provisioning.run import Run

        return Run(
            run_id=run_id,
            environment=self.environment,
            changes=steps,
            clients=self._clients,
            log=self._log,
            journal_path=self._journal_path,
            concurrency=self._concurrency,
            options=options,
            begin=begin,
            open_registry=self._open_registry,
        )

    async def _carried_out(self, run: "Run", on_event: OnEvent | None, print_secret: PrintSecret | None) -> ApplyResult:
        run.on_event, run.print_secret = on_event or run.on_event, print_secret
        try:
            return await run.carry_out()
        finally:
            self.notice = "; ".join(run.notices) or None

    async def _abandoned(self) -> list[str]:
        """What they have staged may be the only copy of a secret that is in force."""
        from ocm_tui.core.provisioning.journal import read_abandoned
        from ocm_tui.core.provisioning.store import Scope, Unusable

        if self._state is None:
            return []
        try:
            return await asyncio.to_thread(read_abandoned, self._journal_path, Scope(self.environment, self.base_url))
        except Unusable:
            return []  # the memory has said why

    async def _record(self, run_id: str) -> "RunRecord":
        from ocm_tui.core.provisioning.journal import read_run

        return await asyncio.to_thread(read_run, self._journal_path, run_id)


def _new_run_id() -> str:
    """Sorts by time, and fits into a file name: 20260131t120431-k7q2wd5a."""
    chance = base64.b32encode(os.urandom(5)).decode().lower()
    return f"{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}-{chance}"


def _planned(plan: Plan, only: frozenset[str] | None) -> list[Change]:
    wanted = None if only is None else {client_id.casefold() for client_id in only}
    return [change for change in plan.changes if wanted is None or change.client_id.casefold() in wanted]


def _selected(plan: Plan, only: frozenset[str] | None) -> list[Change]:
    """UsageError for a client that the plan does not change: whoever named it expects something else."""
    chosen = _planned(replace(plan, changes=plan.steps), only)
    if only is not None:
        missing = {client_id.casefold() for client_id in only} - {change.client_id.casefold() for change in chosen}
        named = next((client_id for client_id in sorted(only) if client_id.casefold() in missing), None)
        if named is not None:
            raise UsageError(f"the plan has no change for client {named}", hint="plan again, or leave it out")
    return chosen


def _as_declared(plan: Plan, run_id: str, found_at: str) -> Iterator[tuple[Change, LastApplied]]:
    """What the plan found as declared is remembered as well: a later difference can then be told from where it came."""
    for change in plan.changes:
        if change.action == "unchanged" and change.desired is not None:
            version = change.declaration.version if change.declaration is not None else None
            yield change, LastApplied(change.desired, False, found_at, run_id, version)
