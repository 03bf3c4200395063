"""A plan and a result with one of everything, hostile strings included; made by hand."""

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.model import (
    Action,
    ApplyResult,
    Change,
    FieldDrift,
    Plan,
    SecretDeclaration,
    StepResult,
    StepStatus,
)
from tests.unit.headless.reports import NASTY

__all__ = ["plan_of", "plan_of_everything", "result_of", "result_of_everything", "step"]


def plan_of(*changes: Change, unmanaged: tuple[str, ...] = (), warnings: tuple[str, ...] = ()) -> Plan:
    return Plan(
        environment="dev",
        base_url="https://pf-admin.example.com/pf-admin-api/v1",
        inventory=("inventory.yaml",),
        created_at="2026-01-31T12:04:31.377Z",
        changes=changes,
        unmanaged=unmanaged,
        warnings=warnings,
        server_version="12.1.0.4",
        requests=4,
    )


def plan_of_everything() -> Plan:
    generated = SecretDeclaration("generate", deliver="file:secrets/orders-api", version=3)
    return plan_of(
        Change(
            client_id="new-api",
            action="create",
            fields=(
                FieldDrift("enabled", None, True, "inventory"),
                FieldDrift("grantTypes", None, ["CLIENT_CREDENTIALS"], "inventory"),
            ),
            desired=ClientDocument({"clientId": "new-api"}),
            secret="set",
            declaration=SecretDeclaration("env", "NEW_API_SECRET"),
            place="inventory.yaml:4:5",
        ),
        Change(
            client_id="orders-api",
            action="update",
            fields=(
                FieldDrift("redirectUris", ["https://old.example.com", "https://a"], ["https://a"], "both"),
                FieldDrift("description", NASTY, None, "server"),
                FieldDrift("enabled", False, True, "inventory"),
                FieldDrift("name", "a", "b"),
            ),
            reasons=("the former secret dies at once",),
            desired=ClientDocument({"clientId": "orders-api"}),
            seen="f" * 64,
            secret="rotate",
            declaration=generated,
            place="inventory.yaml:9:5",
        ),
        Change(client_id="kept", action="unchanged", desired=ClientDocument({"clientId": "kept"}), secret="keep"),
        Change(
            client_id="came-back",
            action="create",
            fields=(FieldDrift("enabled", None, True, "server"),),
            desired=ClientDocument({"clientId": "came-back"}),
        ),
        Change(
            client_id=f"evil-{NASTY}",
            action="blocked",
            reasons=("defaultAccessTokenManagerRef: there is no token manager jwtt", NASTY),
            place="inventory.yaml:20:5",
        ),
        Change(client_id="dropped", action="delete", seen="e" * 64),
        unmanaged=("theirs", "others"),
        warnings=(f"the list of scopes could not be read {NASTY}",),
    )


def step(client_id: str, status: StepStatus, action: Action = "update", *, conflict: bool = False) -> StepResult:
    return StepResult(
        client_id=client_id,
        action=action,
        status=status,
        attempts=int(status != "skipped"),
        error=f"it {status}" if status in {"failed", "unknown"} else None,
        conflict=conflict,
    )


def result_of(*results: StepResult, interrupted: bool = False) -> ApplyResult:
    return ApplyResult(
        run_id="20260131-120431-4c1f",
        environment="dev",
        results=results,
        interrupted=interrupted,
        duration_ms=1234.5678,
    )


def result_of_everything() -> ApplyResult:
    return result_of(
        StepResult(
            client_id="new-api",
            action="create",
            status="succeeded",
            attempts=1,
            exchange_ids=("x-7", "x-9"),
            notes=("the secret is in file:secrets/new-api",),
        ),
        StepResult(
            client_id=f"evil-{NASTY}",
            action="update",
            status="failed",
            attempts=1,
            exchange_ids=("x-8",),
            error=f"HTTP 422: {NASTY}",
            hint="mend the field",
        ),
        step("orders-api", "failed", conflict=True),
        step("late", "skipped", "delete"),
        step("who-knows", "unknown", "create"),
    )
