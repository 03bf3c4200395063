"""Trials on the server: one throwaway client each, in the journal before it is sent, and deleted when it was accepted.

Nothing is sent twice under one id: after an unclear end the id is deleted, and the payload tried under another one.
"""

import asyncio
import base64
import math
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Literal, Protocol, TypeVar

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.clients.unclear import is_unclear
from ocm_tui.core.diagnosis.minimise.failure import Failure
from ocm_tui.core.diagnosis.minimise.journal import PREFIX, PendingTrial, TrialJournal, now
from ocm_tui.core.diagnosis.minimise.model import Budget, LeftOver
from ocm_tui.core.errors import ApiError, Forbidden, NotFound, OcmError, Refused, TransportError
from ocm_tui.core.provisioning.repeat import BUSY, StopSignal, pause_before, worth_reading_again

__all__ = ["SETTLING", "Laboratory", "Remover", "TrialServer", "TrialsEnded"]

_T = TypeVar("_T")

# Seconds that a request without an answer may still be at work on the server.
SETTLING: Final = 5.0
_ATTEMPTS: Final = 4  # of one payload, when the server gives no verdict
_DOUBTS: Final = 3  # after so many refusals without the usual reason it is believed
_REMOVALS: Final = 5  # of one client
_LONGEST_REMOVAL_PAUSE: Final = 5.0  # seconds: who waits for the end of a clean-up should not wait for long
_VERDICTS: Final = frozenset({400, 409, 413, 422})


class TrialServer(Protocol):
    """What of the authorization server trials need."""

    @property
    def base_url(self) -> str: ...

    async def create(self, document: ClientDocument, *, settle: bool = True) -> ClientDocument: ...

    async def delete(self, client_id: str, *, settle: bool = True) -> None: ...


class TrialsEnded(Exception):
    """No more trials, which is not always an error. `why` is a sentence; `error` is what was met, if anything was."""

    def __init__(self, why: str, error: OcmError | None = None) -> None:
        super().__init__(why)
        self.why, self.error = why, error


class Remover:
    """Deletes clients of trials, at a steady pace. `requests` counts what was sent."""

    def __init__(self, server: TrialServer, per_second: float) -> None:
        self._server = server
        self._interval = 1 / per_second if per_second > 0 and math.isfinite(per_second) else 0.0
        self._next = 0.0
        self._patience = StopSignal()  # a clean-up is not hurried by an interruption
        self.requests = 0

    async def pace(self, signal: StopSignal) -> None:
        """Called before each request."""
        clock = asyncio.get_running_loop().time
        wait = self._next - clock()
        if wait > 0:
            await signal.pause(wait)
        self._next = max(self._next, clock()) + self._interval
        self.requests += 1

    async def remove(self, client_id: str, attempts: int = _REMOVALS) -> Literal["removed", "absent"]:
        """Raises the error that was left when nobody can say that the client is gone."""
        for number in range(1, attempts + 1):
            await self.pace(self._patience)
            try:
                await self._server.delete(client_id, settle=False)
            except (TransportError, ApiError) as error:
                if isinstance(error, NotFound) and error.result_id:
                    return "absent"
                again = worth_reading_again(error) and number < attempts
                if not again:
                    raise
                await self._patience.pause(min(pause_before(number, error), _LONGEST_REMOVAL_PAUSE))
            else:
                return "removed"
        raise AssertionError


class Laboratory:
    """The trials of one run. `open` are the throwaway clients that are on the server, or may be, and why."""

    def __init__(
        self,
        server: TrialServer,
        journal: TrialJournal,
        *,
        policy: WritePolicy,
        run_id: str,
        environment: str,
        budget: Budget,
        signal: StopSignal,
    ) -> None:
        self._server, self._journal, self._policy = server, journal, policy
        self._run_id, self._environment = run_id, environment
        self._budget, self._signal = budget, signal
        self._remover = Remover(server, budget.per_second)
        self._last_number = 0
        self.open: dict[str, LeftOver] = {}
        self._late: dict[str, float] = {}  # when it was first looked for in vain
        self._a_crash_counts = False
        self._gives_reasons = False

    @property
    def requests(self) -> int:
        return self._remover.requests

    @property
    def interrupted(self) -> bool:
        return self._signal.interrupted

    def expects(self, failure: Failure | None) -> None:
        """The kind of refusal that is looked for: a 500 is a verdict only then, and one without a reason is doubted
        when the server is known to give one."""
        self._a_crash_counts = failure is not None and failure.status == 500
        self._gives_reasons = failure is not None and bool(failure.result_id or failure.violations)

    async def try_out(self, make: Callable[[str], ClientDocument]) -> tuple[str, Failure | None]:
        """The id under which a payload was tried, and how it was refused; None when it was accepted.

        TrialsEnded when there can be no verdict.
        """
        for number in range(1, _ATTEMPTS + 1):
            self._refuse_more()
            client_id = await self._journalled()
            await self._remover.pace(self._signal)
            try:
                await self._server.create(make(client_id), settle=False)
            except (TransportError, ApiError) as error:
                verdict = await self._after(client_id, error, doubtful=number < _DOUBTS)
                if verdict != "none":
                    return client_id, verdict
                if number == _ATTEMPTS:
                    raise TrialsEnded(f"the server gives no verdict: {error.title}", error) from error
                await self._signal.pause(pause_before(number, error))
            else:
                await self._remove(client_id)
                return client_id, None
        raise AssertionError

    async def finish(self) -> tuple[LeftOver, ...]:
        """One more look at what is left, however the trials ended."""
        for client_id in list(self.open):
            try:
                there = await self._remover.remove(client_id, attempts=2) == "removed"
            except TransportError:
                break  # nobody answers: the journal keeps them all
            except OcmError:
                continue
            seen = self._late.get(client_id)
            if there or seen is None or now() - seen >= SETTLING:
                with suppress(TrialsEnded):
                    await self._settled(client_id)
        return tuple(self.open.values())

    async def _after(
        self, client_id: str, error: TransportError | ApiError, *, doubtful: bool
    ) -> Failure | Literal["none"] | None:
        """The verdict behind a create that has failed; "none" when there is none, and it may be tried again."""
        if isinstance(error, ApiError) and error.status in _VERDICTS:
            await self._settled(client_id)
            unread = self._gives_reasons and not (error.result_id or error.violations)
            return "none" if unread and doubtful else Failure.of(error)
        if _was_not_looked_at(error):
            await self._settled(client_id)
            return "none"
        if isinstance(error, ApiError) and error.status < 500 and not is_unclear(error):
            await self._settled(client_id)
            if isinstance(error, Forbidden):
                self._policy.learn_forbidden()
            raise TrialsEnded(error.title, error) from error
        late = isinstance(error, TransportError) and error.layer == "deadline"
        there = await self._remove(client_id, late=late)
        if isinstance(error, ApiError) and error.status == 500:
            return Failure.of(error) if self._a_crash_counts else "none"
        return None if there else "none"  # it was accepted, and only the answer was lost

    async def _remove(self, client_id: str, *, late: bool = False) -> bool:
        """Whether it was there. `late`: the server may still be at work on it."""
        self.open[client_id] = LeftOver(client_id, "not deleted yet")
        try:
            there = await self._remover.remove(client_id) == "removed"
        except (TransportError, ApiError) as error:
            self.open[client_id] = LeftOver(client_id, error.title)
            raise TrialsEnded(f"a throwaway client could not be deleted: {error.title}", error) from error
        if late and not there:
            why = "its creation had no end in time, and it was not there a moment later: it may still appear"
            self.open[client_id] = LeftOver(client_id, why, certain=False)
            self._late[client_id] = now()
        else:
            await self._settled(client_id)
        return there

    def _refuse_more(self) -> None:
        if self._signal.interrupted:
            raise TrialsEnded("interrupted")
        try:
            self._policy.require("try more payloads")  # it may have been locked meanwhile
        except Refused as error:
            raise TrialsEnded(error.title, error) from error
        if self.requests + 2 > self._budget.requests:
            raise TrialsEnded(f"the budget of {self._budget.requests} requests is used up")

    async def _journalled(self) -> str:
        chance = base64.b32encode(os.urandom(10)).decode().lower()
        trial = PendingTrial(f"{PREFIX}{chance}", self._run_id, self._environment, self._server.base_url, now())
        await self._note(self._journal.sending, trial)
        self.open[trial.client_id] = LeftOver(trial.client_id, "no answer was seen")
        return trial.client_id

    async def _settled(self, client_id: str) -> None:
        self.open.pop(client_id, None)
        await self._note(self._journal.settled, client_id)

    async def _note(self, write: Callable[[_T], None], what: _T) -> None:
        """Without a journal there are no more trials; what it names too much does no harm."""
        try:
            await asyncio.to_thread(write, what)
        except OcmError as error:
            raise TrialsEnded(error.title, error) from error


def _was_not_looked_at(error: TransportError | ApiError) -> bool:
    """It certainly did not arrive, or was turned away at the door."""
    return not error.maybe_applied if isinstance(error, TransportError) else error.status in BUSY
