"""`log minimise`: the smallest payload that still fails, by trials on the server; `--clean-up` removes what was left.

stderr has a line for each trial, stdout the result, also that of a run that was interrupted.
"""

from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.diagnosis.minimise.model import Budget, Minimised, Trial
from ocm_tui.core.diagnosis.minimise.service import (
    checked_subject,
    clean_up_trials,
    findings_of,
    minimise_exchange,
)
from ocm_tui.core.diagnosis.minimise.subject import subject_of
from ocm_tui.core.errors import ExitCode, UsageError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import error_text
from ocm_tui.headless.consent import confirm, needs_consent, require_answerable, unlock_by_name
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.minimised import cleaned_lines, minimised_members, minimised_text, trial_line
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.log_sources import demo_visit, named_file, one_exchange, with_id
from ocm_tui.headless.status_line import StatusLine, bar

__all__ = ["run"]

_CLEAN_UP = "`ocm-tui log minimise --clean-up` deletes them"


async def run(invocation: Invocation) -> int:
    """Exit code 1 when a cause was found, 0 when there is none to be found, and that of what ended it early."""
    options = invocation.options
    if bool(options.clean_up) == bool(options.id):
        raise UsageError(
            "log minimise takes an exchange, or --clean-up", hint="`ocm-tui log list status:4xx` shows exchanges"
        )
    require_answerable(invocation)
    return await (_cleaned_up(invocation) if options.clean_up else _minimised(invocation))


async def _minimised(invocation: Invocation) -> int:
    exchange = await _exchange(invocation)
    async with invocation.session() as session:
        if exchange is None:
            exchange = with_id(await demo_visit(session), invocation.options.id)
        subject = checked_subject(session, exchange)
        most = invocation.options.budget
        name = clean(subject.client_id or "a client", 80)
        await _agreed(
            invocation,
            session,
            "try payloads on the server",
            f"Try parts of the payload of {name} as throwaway clients in {session.environment}, "
            f"with at most {most} requests?",
        )
        progress = _Progress(invocation, most)
        try:
            result = await minimise_exchange(
                session, exchange, budget=Budget(requests=most), on_trial=progress.on_trial
            )
        finally:
            progress.close()
    _print(invocation, exchange, result)
    return _exit_code(result)


async def _exchange(invocation: Invocation) -> Exchange | None:
    """Looked at before anybody is asked or contacted; None in the demo, whose log there is only in its session."""
    options = invocation.options
    if options.demo and named_file(invocation, [options.id])[0] is None:
        return None
    exchange = await one_exchange(invocation, options.id)
    subject_of(exchange)
    return exchange


async def _cleaned_up(invocation: Invocation) -> int:
    output = invocation.output
    async with invocation.session() as session:
        await _agreed(
            invocation,
            session,
            "delete throwaway clients",
            f"Delete the throwaway clients that trials have left in {session.environment}?",
        )
        done = await clean_up_trials(
            session,
            on_wait=lambda seconds: output.say(f"waiting {seconds:.0f} s for requests that may still be at work"),
        )
    if output.format == "json":
        output.data(document("trials", done.as_json()))
    for sentence in cleaned_lines(done):
        output.say(sentence)
    if done.error is not None:
        output.complain(error_text(done.error))
    return done.exit_code


async def _agreed(invocation: Invocation, session: Session, action: str, question: str) -> None:
    """Consent in a protected environment, and a confirmation; Refused and UsageError before anything is sent."""
    if needs_consent(invocation, session):
        await unlock_by_name(invocation, session, above=f"{clean(question)}\n")
        return
    session.policy.require(action)
    await confirm(invocation, question)


class _Progress:
    """The trials on stderr, and what an interruption would say."""

    def __init__(self, invocation: Invocation, most: int) -> None:
        self._output, self._progress, self._most = invocation.output, invocation.progress, most
        self._last: Trial | None = None
        self._line = StatusLine(invocation.output, self._text)
        self._progress.left = "the search"
        self._progress.unknown = f"whether a throwaway client was left; {_CLEAN_UP}"

    def on_trial(self, trial: Trial) -> None:
        self._last = trial
        self._progress.done = f"{trial.number} trials" if trial.number > 1 else "1 trial"
        self._line.say([trial_line(trial, color=self._output.words_color)])

    def close(self) -> None:
        self._line.close()

    def _text(self, columns: int) -> str:
        if self._last is None:
            return ""
        done = min(self._last.requests, self._most)
        said = f" {done}/{self._most} requests, {self._last.suspects} suspects"
        return f"{bar(done, self._most, max(min(columns - len(said), 30), 0))}{said}"


def _print(invocation: Invocation, exchange: Exchange, result: Minimised) -> None:
    output = invocation.output
    findings = findings_of(result)
    if output.format == "json":
        every = [*findings, *diagnose(exchange)]
        output.data(document("diagnosis", {**minimised_members(result, every), "exchange_id": exchange.id}))
    else:
        output.data(minimised_text(result, findings, color=output.color))
    for one in result.left_over:
        sure = "is left" if one.certain else "may be left"
        output.complain(f"throwaway client {clean(one.client_id, 80)} {sure}: {clean(one.why)}")
    if result.left_over:
        output.complain(f"hint: {_CLEAN_UP}")
    if result.interrupted:
        invocation.progress.unknown = ""
        output.complain(str(invocation.progress))
    elif result.error is not None:
        output.complain(error_text(result.error))


def _exit_code(result: Minimised) -> int:
    if result.interrupted:
        return ExitCode.INTERRUPTED
    if result.error is not None:
        return result.error.exit_code
    return ExitCode.BAD if result.reproduced or result.left_over else ExitCode.OK
