"""Minimising against the simulator: what is found and at what price, and that nothing is left, whatever happens."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.diagnosis.minimise.anatomy import Anatomy
from ocm_tui.core.diagnosis.minimise.clean_up import clean_up
from ocm_tui.core.diagnosis.minimise.journal import PREFIX, PendingTrial, TrialJournal, at_work, now
from ocm_tui.core.diagnosis.minimise.model import Minimised
from ocm_tui.core.diagnosis.minimise.service import findings_of
from ocm_tui.core.diagnosis.minimise.subject import Subject, subject_of
from ocm_tui.core.errors import Forbidden, OcmError, Refused, TransportError, UsageError, Violation
from ocm_tui.core.provisioning.repeat import StopSignal
from ocm_tui.simulator.wire import Answer, Request, invalid, problem
from tests.contract.minimise_support import BAD, BAD_PAIRS, PAYLOAD, Trials, spoiled, trials

Answering = Callable[[Request], Answer]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was asked for, without waiting for it."""
    asked: list[float] = []

    async def pause(self: StopSignal, seconds: float) -> None:
        asked.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(StopSignal, "pause", pause)
    return asked


def found(result: Minimised) -> list[set[str]]:
    return [set(culprit.fields) for culprit in result.culprits]


def has(document: dict[str, Any], field: str) -> bool:
    value = get_value(document, field)
    return value is not None and value == get_value(PAYLOAD, field)


async def all_well(it: Trials, result: Minimised) -> None:
    """What is told is so: the one payload is refused and the other one taken, as they are."""
    assert it.left() == []
    assert it.pending() == []
    assert result.left_over == ()
    assert result.minimal_payload is not None
    assert result.passing_payload is not None
    for payload, accepted in ((result.minimal_payload, False), (result.passing_payload, True)):
        document = spoiled({}, {**payload, "clientId": "the-proof"})
        try:
            await it.bench.server.create(document)
        except OcmError:
            assert not accepted
        else:
            assert accepted
            await it.bench.server.delete("the-proof")


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("field", BAD)
async def test_one_bad_field_of_forty(tmp_path: Path, field: str, opaque: bool) -> None:
    async with trials(tmp_path) as it:
        if opaque:
            it.opaque()
        result = await it.minimise(await it.refused(spoiled({field: BAD[field]})))
        assert found(result) == [{field}]
        assert result.requests == it.requests <= 14
        assert result.culprits[0].confirmed
        assert field in result.left_out
        await all_well(it, result)


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("pair", BAD_PAIRS, ids="+".join)
async def test_a_bad_pair(tmp_path: Path, pair: tuple[str, str], opaque: bool) -> None:
    async with trials(tmp_path) as it:
        if opaque:
            it.opaque()
        result = await it.minimise(await it.refused(spoiled(BAD_PAIRS[pair])))
        assert found(result) == [set(pair)]
        assert result.requests == it.requests <= 40
        await all_well(it, result)


def refusing(fields: set[str]) -> Callable[[Request, Answering], Answer]:
    """A server that has something against these fields together, and does not say so."""

    def change(request: Request, answer: Answering) -> Answer:
        if request.method == "POST" and all(has(json.loads(request.body), field) for field in fields):
            return Answer(422, b"")
        return answer(request)

    return change


def single_fields() -> list[str]:
    anatomy = Anatomy.of(spoiled({}))
    return [name for unit in anatomy.units for name in unit.names]


@pytest.mark.parametrize("field", single_fields())
async def test_any_field_may_be_the_bad_one(tmp_path: Path, field: str) -> None:
    async with trials(tmp_path) as it:
        it.answering(refusing({field}))
        # Which items of a list are to blame may take more.
        result = await it.minimise(Subject(document=spoiled({}), operation="create"), budget=14)
        assert found(result) == [{field}]
        assert it.requests <= 14
        assert it.left() == it.pending() == []


@pytest.mark.parametrize("seed", range(12))
async def test_any_two_may_be_the_bad_ones(tmp_path: Path, seed: int) -> None:
    pair = set(random.Random(seed).sample(single_fields(), 2))
    async with trials(tmp_path) as it:
        it.answering(refusing(pair))
        result = await it.minimise(Subject(document=spoiled({}), operation="create"))
        # One of them may need the other anyway, and then it is told so.
        assert found(result)[0] | set(result.culprits[0].needs) >= pair
        assert it.requests <= 40
        assert it.left() == it.pending() == []


async def test_several_causes_and_the_one_bad_item_of_a_list(tmp_path: Path) -> None:
    scopes = ["openid", "profile", "nope", "email"]
    bad = {"restrictedScopes": scopes, "redirectUris": ["https://a.example.com/", "no"], "logoUrl": "no"}
    async with trials(tmp_path) as it:
        result = await it.minimise(await it.refused(spoiled(bad)))
        assert {frozenset(one) for one in found(result)} == {
            frozenset({field}) for field in ("restrictedScopes", "redirectUris", "logoUrl")
        }
        assert {culprit.field_path for culprit in result.culprits} == {
            "restrictedScopes[2]", "redirectUris[1]", "logoUrl",
        }  # fmt: skip
        assert result.passing_payload is not None
        assert result.passing_payload["restrictedScopes"] == ["openid", "profile", "email"]
        assert result.passing_payload["grantTypes"] == PAYLOAD["grantTypes"]
        assert [finding.confidence for finding in findings_of(result)] == ["sure"] * 3
        await all_well(it, result)


async def test_bad_items_of_one_list_for_different_reasons(tmp_path: Path) -> None:
    """The server names one of them at a time."""

    def change(request: Request, answer: Answering) -> Answer:
        uris = json.loads(request.body).get("redirectUris", []) if request.method == "POST" else []
        for reason in ("plain", "local"):
            for place, uri in enumerate(uris):
                if reason in uri:
                    violation = Violation(f"No {reason} ones.", reason, f"redirectUris[{place}]")
                    return invalid([violation])
        return answer(request)

    uris = [
        "https://a.example.com/",
        "https://local.example.com/",
        "https://b.example.com/",
        "https://plain.example.com/",
    ]
    async with trials(tmp_path) as it:
        it.answering(change)
        result = await it.minimise(await it.refused(spoiled({"redirectUris": uris})))
        assert [culprit.field_path for culprit in result.culprits] == ["redirectUris[3]", "redirectUris[1]"]
        assert result.passing_payload is not None
        assert result.passing_payload["redirectUris"] == [uris[0], uris[2]]
        assert result.changed == ("redirectUris",)
        assert result.stopped is None
        assert it.left() == []


async def test_an_update_is_tried_as_a_creation(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        await it.bench.server.create(spoiled({}))
        exchange = await it.refused(spoiled({"logoUrl": "no"}), update="forty-fields")
        result = await it.minimise(exchange)
        assert found(result) == [{"logoUrl"}]
        assert any("as the creation of throwaway clients" in note for note in result.notes)
        assert set(it.bench.sent("PUT")) == set()
        assert it.bench.stored("forty-fields").document["logoUrl"] == PAYLOAD["logoUrl"]
        assert it.left() == []


async def test_an_update_that_fails_for_the_client_itself(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        await it.bench.server.create(spoiled({}))
        document = spoiled({})
        document["clientAuth"] = {"type": "SECRET", "encryptedSecret": "OBF:JWE:of-another-server"}
        result = await it.minimise(await it.refused(document, update="forty-fields"))
        assert not result.reproduced
        assert "does not show again" in result.notes[0]
        assert result.culprits == ()
        assert it.left() == it.pending() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "about the client id"),
        ({"extendedParameters.apiToken": {"values": ["secret-of-someone"]}}, "does not hold its value"),
    ],
)
async def test_what_no_trial_can_show(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    async with trials(tmp_path) as it:
        if not changes:
            await it.bench.server.create(spoiled({}))
        result = await it.minimise(await it.refused(spoiled(changes)))
        assert not result.reproduced
        assert said in result.notes[0]
        assert result.passing_payload is not None
        assert it.left() == []


async def test_a_document_that_was_never_sent(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        subject = Subject(document=spoiled({"logoUrl": "no"}), operation="create", client_id="forty-fields")
        assert found(await it.minimise(subject)) == [{"logoUrl"}]


async def test_a_server_that_crashes_over_a_field(tmp_path: Path) -> None:
    def change(request: Request, answer: Answering) -> Answer:
        crash = request.method == "POST" and has(json.loads(request.body), "refreshRolling")
        return problem(500, "internal_error", "NullPointerException") if crash else answer(request)

    async with trials(tmp_path) as it:
        it.answering(change)
        assert found(await it.minimise(await it.refused(spoiled({})))) == [{"refreshRolling"}]
        assert it.left() == it.pending() == []


async def test_a_cause_that_is_in_no_field(tmp_path: Path) -> None:
    def change(request: Request, answer: Answering) -> Answer:
        return Answer(422, b"") if request.method == "POST" else answer(request)

    async with trials(tmp_path) as it:
        it.answering(change)
        result = await it.minimise(await it.refused(spoiled({})))
        assert result.culprits == ()
        assert "in none of the fields" in result.notes[0]
        assert it.requests <= 14


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


async def test_clean_up_touches_only_what_is_its_own(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        server, here = it.bench.server, it.bench.server.base_url
        rows = {
            f"{PREFIX}there": ("run-1", here),
            f"{PREFIX}gone": ("run-1", here),
            f"{PREFIX}busy": ("run-2", here),
            f"{PREFIX}far": ("run-1", "https://other.example.com/pf-admin-api/v1"),
            "orders-api": ("run-1", here),  # nobody but a forger has written that
        }
        for client_id, (run_id, base_url) in rows.items():
            it.journal.sending(PendingTrial(client_id, run_id, "test", base_url, now() - 60))
        for name in ("there", "busy", "stranger"):
            document = {
                "clientId": f"{PREFIX}{name}",
                "name": name,
                "grantTypes": ["IMPLICIT"],
                "redirectUris": ["a:b"],
            }
            await server.create(ClientDocument(document))
        with at_work(tmp_path, "run-2"):
            done = await clean_up(it.journal, server, policy=it.policy)
        assert (done.removed, done.absent) == ((f"{PREFIX}there",), (f"{PREFIX}gone",))
        assert (done.at_work, done.strangers) == (("run-2",), (f"{PREFIX}stranger",))
        assert list(done.elsewhere.values()) == [1]
        assert it.bench.stored("orders-api") is not None
        assert sorted(it.left()) == [f"{PREFIX}busy", f"{PREFIX}stranger"]
        await server.delete(f"{PREFIX}stranger")
        assert (await clean_up(it.journal, server, policy=it.policy)).removed == (f"{PREFIX}busy",)


async def test_clean_up_waits_for_what_a_killed_process_has_sent(tmp_path: Path) -> None:
    """The creation arrives after the first look."""
    async with trials(tmp_path) as it:
        client_id = f"{PREFIX}late"
        it.journal.sending(PendingTrial(client_id, "run-1", "test", it.bench.server.base_url, now()))
        waits: list[float] = []
        document = {"clientId": client_id, "name": "n", "grantTypes": ["IMPLICIT"], "redirectUris": ["a:b"]}
        arriving: list[asyncio.Task[Any]] = []

        def on_wait(seconds: float) -> None:
            waits.append(seconds)
            arriving.append(asyncio.create_task(it.bench.server.create(ClientDocument(document))))

        done = await clean_up(it.journal, it.bench.server, policy=it.policy, settling=0.3, on_wait=on_wait)
        await asyncio.gather(*arriving)
        assert done.removed == (client_id,)
        assert len(waits) == 1
        assert it.left() == it.pending() == []


async def test_clean_up_of_a_dead_server(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        for number in range(3):
            trial = PendingTrial(f"{PREFIX}{number}", "run-1", "test", it.bench.server.base_url, now() - 60)
            it.journal.sending(trial)
        await it.bench.simulator.stop()
        done = await clean_up(it.journal, it.bench.server, policy=it.policy)
        assert isinstance(done.error, TransportError)
        assert len(done.left_over) == len(it.pending()) == 3


async def test_what_cannot_be_minimised(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        with pytest.raises(OcmError):
            await it.bench.server.get("not-there")
        with pytest.raises(UsageError, match="no create or update"):
            subject_of(it.bench.log.snapshot()[-1])
        await it.bench.server.create(spoiled({}))
        with pytest.raises(UsageError, match="not refused for its payload"):
            subject_of(it.bench.log.snapshot()[-1])
        long = await it.refused(spoiled({"description": "x" * 80_000, "logoUrl": "no"}))
        with pytest.raises(UsageError, match="not kept whole"):
            subject_of(long)


async def test_two_at_once(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        exchanges = [await it.refused(spoiled({field: BAD[field]})) for field in ("logoUrl", "requireDpop")]
        results = await asyncio.gather(*(it.minimise(exchange) for exchange in exchanges))
        assert [found(result) for result in results] == [[{"logoUrl"}], [{"requireDpop"}]]
        assert it.left() == it.pending() == []


async def test_the_artifacts(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        result = await it.minimise(await it.refused(spoiled({"logoUrl": "no"})))
        directory = result.directory
        assert directory is not None
        assert directory.stat().st_mode & 0o777 == 0o700
        names = [f"trial-{number:03}.json" for number in range(1, len(result.trials) + 1)]
        assert sorted(path.name for path in directory.iterdir()) == sorted(
            [*names, "minimal.json", "passing.json", "result.json"]
        )
        first = json.loads((directory / names[0]).read_text())
        assert first["verdict"] == "fails"
        assert first["payload"]["clientAuth"]["secret"] == "***"
        assert first["payload"]["clientId"].startswith(PREFIX)
        assert json.loads((directory / "minimal.json").read_text())["logoUrl"] == "no"
        ids = {
            exchange.run_id
            for exchange in it.bench.log.snapshot()
            if exchange.client_id in {trial.client_id for trial in result.trials}
        }
        assert ids == {result.run_id}
