"""What is sent again, and when: never after a refusal, never blindly, never without a pause.

A write whose end is unclear is read back. What the server holds decides: it is done, it is sent again because it was
certainly not done, or it is told as what it is.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.clients.port import AuthorizationServer
from ocm_tui.core.clients.unclear import Found, Verdict, is_unclear
from ocm_tui.core.errors import ApiError, Conflict, Forbidden, OcmError, TransportError, Unclear
from ocm_tui.core.text import clean

__all__ = ["BUSY", "NotDone", "Repeater", "StopSignal", "pause_before", "worth_reading_again"]

_LOOK: Final = "look at the client, then plan again"
BUSY: Final = frozenset({408, 425, 429})  # the refusals after which the same request may be sent again
_ATTEMPTS: Final = 4  # of one request that may have been at work
_BUSY_ATTEMPTS: Final = 8  # of one that was turned away
_READ_BACKS: Final = 5
_FIRST_PAUSE: Final = 0.2  # seconds; doubled each time, and up to half of it taken off by chance
_LONGEST_PAUSE: Final = 5.0
_LONGEST_OBEYED: Final = 60.0  # of a Retry-After


class NotDone(OcmError):
    """The write did not happen, as far as the server shows, and is not sent again."""


class StopSignal:
    """Why nothing new is begun. `interrupted`: nor is anything sent again, and who pauses wakes up."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._interrupted = asyncio.Event()

    @property
    def interrupted(self) -> bool:
        return self._interrupted.is_set()

    def stop(self, reason: str) -> None:
        """The first reason counts."""
        self.reason = self.reason or reason

    def interrupt(self) -> None:
        self.stop("interrupted before it began")
        self._interrupted.set()

    async def pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._interrupted.wait()
        except TimeoutError:
            pass


class Repeater:
    """Carries out the requests of one step. `attempts` counts those that could have changed something.

    `unclear` is true once one of them may have been at work without a clear end.
    """

    def __init__(
        self,
        server: AuthorizationServer,
        policy: WritePolicy,
        client_id: str,
        signal: StopSignal,
    ) -> None:
        self._server, self._policy, self._client_id, self._signal = server, policy, client_id, signal
        self.attempts = 0
        self.unclear = False

    async def read(self) -> Found:
        """The document, or the error that was left at the end. A 404 of the server is an answer like any other."""
        number = 0
        while True:
            number += 1
            try:
                return await self._server.get(self._client_id)
            except (TransportError, ApiError) as error:
                if not worth_reading_again(error) or number >= self._most(_READ_BACKS):
                    return error
                await self._pause(number, error)

    async def write(
        self, send: Callable[[], Awaitable[ClientDocument | None]], judge: Callable[[Found], Verdict]
    ) -> ClientDocument | None:
        """What `send` gives; after an unclear end and a reading that shows it done, the document that was read.

        Raises the server's refusal, NotDone, Conflict when the client is another one now, Unclear when nobody knows.
        """
        number = 0
        while True:
            number += 1
            self.attempts += 1
            try:
                return await send()
            except Forbidden:
                self._policy.learn_forbidden()
                raise
            except (TransportError, ApiError) as error:
                if _may_have_happened(error):
                    self.unclear = True
                    found = await self._settle(error, judge)
                    if found is not None:
                        return None if isinstance(found, OcmError) else found  # a deletion is proven by a 404
                    refusal = self._given_up(error)
                elif _was_not_looked_at(error):
                    refusal = error
                else:
                    raise
                most = _ATTEMPTS if self.unclear or isinstance(error, TransportError) else _BUSY_ATTEMPTS
                if number < self._most(most):
                    await self._pause(number, error)
                if number >= self._most(most):
                    if refusal is error:
                        raise
                    raise refusal from error

    async def _settle(self, cause: TransportError | ApiError, judge: Callable[[Found], Verdict]) -> Found | None:
        """What was read when the write is done, None when it is not."""
        found = await self.read()
        match judge(found):
            case "done":
                return found
            case "not done":
                return None
            case "untold":
                why = (
                    f"reading it back: {found.title}" if isinstance(found, OcmError) else "the server does not show it"
                )
                raise Unclear(f"it is unknown whether it was done: {cause.title}", detail=f"{why}\n", hint=_LOOK)
            case "gone":
                raise Conflict(f"client {self._name} is gone: it was deleted meanwhile", hint=_LOOK)
        raise Conflict(
            f"client {self._name} was changed on the server meanwhile, and whether by this write is unknown",
            theirs=found,
            hint=_LOOK,
        )

    def _given_up(self, cause: TransportError | ApiError) -> OcmError:
        """A write that outlived its deadline may still be under way, whatever the server showed a moment ago."""
        if isinstance(cause, TransportError) and cause.layer == "deadline" and cause.maybe_applied:
            return Unclear(
                f"not done yet when it was read back, but it may still be under way: {cause.title}", hint=_LOOK
            )
        error = NotDone(f"not done, as far as the server shows: {cause.title}", hint=cause.hint)
        error.exit_code = cause.exit_code  # a server that cannot be reached is worth another try
        return error

    def _most(self, attempts: int) -> int:
        return 1 if self._signal.interrupted else attempts

    async def _pause(self, number: int, error: TransportError | ApiError) -> None:
        await self._signal.pause(pause_before(number, error))

    @property
    def _name(self) -> str:
        return clean(self._client_id, 200)


def _may_have_happened(error: TransportError | ApiError) -> bool:
    """A 500 as well: the server said that it failed, and not how far it had come."""
    return is_unclear(error) or (isinstance(error, ApiError) and error.status >= 500)


def _was_not_looked_at(error: TransportError | ApiError) -> bool:
    """It certainly did not arrive, or was turned away at the door."""
    return not error.maybe_applied if isinstance(error, TransportError) else error.status in BUSY


def pause_before(number: int, error: TransportError | ApiError) -> float:
    """Seconds to wait after attempt `number`: as long as the server asks, else longer each time."""
    pause: float = min(_FIRST_PAUSE * 2 ** (number - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)  # noqa: S311
    asked = error.retry_after if isinstance(error, ApiError) else None
    return pause if asked is None else max(min(asked, _LONGEST_OBEYED), pause)


def worth_reading_again(error: TransportError | ApiError) -> bool:
    if isinstance(error, TransportError):
        return True
    return error.status in BUSY or error.status >= 500 or error.status < 300
