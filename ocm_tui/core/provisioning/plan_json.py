"""A plan as the members of `ocm-tui/plan/v1`. Nothing in it is secret; strings are not cleaned for a terminal."""

from typing import Any

from ocm_tui.core.provisioning.model import Change, Plan

__all__ = ["plan_json"]


def plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "environment": plan.environment,
        "base_url": plan.base_url,
        "server_version": plan.server_version or None,
        "inventory": list(plan.inventory),
        "created_at": plan.created_at,
        "requests": plan.requests,
        "summary": plan.summary,
        "changes": [_change(change) for change in plan.changes],
        "unmanaged": list(plan.unmanaged),
        "warnings": list(plan.warnings),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "client_id": change.client_id,
        "action": change.action,
        "fields": [
            {"path": drift.path, "before": drift.before, "after": drift.after, "moved": drift.moved}
            for drift in change.fields
        ],
        "reasons": list(change.reasons),
        "state": change.state,
        "secret": change.secret,
        "place": change.place or None,
    }
