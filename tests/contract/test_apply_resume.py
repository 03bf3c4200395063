"""Runs that ended before their end: what is found is adopted, the rest is done, and no secret is lost."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.errors import Refused, UsageError
from ocm_tui.core.provisioning import resume as resume_module
from ocm_tui.core.provisioning.journal import Journal
from ocm_tui.core.provisioning.lock import RunLock
from ocm_tui.core.provisioning.runs import ApplyOptions
from ocm_tui.core.secret import Secret
from tests.contract.apply_support import Apply, another, applying, desired, public, with_secret


@contextmanager
def killed_before_its_outcomes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything is sent and promoted, and nothing of it comes into the journal."""
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "record", lambda *_: None)
        patch.setattr(Journal, "_status", lambda *_: ("SELECT 1", ()))
        patch.setattr("ocm_tui.core.provisioning.run.Run._release", _nothing)
        yield


async def _nothing(*_: object) -> None:
    return None


async def last_run(it: Apply) -> str:
    return (await it.provisioning.runs())[0].run_id


async def test_all_was_done_and_nothing_is_on_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with applying(tmp_path) as it:
        await it.settle(with_secret("changed"), with_secret("rotated"), public("dropped"))
        plan = await it.plan(
            with_secret("changed", "two"), with_secret("rotated", version=2), with_secret("new"), public("web"),
            prune=True,
        )  # fmt: skip
        with killed_before_its_outcomes(monkeypatch):
            await it.provisioning.apply(plan)
        secrets = {one: it.stored(one).secret for one in ("changed", "rotated", "new")}
        it.break_down("")
        result = await another(it.bench, tmp_path).resume(await last_run(it))
        assert result.count("succeeded") == 5
        # A rotation that may have happened is set once more with the same secret: the copy is there, its end is not.
        assert it.methods().count("PUT") == 1
        assert "POST" not in it.methods()
        assert "DELETE" not in it.methods()
        assert {one: it.stored(one).secret for one in secrets} == secrets
        assert {one: it.secret(one) for one in secrets} == secrets
        assert not it.staged()
        memory = await it.provisioning.memory()
        assert {key: (one.created, one.secret_version) for key, one in memory.items()} == {
            "changed": (True, 1), "rotated": (True, 2), "new": (True, 1), "web": (True, None)
        }  # fmt: skip
        assert not (await it.plan(prune=True)).steps


async def test_many_are_found_by_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume_module, "_WORTH_A_LIST", 3)
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"), public("b"), public("c"), public("d"))
        with killed_before_its_outcomes(monkeypatch):
            await it.provisioning.apply(plan, ApplyOptions(only=frozenset("abcd")))
        await it.bench.server.delete("d")
        await it.bench.server.replace("c", with_value(await it.bench.server.get("c"), "description", "theirs"))
        it.break_down("")
        result = await it.provisioning.resume(await last_run(it))
        assert [one.status for one in result.results] == ["succeeded", "succeeded", "failed", "succeeded"]
        assert result.results[2].conflict
        assert it.methods() == ["GET", "POST"]
        assert it.secret("a") == it.stored("a").secret


async def test_nothing_was_sent(tmp_path: Path) -> None:
    """Killed between the journal and the first request."""
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"), public("b"))
        journal = Journal(tmp_path / "state" / "provisioning.sqlite3")
        (tmp_path / "state").mkdir()
        journal.begin("run-1", plan, started_at="2026-01-31T12:04:31.377Z", total=2)
        journal.close()
        assert (await it.provisioning.resume("run-1")).count("succeeded") == 2
        assert it.secret("a") == it.stored("a").secret


async def test_a_finished_run_is_left_as_it_is(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        result = await it.provisioning.apply(await it.plan(public("a"), with_secret("b")))
        it.break_down("")
        again = await it.provisioning.resume(result.run_id)
        assert again.results == result.results
        assert not it.methods()


async def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(public("a"), with_secret("b"), public("c"))
        it.break_down("500@POST=100%")
        failed = await it.provisioning.apply(plan, ApplyOptions(concurrency=1, fail_fast=True))
        assert [one.status for one in failed.results] == ["failed", "skipped", "skipped"]
        it.break_down("")
        some = await it.provisioning.resume(failed.run_id, ApplyOptions(only=frozenset("a")))
        assert [one.status for one in some.results] == ["succeeded", "skipped", "skipped"]
        done = await it.provisioning.resume(failed.run_id)
        assert done.count("succeeded") == 3
        first = done.results[0]
        assert first.attempts == 5
        assert len(first.exchange_ids) > len(failed.results[0].exchange_ids)
        assert (await it.provisioning.runs())[0].succeeded == 3


async def test_a_client_that_somebody_else_made_meanwhile(tmp_path: Path) -> None:
    """It was never sent by this run, so it is not this run's, however equal it is."""
    async with applying(tmp_path) as it:
        plan = await it.plan(public("x"), with_secret("a"))
        it.break_down("500@POST=100%")
        failed = await it.provisioning.apply(plan, ApplyOptions(concurrency=1, fail_fast=True))
        it.break_down("")
        document = with_value(desired(plan.steps[1]), "clientAuth.secret", Secret("theirs-8a3c0f1d2e4b5a69"))
        await it.bench.server.create(document)
        result = await it.provisioning.resume(failed.run_id)
        assert [(one.status, one.conflict) for one in result.results] == [("succeeded", False), ("failed", True)]
        assert it.stored("a").secret == "theirs-8a3c0f1d2e4b5a69"
        assert it.secret("a") is None
        assert not it.staged()


async def test_a_secret_that_could_not_be_put_in_its_place(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"))
        (tmp_path / "a.secret").mkdir()  # after the plan
        with pytest.raises(UsageError):
            await it.provisioning.apply(plan)
        assert not await it.provisioning.runs()
        (tmp_path / "a.secret").rmdir()
        _blocks(it, tmp_path / "a.secret")
        result = await it.one(plan)
        assert result.status == "succeeded"
        assert any("move it by hand" in note for note in result.notes)
        (staged,) = it.staged()
        assert staged in " ".join(result.notes)
        (tmp_path / "a.secret").rmdir()
        run_id = await last_run(it)
        await it.provisioning.resume(run_id)
        assert it.secret("a") == it.stored("a").secret
        assert not it.staged()
        _, (told,), _ = await it.provisioning.run(run_id)
        assert "its secret is at file:" in told.notes[-1]


def _blocks(it: Apply, path: Path) -> None:
    """A directory takes the place of the secret's file while the request is on its way."""
    service = it.bench.simulator._service
    record = service.record

    def watch(request: object) -> None:
        record(request)  # type: ignore[arg-type]
        service.record = record
        path.mkdir()
        (path / "full").touch()
        (path / "full").unlink()

    service.record = watch


@pytest.mark.parametrize("killed", [False, True])
async def test_a_printed_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool) -> None:
    """Nobody keeps a copy of it: after a kill the client gets a new one, which is printed."""
    printed: dict[str, list[Secret]] = {}

    def print_secret(client_id: str, secret: Secret) -> None:
        printed.setdefault(client_id, []).append(secret)

    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a", deliver="stdout"))
        with pytest.raises(UsageError, match="printed"):
            await it.provisioning.apply(plan)
        options = ApplyOptions(print_secrets=True)
        if killed:
            with killed_before_its_outcomes(monkeypatch):
                await it.provisioning.apply(plan, options, print_secret=print_secret)
            await it.provisioning.resume(await last_run(it), options, print_secret=print_secret)
        else:
            await it.provisioning.apply(plan, options, print_secret=print_secret)
        assert len(printed["a"]) == (2 if killed else 1)
        assert printed["a"][-1].reveal() == it.stored("a").secret


async def test_a_closed_stdout_is_told(tmp_path: Path) -> None:
    def print_secret(client_id: str, secret: Secret) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a", deliver="stdout"))
        result = await it.one(plan, options=ApplyOptions(print_secrets=True), print_secret=print_secret)
        assert result.status == "succeeded"
        assert "could not be printed" in result.notes[0]


async def test_a_run_of_another_place(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        result = await it.provisioning.apply(await it.plan(public("a")))
        with pytest.raises(UsageError, match="environment test at"):
            await another(it.bench, tmp_path, environment="prod").resume(result.run_id)
        with pytest.raises(UsageError, match="no run nobody"):
            await it.provisioning.resume("nobody")
        async with RunLock(tmp_path / "state", it.bench.server.base_url, "other-run"):
            with pytest.raises(Refused, match="other-run"):
                await it.provisioning.resume(result.run_id)
        it.bench.service.policy.read_only = True
        with pytest.raises(Refused, match="resume run"):
            await it.provisioning.resume(result.run_id)


async def test_nothing_secret_is_kept(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        await it.settle(with_secret("a"), with_secret("b"))
        secrets = [it.stored(one).secret for one in "ab"]
        kept = [path.read_bytes() for path in (tmp_path / "state").iterdir()]
        runs = [repr(await it.provisioning.run(run.run_id)).encode() for run in await it.provisioning.runs()]
        told = repr(it.bench.log.snapshot()).encode()
        assert not any(secret.encode() in text for secret in secrets for text in (*kept, *runs, told))


async def test_resuming_is_cancelled(tmp_path: Path) -> None:
    """What an earlier part may have sent, and nobody has read back since, is unknown: and its copy stays."""
    async with applying(tmp_path) as it:
        plan = await it.plan(with_secret("a"), with_secret("b"))
        it.break_down("lost-answer@POST=100%,reset-before@GET/oauth/clients=100%")
        unknown = await it.provisioning.apply(plan)
        assert unknown.count("unknown") == 2
        it.break_down("stall@GET=100%*1")
        task = asyncio.create_task(it.provisioning.resume(unknown.run_id, ApplyOptions(concurrency=1)))
        await it.sent("GET")
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(it.staged()) == 2
        it.break_down("")
        assert (await it.provisioning.resume(unknown.run_id)).count("succeeded") == 2
        assert [it.secret(one) for one in "ab"] == [it.stored(one).secret for one in "ab"]
        assert it.methods().count("POST") == 0
