"""Small plans, outcomes and records for the tests of what is kept."""

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.journal import Outcome
from ocm_tui.core.provisioning.model import Change, LastApplied, Plan, StepResult, StepStatus
from ocm_tui.core.provisioning.store import Scope

__all__ = ["SCOPE", "STARTED", "last", "outcome", "plan"]

SCOPE = Scope("dev", "https://pf.example.com:9999/pf-admin-api/v1")
STARTED = "2026-01-31T12:04:31.377Z"


def plan(*client_ids: str) -> Plan:
    changes = tuple(
        Change(client_id=one, action="create", desired=ClientDocument({"clientId": one, "name": one}))
        for one in client_ids
    )
    return Plan(
        environment=SCOPE.environment,
        base_url=SCOPE.base_url,
        inventory=("client-inventory.yaml",),
        created_at=STARTED,
        changes=changes,
    )


def last(description: str = "", *, created: bool = False, version: int | None = None) -> LastApplied:
    return LastApplied(ClientDocument({"description": description}), created, STARTED, "run-1", version)


def outcome(client_id: str, status: StepStatus = "succeeded", memory: LastApplied | None = None) -> Outcome:
    result = StepResult(
        client_id=client_id, action="create", status=status, attempts=2, exchange_ids=("s-1", "s-2"),
        error=None if status == "succeeded" else "the server said no", notes=("a note",),
    )  # fmt: skip
    return Outcome(result, memory)
