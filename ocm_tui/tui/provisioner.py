"""What the Apply screen needs of the engine: `core.provisioning.service.Provisioning`, or a test in its place."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ocm_tui.core.provisioning.model import ApplyResult, Plan, PlanOptions, StepResult
from ocm_tui.core.provisioning.replication import OnStatus, ReplicationOutcome
from ocm_tui.core.provisioning.runs import ApplyOptions, OnEvent, RunSummary

__all__ = ["Provisioner"]


class Provisioner(Protocol):
    """Every call may raise an OcmError. Cancelling `apply` or `resume` once lets what is in flight end."""

    async def plan(
        self, inventory: None = None, options: PlanOptions = ..., on_page: Callable[[int], None] | None = None
    ) -> Plan: ...

    async def apply(self, plan: Plan, options: ApplyOptions = ..., on_event: OnEvent | None = None) -> ApplyResult: ...

    async def resume(
        self, run_id: str, options: ApplyOptions = ..., on_event: OnEvent | None = None
    ) -> ApplyResult: ...

    async def runs(self, limit: int = 50) -> Sequence[RunSummary]: ...

    async def run(self, run_id: str) -> tuple[RunSummary, Sequence[StepResult], Plan]: ...

    async def replicate(self, on_status: OnStatus | None = None) -> ReplicationOutcome: ...
