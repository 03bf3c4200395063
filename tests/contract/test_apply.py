"""Applies against the simulator: what is sent, what is told, and when nothing more is begun."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Conflict, NotConfigured, Refused, UsageError
from ocm_tui.core.provisioning.lock import RunLock
from ocm_tui.core.provisioning.runs import (
    ApplyEvent,
    ApplyOptions,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
)
from ocm_tui.core.provisioning.service import Provisioning
from tests.contract.apply_support import another, applying, desired, public, with_secret


async def test_create_update_delete_and_then_nothing(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("orders"), public("web"), public("old"))
        it.break_down("")
        assert (await it.provisioning.apply(plan)).summary["succeeded"] == 3
        assert it.methods() == ["POST"] * 3  # their absence is known from the list
        plan = await it.plan(with_secret("orders"), public("web", "two"), prune=True)
        assert plan.summary == {"create": 0, "update": 1, "delete": 1, "unchanged": 1, "blocked": 0}
        it.break_down("")
        assert (await it.provisioning.apply(plan)).summary["succeeded"] == 2
        assert sorted(it.methods()) == ["DELETE", "GET", "GET", "PUT"]
        assert (it.description("web"), it.stored("old")) == ("two", None)
        assert it.secret("orders") == it.stored("orders").secret
        assert not (await it.plan(prune=True)).steps
        assert not it.staged()


async def test_what_is_told_on_the_way(tmp_path: Path) -> None:
    events: list[ApplyEvent] = []
    async with applying(tmp_path, concurrency=1) as it:
        result = await it.provisioning.apply(await it.plan(public("a"), public("b")), on_event=events.append)
        assert events == [
            RunStarted(result.run_id, 2),
            StepStarted("a", "create"),
            StepEnded(result.results[0]),
            StepStarted("b", "create"),
            StepEnded(result.results[1]),
            RunEnded(result),
        ]
        for one in result.results:
            (exchange_id,) = one.exchange_ids
            exchange = it.bench.log.get(exchange_id)
            assert exchange is not None
            assert (exchange.client_id, exchange.run_id, exchange.method) == (one.client_id, result.run_id, "POST")
        await it.bench.service.get("a")
        assert it.bench.log.snapshot()[-1].run_id is None


async def test_the_journal_has_it(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        result = await it.provisioning.apply(await it.plan(public("a")))
        (summary,) = await another(it.bench, tmp_path).runs()
        assert (summary.run_id, summary.status, summary.succeeded) == (result.run_id, "finished", 1)
        _, results, plan = await it.provisioning.run(result.run_id)
        assert tuple(results) == result.results
        assert [change.client_id for change in plan.steps] == ["a"]


async def test_what_is_remembered(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        await it.settle(with_secret("made"), public("also"))
        memory = await it.provisioning.memory()
        assert {key: record.created for key, record in memory.items()} == {"made": True, "also": True}
        assert memory["made"].secret_version == 1
        other = another(it.bench, tmp_path, environment="elsewhere")
        assert not await other.memory()
        await other.apply(await other.plan())  # finds both as declared, and made neither
        assert {key: record.created for key, record in (await other.memory()).items()} == {
            "made": False,
            "also": False,
        }


@pytest.mark.parametrize("action", ["update", "delete"])
async def test_a_client_that_changed_since_the_plan_is_left_alone(tmp_path: Path, action: str) -> None:
    async with applying(tmp_path) as it:
        await it.settle(public("a"), public("b"))
        kept = [public("a", "mine")] if action == "update" else []
        plan = await it.plan(public("b"), *kept, prune=True)
        theirs = with_value(await it.bench.server.get("a"), "description", "theirs")
        await it.bench.server.replace("a", theirs)
        it.break_down("")
        result = await it.one(plan)
        assert (result.status, result.conflict, result.exit_code, result.attempts) == ("failed", True, 5, 0)
        assert it.methods() == ["GET"]
        assert it.description("a") == "theirs"


async def test_what_somebody_else_did_meanwhile(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        await it.settle(public("a"), public("gone"), public("deleted"))
        plan = await it.plan(public("a", "two"), public("gone", "two"), public("new"), prune=True)
        same = with_value(await it.bench.server.get("a"), "description", "two")
        await it.bench.server.replace("a", same)
        await it.bench.server.delete("gone")
        await it.bench.server.delete("deleted")
        await it.bench.server.create(with_value(same, "clientId", "new"))
        result = await it.provisioning.apply(plan)
        told = {one.client_id: (one.status, one.conflict) for one in result.results}
        assert told == {
            "a": ("succeeded", False),  # the same was done already
            "gone": ("failed", True),
            "new": ("failed", True),
            "deleted": ("succeeded", False),
        }
        notes = {one.client_id: " ".join(one.notes) for one in result.results}
        assert "already" in notes["a"]
        assert "gone already" in notes["deleted"]


async def test_a_rejected_client_is_told_and_not_repeated(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"), public("b"))
        wrong = [replace(change, desired=desired(change, name="")) for change in plan.changes[:1]]
        it.break_down("")
        result = await it.provisioning.apply(replace(plan, changes=(*wrong, *plan.changes[1:])))
        assert [one.status for one in result.results] == ["failed", "succeeded"]
        assert it.methods() == ["POST", "POST"]
        assert "name" in (result.results[0].error or "")
        assert not it.staged()  # the server certainly does not have the secret


async def test_fail_fast(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(*(public(f"c-{number}") for number in range(6)))
        wrong = replace(plan.changes[1], desired=desired(plan.changes[1], name=""))
        plan = replace(plan, changes=(plan.changes[0], wrong, *plan.changes[2:]))
        result = await it.provisioning.apply(plan, ApplyOptions(concurrency=1, fail_fast=True))
        assert [one.status for one in result.results] == ["succeeded", "failed", *["skipped"] * 4]
        assert "c-1 failed" in (result.results[-1].error or "")
        result = await it.provisioning.apply(plan, ApplyOptions(concurrency=1, only=frozenset({"c-4", "c-2"})))
        assert [(one.client_id, one.status) for one in result.results] == [("c-2", "succeeded"), ("c-4", "succeeded")]


async def test_an_account_that_may_not_write(tmp_path: Path) -> None:
    async with applying(tmp_path, auditor=True) as it:
        plan = await it.plan(*(public(f"c-{number}") for number in range(20)))
        it.break_down("")
        result = await it.provisioning.apply(plan, ApplyOptions(concurrency=2))
        refused = [one for one in result.results if one.status == "failed"]
        assert 1 <= len(refused) <= 2
        assert {one.exit_code for one in refused} == {4}
        assert len(it.methods()) == len(refused)
        assert "403" in (result.results[-1].error or "")
        with pytest.raises(Refused):
            await it.provisioning.apply(plan)


async def test_credentials_that_ended_meanwhile(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(*(public(f"c-{number}") for number in range(5)))
        async with applying(tmp_path / "other", password="wrong") as refused:
            provisioning = another(refused.bench, tmp_path)
            result = await provisioning.apply(
                replace(plan, base_url=refused.bench.server.base_url), ApplyOptions(concurrency=1)
            )
        assert [one.status for one in result.results] == ["failed", *["skipped"] * 4]
        assert "401" in (result.results[1].error or "")


@pytest.mark.parametrize(
    "policy",
    [WritePolicy(read_only=True), WritePolicy(protected=True), WritePolicy(account_may_write=False)],
)
async def test_refused_before_anything_is_sent(tmp_path: Path, policy: WritePolicy) -> None:
    async with applying(tmp_path, policy=policy) as it:
        plan = await it.plan(public("a"))
        it.break_down("")
        with pytest.raises(Refused, match="apply 1 change:"):
            await it.provisioning.apply(plan)
        assert not it.methods()
        assert not await it.provisioning.runs()
        it.declare()
        await it.provisioning.apply(await it.plan())  # nothing to do is nothing to refuse


async def test_only_some(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(public("a"), public("b"), public("c"))
        result = await it.provisioning.apply(plan, ApplyOptions(only=frozenset({"B"})))
        assert [one.client_id for one in result.results] == ["b"]
        assert it.stored("a") is None
        with pytest.raises(UsageError, match="no change for client nobody"):
            await it.provisioning.apply(plan, ApplyOptions(only=frozenset({"nobody"})))


async def test_a_saved_plan_is_carried_out_exactly_or_not_at_all(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        await it.settle(public("a"), public("b"))
        plan = await it.plan(public("a", "two"), public("b"), public("c"))
        await it.bench.server.replace("b", with_value(await it.bench.server.get("b"), "description", "theirs"))
        it.break_down("")
        with pytest.raises(Conflict, match=r"since: b$"):
            await it.provisioning.apply(plan, fresh=False)
        assert set(it.methods()) == {"GET"}
        assert it.description("a") == "one"
        plan = await it.plan(public("a", "two"), public("b", "theirs"), public("c"))
        assert (await it.provisioning.apply(plan, fresh=False)).count("succeeded") == 2


async def test_a_plan_of_another_place(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(public("a"))
        for other in (replace(plan, environment="prod"), replace(plan, base_url="https://pf.example.com")):
            with pytest.raises(UsageError, match="was made for"):
                await it.provisioning.apply(other)


async def test_two_at_once(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(public("a"))
        (tmp_path / "state").mkdir()
        async with RunLock(tmp_path / "state", it.bench.server.base_url, "20260131t120431-other"):
            with pytest.raises(Refused, match="20260131t120431-other"):
                await it.provisioning.apply(plan)
            waiting = asyncio.create_task(it.provisioning.apply(plan, ApplyOptions(wait=60)))
            await asyncio.sleep(0)
        assert (await waiting).count("succeeded") == 1


async def test_without_a_place_for_the_journal_nothing_is_applied(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(public("a"))
        homeless = Provisioning(
            it.bench.service, it.bench.log, environment="test", state_directory=None, inventory=(), concurrency=4
        )
        assert not await homeless.memory()
        assert not await homeless.runs()
        with pytest.raises(NotConfigured):
            await homeless.apply(plan)
        with pytest.raises(NotConfigured, match="has no inventory"):
            await homeless.load()
        assert it.stored("a") is None


async def test_a_damaged_journal_is_set_aside_and_said(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        await it.settle(public("a"))
        journal = tmp_path / "state" / "provisioning.sqlite3"
        for path in journal.parent.glob("provisioning.sqlite3*"):
            path.unlink()
        journal.write_bytes(b"damaged " * 1000)
        plan = await it.plan(public("a", "two"))
        assert "what was last applied is not known" in plan.warnings[-1]
        assert plan.steps[0].fields[0].moved is None
        assert (await it.provisioning.apply(plan)).count("succeeded") == 1
        assert it.provisioning.notice is not None
        assert "not usable" in it.provisioning.notice
        assert not (await it.plan()).warnings


async def test_a_cancelled_run_ends_in_good_order(tmp_path: Path) -> None:
    started = asyncio.Event()

    def watch(event: ApplyEvent) -> None:
        if isinstance(event, StepStarted):
            started.set()

    async with applying(tmp_path, latency_ms=50) as it:
        plan = await it.plan(*(with_secret(f"c-{number}") for number in range(10)))
        task = asyncio.create_task(it.provisioning.apply(plan, ApplyOptions(concurrency=2), watch))
        await started.wait()
        task.cancel()
        result = await task
        assert result.interrupted
        statuses = [one.status for one in result.results]
        assert statuses == ["succeeded"] * 2 + ["skipped"] * 8
        assert [it.stored(f"c-{number}") is not None for number in range(10)] == [True] * 2 + [False] * 8
        assert (await it.provisioning.runs())[0].status == "interrupted"
        assert not it.staged()
        done = await it.provisioning.resume(result.run_id)
        assert done.count("succeeded") == 10
        assert all(it.secret(f"c-{number}") == it.stored(f"c-{number}").secret for number in range(10))


async def test_a_second_cancellation_ends_it_at_once(tmp_path: Path) -> None:
    started = asyncio.Event()

    def watch(event: ApplyEvent) -> None:
        if isinstance(event, StepStarted):
            started.set()

    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"))
        it.break_down("stall@POST=100%")
        task = asyncio.create_task(it.provisioning.apply(plan, on_event=watch))
        await started.wait()
        await it.sent("POST")
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        it.break_down("")
        (run,) = await it.provisioning.runs()
        assert (run.status, run.succeeded) == ("abandoned", 0)
        assert f"run {run.run_id} was killed" in (await it.plan()).warnings[-1]
        assert (await it.provisioning.resume(run.run_id)).count("succeeded") == 1
        assert it.secret("a") == it.stored("a").secret


async def test_a_server_that_is_gone_stops_the_run(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(*(public(f"c-{number}") for number in range(40)))
        await it.bench.simulator.stop()
        result = await it.provisioning.apply(plan)
        assert result.summary["failed"] < 20
        assert result.summary["skipped"] > 20
        assert "not reached" in (result.results[-1].error or "")
