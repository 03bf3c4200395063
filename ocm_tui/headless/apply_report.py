"""What an apply says on stdout when it has ended, however it ended, and the exit code that goes with it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ocm_tui.core.errors import ExitCode, OcmError, Unclear
from ocm_tui.core.provisioning.model import ApplyResult, Plan, StepResult
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean
from ocm_tui.headless.formats.apply import apply_document, apply_text, diagnosis_lines
from ocm_tui.headless.formats.plan import counted
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.status_line import StatusLine

if TYPE_CHECKING:
    from ocm_tui.core.diagnosis.model import Finding
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.exchanges.model import Exchange
    from ocm_tui.core.provisioning.service import Provisioning
    from ocm_tui.core.session import Session

__all__ = ["ApplyReport", "SecretPrinter", "apply_exit_code"]


class SecretPrinter:
    """The one place where an apply's secrets are printed, because `--print-secrets` asked for it.

    As text each leaves at once, a tab behind its client; in JSON they are members of the results.
    """

    def __init__(self, invocation: Invocation) -> None:
        self._output = invocation.output
        self.printed: dict[str, Secret] = {}

    def __call__(self, client_id: str, secret: Secret) -> None:
        self.printed[client_id] = secret
        if self._output.format != "json":
            self._output.data(f"{clean(client_id)}\t{secret.reveal()}\n")
            self.complain_if_lost(client_id)

    def complain_if_lost(self, *client_ids: str) -> None:
        for client_id in client_ids if self._output.closed else ():
            self._output.complain(f"the secret of {clean(client_id)} is in force and could not be printed: rotate it")


class ApplyReport:
    """The results of one run. `async with report.printed():` prints them at the end of the block, however it ends."""

    def __init__(self, invocation: Invocation, plan: Plan, result: ApplyResult, secrets: SecretPrinter) -> None:
        self._invocation, self._output = invocation, invocation.output
        self._result, self._secrets = result, secrets
        self._blocked = [change for change in plan.changes if change.action == "blocked"]
        self._replication: dict[str, Any] | None = None
        self._findings: dict[str, Sequence[Finding]] = {}  # by client id
        self.exit_code = apply_exit_code(result, blocked=len(self._blocked))

    @asynccontextmanager
    async def printed(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self._print()

    async def diagnose(self, session: "Session") -> None:
        """Why each change failed. The server is asked once, for its lists, and not at all after an interruption."""
        failed = [step for step in self._result.results if step.status == "failed"]
        about = [(step.client_id, one) for step in failed if (one := failed_exchange(session.log, step)) is not None]
        if not about:
            return
        from ocm_tui.core.diagnosis.engine import diagnose
        from ocm_tui.core.diagnosis.knowledge import gather_knowledge

        knowledge = await gather_knowledge(session, about[0][1], ask=not self._result.interrupted)
        self._findings = {client_id: diagnose(exchange, knowledge) for client_id, exchange in about}

    async def replicate(self, provisioning: "Provisioning") -> None:
        """Only what is completely applied is handed on to the engines. Cancelling stops the watching, not them."""
        why = self._why_not()
        if why:
            self._replication = {"status": "skipped", "reason": why}
            self._output.complain(f"not replicated: {why}")
            return
        self._replication = {"status": "unknown", "reason": "interrupted"}
        progress = self._invocation.progress
        progress.done, progress.left, progress.unknown = "the apply", "", "whether the configuration was replicated"
        line = StatusLine(self._output, lambda columns: "replicating"[:columns])
        line.changed()
        try:
            outcome = await provisioning.replicate()
        except OcmError as error:
            self._replication = {"status": "unknown" if isinstance(error, Unclear) else "failed", "reason": str(error)}
            raise
        finally:
            line.close()
        self._replication = outcome.as_json()
        if outcome.exit_code == ExitCode.OK:
            self._output.say(outcome.text)
        else:
            self._output.complain(f"error: {outcome.text}")
            self.exit_code = outcome.exit_code

    def _why_not(self) -> str:
        if self._result.interrupted:
            return "the apply was interrupted"
        counts = self._result.summary
        bad = [f"{counts[status]} {status}" for status in ("failed", "unknown", "skipped") if counts[status]]
        bad += [f"{len(self._blocked)} blocked"] if self._blocked else []
        return f"not every change succeeded: {', '.join(bad)}" if bad else ""

    def _print(self) -> None:
        output, result = self._output, self._result
        if output.format == "json":
            blocked = [{"client_id": change.client_id, "reasons": list(change.reasons)} for change in self._blocked]
            text = apply_document(
                result,
                secrets=self._secrets.printed,
                findings=self._findings,
                blocked=blocked,
                replication=self._replication,
            )
            output.data(text)
            self._secrets.complain_if_lost(*self._secrets.printed)
        else:
            output.data(apply_text(result, color=output.color))
            output.show(diagnosis_lines(self._findings, color=output.words_color))
        if result.interrupted:
            self._say_interrupted()

    def _say_interrupted(self) -> None:
        counts, progress = self._result.summary, self._invocation.progress
        progress.done = f"{counted(counts['succeeded'], 'change')} succeeded"
        if counts["failed"]:
            progress.done += f", {counts['failed']} failed"
        progress.left = counted(counts["skipped"], "change") if counts["skipped"] else ""
        progress.unknown = counted(counts["unknown"], "change") if counts["unknown"] else ""
        hint = f"hint: `ocm-tui apply --resume {clean(self._result.run_id)}` does the rest"
        self._output.complain(f"{progress}\n{hint}")


def apply_exit_code(result: ApplyResult, *, blocked: int = 0) -> int:
    """3, 4 and 5 only when every change that did not succeed had that one cause, and none is blocked."""
    if result.interrupted:
        return ExitCode.INTERRUPTED
    causes = {_cause(step) for step in result.results if step.status in {"failed", "unknown"}}
    if blocked or not causes:
        return ExitCode.BAD if blocked or result.count("skipped") else ExitCode.OK
    return causes.pop() if len(causes) == 1 else ExitCode.BAD


def failed_exchange(log: "ExchangeLog", step: StepResult) -> "Exchange | None":
    """The last of its exchanges that failed; that a client was not there before it was created is no failure."""
    for exchange_id in reversed(step.exchange_ids):
        exchange = log.get(exchange_id)
        if exchange is not None and exchange.failed and not (exchange.method == "GET" and exchange.status == 404):
            return exchange
    return None


def _cause(step: StepResult) -> int:
    if step.conflict:
        return ExitCode.CONFLICT
    named = {ExitCode.UNREACHABLE, ExitCode.REFUSED, ExitCode.CONFLICT}
    return step.exit_code if step.exit_code in named else ExitCode.BAD
