"""One kind of step per action: what is looked at before a client is written, what is sent, and what its end means."""

from dataclasses import replace
from typing import Final

from ocm_tui.core.clients.documents import has_secret
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.unclear import Found, Verdict, judge_created, judge_deleted, judge_replaced
from ocm_tui.core.errors import Conflict, NotFound, OcmError, Unclear, ValidationFailed
from ocm_tui.core.provisioning.fingerprint import fingerprint
from ocm_tui.core.provisioning.journal import Outcome
from ocm_tui.core.provisioning.model import Action, Change
from ocm_tui.core.provisioning.registry_revoking import revoke_row
from ocm_tui.core.provisioning.registry_rows import PREFIX, write_row
from ocm_tui.core.provisioning.step import Past, Step, StepContext, is_absent, unless_as_before
from ocm_tui.core.provisioning.writing import document_to_write

__all__ = ["carry_out", "complete"]

_GONE_ALREADY: Final = "it was gone already"
_ROWS: Final = {
    "write": (write_row, "the server has it, its registry row was not written", "writes it"),
    "delete": (revoke_row, "the server has it no more, its registry row was not revoked", "revokes it"),
}
_NOT_LISTED: Final = NotFound("the list does not have it", status=404, result_id="not_listed")


async def carry_out(change: Change, context: StepContext, past: Past = "none") -> tuple[Step, OcmError | None]:
    """The server's side of it: the step as it has become, and the error that ended it."""
    step = _STEPS[change.action](change, context, past)
    try:
        if past != "server done":
            await step.run()
    except OcmError as error:
        return step, error
    return step, None


async def complete(step: Step, error: OcmError | None) -> tuple[Outcome, OcmError | None]:
    """What follows on this side. The outcome, without exchanges, and the error that led to it."""
    outcome = step.outcome(error, await step.deliver() if step.delivers else None)
    if step.change.row is None or error is not None:
        return outcome, error
    return await _with_row(outcome, step.change, step.context)


async def _with_row(outcome: Outcome, change: Change, context: StepContext) -> tuple[Outcome, OcmError | None]:
    """Writing a row twice does no harm, so an unclear end of it needs no more than another try."""
    result = replace(outcome.result, attempts=outcome.result.attempts + 1)
    carry_out_row, undone, again = _ROWS["delete" if change.action == "delete" else "write"]
    try:
        notes = await carry_out_row(context.open_registry, change)
    except OcmError as error:
        failed = replace(
            result,
            status="failed",
            error=f"{undone}: {error.title}",
            hint=error.hint or f"`ocm-tui apply --resume {context.run_id}` {again}",
            conflict=isinstance(error, Conflict),
            exit_code=int(error.exit_code),
            server_done=outcome.promoted,
        )
        return replace(outcome, result=failed), error
    return replace(outcome, result=replace(result, notes=(*result.notes, *notes))), None


class _Create(Step):
    async def run(self) -> None:
        sent = self.with_secret(document_to_write(self.desired, None))
        if self.past != "none" and await self._was_created(sent):
            return
        self.secret_sent = self.secret is not None
        try:
            await self.repeat.write(
                lambda: self.server.create(sent, settle=False), lambda found: judge_created(sent, found)
            )
        except ValidationFailed as error:
            await self._refuse_existing(sent, error)
        self.written = self.created = True
        self.secret_in_force = self.secret is not None

    async def _was_created(self, sent: ClientDocument) -> bool:
        """By an earlier part of this run. Conflict when the client that is there was made by somebody else."""
        found = self._listed() or await self.repeat.read()
        verdict = judge_created(sent, found)
        if verdict == "not done":
            self.repeat.unclear = self.past == "open"  # an earlier request may still be on its way
            return False
        if isinstance(found, OcmError):
            if self.past == "not sent":
                raise found
            raise Unclear(f"it is unknown whether it was created: {found.title}", hint=found.hint)
        if verdict == "other" or self.past == "not sent":
            raise self.exists(found)
        self.notes.append("it was found as declared, after an end that nobody saw")
        self.written = self.created = True
        if self.secret is not None and self.is_fresh:
            await self.set_secret(found)  # the copy of the secret that was sent is gone, or it was printed
        self.secret_in_force = self.secret is not None
        return True

    async def _refuse_existing(self, sent: ClientDocument, error: ValidationFailed) -> None:
        """A rejected POST: when an earlier one may have been at work, the client that is there may be ours."""
        taken = any(violation.field_path == "clientId" for violation in error.violations)
        if not (taken or self.repeat.unclear):
            raise error
        found = await self.repeat.read()
        verdict = judge_created(sent, found)
        if verdict == "done" and self.repeat.unclear:
            self.notes.append("a request whose answer was lost had created it")
            return
        if verdict == "not done":
            raise error
        if isinstance(found, OcmError):
            raise Unclear(f"it is unknown whether it was created: {error.title}", hint=found.title) from error
        raise self.exists(found)

    def _listed(self) -> Found | None:
        if self.context.found is None:
            return None
        return self.context.found.get(self.change.client_id.casefold()) or _NOT_LISTED


class _Update(Step):
    async def run(self) -> None:
        try:
            await self._run()
        except NotFound as error:  # between the reading and the write
            raise self.gone() if is_absent(error) else error from error

    async def _run(self) -> None:
        current = await self.current()
        if current is None:
            raise self.gone()
        sent = document_to_write(self.desired, current)
        as_declared = judge_replaced(sent, current) == "done"
        if fingerprint(current) != self.change.seen and not as_declared:
            raise self.changed(current)
        if self.secret is not None and self.change.secret == "set":  # noqa: S105  # what is to be done
            await self._with_first_secret(sent, current)
            return
        if not as_declared:
            current = await self._replace(sent, current)
        elif any(not field.path.startswith(PREFIX) for field in self.change.fields):
            self.notes.append("its fields were as declared already")
        self.written = True
        if self.secret is not None:
            await self.set_secret(current)

    async def _with_first_secret(self, sent: ClientDocument, current: ClientDocument) -> None:
        """The server wants it together with the type that needs it, and by that type an unclear end can be told."""
        if not has_secret(current):
            self.secret_sent = True
            await self._replace(self.with_secret(sent), current)
            self.written = self.secret_in_force = True
            return
        # So somebody has set one: an earlier part of this run, or another one.
        if self.past != "open":
            raise self.secret_of_others(current)
        self.written = True
        await self.set_secret(current)

    async def _replace(self, sent: ClientDocument, current: ClientDocument) -> ClientDocument:
        before = fingerprint(current)

        def judge(found: Found) -> Verdict:
            return unless_as_before(judge_replaced(sent, found), found, before)

        stored = await self.repeat.write(lambda: self.server.replace(self.address, sent, settle=False), judge)
        return current if stored is None else stored


class _Delete(Step):
    async def run(self) -> None:
        current = await self.current()
        if current is None:
            self.notes.append(_GONE_ALREADY)
            return
        seen = fingerprint(current)
        if seen != self.change.seen:
            raise self.changed(current)

        def judge(found: Found) -> Verdict:
            return unless_as_before(judge_deleted(found), found, seen)

        try:
            await self.repeat.write(lambda: self.server.delete(self.address, settle=False), judge)
        except NotFound as error:
            if not is_absent(error):
                raise
            if not self.repeat.unclear:
                self.notes.append(_GONE_ALREADY)


_STEPS: Final[dict[Action, type[Step]]] = {"create": _Create, "update": _Update, "delete": _Delete}
