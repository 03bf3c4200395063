"""`ocm-tui apply`: carry out a plan, and tell the truth about every client afterwards.

stderr has the plan, the question and a line for each client as it ends; stdout has the results, also those of a run
that was interrupted. A saved plan is carried out exactly, or refused.
"""

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ocm_tui.core.errors import ExitCode, UsageError
from ocm_tui.core.provisioning.model import ApplyResult, Plan
from ocm_tui.core.provisioning.plan_file import read_plan
from ocm_tui.core.provisioning.runs import ApplyOptions, OnEvent
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean
from ocm_tui.headless.apply_progress import ApplyProgress
from ocm_tui.headless.apply_report import ApplyReport, SecretPrinter
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.consent import confirm, needs_consent, require_answerable, unlock_by_name
from ocm_tui.headless.formats.apply import runs_document, runs_text
from ocm_tui.headless.formats.plan import counted, plan_text
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.plan import made_plan, provisioning_of
from ocm_tui.headless.plan_arguments import MOST_AT_ONCE

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.service import Provisioning

__all__ = ["run"]

PrintSecret = Callable[[str, Secret], None]
_OF_A_PLAN: Final = ("inventory", "only", "prune")


def run(invocation: Invocation) -> int:
    options = invocation.options
    _refuse_contradictions(options)
    if options.list:
        return run_async(lambda: _listed(invocation))
    require_answerable(invocation)
    saved = read_plan(options.file) if options.file is not None else None
    return run_async(lambda: _applied(invocation, saved))


async def _listed(invocation: Invocation) -> int:
    output = invocation.output
    async with invocation.session() as session:
        runs = await provisioning_of(session).runs()
    if output.format == "json":
        output.data(runs_document(runs))
    elif runs:
        output.data(runs_text(runs, color=output.color))
    output.say(counted(len(runs), "run"))
    return ExitCode.OK


@dataclass(frozen=True, slots=True)
class _Job:
    """What will be done, and how to do it."""

    plan: Plan
    question: str
    start: Callable[[ApplyOptions, OnEvent, PrintSecret], Awaitable[ApplyResult]]


async def _applied(invocation: Invocation, saved: Plan | None) -> int:
    async with invocation.session() as session:
        provisioning = provisioning_of(session)
        by_name = needs_consent(invocation, session)
        if not by_name:
            session.policy.require("apply")  # what will be refused needs no plan
        job = await _job(invocation, provisioning, saved)
        shown = plan_text(job.plan, color=invocation.output.words_color)
        if not job.plan.steps:
            invocation.output.show(shown.splitlines())
        elif by_name:
            await unlock_by_name(invocation, session, above=f"{shown}\n")
        elif invocation.options.yes:
            invocation.output.show([*shown.splitlines(), ""])
        else:
            await confirm(invocation, f"{job.question} in {session.environment}?", above=f"{shown}\n")
        secrets = SecretPrinter(invocation)
        result = await _carried_out(invocation, job, secrets)
        if provisioning.notice:
            invocation.output.say(f"warning: {provisioning.notice}")
        report = ApplyReport(invocation, job.plan, result, secrets)
        async with report.printed():
            await report.diagnose(session)
            if invocation.options.replicate:
                await report.replicate(provisioning)
    return report.exit_code


async def _job(invocation: Invocation, provisioning: "Provisioning", saved: Plan | None) -> _Job:
    run_id: str | None = invocation.options.resume
    if run_id is not None:
        summary, results, plan = await provisioning.run(run_id)
        done = {result.client_id for result in results if result.status == "succeeded"}
        left = replace(plan, changes=tuple(change for change in plan.changes if change.client_id not in done))
        return _Job(
            left,
            f"Finish run {clean(summary.run_id)}: {counted(len(left.steps), 'change')} of {summary.total}",
            lambda options, tell, print_secret: provisioning.resume(
                summary.run_id, options, tell, print_secret=print_secret
            ),
        )
    plan = await made_plan(invocation, provisioning) if saved is None else saved
    return _Job(
        plan,
        f"Apply {counted(len(plan.steps), 'change')}",
        lambda options, tell, print_secret: provisioning.apply(
            plan, options, tell, fresh=saved is None, print_secret=print_secret
        ),
    )


async def _carried_out(invocation: Invocation, job: _Job, secrets: SecretPrinter) -> ApplyResult:
    given = invocation.options
    options = ApplyOptions(
        concurrency=given.concurrency or MOST_AT_ONCE,  # no more than are configured
        fail_fast=given.fail_fast,
        wait=given.wait,
        print_secrets=given.print_secrets,
    )
    progress = ApplyProgress(invocation, len(job.plan.steps))
    try:
        return await job.start(options, progress.on_event, secrets)
    finally:
        progress.close()


def _refuse_contradictions(options: argparse.Namespace) -> None:
    """UsageError for options of which one would silently win."""
    given = [f"--{name}" for name in (*_OF_A_PLAN, "resume", "list") if getattr(options, name)]
    if options.file is not None and given:
        raise UsageError(
            f"{given[0]} and the saved plan {clean(options.file)} contradict each other",
            hint="a saved plan is carried out as it is: choose when it is made, with `ocm-tui plan --out`",
        )
    if options.resume is not None and len(given) > 1:
        other = next(name for name in given if name != "--resume")
        raise UsageError(f"--resume and {other} contradict each other", hint="a run is finished as it was planned")
    if options.list and len(given) > 1:
        raise UsageError(f"--list and {given[0]} contradict each other", hint="--list changes nothing")
