import asyncio

import pytest

from ocm_tui.core.checks.model import CheckContext, Verdict, failed, passed, skipped
from ocm_tui.core.checks.runner import run_checks, select
from ocm_tui.core.errors import ApiError, ExitCode, TransportError, Unauthorised, UsageError
from ocm_tui.core.secret import Secret
from tests.unit.core.checks.support import check, context, passing, statuses

CHECKS = (check("config"), check("server.reachable"), check("server.tls"))


async def dead(_: CheckContext) -> Verdict:
    raise TransportError("connection refused", layer="tcp", maybe_applied=False, hint="start it", exchange_id="x-1")


@pytest.mark.parametrize(
    ("only", "skip", "ids"),
    [
        ((), (), ["config", "server.reachable", "server.tls"]),
        (("server.*",), (), ["server.reachable", "server.tls"]),
        ((), ("server.*",), ["config"]),
        (("config", "*tls"), (), ["config", "server.tls"]),
        (("*",), ("config",), ["server.reachable", "server.tls"]),
    ],
)
def test_globs(only: tuple[str, ...], skip: tuple[str, ...], ids: list[str]) -> None:
    assert [chosen.id for chosen in select(CHECKS, only=only, skip=skip)] == ids


@pytest.mark.parametrize(
    ("only", "skip"), [(("nope",), ()), ((), ("nope*",)), (("config",), ("*",)), (("config", "x"), ()), (("",), ())]
)
def test_a_selection_that_means_nothing_is_an_error(only: tuple[str, ...], skip: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        select(CHECKS, only=only, skip=skip)


async def test_a_check_is_skipped_with_the_reason_when_what_it_needs_failed() -> None:
    checks = (check("a", dead), check("b", lambda _: never(), "a"), check("c", lambda _: never(), "b"), check("d"))
    report = await run_checks(checks, context())
    assert statuses(report.results) == {"a": "fail", "b": "skip", "c": "skip", "d": "pass"}
    assert [result.message for result in report.results[1:3]] == ["a failed", "a failed"]
    assert [result.details["because"] for result in report.results[1:3]] == ["a", "a"]
    assert report.exit_code == ExitCode.UNREACHABLE


async def never() -> Verdict:
    raise AssertionError("this must not run")


async def test_the_reason_of_a_skip_is_passed_on() -> None:
    async def not_configured(_: CheckContext) -> Verdict:
        return skipped("not configured: no server", hint="add one")

    report = await run_checks((check("a", not_configured), check("b", lambda _: never(), "a")), context())
    assert [(result.status, result.message, result.hint) for result in report.results] == [
        ("skip", "not configured: no server", "add one")
    ] * 2


async def test_without_what_it_needs_in_the_selection_a_check_meets_the_cause_itself() -> None:
    report = await run_checks((check("b", dead, "a"),), context())
    assert report.results[0].status == "fail"
    assert report.exit_code == ExitCode.UNREACHABLE


async def test_a_failure_that_does_not_matter() -> None:
    checks = (check("a", dead), check("b", passing, "a", runs_despite=lambda former: former.details["layer"] == "tcp"))
    assert statuses((await run_checks(checks, context())).results) == {"a": "fail", "b": "pass"}


async def test_errors_become_failures_in_their_own_words() -> None:
    async def refused(_: CheckContext) -> Verdict:
        raise Unauthorised("the server does not accept the credentials (401)", status=401, hint="check the password")

    async def odd(_: CheckContext) -> Verdict:
        raise ApiError("it is a teapot", status=418, detail="one\ntwo", exchange_id="x-2")

    report = await run_checks((check("a", refused), check("b", odd), check("c", dead)), context())
    one, two, three = report.results
    assert (one.hint, one.exit_code, one.details["http_status"]) == ("check the password", ExitCode.REFUSED, 401)
    assert (two.exit_code, two.details["detail"], two.details["exchange_id"]) == (ExitCode.BAD, "one\ntwo", "x-2")
    assert (three.details["layer"], three.details["exchange_id"]) == ("tcp", "x-1")
    assert report.exit_code == ExitCode.BAD


async def test_one_slow_target_does_not_keep_the_others_from_a_verdict() -> None:
    async def hangs(_: CheckContext) -> Verdict:
        await asyncio.Event().wait()
        return passed("never")

    checks = (check("slow", hangs), check("after", lambda _: never(), "slow"), check("quick"))
    report = await run_checks(checks, context(), timeout=0.05)
    assert statuses(report.results) == {"slow": "fail", "after": "skip", "quick": "pass"}
    assert "--timeout" in report.results[0].message
    assert report.exit_code == ExitCode.UNREACHABLE


async def test_a_timeout_of_the_check_itself_is_a_fault_and_not_ours() -> None:
    async def times_out(_: CheckContext) -> Verdict:
        raise TimeoutError("an inner one")

    with pytest.raises(ExceptionGroup) as caught:
        await run_checks((check("a", times_out),), context(), timeout=60)
    assert isinstance(caught.value.exceptions[0], TimeoutError)


async def test_words_from_outside_are_safe_and_hold_no_secret() -> None:
    secret = Secret("planted-secret-9d2f")

    async def tells(_: CheckContext) -> Verdict:
        return failed(f"said \x1b[31m{secret.reveal()}\u202e", f"use {secret.reveal()}")

    result = (await run_checks((check("a", tells),), context())).results[0]
    assert (result.message, result.hint) == ("said ␛[31m***⟨202E⟩", "use ***")


async def test_results_are_told_as_they_come_and_reported_in_order() -> None:
    told: list[str] = []
    turn = asyncio.Event()

    async def waits(_: CheckContext) -> Verdict:
        await turn.wait()
        return passed("late")

    async def opens(_: CheckContext) -> Verdict:
        turn.set()
        return passed("early")

    report = await run_checks(
        (check("late", waits), check("early", opens)), context(), on_result=lambda result: told.append(result.id)
    )
    assert told == ["early", "late"]
    assert [result.id for result in report.results] == ["late", "early"]
    assert report.results[0].duration_ms >= 0
    assert report.started_at.endswith("Z")


async def test_cancelling_the_run_cancels_the_checks() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def hangs(_: CheckContext) -> Verdict:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return passed("never")

    task = asyncio.create_task(run_checks((check("a", hangs),), context()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
