"""What every step has in common: its secret, what it may know of the past, and the outcome that is told of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ocm_tui.core.clients.fields import get_value, with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.clients.port import AuthorizationServer
from ocm_tui.core.clients.unclear import Found, Verdict, judge_secret
from ocm_tui.core.errors import Conflict, NotFound, OcmError, Unclear
from ocm_tui.core.provisioning.fingerprint import fingerprint
from ocm_tui.core.provisioning.journal import Outcome
from ocm_tui.core.provisioning.model import Change, LastApplied, StepResult, StepStatus
from ocm_tui.core.provisioning.registry_rows import OpenRegistry
from ocm_tui.core.provisioning.repeat import Repeater, StopSignal
from ocm_tui.core.provisioning.staging import StagedSecrets
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["Past", "PrintSecret", "Step", "StepContext", "address", "is_absent", "unless_as_before"]

# What earlier parts of the run did about a step: there are none; they never sent it; they may have sent it; they have
# brought the server's side to its end.
Past = Literal["none", "not sent", "open", "server done"]
PrintSecret = Callable[[str, Secret], None]

_LONGEST_NAME: Final = 200
_PLAN_AGAIN: Final = "plan again"


@dataclass(slots=True, kw_only=True)
class StepContext:
    """What the steps of one run share. `found` is what a list has shown, by case-folded client id, before a resume.

    `settled` collects the clients whose staged copies may go once their outcomes are on record: the secret is in its
    place, or the server certainly does not have it.
    """

    server: AuthorizationServer
    policy: WritePolicy
    staged: StagedSecrets
    signal: StopSignal
    run_id: str
    now: Callable[[], str]  # UTC, ISO 8601
    print_secret: PrintSecret | None = None
    found: Mapping[str, ClientDocument] | None = None
    open_registry: OpenRegistry | None = None
    settled: list[str] = field(default_factory=list)


class Step(ABC):
    """One change, carried out once. `run` raises why it ended otherwise; `outcome` then tells all of it.

    Between the two, when it `delivers`, the secret that the server has by then is brought to its place: by `deliver`,
    or together with those of others. Nobody has to wait for that before the next step is begun.
    """

    def __init__(self, change: Change, context: StepContext, past: Past) -> None:
        self.change, self.context, self.past = change, context, past
        self.address = address(change)
        self.server = context.server
        self.repeat = Repeater(context.server, context.policy, self.address, context.signal)
        writes_secret = change.secret is not None and change.secret != "keep"  # noqa: S105  # what is to be done
        self.secret = context.staged.secret(change.client_id) if writes_secret else None
        self.secret_sent = False  # in a request that may have been at work
        self.secret_in_force = False
        self.written = False  # the fields are as declared
        self.created = False
        self.notes: list[str] = []

    @abstractmethod
    async def run(self) -> None: ...

    @property
    def delivers(self) -> bool:
        """The server has its secret, which has to be brought to its place now."""
        return self.secret is not None and self.secret_in_force

    async def deliver(self) -> OcmError | None:
        """Bring the secret to its place, or tell why it is not there."""
        client_id, staged = self.change.client_id, self.context.staged
        try:
            if staged.destination(client_id) == "stdout" and self.context.print_secret is not None:
                self._print(self.context.print_secret)
            await staged.promote(client_id)
        except OcmError as error:
            return error
        return None

    def outcome(self, error: OcmError | None, undelivered: OcmError | None = None) -> Outcome:
        """To be asked for once, when the secret is delivered: `undelivered` is why it is not in its place."""
        if self.delivers:
            self._delivered(undelivered)
        elif self.secret is not None:
            self._not_in_force()
        result = StepResult(
            client_id=self.change.client_id,
            action=self.change.action,
            status=_status(error),
            attempts=self.repeat.attempts,
            error=None if error is None else error.title,
            hint="" if error is None else error.hint,
            conflict=isinstance(error, Conflict),
            exit_code=0 if error is None else int(error.exit_code),
            notes=tuple(self.notes),
        )
        deleted = self.change.action == "delete" and error is None
        return Outcome(result, self._memory(), forget=deleted, promoted=undelivered is None)

    @property
    def name(self) -> str:
        return clean(self.change.client_id, _LONGEST_NAME)

    @property
    def desired(self) -> ClientDocument:
        assert self.change.desired is not None  # of every change that is no deletion
        return self.change.desired

    @property
    def is_fresh(self) -> bool:
        """No earlier part of the run can have sent this secret."""
        return self.context.staged.is_fresh(self.change.client_id)

    async def current(self) -> ClientDocument | None:
        """The client right before it is written; None when the server has none."""
        found = await self.repeat.read()
        if not isinstance(found, OcmError):
            return found
        if is_absent(found):
            return None
        raise found

    async def set_secret(self, current: ClientDocument) -> None:
        """Never sent twice unless the time of the last change shows that the first was not at work."""
        secret = self.secret
        assert secret is not None
        before = str(current.get("clientSecretChangedTime") or "")
        self.secret_sent, self.repeat.unclear = True, False

        async def send() -> None:
            await self.server.set_secret(self.address, secret, changed_before=before, settle=False)

        await self.repeat.write(send, lambda found: judge_secret(before, found))
        self.secret_in_force = True

    def with_secret(self, document: ClientDocument) -> ClientDocument:
        """In place of any stored one; the document itself when the step has none."""
        if self.secret is None:
            return document
        auth: Any = get_value(document, "clientAuth") or {}
        kept = {name: value for name, value in auth.items() if name != "encryptedSecret"}
        return with_value(document, "clientAuth", {**kept, "secret": self.secret})

    def changed(self, theirs: Found) -> Conflict:
        return self._conflict("was changed on the server since the plan", theirs)

    def gone(self) -> Conflict:
        return self._conflict("is gone: it was deleted meanwhile", None)

    def exists(self, theirs: Found) -> Conflict:
        return self._conflict("exists already, and was not made by this run", theirs)

    def secret_of_others(self, theirs: Found) -> Conflict:
        return self._conflict("was given a secret by somebody else", theirs)

    def _conflict(self, what: str, theirs: Found | None) -> Conflict:
        return Conflict(f"client {self.name} {what}", theirs=theirs, hint=_PLAN_AGAIN)

    def _delivered(self, undelivered: OcmError | None) -> None:
        if undelivered is not None:
            self.notes += [text for text in (undelivered.title, undelivered.hint) if text]
            return
        self.context.settled.append(self.change.client_id)
        where = self.context.staged.destination(self.change.client_id)
        if where:
            self.notes.append("its secret was printed" if where == "stdout" else f"its secret is at {where}")

    def _not_in_force(self) -> None:
        """Where the staged copy is, unless the server certainly does not have the secret."""
        client_id = self.change.client_id
        if self.written:
            self.notes.append("its fields are as declared, its secret was not set")
        if self.is_fresh and not (self.secret_sent and self.repeat.unclear):
            self.context.settled.append(client_id)
        elif (copy := self.context.staged.staged_copy(client_id)) is not None:
            self.notes.append(f"the server may have its new secret: it is kept at {copy}")

    def _print(self, print_secret: PrintSecret) -> None:
        assert self.secret is not None
        try:
            print_secret(self.change.client_id, self.secret)
        except OSError as error:
            raise OcmError(
                f"its secret could not be printed, and nobody knows it: {error.strerror}",
                hint="raise its `secret.version` and apply again: it gets a new one",
            ) from error

    def _memory(self) -> LastApplied | None:
        if not self.written:
            return None
        declaration = self.change.declaration
        # A secret that was to be set and is not: the version that is known stays, and so it is still to be done.
        pending = self.secret is not None and not self.secret_in_force
        version = None if declaration is None or pending else declaration.version
        return LastApplied(self.desired, self.created, self.context.now(), self.context.run_id, version)


def address(change: Change) -> str:
    """The clientId as the server spells it: what requests about it name."""
    desired = change.desired
    return str(desired["clientId"]) if desired and desired.get("clientId") else change.client_id


def is_absent(error: OcmError) -> bool:
    """Only the API's own 404; a proxy's page says nothing about the client."""
    return isinstance(error, NotFound) and bool(error.result_id)


def unless_as_before(verdict: Verdict, found: Found, before: str) -> Verdict:
    """ "other" is "not done" when it is what was there before the write."""
    unchanged = verdict == "other" and not isinstance(found, OcmError) and fingerprint(found) == before
    return "not done" if unchanged else verdict


def _status(error: OcmError | None) -> StepStatus:
    if error is None:
        return "succeeded"
    return "unknown" if isinstance(error, Unclear) else "failed"
