"""Runs checks side by side, each with its own clock, all under one deadline."""

import asyncio
import fnmatch
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ocm_tui.core.checks.model import Check, CheckContext, CheckReport, CheckResult, FailOn, Finding, Verdict, skipped
from ocm_tui.core.errors import ApiError, ExitCode, OcmError, TransportError, UsageError
from ocm_tui.core.exchanges.model import utc_text
from ocm_tui.core.secret import known_secrets
from ocm_tui.core.text import clean

__all__ = ["error_verdict", "result_of", "run_checks", "select"]


def select(checks: Sequence[Check], *, only: Sequence[str] = (), skip: Sequence[str] = ()) -> tuple[Check, ...]:
    """The checks whose id matches a glob of `only` (none given: all) and no glob of `skip`.

    UsageError when a glob of `only` matches no check, or when nothing is left: both would look like success.
    """
    ids = ", ".join(check.id for check in checks)
    for option, globs in (("--only", only), ("--skip", skip)):
        for glob in globs:
            if not any(fnmatch.fnmatchcase(check.id, glob) for check in checks):
                raise UsageError(f"{option} {glob} matches no check", hint=f"checks: {ids}")
    chosen = tuple(
        check
        for check in checks
        if (not only or any(fnmatch.fnmatchcase(check.id, glob) for glob in only))
        and not any(fnmatch.fnmatchcase(check.id, glob) for glob in skip)
    )
    if not chosen:
        raise UsageError("--only and --skip leave no check to run", hint=f"checks: {ids}")
    return chosen


async def run_checks(
    checks: Sequence[Check],
    context: CheckContext,
    *,
    timeout: float | None = None,
    fail_on: FailOn = "fail",
    root: Path = Path("/"),
    on_result: Callable[[CheckResult], None] = lambda _: None,
) -> CheckReport:
    """Run all, in the order of their needs; the report keeps the given order. `timeout` is seconds for the whole."""
    started_at, start = time.time(), time.perf_counter()
    deadline = None if timeout is None else asyncio.get_running_loop().time() + timeout
    tasks: dict[str, asyncio.Task[CheckResult]] = {}

    async def one(check: Check) -> CheckResult:
        result = await _with_needs(check, context, tasks, deadline)
        on_result(result)
        return result

    async with asyncio.TaskGroup() as group:
        for check in checks:
            tasks[check.id] = group.create_task(one(check), name=f"check {check.id}")
    return CheckReport(
        environment=context.session.environment,
        started_at=utc_text(started_at),
        duration_ms=(time.perf_counter() - start) * 1000,
        results=tuple(task.result() for task in tasks.values()),
        fail_on=fail_on,
        config_file=context.session.config_file,
        root=root,
    )


async def _with_needs(
    check: Check,
    context: CheckContext,
    tasks: Mapping[str, asyncio.Task[CheckResult]],
    deadline: float | None,
) -> CheckResult:
    for need in check.needs:
        if need not in tasks:
            continue
        former = await tasks[need]
        if former.status in {"fail", "skip"} and not check.runs_despite(former):
            return result_of(check, _without(former))
    start = time.perf_counter()
    verdict = await _judged(check, context, deadline)
    return result_of(check, verdict, (time.perf_counter() - start) * 1000)


def _without(former: CheckResult) -> Verdict:
    if former.status == "skip":  # it has said why, and that reason holds here as well
        return skipped(former.message, hint=former.hint, because=former.details.get("because", former.id))
    return skipped(f"{former.id} failed", because=former.id)


async def _judged(check: Check, context: CheckContext, deadline: float | None) -> Verdict:
    try:
        async with asyncio.timeout_at(deadline) as scope:
            return await check.run(context)
    except TimeoutError:
        if not scope.expired():
            raise
        return Verdict(
            status="fail",
            message="no verdict before --timeout was over",
            hint="give the run more time, or look at the target",
            exit_code=ExitCode.UNREACHABLE,
        )
    except OcmError as error:
        return error_verdict(error)


def error_verdict(error: OcmError) -> Verdict:
    """A failure in the error's own words; what kind of failure it was goes into the details."""
    details: dict[str, Any] = {"error": type(error).__name__}
    if error.detail:
        details["detail"] = error.detail
    if isinstance(error, TransportError):
        details["layer"] = error.layer
    if isinstance(error, ApiError):
        details["http_status"] = error.status
    if isinstance(error, TransportError | ApiError) and error.exchange_id:
        details["exchange_id"] = error.exchange_id
    return Verdict(status="fail", message=str(error), hint=error.hint, details=details, exit_code=error.exit_code)


def result_of(
    check: Check, verdict: Verdict, duration_ms: float = 0.0, *, findings: tuple[Finding, ...] = ()
) -> CheckResult:
    """Verdicts quote servers and files: here their words become safe to show."""
    return CheckResult(
        id=check.id,
        title=check.title,
        status=verdict.status,
        duration_ms=duration_ms,
        message=known_secrets.scrub(clean(verdict.message, 1000)),
        hint=known_secrets.scrub(clean(verdict.hint, 1000)),
        details=verdict.details,
        findings=verdict.findings or findings,
        exit_code=verdict.exit_code,
    )
