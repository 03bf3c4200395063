"""What is left of a run that ended before its end: told from its journal, and read back before anything is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.provisioning.journal import Journal, Outcome, RunRecord
from ocm_tui.core.provisioning.listing import read_listed
from ocm_tui.core.provisioning.model import Change, StepResult
from ocm_tui.core.provisioning.staging import recover_secrets
from ocm_tui.core.text import clean

__all__ = ["deliver_again", "read_found", "refuse_other_target", "remaining"]

_WORTH_A_LIST: Final = 100  # clients that are cheaper to find in the list than one by one


def refuse_other_target(record: RunRecord, environment: str, base_url: str) -> None:
    """UsageError: a run goes on where it began, or nowhere."""
    run = record.summary
    if (run.environment, run.base_url) != (environment, base_url):
        raise UsageError(
            f"run {run.run_id} belongs to environment {clean(run.environment, 80)} at {clean(run.base_url, 200)}",
            hint=f"this is {clean(environment, 80)} at {clean(base_url, 200)}; --env names another one",
        )


def remaining(record: RunRecord, only: frozenset[str] | None) -> list[Change]:
    """The steps that have not succeeded for certain, in the order of the plan."""
    wanted = None if only is None else {client_id.casefold() for client_id in only}
    return [
        change
        for change in record.plan.steps
        if not _succeeded(record, change) and (wanted is None or change.client_id.casefold() in wanted)
    ]


async def read_found(clients: ClientService, changes: Sequence[Change]) -> Mapping[str, ClientDocument] | None:
    """What the list shows of the clients to be created; None when they are few, and better looked at one by one."""
    keys = {change.client_id.casefold() for change in changes if change.action == "create"}
    if len(keys) < _WORTH_A_LIST:
        return None
    found: dict[str, ClientDocument] = {}
    await read_listed(clients, keys, found.__setitem__)
    return found


async def deliver_again(record: RunRecord, changes: Sequence[Change], journal: Journal) -> list[StepResult]:
    """The results that `changes` leave out; the secrets of those that succeeded are in their places afterwards.

    A staged copy that is gone was let go of, or moved by hand, as the first result had asked for.
    """
    left = {change.client_id.casefold() for change in changes}
    told = {key: outcome.result for key, outcome in record.outcomes.items() if key not in left}
    ended = [change for change in record.plan.steps if _succeeded(record, change)]
    staged = await recover_secrets(ended, record.summary.run_id)
    settled: list[str] = []
    for change in ended:
        key = change.client_id.casefold()
        outcome = record.outcomes[key]
        if staged.secret(change.client_id) is None:
            continue
        if not outcome.promoted:
            try:
                await staged.promote(change.client_id)
            except OcmError:
                continue
            note = f"its secret is at {staged.destination(change.client_id)}"
            told[key] = replace(outcome.result, notes=(*outcome.result.notes, note))
            journal.record(Outcome(told[key]))
        settled.append(change.client_id)
    await staged.release(settled)
    keys = [change.client_id.casefold() for change in record.plan.steps]
    return [told[key] for key in keys if key in told]


def _succeeded(record: RunRecord, change: Change) -> bool:
    outcome = record.outcomes.get(change.client_id.casefold())
    return outcome is not None and outcome.result.status == "succeeded"
