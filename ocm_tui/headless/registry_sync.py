"""`registry sync --from inventory|server|FILE`: what it would change first, then the writes, with progress."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.collector import collect_seldom
from ocm_tui.core.errors import ExitCode, NotConfigured
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.consent import confirm, require_answerable
from ocm_tui.headless.formats.registry import registry_json
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.registry_cache import unlock_if_protected
from ocm_tui.headless.registry_progress import CountLine
from ocm_tui.headless.registry_writes import say_fields

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.registry.sync import SyncPlan, SyncWritten
    from ocm_tui.core.session import Session

__all__ = ["run"]

_MOST_SHOWN: Final = 20
_SIGNS: Final = {"create": "+", "update": "~", "refused": "■", "differs": "≠", "gone": "?"}
_WITH_FIELDS: Final = frozenset({"update", "differs"})
_SELDOM: Final = frozenset({"differs", "gone"})  # of the authorization server only; such rows are left alone


def run(invocation: Invocation) -> int:
    if not invocation.options.dry_run:
        require_answerable(invocation)
    return run_async(lambda: _sync(invocation))


async def _sync(invocation: Invocation) -> int:
    options, progress = invocation.options, invocation.progress
    collect_seldom()
    async with invocation.session() as session:
        registry = await session.require_registry()
        if not options.dry_run and session.policy.read_only:
            session.policy.require("sync the registry")
        plan = await _planned(session, registry, options.source)
        _say_plan(invocation, plan)
        written, count = None, len(plan.entries)
        if count and not options.dry_run:
            await unlock_if_protected(invocation, session)
            await confirm(invocation, f"Write {count:,} rows to the registry of {session.environment}?")
            line = CountLine(invocation, "rows written", count)
            line.on_progress(0)
            try:
                written = await plan.carry_out(registry, line.on_progress)
            except asyncio.CancelledError:
                progress.unknown = "the rows under way; the same sync goes on where it was"
                raise
            finally:
                line.close()
    return _publish(invocation, plan, written)


async def _planned(session: "Session", registry: "ClientRegistry", source: str) -> "SyncPlan":
    from ocm_tui.core.registry.sync import from_file, from_inventory, plan_server_sync, plan_sync

    if source == "server":
        return await plan_server_sync(registry, session.require_clients())
    if source == "inventory":
        return await plan_sync(registry, from_inventory(await _inventory(session)))
    return await plan_sync(registry, await asyncio.to_thread(lambda: from_file(Path(source).expanduser())))


async def _inventory(session: "Session") -> Any:
    """Also where the environment has no server."""
    if session.inventory is None:
        raise NotConfigured(
            f"environment {session.environment} has no inventory",
            hint=f"add environments.{session.environment}.inventory to the configuration",
        )
    from ocm_tui.core.provisioning.inventory_loading import load_inventory

    return await asyncio.to_thread(load_inventory, [session.inventory], environment=session.environment)


def _say_plan(invocation: Invocation, plan: "SyncPlan") -> None:
    output = invocation.output
    for action, sign in _SIGNS.items():
        changes = [change for change in plan.changes if change.action == action]
        for change in changes[:_MOST_SHOWN]:
            said = f": {clean(change.problem, 300)}" if change.problem else ""
            output.say(f"{sign} {clean(change.code, 200)}{said}")
            if action in _WITH_FIELDS:
                say_fields(invocation, list(change.fields))
        if len(changes) > _MOST_SHOWN:
            output.say(f"… and {len(changes) - _MOST_SHOWN:,} more: {action}")
    told = {action: count for action, count in plan.summary.items() if count or action not in _SELDOM}
    output.say(", ".join(f"{count:,} {action}" for action, count in told.items()))


def _publish(invocation: Invocation, plan: "SyncPlan", written: "SyncWritten | None") -> int:
    output, options = invocation.output, invocation.options
    if written is not None:
        output.say(f"written: {written.created:,} new, {written.updated:,} changed, {written.unchanged:,} as they were")
        if written.conflicts:
            names = ", ".join(clean(code, 80) for code in written.conflicts[:_MOST_SHOWN])
            output.say(f"changed by somebody else meanwhile, and left alone: {names}")
    if output.format == "json":
        output.data(
            registry_json(
                {
                    "source": options.source,
                    "dry_run": options.dry_run,
                    "summary": plan.summary,
                    "written": None
                    if written is None
                    else {
                        "created": written.created,
                        "updated": written.updated,
                        "unchanged": written.unchanged,
                        "conflicts": [clean(code, 300) for code in written.conflicts],
                    },
                    "items": [change.as_json() for change in plan.changes],
                }
            )
        )
    if written is not None and written.conflicts:
        return ExitCode.CONFLICT
    return ExitCode.BAD if plan.summary["refused"] else ExitCode.OK
