"""A provisioner whose every step the test decides, and the plans that the Apply screen is shown with."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ocm_tui.core.clients.model import ClientDocument, ClusterNode, ClusterStatus
from ocm_tui.core.errors import OcmError
from ocm_tui.core.provisioning.model import (
    Action,
    ApplyResult,
    Change,
    FieldDrift,
    Inventory,
    LastApplied,
    Plan,
    PlanOptions,
    SecretDeclaration,
    StepResult,
    StepStatus,
)
from ocm_tui.core.provisioning.replication import OnStatus, ReplicationOutcome
from ocm_tui.core.provisioning.runs import (
    ApplyOptions,
    OnEvent,
    RunEnded,
    RunStarted,
    RunSummary,
    StepEnded,
    StepStarted,
)
from ocm_tui.core.session import Session
from ocm_tui.tui.models.run_progress import RunProgress
from ocm_tui.tui.screens.apply import ApplyScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from tests.tui.support import Console

__all__ = [
    "RUN_ID",
    "FakeProvisioner",
    "change",
    "confirmed",
    "has_ended",
    "keys_of",
    "open_apply",
    "planned",
    "progress_of",
    "result",
    "some_plan",
    "summary",
]

RUN_ID = "20260203-120431-7f3a"
FILE = "/etc/ocm/client-inventory.yaml"
_PLAN_OPTIONS, _APPLY_OPTIONS = PlanOptions(), ApplyOptions()


def change(client_id: str, action: Action = "update", **members: Any) -> Change:
    if action == "update" and "fields" not in members:
        members["fields"] = (FieldDrift("description", "old", "new", "inventory"),)
    return Change(client_id=client_id, action=action, place=members.pop("place", f"{FILE}:31:5"), **members)


def some_plan(*changes: Change, **members: Any) -> Plan:
    """Without changes, one of each kind that a reader meets."""
    shown: dict[str, Any] = {
        "environment": "test",
        "base_url": "https://pf-admin.test.example.com:9999/pf-admin-api/v1",
        "inventory": (FILE,),
        "created_at": "2026-02-03T12:04:31Z",
        "server_version": "12.1.0.4",
        "requests": 9,
        "unmanaged": ("admin-cli", "legacy-sync"),
    }
    return Plan(changes=changes or _EXAMPLES, **shown | members)


_EXAMPLES = (
    change("returns-portal", "create", place=f"{FILE}:232:5"),
    change(
        "notifications-worker",
        "create",
        secret="set",
        declaration=SecretDeclaration("generate", deliver="file:/run/secrets/notifications"),
        place=f"{FILE}:131:5",
    ),
    change(
        "orders-ui",
        fields=(
            FieldDrift(
                "redirectUris",
                ["https://orders.example.com/callback", "https://orders-test.example.com/a/very/long/path/to/callback"],
                ["https://orders.example.com/callback"],
                "server",
            ),
            FieldDrift("description", "Back office", "Back office for orders", "inventory"),
        ),
        place=f"{FILE}:171:5",
    ),
    change(
        "data-warehouse",
        fields=(FieldDrift("restrictedScopes", ["reports:read", "customers:read"], ["reports:read"], "both"),),
        desired=ClientDocument(
            {"clientSecretRetentionPeriodType": "OVERRIDE_SERVER_DEFAULT", "clientSecretRetentionPeriod": 0}
        ),
        secret="rotate",
        declaration=SecretDeclaration("generate", deliver="keyring:oauth/data-warehouse", version=2),
        reasons=("the former secret stops working at once (retention 0)",),
        place=f"{FILE}:96:5",
    ),
    change("old-importer", "delete", place=""),
    change(
        "reports-ui",
        "blocked",
        reasons=('restrictedScopes[0]: "ordres:read" is not defined on the server; nearest: orders:read',),
        place=f"{FILE}:160:5",
    ),
    *(change(f"settled-{number}", "unchanged", fields=()) for number in range(18)),
)


def result(client_id: str, status: StepStatus = "succeeded", action: Action = "update", **members: Any) -> StepResult:
    return StepResult(client_id=client_id, action=action, status=status, **{"attempts": 1} | members)


def summary(run_id: str = RUN_ID, **members: Any) -> RunSummary:
    shown: dict[str, Any] = {
        "environment": "test",
        "base_url": "https://pf-admin.test.example.com:9999/pf-admin-api/v1",
        "started_at": "2026-02-03T11:04:31Z",
        "ended_at": None,
        "status": "abandoned",
        "total": 5,
        "succeeded": 2,
        "failed": 0,
        "skipped": 0,
        "unknown": 0,
    }
    return RunSummary(run_id=run_id, **shown | members)


class FakeProvisioner:
    """`planned` is a plan, an error, or something to wait for; `endings` say how a client's step ends, if not well.

    A step in `held` stays in flight until `release` is set; then, and when the run is cancelled, it ends.
    """

    def __init__(self, planned: Plan | OcmError | None = None) -> None:
        self.planned = planned if planned is not None else some_plan()
        self.endings: dict[str, StepResult] = {}
        self.held: set[str] = set()
        self.release = asyncio.Event()
        self.plan_gate = asyncio.Event()
        self.plan_gate.set()
        self.plan_options: list[PlanOptions] = []
        self.applied: list[ApplyOptions] = []
        self.resumed: list[str] = []
        self.replications = 0
        self.refused: OcmError | None = None
        self.journal: list[tuple[RunSummary, Sequence[StepResult], Plan]] = []
        self.on_page: Callable[[int], None] | None = None

    def install(self, session: Session) -> None:
        session.provisioning = self  # type: ignore[assignment]
        session.inventory = Path(FILE)

    async def load(self, paths: Sequence[str | Path] = ()) -> Inventory:
        return Inventory((Path(FILE),), ())

    async def memory(self) -> Mapping[str, LastApplied]:
        return {}

    async def plan(
        self,
        inventory: None = None,
        options: PlanOptions = _PLAN_OPTIONS,
        on_page: Callable[[int], None] | None = None,
    ) -> Plan:
        self.plan_options.append(options)
        self.on_page = on_page
        await self.plan_gate.wait()
        if isinstance(self.planned, OcmError):
            raise self.planned
        return self.planned

    async def apply(
        self, plan: Plan, options: ApplyOptions = _APPLY_OPTIONS, on_event: OnEvent | None = None
    ) -> ApplyResult:
        self.applied.append(options)
        if self.refused is not None:
            raise self.refused
        wanted = [c for c in plan.steps if options.only is None or c.client_id in options.only]
        return await self._carry_out(wanted, on_event)

    async def resume(
        self, run_id: str, options: ApplyOptions = _APPLY_OPTIONS, on_event: OnEvent | None = None
    ) -> ApplyResult:
        self.resumed.append(run_id)
        assert isinstance(self.planned, Plan)
        return await self._carry_out(list(self.planned.steps), on_event)

    async def _carry_out(self, wanted: Sequence[Change], on_event: OnEvent | None) -> ApplyResult:
        tell = on_event or (lambda _: None)
        tell(RunStarted(RUN_ID, len(wanted)))
        results: list[StepResult] = []
        interrupted = False
        for step in wanted:
            if interrupted:
                results.append(result(step.client_id, "skipped", step.action, attempts=0))
                continue
            tell(StepStarted(step.client_id, step.action))
            if step.client_id in self.held:
                try:
                    await self.release.wait()
                except asyncio.CancelledError:
                    interrupted = True
            ended = self.endings.get(step.client_id) or result(step.client_id, action=step.action)
            results.append(ended)
            tell(StepEnded(ended))
        done = ApplyResult(
            run_id=RUN_ID, environment="test", results=tuple(results), interrupted=interrupted, duration_ms=1230.0
        )
        tell(RunEnded(done))
        return done

    async def runs(self, limit: int = 50) -> Sequence[RunSummary]:
        return [run[0] for run in self.journal[:limit]]

    async def run(self, run_id: str) -> tuple[RunSummary, Sequence[StepResult], Plan]:
        return next(run for run in self.journal if run[0].run_id == run_id)

    async def replicate(self, on_status: OnStatus | None = None) -> ReplicationOutcome:
        self.replications += 1
        nodes = tuple(ClusterNode(f"10.0.0.{n}:7600", n, "CLUSTERED_ENGINE", "SUCCEEDED", "12.1.0.4") for n in (1, 2))
        if on_status is not None:
            on_status(ClusterStatus(nodes))
        return ReplicationOutcome(
            status="replicated", text="the configuration was replicated to 2 engines", nodes=nodes
        )


async def open_apply(the: Console, provisioner: FakeProvisioner | None = None) -> ApplyScreen:
    if provisioner is not None:
        provisioner.install(the.session)
    await the.press("a")
    await the.until(lambda: isinstance(the.app.screen, ApplyScreen), "the Apply screen")
    screen = the.app.screen
    assert isinstance(screen, ApplyScreen)
    return screen


async def planned(the: Console, provisioner: FakeProvisioner | None = None) -> tuple[ApplyScreen, FakeProvisioner]:
    provisioner = provisioner or FakeProvisioner()
    screen = await open_apply(the, provisioner)
    await the.until(lambda: screen.state.plan is not None, "the plan")
    return screen, provisioner


async def confirmed(the: Console, *keys: str) -> None:
    await the.press("A")
    await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
    await the.press(*(keys or ("y",)))


def has_ended(screen: ApplyScreen) -> bool:
    return screen.state.progress is not None and screen.state.progress.ended is not None


def progress_of(screen: ApplyScreen) -> RunProgress:
    assert screen.state.progress is not None
    return screen.state.progress


def keys_of(screen: ApplyScreen) -> list[str]:
    return [screen.state.rows.key(position) for position in range(len(screen.state.rows))]
