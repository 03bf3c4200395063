"""`ocm-tui plan`: the inventory against the server, as a list of changes. It writes nothing but the file of `--out`.

With `--detailed-exitcode` the exit codes are Terraform's: 0 no changes, 2 changes, and 1 for every error, a blocked
change among them; what a pipeline takes for "changes" must never be a typing mistake.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.core.collector import collect_seldom
from ocm_tui.core.errors import ExitCode, Interrupted, NotConfigured, OcmError, UsageError
from ocm_tui.core.provisioning.model import Inventory, Plan, PlanOptions
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import error_text, run_async
from ocm_tui.headless.formats.plan import counted, plan_document, plan_text
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.status_line import StatusLine

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.service import Provisioning
    from ocm_tui.core.session import Session

__all__ = ["CHANGES", "made_plan", "provisioning_of", "run"]

CHANGES = 2  # Terraform's, and only with --detailed-exitcode


def run(invocation: Invocation) -> int:
    if not invocation.options.detailed_exitcode:
        return run_async(lambda: _planned(invocation))
    try:
        return run_async(lambda: _planned(invocation))
    except Interrupted:
        raise
    except OcmError as error:
        invocation.output.complain(error_text(error))
        return ExitCode.BAD


async def _planned(invocation: Invocation) -> int:
    options, output = invocation.options, invocation.output
    _refuse_unwritable(options.out)
    async with invocation.session() as session:
        plan = await made_plan(invocation, provisioning_of(session))
    if options.out is not None:
        from ocm_tui.core.provisioning.plan_file import write_plan

        write_plan(options.out, plan)
        output.say(f"the plan is in {options.out}; `ocm-tui apply {options.out}` carries it out, or refuses")
    _publish(invocation, plan)
    return _exit_code(plan, detailed=options.detailed_exitcode)


def provisioning_of(session: "Session") -> "Provisioning":
    """The service, or the error that says why there is none."""
    session.require_clients()
    if session.provisioning is None:
        raise NotConfigured(f"environment {session.environment} cannot be provisioned")
    return session.provisioning


async def made_plan(invocation: Invocation, provisioning: "Provisioning") -> Plan:
    """Of what the options choose. The inventory is read before anything is sent."""
    options, progress = invocation.options, invocation.progress
    collect_seldom()
    progress.left = "the plan"
    inventory = await provisioning.load(options.inventory)
    _refuse_empty_choice(options.only, inventory, prune=options.prune)
    read = 0

    def on_page(count: int) -> None:
        nonlocal read
        read = count
        progress.done = f"{counted(read, 'client')} were read"
        line.changed()

    line = StatusLine(invocation.output, lambda columns: f"{counted(read, 'client')} read"[:columns])
    try:
        return await provisioning.plan(inventory, PlanOptions(only=tuple(options.only), prune=options.prune), on_page)
    finally:
        line.close()


def _publish(invocation: Invocation, plan: Plan) -> None:
    output = invocation.output
    if output.format == "json":
        for warning in plan.warnings:
            output.say(f"warning: {warning}")
        output.data(plan_document(plan))
    else:
        output.data(plan_text(plan, color=output.color))


def _exit_code(plan: Plan, *, detailed: bool) -> int:
    if plan.count("blocked"):
        return ExitCode.BAD
    return CHANGES if detailed and plan.steps else ExitCode.OK


def _refuse_unwritable(out: Path | None) -> None:
    """Before anything is sent: a plan that is thrown away is no plan."""
    if out is None:
        return
    why = ""
    if out.is_dir():
        why = "it is a directory"
    elif not out.parent.is_dir():
        why = "its directory does not exist"
    elif not os.access(out if out.exists() else out.parent, os.W_OK):
        why = "permission denied"
    if why:
        raise UsageError(f"--out {clean(out)} cannot be written: {why}")


def _refuse_empty_choice(only: list[str], inventory: Inventory, *, prune: bool) -> None:
    """A mistyped glob would be a silent success. What is pruned stands in no inventory, so nobody can tell then."""
    import fnmatch

    if prune:
        return
    names = [client.client_id.casefold() for client in inventory.clients]
    for glob in only:
        if not fnmatch.filter(names, glob.casefold()):
            raise UsageError(
                f"--only {clean(glob, 200)} matches no client of {clean(inventory.label, 400)}",
                hint="a glob such as orders-* matches client ids",
            )
