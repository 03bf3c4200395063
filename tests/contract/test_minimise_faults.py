"""Minimising over a server that fails: no verdict changes, and what may be left on it is told."""

from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.diagnosis.minimise.clean_up import clean_up
from ocm_tui.core.errors import OcmError, TransportError
from ocm_tui.simulator.wire import Answer, Request, problem
from tests.contract.minimise_support import Answering, all_well, found, spoiled, trials

pytestmark = pytest.mark.usefixtures("short_pauses")


FAULTS = [
    "reset-before", "reset-after", "lost-answer", "truncate", "cut-json", "badutf8", "stall", "drip", "429", "500",
    "502", "503", "504", "html", "big-error",
]  # fmt: skip


WITHOUT_BODY = [fault for fault in FAULTS if fault not in {"truncate", "cut-json", "badutf8", "drip"}]


@pytest.mark.parametrize(
    ("fault", "method"), [*((fault, "POST") for fault in FAULTS), *((fault, "DELETE") for fault in WITHOUT_BODY)]
)
async def test_faults_on_the_way_change_no_verdict(tmp_path: Path, fault: str, method: str) -> None:
    async with trials(tmp_path, deadline=0.4 if fault in {"stall", "drip"} else 30.0) as it:
        exchange = await it.refused(spoiled({"requireDpop": "yes"}))
        it.break_down(f"{fault}@{method}=100%*2")
        result = await it.minimise(exchange)
        assert found(result) == [{"requireDpop"}]
        assert it.left() == []
        # Of what outlived its deadline nobody knows for a while.
        assert [one.client_id for one in result.left_over] == it.pending()
        assert not any(one.certain for one in result.left_over)
        assert (fault, method) in {("stall", "POST"), ("drip", "POST")} or not it.pending()
        done = await clean_up(it.journal, it.bench.server, policy=it.policy, settling=0.0)
        assert (done.removed, it.pending()) == ((), [])


async def test_a_busy_server_is_waited_for(tmp_path: Path, short_pauses: list[float]) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"logoUrl": "no"}))
        it.break_down("429@POST=100%*3")
        assert found(await it.minimise(exchange)) == [{"logoUrl"}]
        assert [pause for pause in short_pauses if pause >= 1] == [1.0] * 3  # its Retry-After


async def test_a_server_that_is_dead_from_the_beginning(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"logoUrl": "no"}))
        await it.bench.simulator.stop()
        with pytest.raises(TransportError):
            await it.minimise(exchange)
        assert it.pending() == []
        assert list((tmp_path / "trials").iterdir()) == []


async def test_a_server_that_dies_in_the_middle(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"requireDpop": "yes"}))
        told: list[int] = []

        def on_trial(trial: Any) -> None:
            told.append(trial.number)
            if trial.number == 3:
                it.break_down("reset-before=100%")

        result = await it.minimise(exchange, on_trial=on_trial)
        assert result.stopped is not None
        assert isinstance(result.error, OcmError)
        assert result.minimal_payload is not None
        assert 0 < len(result.suspects) < 38
        assert told == [1, 2, 3]
        # The last one had no answer: it may be there, so it is told and kept in the journal.
        assert [one.client_id for one in result.left_over] == it.pending()
        it.break_down("")
        done = await clean_up(it.journal, it.bench.server, policy=it.policy, settling=0.0)
        assert done.error is None
        assert it.pending() == []


async def test_the_best_so_far_when_the_budget_is_used_up(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        it.opaque()
        result = await it.minimise(await it.refused(spoiled({"logoUrl": "no"})), budget=7)
        assert result.stopped == "the budget of 7 requests is used up"
        assert it.requests <= 7
        assert "logoUrl" in result.suspects
        assert len(result.suspects) < 20
        await all_well(it, result)


@pytest.mark.parametrize("status", [403, 422])
async def test_a_trial_that_cannot_be_deleted_ends_it(tmp_path: Path, status: int) -> None:
    def change(request: Request, answer: Answering) -> Answer:
        return problem(status, "no", "It cannot be deleted.") if request.method == "DELETE" else answer(request)

    async with trials(tmp_path) as it:
        exchange = await it.refused(spoiled({"requireDpop": "yes"}))
        it.answering(change)
        result = await it.minimise(exchange)
        assert result.stopped is not None
        assert "could not be deleted" in result.stopped
        assert [one.client_id for one in result.left_over] == it.left() == it.pending()
        assert len(it.left()) == 1
        assert it.bench.sent("POST")[-1:] == ["/oauth/clients"]


async def test_a_failure_that_comes_and_goes(tmp_path: Path) -> None:
    answers = iter([*[True] * 6, *[False] * 100])

    def change(request: Request, answer: Answering) -> Answer:
        return Answer(422, b"") if request.method == "POST" and next(answers) else answer(request)

    async with trials(tmp_path) as it:
        it.answering(change)
        result = await it.minimise(await it.refused(spoiled({})))
        assert not any(culprit.confirmed for culprit in result.culprits)
        assert any("does not always say the same" in note for note in result.notes)
        assert it.left() == it.pending() == []
