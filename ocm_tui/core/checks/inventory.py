"""Is the inventory one that a plan can be made from? Every problem with its place, warnings as warnings."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ocm_tui.core.checks.model import CheckContext, Finding, Verdict, failed, passed, skipped, warned
from ocm_tui.core.positioned.problems import Problem

__all__ = ["inventory"]

_PLACE: Final = re.compile(r":\d+")


async def inventory(context: CheckContext) -> Verdict:
    session = context.session
    if session.inventory is None:
        return skipped(f"not configured: environment {session.environment} has no inventory")
    from ocm_tui.core.provisioning.inventory import InvalidInventory
    from ocm_tui.core.provisioning.inventory_loading import load_inventory

    try:
        loaded = await asyncio.to_thread(
            load_inventory, [session.inventory], environment=session.environment, cache=session.cache_directory
        )
    except InvalidInventory as error:
        hint = error.hint or "mend the file, or point `inventory` at the right one"
        return failed(_first(error.problems), hint, _findings(error.problems))
    count = len(loaded.clients)
    declared = f"{loaded.label} declares {count} {'client' if count == 1 else 'clients'}"
    details = {"path": loaded.label, "clients": count}
    if loaded.warnings:
        text = f"{declared}; {_first(loaded.warnings)}"
        return warned(text, loaded.warnings[0].hint, _findings(loaded.warnings), **details)
    return passed(declared, **details)


def _first(problems: Sequence[Problem]) -> str:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    first = problems[0]
    return f"{first.where}: {first.message}{more}" if first.where else f"{first.message}{more}"


def _findings(problems: Sequence[Problem]) -> list[Finding]:
    """The key is the sentence without the lines that it names: those move."""
    return [
        Finding(
            f"{problem.message} ({problem.hint})" if problem.hint else problem.message,
            Path(problem.path) if problem.path else None,
            problem.line,
            key=_PLACE.sub("", problem.message),
        )
        for problem in problems
    ]
