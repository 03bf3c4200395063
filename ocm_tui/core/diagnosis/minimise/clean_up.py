"""Removing what killed runs have left on a server: exactly what the journal names, and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ocm_tui.core.clients.model import ClientPage
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.diagnosis.minimise.journal import PREFIX, PendingTrial, TrialJournal, is_at_work, now
from ocm_tui.core.diagnosis.minimise.laboratory import SETTLING, Remover, TrialServer
from ocm_tui.core.diagnosis.minimise.model import LeftOver
from ocm_tui.core.errors import ExitCode, OcmError, TransportError

__all__ = ["CleanedUp", "clean_up"]

_MOST_STRANGERS: Final = 100


class CleanUpServer(TrialServer, Protocol):
    def pages(self, query: str = "", *, page_size: int = 500) -> AsyncGenerator[ClientPage, None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanedUp:
    """`strangers` are named like throwaway clients, and not in this journal: another machine's, or of a run at work.

    `at_work` are runs that are not ended: theirs are not touched. `elsewhere` counts those on other servers, by URL.
    """

    removed: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    strangers: tuple[str, ...] = ()
    at_work: tuple[str, ...] = ()
    elsewhere: dict[str, int]
    notes: tuple[str, ...] = ()
    error: OcmError | None = None

    @property
    def exit_code(self) -> int:
        if self.error is not None:
            return self.error.exit_code
        return ExitCode.BAD if self.left_over else ExitCode.OK

    def as_json(self) -> dict[str, Any]:
        return {
            "removed": list(self.removed),
            "absent": list(self.absent),
            "left_over": [
                {"client_id": one.client_id, "why": one.why, "certain": one.certain} for one in self.left_over
            ],
            "strangers": list(self.strangers),
            "at_work": list(self.at_work),
            "elsewhere": self.elsewhere,
            "notes": list(self.notes),
        }


async def clean_up(
    journal: TrialJournal,
    server: CleanUpServer,
    *,
    policy: WritePolicy,
    settling: float = SETTLING,
    per_second: float = 5.0,
    on_wait: Callable[[float], None] = lambda _: None,
) -> CleanedUp:
    """Delete what the journal names on this server. Refused before anything is sent.

    What is not there now may be made a moment later by a request that a killed process had sent: such a one counts as
    gone only `settling` seconds after it was sent, which is waited for (`on_wait` is told how long).
    """
    policy.require("delete throwaway clients")
    pending = await asyncio.to_thread(journal.pending)
    here = [trial for trial in pending if trial.base_url == server.base_url]
    elsewhere: dict[str, int] = {}
    for trial in pending:
        if trial.base_url != server.base_url:
            elsewhere[trial.base_url] = elsewhere.get(trial.base_url, 0) + 1
    busy = sorted({trial.run_id for trial in here if is_at_work(journal.directory, trial.run_id)})
    work = _Work(journal, Remover(server, per_second))
    await work.remove([trial for trial in here if trial.run_id not in busy], settling, on_wait)
    known = {trial.client_id.casefold() for trial in here}
    strangers, note = await _strangers(server, known) if work.error is None else ((), None)
    return CleanedUp(
        removed=tuple(work.removed),
        absent=tuple(work.absent),
        left_over=tuple(work.left_over),
        strangers=strangers,
        at_work=tuple(busy),
        elsewhere=elsewhere,
        notes=tuple(text for text in (journal.notice, note) if text),
        error=work.error,
    )


class _Work:
    """A server that cannot be reached ends it: the rest stays in the journal."""

    def __init__(self, journal: TrialJournal, remover: Remover) -> None:
        self._journal, self._remover = journal, remover
        self.removed: list[str] = []
        self.absent: list[str] = []
        self.left_over: list[LeftOver] = []
        self.error: OcmError | None = None

    async def remove(self, trials: list[PendingTrial], settling: float, on_wait: Callable[[float], None]) -> None:
        young = [trial for trial in trials if not await self._gone(trial, settling)]
        if young and self.error is None:
            wait = max(trial.sent_at for trial in young) + settling - now()
            wait = min(max(wait, 0.0), settling)  # a clock may have been set
            on_wait(wait)
            await asyncio.sleep(wait)
            for trial in young:
                await self._gone(trial, -1)

    async def _gone(self, trial: PendingTrial, settling: float) -> bool:
        """False: not there, and too young to be sure."""
        if self.error is not None:
            self.left_over.append(LeftOver(trial.client_id, self.error.title, certain=False))
            return True
        try:
            there = await self._remover.remove(trial.client_id) == "removed"
        except OcmError as error:
            self.left_over.append(LeftOver(trial.client_id, error.title, certain=False))
            if isinstance(error, TransportError) or error.exit_code == ExitCode.REFUSED:
                self.error = error
            return True
        if not there and abs(now() - trial.sent_at) < settling:
            return False
        (self.removed if there else self.absent).append(trial.client_id)
        await asyncio.to_thread(self._journal.settled, trial.client_id)
        return True


async def _strangers(server: CleanUpServer, known: set[str]) -> tuple[tuple[str, ...], str | None]:
    """Others of the kind, and a note when that cannot be told."""
    found: list[str] = []
    try:
        async with contextlib.aclosing(server.pages(PREFIX)) as pages:
            async for page in pages:
                ids = [str(document.get("clientId") or "") for document in page.documents]
                found += [one for one in ids if one.startswith(PREFIX) and one.casefold() not in known]
                if len(found) >= _MOST_STRANGERS:
                    break
    except OcmError as error:
        return (), f"whether there are others is not known: {error.title}"
    return tuple(found[:_MOST_STRANGERS]), None
