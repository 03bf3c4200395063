"""Minimising that may not go on, without rights, without a journal, cancelled: nothing is left, or told exactly."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.diagnosis.minimise.clean_up import clean_up
from ocm_tui.core.diagnosis.minimise.journal import PendingTrial, TrialJournal
from ocm_tui.core.diagnosis.minimise.model import Minimised
from ocm_tui.core.errors import Forbidden, OcmError, Refused
from ocm_tui.simulator.wire import Answer, Request, problem
from tests.contract.minimise_support import Answering, Trials, spoiled, trials

pytestmark = pytest.mark.usefixtures("short_pauses")


async def test_an_account_that_may_not_write(tmp_path: Path) -> None:
    def change(request: Request, answer: Answering) -> Answer:
        return problem(403, "forbidden", "No.") if request.method == "POST" else answer(request)

    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"logoUrl": "no"}))
        it.answering(change)
        with pytest.raises(Forbidden):
            await it.minimise(exchange)
        assert it.policy.why_not() is not None
        assert it.pending() == []


@pytest.mark.parametrize("policy", [WritePolicy(read_only=True), WritePolicy(protected=True)])
async def test_nothing_is_sent_where_writes_are_refused(tmp_path: Path, policy: WritePolicy) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"logoUrl": "no"}))
        it.policy = policy
        with pytest.raises(Refused):
            await it.minimise(exchange)
        with pytest.raises(Refused):
            await clean_up(it.journal, it.bench.server, policy=policy)
        assert it.requests == 0


async def test_locked_in_the_middle(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"requireDpop": "yes"}))
        it.policy = WritePolicy(protected=True, unlocked=True)
        result = await it.minimise(exchange, on_trial=lambda trial: it.policy.lock() if trial.number == 3 else None)
        assert isinstance(result.error, Refused)
        assert len(result.trials) == 3
        assert it.left() == it.pending() == []


async def test_a_journal_that_fails_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"requireDpop": "yes"}))

        def full(trial: PendingTrial) -> None:
            raise OcmError("the journal of trials cannot be written: disk full")

        def on_trial(trial: Any) -> None:
            if trial.number == 4:
                monkeypatch.setattr(it.journal, "sending", full)

        result = await it.minimise(exchange, on_trial=on_trial)
        assert result.stopped == "the journal of trials cannot be written: disk full"
        assert len(result.trials) == 4
        assert len(it.bench.sent("POST")) == 4
        assert result.minimal_payload is not None
        assert it.left() == it.pending() == []


async def test_no_journal_no_trial(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"logoUrl": "no"}))
        (tmp_path / "taken").write_text("")
        it.journal = TrialJournal(tmp_path / "taken")
        with pytest.raises(OcmError, match="cannot be made"):
            await it.minimise(exchange)
        (tmp_path / "other" / "trials.sqlite3").mkdir(parents=True)
        it.journal = TrialJournal(tmp_path / "other")
        with pytest.raises(OcmError, match="journal of trials"):
            await it.minimise(exchange)
        assert it.requests == 0
        it.journal = TrialJournal(tmp_path)
        (tmp_path / "taken").unlink()
        (tmp_path / "other" / "trials.sqlite3").rmdir()


@pytest.mark.parametrize("when", ["POST", "DELETE"])
@pytest.mark.parametrize("number", [1, 2])
async def test_cancelled_it_clears_up_and_tells_what_it_has(tmp_path: Path, when: str, number: int) -> None:
    """Cancelled while the server is at work on a request."""
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"requireDpop": "yes"}))
        task = asyncio.create_task(it.minimise(exchange))
        seen = 0

        def change(request: Request, answer: Answering) -> Answer:
            nonlocal seen
            seen += request.method == when
            if request.method == when and seen == number:
                task.cancel()
            return answer(request)

        it.answering(change)
        result = await task
        assert result.interrupted
        assert result.stopped == "interrupted"
        assert it.left() == it.pending() == []
        assert result.directory is not None
        assert json.loads((result.directory / "result.json").read_text())["stopped"] == "interrupted"


async def test_cancelled_twice_it_leaves_exact_instructions(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"requireDpop": "yes"}))
        it.break_down("stall@DELETE=100%")
        arrived = asyncio.Event()

        def change(request: Request, answer: Answering) -> Answer:
            if request.method == "DELETE":
                arrived.set()
            return answer(request)

        it.answering(change)
        async with running(it, exchange) as task:
            await arrived.wait()
            task.cancel()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        pending = it.pending()
        assert len(pending) == 1
        it.break_down("")
        done = await clean_up(it.journal, it.bench.server, policy=it.policy, settling=0.0)
        assert [*done.removed, *done.absent] == pending
        assert it.left() == it.pending() == []


@asynccontextmanager
async def running(it: Trials, exchange: Any) -> AsyncIterator["asyncio.Task[Minimised]"]:
    task = asyncio.create_task(it.minimise(exchange))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
