"""`ocm-tui --check`: run the checks, print them, write the reports, and let the exit code say what came out.

Exit code: 0 when nothing failed (warnings count with `--fail-on warn`); otherwise 3 when every failure was a target
that could not be reached in time, 4 when every one was a refusal by the server, 2 when every one was the
configuration, else 1. A configuration that cannot be loaded is exit 2 before any check: the document that is then
written has the failed `config` check, and the others as skipped.
"""

import asyncio
import fnmatch
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.core.checks.catalogue import CHECKS
from ocm_tui.core.checks.model import Check, CheckContext, CheckReport, CheckResult, Finding, skipped
from ocm_tui.core.checks.oci import OCI, PROFILE_PREFIX, oci_checks
from ocm_tui.core.checks.probe import ServerProbe
from ocm_tui.core.checks.runner import error_verdict, result_of, run_checks, select
from ocm_tui.core.errors import ConfigError, ExitCode, OcmError, TransportError, UsageError
from ocm_tui.core.exchanges.model import utc_text
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.formats import check_text
from ocm_tui.headless.formats.checks import formatter
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.report_files import ReportFile, prepare

if TYPE_CHECKING:
    from ocm_tui.core.session import Session

__all__ = ["run"]


def run(invocation: Invocation) -> int:
    options = invocation.options
    chosen = _known_before(options.check_only, options.check_skip)
    if options.check_list:
        return _list(invocation, chosen)
    files = prepare(options.check_report)
    try:
        return run_async(lambda: _checked(invocation, chosen, files))
    finally:
        for file in files:
            file.discard()


def _known_before(only: list[str], skip: list[str]) -> tuple[Check, ...]:
    """The checks of the catalogue that are wanted. Globs for OCI profiles are judged when those are known."""
    wanted, unwanted = ([glob for glob in globs if _is_for_catalogue(glob)] for globs in (only, skip))
    if only and not wanted:
        return ()
    return select(CHECKS, only=wanted, skip=unwanted)


async def _chosen(session: "Session", only: list[str], skip: list[str]) -> tuple[Check, ...]:
    """All that are wanted of what this environment has. A pipeline may skip OCI where there is none."""
    profiles = await oci_checks(session, [glob for glob in only if _names_oci(glob)])
    if not profiles and any(map(_names_oci, only)):
        session.require_oci()
    unwanted = [glob for glob in skip if profiles or not _names_oci(glob)]
    return select((*CHECKS, *profiles), only=only, skip=unwanted)


def _is_for_catalogue(glob: str) -> bool:
    """Not when only a profile can tell whether it matches anything."""
    literal = re.split(r"[*?\[]", glob, maxsplit=1)[0]
    may_be_profile = literal.startswith(PROFILE_PREFIX) or PROFILE_PREFIX.startswith(literal)
    return not may_be_profile or any(fnmatch.fnmatchcase(check.id, glob) for check in CHECKS)


def _names_oci(glob: str) -> bool:
    return glob == OCI or glob.startswith(PROFILE_PREFIX)


def _list(invocation: Invocation, chosen: tuple[Check, ...]) -> int:
    output = invocation.output
    if output.format not in {"text", "json"}:
        raise UsageError(f"--list has no {output.format} form", hint="--output text or --output json")
    listed = {check.id: check.title for check in chosen} | _oci_listed(invocation)
    if output.format == "json":
        output.data(document("checks", {"items": [{"id": id_, "title": title} for id_, title in listed.items()]}))
    else:
        width = max(map(len, listed), default=0)
        output.data("".join(f"{id_:<{width}}  {title}\n" for id_, title in listed.items()))
    return ExitCode.OK


def _oci_listed(invocation: Invocation) -> dict[str, str]:
    """What an environment with OCI profiles has beside the catalogue; the profiles are not looked at for a list."""
    options = invocation.options
    all_ids = {OCI: "OCI configuration file is readable", f"{PROFILE_PREFIX}*": "Each OCI profile is useable"}
    return {
        id_: title
        for id_, title in all_ids.items()
        if (not options.check_only or any(_overlap(id_, glob) for glob in options.check_only))
        and not any(fnmatch.fnmatchcase(id_, glob) for glob in options.check_skip)
    }


def _overlap(id_: str, glob: str) -> bool:
    return fnmatch.fnmatchcase(id_, glob) or fnmatch.fnmatchcase(glob, id_)


async def _checked(invocation: Invocation, chosen: tuple[Check, ...], files: list[ReportFile]) -> int:
    options, progress = invocation.options, invocation.progress
    timeout: float | None = options.check_timeout
    loop = asyncio.get_running_loop()
    deadline = None if timeout is None else loop.time() + timeout
    done: list[str] = []
    progress.left = ", ".join(check.id for check in chosen)

    def take_note(result: CheckResult) -> None:
        done.append(result.id)
        progress.done = ", ".join(done)
        progress.left = ", ".join(check.id for check in chosen if check.id not in done)

    try:
        async with _session(invocation, deadline) as session:
            chosen = await _chosen(session, options.check_only, options.check_skip)
            progress.left = ", ".join(check.id for check in chosen)
            report = await run_checks(
                chosen,
                CheckContext(session, ServerProbe(session)),
                timeout=None if deadline is None else deadline - loop.time(),
                fail_on=options.check_fail_on,
                root=Path.cwd(),
                on_result=take_note,
            )
            _publish(invocation, report, files)
    except _NotOpened as failure:
        if failure.error.exit_code == ExitCode.USAGE:
            _publish(invocation, _unloaded(invocation, chosen, failure.error), files)
        raise failure.error from failure.error.__cause__
    return report.exit_code


class _NotOpened(Exception):
    """Tells an error of opening the session from one of the checks."""

    def __init__(self, error: OcmError) -> None:
        super().__init__()
        self.error = error


@asynccontextmanager
async def _session(invocation: Invocation, deadline: float | None) -> AsyncIterator["Session"]:
    opened = invocation.session(with_warnings=False)
    try:
        async with asyncio.timeout_at(deadline):
            session = await opened.__aenter__()
    except TimeoutError:
        raise TransportError(
            "the environment was not ready before --timeout was over", layer="deadline", maybe_applied=False
        ) from None
    except OcmError as error:
        raise _NotOpened(error) from error
    try:
        yield session
    except BaseException:
        if not await opened.__aexit__(*sys.exc_info()):
            raise
    else:
        await opened.__aexit__(None, None, None)


def _publish(invocation: Invocation, report: CheckReport, files: list[ReportFile]) -> None:
    output = invocation.output
    if output.format == "text":
        output.data(check_text.render(report, color=output.color))
    else:
        output.data(formatter(output.format)(report))
    for file in files:
        file.write(formatter(file.format)(report))
        output.say(f"{file.format} report: {file.path}")


def _unloaded(invocation: Invocation, chosen: tuple[Check, ...], error: OcmError) -> CheckReport:
    """The document of a run that could not begin."""
    config, *others = (CHECKS[0], *(check for check in chosen if check.id != CHECKS[0].id))
    verdict = error_verdict(error)
    failed = result_of(config, verdict, findings=_findings(error))
    without = skipped("the configuration could not be loaded", because=config.id)
    path = error.path if isinstance(error, ConfigError) else None
    return CheckReport(
        environment=invocation.options.env or "",
        started_at=utc_text(time.time()),
        duration_ms=0.0,
        results=(failed, *(result_of(check, without) for check in others)),
        fail_on=invocation.options.check_fail_on,
        config_file=Path(path) if path else None,
        root=Path.cwd(),
    )


def _findings(error: OcmError) -> tuple[Finding, ...]:
    from ocm_tui.core.positioned.problems import InvalidConfiguration

    if isinstance(error, InvalidConfiguration):
        return tuple(
            Finding(problem.message, Path(problem.path) if problem.path else None, problem.line)
            for problem in error.problems
        )
    return (Finding.of(error),) if isinstance(error, ConfigError) else ()
