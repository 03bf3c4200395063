"""What an apply did, client by client, for people and as `ocm-tui/apply/v1`; and the runs that the journal keeps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.provisioning.model import Action, ApplyResult, StepResult, StepStatus
from ocm_tui.core.provisioning.runs import RunSummary
from ocm_tui.core.secret import LONG, Secret, known_secrets
from ocm_tui.core.text import clean
from ocm_tui.headless.formats.diagnosis import finding_lines
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, painted, table

if TYPE_CHECKING:
    from ocm_tui.core.diagnosis.model import Finding

__all__ = [
    "apply_document",
    "apply_summary",
    "apply_text",
    "diagnosis_lines",
    "runs_document",
    "runs_text",
    "step_lines",
]

_STATUS: Final[Mapping[StepStatus, tuple[str, str]]] = {
    "succeeded": ("●", GREEN),
    "failed": ("■", RED),
    "skipped": ("·", GREY),
    "unknown": ("▲", YELLOW),
}
_DONE: Final[Mapping[Action, str]] = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "unchanged": "unchanged",
    "blocked": "blocked",
}
_LONGEST_NAME: Final = 200
_LONGEST_ERROR: Final = 400
_MOST_FINDINGS: Final = 5


def apply_document(
    result: ApplyResult,
    *,
    secrets: Mapping[str, Secret] | None = None,
    findings: Mapping[str, Sequence["Finding"]] | None = None,
    **additions: Any,
) -> str:
    """`secrets` (by client id) are those that `--print-secrets` allowed: the only ones that are printed.

    `findings` (by client id) are the diagnoses of what failed.
    """
    printed = secrets or {}
    members = {
        "run_id": result.run_id,
        "environment": result.environment,
        "interrupted": result.interrupted,
        "duration_ms": round(result.duration_ms, 3),
        "summary": result.summary,
        "results": [_item(step, (findings or {}).get(step.client_id, ())) for step in result.results],
        **additions,
    }
    if not printed:
        return document("apply", members)
    scrubbed = known_secrets.scrub_document(members)
    for item in scrubbed["results"]:
        if item["client_id"] in printed:
            item["secret"] = printed[item["client_id"]].reveal()
    return document("apply", scrubbed, reveal=True)


def apply_text(result: ApplyResult, *, color: bool = False) -> str:
    rows = [
        (
            " ".join((_STATUS[step.status][0], step.status)),
            clean(step.client_id, _LONGEST_NAME),
            step.action,
            str(step.attempts),
            clean(step.error or "", _LONGEST_ERROR),
        )
        for step in result.results
    ]
    headings = ("Status", "Client", "Action", "Attempts", "Error")
    paints = [_STATUS[step.status][1] for step in result.results]
    shown = f"{table(headings, rows, right=(3,), paints=paints, color=color)}\n" if rows else ""
    return known_secrets.scrub(f"{shown}{apply_summary(result)}\n", shortest=LONG)


def apply_summary(result: ApplyResult) -> str:
    counts = result.summary
    run = f", run {clean(result.run_id)}" if result.run_id else ""
    return (
        f"{clean(result.environment)}: {counts['succeeded']} succeeded, {counts['failed']} failed, "
        f"{counts['skipped']} skipped, {counts['unknown']} unknown in {result.duration_ms / 1000:.2f} s{run}"
    )


def step_lines(step: StepResult, *, color: bool = False) -> list[str]:
    """One line as the step ends; what went wrong and what is worth knowing below it. Safe to print."""
    glyph, paint = _STATUS[step.status]
    name = clean(step.client_id, _LONGEST_NAME)
    said = _DONE[step.action] if step.status == "succeeded" else f"{step.action} {step.status}"
    error = f": {clean(step.error, _LONGEST_ERROR)}" if step.error else ""
    lines = [f"{painted(glyph, paint, color=color)} {name}  {said}{error}"]
    lines += [f"    {clean(note)}" for note in step.notes]
    if step.hint:
        lines.append(f"    hint: {clean(step.hint)}")
    return [known_secrets.scrub(line, shortest=LONG) for line in lines]


def runs_document(runs: Sequence[RunSummary]) -> str:
    items = [
        {
            "run_id": run.run_id,
            "environment": run.environment,
            "base_url": run.base_url,
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "status": run.status,
            "total": run.total,
            "summary": _counts(run),
        }
        for run in runs
    ]
    return document("runs", {"items": items})


def runs_text(runs: Sequence[RunSummary], *, color: bool = False) -> str:
    """Newest first, as the journal gives them. Times are UTC."""
    paints = {"running": YELLOW, "finished": GREEN, "interrupted": YELLOW, "abandoned": RED}
    rows = [
        (
            run.status,
            clean(run.run_id),
            clean(run.environment),
            clean(run.started_at),
            *(str(count) for count in (run.total, *_counts(run).values())),
        )
        for run in runs
    ]
    headings = ("Status", "Run", "Environment", "Started", "Steps", "Succeeded", "Failed", "Skipped", "Unknown")
    return table(headings, rows, right=(4, 5, 6, 7, 8), paints=[paints[run.status] for run in runs], color=color)


def _counts(run: RunSummary) -> dict[str, int]:
    return {"succeeded": run.succeeded, "failed": run.failed, "skipped": run.skipped, "unknown": run.unknown}


def diagnosis_lines(findings: Mapping[str, Sequence["Finding"]], *, color: bool = False) -> list[str]:
    """For each client that failed the likeliest causes, and what to do. Safe to print."""
    lines: list[str] = []
    for client_id, found in findings.items():
        if found:
            lines.append(f"diagnosis of {clean(client_id, _LONGEST_NAME)}:")
        for finding in found[:_MOST_FINDINGS]:
            lines += finding_lines(finding, color=color, evidence=False, indent="  ")
        if len(found) > _MOST_FINDINGS:
            lines.append(f"  and {len(found) - _MOST_FINDINGS} more: `ocm-tui log diagnose` shows all")
    return [known_secrets.scrub(line, shortest=LONG) for line in lines]


def _item(step: StepResult, findings: Sequence["Finding"]) -> dict[str, Any]:
    return {
        "client_id": step.client_id,
        "action": step.action,
        "status": step.status,
        "attempts": step.attempts,
        "exchange_ids": list(step.exchange_ids),
        "error": step.error,
        "hint": step.hint or None,
        "conflict": step.conflict,
        "notes": list(step.notes),
        "findings": [finding.as_json() for finding in findings],
    }
