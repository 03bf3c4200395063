"""Minimising for the front ends: the session's server, policy and state directory, and a finding for each cause."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocm_tui.core.diagnosis.minimise.journal import TrialJournal
from ocm_tui.core.diagnosis.minimise.model import Budget, Minimised, OnTrial
from ocm_tui.core.diagnosis.minimise.subject import Subject, subject_of
from ocm_tui.core.diagnosis.model import Finding, Fix
from ocm_tui.core.errors import NotConfigured, UsageError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.text import json_text

if TYPE_CHECKING:
    from ocm_tui.core.diagnosis.minimise.clean_up import CleanedUp
    from ocm_tui.core.session import Session

__all__ = ["checked_subject", "clean_up_trials", "findings_of", "minimise_exchange"]

_BUDGET = Budget()


def checked_subject(session: "Session", exchange: Exchange) -> Subject:
    """UsageError when the exchange cannot be minimised, or was not sent to this environment's server."""
    subject, server = subject_of(exchange), session.require_clients().server
    if not subject.url.casefold().startswith(f"{server.base_url.rstrip('/')}/".casefold()):
        raise UsageError(
            f"exchange {exchange.id} was not sent to environment {session.environment}: {exchange.url}",
            hint=f"{session.environment} is at {server.base_url}; --env names another one",
        )
    return subject


async def minimise_exchange(
    session: "Session", exchange: Exchange, *, budget: Budget = _BUDGET, on_trial: OnTrial | None = None
) -> Minimised:
    """As `minimise`, on the session's server."""
    from ocm_tui.core.diagnosis.minimise.run import minimise

    subject, clients = checked_subject(session, exchange), session.require_clients()
    journal = _journal(session)
    try:
        return await minimise(
            clients.server,
            subject,
            policy=clients.policy,
            journal=journal,
            environment=session.environment,
            budget=budget,
            on_trial=on_trial,
        )
    finally:
        journal.close()


async def clean_up_trials(session: "Session", *, on_wait: Callable[[float], None] = lambda _: None) -> "CleanedUp":
    """As `clean_up`, on the session's server."""
    from ocm_tui.core.diagnosis.minimise.clean_up import clean_up

    clients, journal = session.require_clients(), _journal(session)
    try:
        return await clean_up(journal, clients.server, policy=clients.policy, on_wait=on_wait)
    finally:
        journal.close()


def findings_of(result: Minimised) -> list[Finding]:
    """One for each cause that the trials have proven, in the order in which they were found."""
    findings: list[Finding] = []
    for number, culprit in enumerate(result.culprits):
        alone = len(culprit.fields) == 1
        what = f"{culprit.field_path} is" if alone else f"{' and '.join(culprit.fields)} are together"
        reason = next((one.message for one in culprit.violations), f"the server said {culprit.status} and not why")
        others = f" (tried with {', '.join(culprit.needs)})" if culprit.needs else ""
        findings.append(
            Finding(
                code="smallest-failing-payload",
                severity="error",
                confidence="sure" if culprit.confirmed else "likely",
                title=f"{what} refused{others}: {reason}",
                field_path=culprit.field_path,
                evidence=tuple(f"{name} = {json_text(value, indent=None)}" for name, value in culprit.values.items()),
                suggestion="correct it, or leave it out: the server takes the payload without it"
                if result.passing_payload is not None
                else "correct it, or leave it out",
                fix=Fix(result.client_id, culprit.field_path) if result.client_id else None,
                rank=number,
            )
        )
    return findings


def _journal(session: "Session") -> TrialJournal:
    if session.state_directory is None:
        raise NotConfigured("there is no directory for the journal of trials, without which nothing is tried")
    return TrialJournal(session.state_directory)
