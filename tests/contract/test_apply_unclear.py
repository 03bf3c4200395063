"""Applies over a server that fails: what is told is what the server holds, and nothing is repeated blindly."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import TransportError
from ocm_tui.core.provisioning.runs import ApplyOptions
from tests.contract.apply_support import Apply, applying, public, with_secret

UNCLEAR = [
    "reset-before", "reset-after", "lost-answer", "truncate", "cut-json", "badutf8", "stall", "drip", "500", "502",
    "503", "504", "html", "big-error",
]  # fmt: skip
WITH_BODY = {"truncate", "cut-json", "badutf8", "drip"}


pytestmark = pytest.mark.usefixtures("short_pauses")


def deadline_for(fault: str) -> float:
    return 0.5 if fault in {"stall", "drip"} else 30.0


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_a_creation_with_an_unclear_end(tmp_path: Path, fault: str) -> None:
    async with applying(tmp_path, deadline=deadline_for(fault)) as it:
        plan = await it.plan(with_secret("a"))
        it.break_down(f"{fault}@POST=100%*1")
        result = await it.one(plan)
        assert result.status == "succeeded"
        assert it.secret("a") == it.stored("a").secret
        # Only what was certainly not done is sent again, and it is looked before.
        assert it.methods() == ["POST", "GET", "POST"][: 3 if result.attempts == 2 else 2]
        assert not it.staged()
        assert not (await it.plan()).steps


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_a_change_with_an_unclear_end(tmp_path: Path, fault: str) -> None:
    async with applying(tmp_path, deadline=deadline_for(fault)) as it:
        await it.settle(public("a"))
        plan = await it.plan(public("a", "two"))
        it.break_down(f"{fault}@PUT=100%*1")
        assert (await it.one(plan)).status == "succeeded"
        assert it.description("a") == "two"
        assert it.methods()[:3] == ["GET", "PUT", "GET"]


@pytest.mark.parametrize("fault", [fault for fault in UNCLEAR if fault not in WITH_BODY])
async def test_a_deletion_with_an_unclear_end(tmp_path: Path, fault: str) -> None:
    async with applying(tmp_path, deadline=deadline_for(fault)) as it:
        await it.settle(public("a"))
        it.declare()
        plan = await it.plan(prune=True)
        it.break_down(f"{fault}@DELETE=100%*1")
        result = await it.one(plan)
        assert (result.status, it.stored("a"), result.notes) == ("succeeded", None, ())
        assert not await it.provisioning.memory()


@pytest.mark.parametrize("fault", UNCLEAR)
async def test_a_rotation_with_an_unclear_end(tmp_path: Path, fault: str) -> None:
    async with applying(tmp_path, deadline=deadline_for(fault)) as it:
        await it.settle(with_secret("a"))
        old = it.secret("a")
        plan = await it.plan(with_secret("a", version=2))
        it.break_down(f"{fault}@PUT=100%*1")
        result = await it.one(plan)
        assert result.status == "succeeded"
        assert it.secret("a") == it.stored("a").secret != old
        # Never a second time when the first was at work: it would age the fresh secret.
        assert [secret for secret, _ in it.stored("a").former] == [old]
        assert (await it.provisioning.memory())["a"].secret_version == 2


@pytest.mark.parametrize(
    ("faults", "status", "told", "sent"),
    [
        ("reset-before@POST=100%", "failed", "not done", 4),
        ("stall@POST=100%,reset-before@GET/oauth/clients/a=100%", "unknown", "unknown whether", 1),
        ("lost-answer@POST=100%,html@GET/oauth/clients/a=100%", "unknown", "unknown whether", 1),
        ("429@POST=100%", "failed", "429", 8),
        ("500@POST=100%", "failed", "not done", 4),
    ],
)
async def test_what_does_not_get_better(tmp_path: Path, faults: str, status: str, told: str, sent: int) -> None:
    async with applying(tmp_path, deadline=0.5) as it:
        plan = await it.plan(with_secret("a"))
        it.break_down(faults)
        result = await it.one(plan)
        assert result.status == status
        assert told in (result.error or "")
        assert it.methods().count("POST") == result.attempts == sent
        if status == "unknown":
            assert it.methods().count("GET") == 5
            assert result.exit_code == 3
            assert len(it.staged()) == 1
            assert it.staged()[0] in " ".join(result.notes)
        # It can be told afterwards, and the secret is the one that the server has.
        it.break_down("")
        assert (await it.provisioning.resume((await it.provisioning.runs())[0].run_id)).count("succeeded") == 1
        assert it.secret("a") == it.stored("a").secret
        assert not it.staged()


async def test_a_request_that_outlived_its_deadline_may_still_be_at_work(tmp_path: Path) -> None:
    """It lands after the client was read back, and between two attempts: no duplicate, and no failure that is none."""
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"))
        slow = _Slow(it, lands_before=2)
        it.bench.service.server = slow
        it.break_down("")
        result = await it.one(plan)
        assert result.status == "succeeded"
        assert "whose answer was lost" in result.notes[0]
        assert it.secret("a") == it.stored("a").secret
        assert it.methods() == ["GET", "POST", "POST", "GET"]


async def test_a_deadline_that_passes_each_time_is_unknown(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"))
        it.bench.service.server = _Slow(it, lands_before=99)
        it.break_down("")
        result = await it.one(plan)
        assert (result.status, it.stored("a")) == ("unknown", None)
        assert "still be under way" in (result.error or "")
        assert it.staged()
        assert it.methods() == ["GET"] * 4
        it.break_down("")


class _Slow:
    """A server whose POST takes so long that nobody waits for it: it lands before attempt `lands_before`."""

    def __init__(self, it: Apply, *, lands_before: int) -> None:
        self._server, self._lands_before, self._calls = it.bench.server, lands_before, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    async def create(self, document: ClientDocument, *, settle: bool = True) -> ClientDocument:
        self._calls += 1
        if self._calls < self._lands_before:
            raise TransportError("no complete answer within 30 s", layer="deadline")
        await self._server.create(document, settle=settle)
        return await self._server.create(document, settle=settle)


@pytest.mark.parametrize(("header", "seconds"), [("1", 1.0), ("7200", 60.0)])
async def test_retry_after_is_obeyed_up_to_a_minute(
    tmp_path: Path, short_pauses: list[float], monkeypatch: pytest.MonkeyPatch, header: str, seconds: float
) -> None:
    from ocm_tui.simulator import connection
    from ocm_tui.simulator.wire import Answer, problem

    def busy(kind: str) -> Answer:
        return problem(429, "busy", "Too many requests.", headers=(("Retry-After", header),))

    monkeypatch.setattr(connection, "answer_instead", busy)
    async with applying(tmp_path) as it:
        plan = await it.plan(public("a"))
        it.break_down("429@POST=100%*2")
        result = await it.one(plan)
        assert (result.status, result.attempts) == ("succeeded", 3)
        assert it.methods() == ["POST"] * 3  # a busy server has done nothing: there is nothing to look at
        assert short_pauses == [seconds, seconds]


async def test_somebody_else_changes_a_client_while_its_end_is_unclear(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        await it.settle(public("a"))
        plan = await it.plan(public("a", "two"))
        _between(it, "PUT", lambda: it.stored("a").document.__setitem__("description", "theirs"))
        it.break_down("reset-before@PUT=100%*1")
        result = await it.one(plan)
        assert (result.status, result.conflict) == ("failed", True)
        assert it.description("a") == "theirs"
        assert it.methods().count("PUT") == 1


def _between(it: Apply, method: str, act: Callable[[], object]) -> None:
    """`act` on the simulator right after a request with `method` was answered."""
    service = it.bench.simulator._service
    record = service.record

    def watch(request: Any) -> None:
        record(request)
        if request.method == method:
            act()

    service.record = watch


async def test_a_refused_deletion(tmp_path: Path) -> None:
    """422: the client is in use. It is told, and not sent again."""
    async with applying(tmp_path) as it:
        await it.settle(public("a"))
        manager = it.bench.simulator.api._tokens._company.token_managers[0]
        manager["accessControlSettings"]["allowedClients"].append({"id": "a"})
        it.declare()
        plan = await it.plan(prune=True)
        it.break_down("")
        result = await it.one(plan, options=ApplyOptions())
        assert (result.status, result.attempts, it.methods()) == ("failed", 1, ["GET", "DELETE"])
        assert "in use" in (result.error or "") or "referenced" in (result.error or "")
        assert it.stored("a") is not None
        assert "a" in await it.provisioning.memory()


async def test_a_cancelled_run_sends_nothing_again(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"), with_secret("b"))
        it.break_down("reset-before@POST=100%")
        task = asyncio.create_task(it.provisioning.apply(plan, ApplyOptions(concurrency=1)))
        await it.sent("POST")
        task.cancel()
        result = await task
        assert [one.status for one in result.results] == ["failed", "skipped"]
        assert it.methods().count("POST") == 1
        it.break_down("")
        assert (await it.provisioning.resume(result.run_id)).count("succeeded") == 2
        assert all(it.secret(one) == it.stored(one).secret for one in "ab")
        assert not it.staged()


async def test_what_the_inventory_does_not_own_survives(tmp_path: Path) -> None:
    """Also in what is written a second time."""
    async with applying(tmp_path, server_version="13.1.0.5") as it:
        await it.settle(with_secret("a"))
        methods = (await it.bench.server.get("a"))["clientAuthentication"]
        plan = await it.plan(with_secret("a", "two"))
        it.break_down("reset-before@PUT=100%*1")
        assert (await it.one(plan)).status == "succeeded"
        assert it.description("a") == "two"
        found = (await it.bench.server.get("a"))["clientAuthentication"]
        assert found["clientSecret"] == methods["clientSecret"] == {"enabled": True}
        assert it.secret("a") == it.stored("a").secret
