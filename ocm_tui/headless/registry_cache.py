"""`registry cache list|show|invalidate|refresh|warm|compare`."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ocm_tui.core.collector import collect_seldom
from ocm_tui.core.errors import ExitCode, UsageError
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.consent import confirm, require_answerable, unlock, unlock_by_name
from ocm_tui.headless.formats.registry import (
    findings_table,
    inspection_json,
    inspection_text,
    registry_json,
    summary_text,
)
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.registry import query_of
from ocm_tui.headless.registry_progress import SweepLine

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import CacheFinding, CompareReport, Inspection
    from ocm_tui.core.registry.service import CacheWork, ClientRegistry
    from ocm_tui.core.session import Session

__all__ = ["run"]

_BAD: Final = frozenset({"stale", "orphan", "corrupt"})
_NAMED: Final = 5_000  # findings whose client_codes are looked up for a table


def run(invocation: Invocation) -> int:
    options = invocation.options
    match options.verb:
        case "invalidate":
            if bool(options.clients) == options.all:
                raise UsageError("cache invalidate needs either CLIENT or --all")
            if options.all:
                require_answerable(invocation)
        case "warm":
            query_of(options.query)
    verbs = {
        "list": _list,
        "show": _show,
        "invalidate": _invalidate,
        "refresh": _refresh,
        "warm": _warm,
        "compare": _compare,
    }
    return run_async(lambda: verbs[options.verb](invocation))


async def _list(invocation: Invocation) -> int:
    from ocm_tui.core.registry.inspection import Inspection

    async with invocation.session() as session:
        registry = await _opened(invocation, session)
        report = await _swept(invocation, Inspection(registry), compare=False, keep_fresh=True)
        key = {"id": lambda one: one.client_id, "ttl": _life, "size": lambda one: -one.size}[invocation.options.sort]
        await _publish(invocation, registry, report, sorted(report.items, key=key), compared=False)
    return ExitCode.OK if report.complete else ExitCode.INTERRUPTED


async def _show(invocation: Invocation) -> int:
    from ocm_tui.core.registry.inspection import Inspection

    output = invocation.output
    async with invocation.session() as session:
        registry = await _opened(invocation, session)
        (client_id,) = await _ids(registry, [invocation.options.client])
        found = await Inspection(registry).look(client_id)
    if output.format == "json":
        output.data(registry_json(inspection_json(found)))
    else:
        output.data(inspection_text(found, color=output.color))
    if found.database_problem or found.cache_problem:
        return ExitCode.UNREACHABLE
    return ExitCode.BAD if found.state in _BAD else ExitCode.OK


async def _compare(invocation: Invocation) -> int:
    from ocm_tui.core.registry.inspection import Inspection

    options = invocation.options
    async with invocation.session() as session:
        registry = await _opened(invocation, session)
        inspection = Inspection(registry)
        report = await _swept(invocation, inspection, compare=True, keep_fresh=options.all, deep=options.deep)
        bad = [finding for finding in report.items if finding.state in _BAD]
        await _publish(invocation, registry, report, report.items, compared=True)
        if options.repair and bad and report.complete:
            await unlock_if_protected(invocation, session)
            work = await inspection.repair(bad)
            _say_work(invocation, "repaired", work)
            return ExitCode.OK if work.verified == work.requested else ExitCode.BAD
    if not report.complete:
        return ExitCode.INTERRUPTED
    return ExitCode.BAD if bad else ExitCode.OK


async def _invalidate(invocation: Invocation) -> int:
    from ocm_tui.core.registry.inspection import Inspection

    options = invocation.options
    async with invocation.session() as session:
        registry = await _opened(invocation, session)
        if session.policy.read_only:  # before a sweep, not after it
            session.policy.require("invalidate cached clients")
        if options.all:
            report = await _swept(invocation, Inspection(registry), compare=False, keep_fresh=True)
            ids = [finding.client_id for finding in report.items]
            await unlock_if_protected(invocation, session)
            await confirm(invocation, f"Invalidate all {len(ids):,} cached clients in {session.environment}?")
        else:
            ids = await _ids(registry, options.clients)
            await _unlock(invocation, session)
        return _worked(invocation, "invalidated", await registry.invalidate(ids))


async def _refresh(invocation: Invocation) -> int:
    async with invocation.session() as session:
        registry = await _opened(invocation, session)
        ids = await _ids(registry, invocation.options.clients)
        await _unlock(invocation, session)
        return _worked(invocation, "refreshed", await registry.refresh(ids))


async def _warm(invocation: Invocation) -> int:
    async with invocation.session() as session:
        registry = await _opened(invocation, session)
        await unlock_if_protected(invocation, session)
        return _worked(invocation, "warmed", await registry.warm(query_of(invocation.options.query)))


async def _opened(invocation: Invocation, session: "Session") -> "ClientRegistry":
    registry = await session.require_registry()
    if registry.cache.kind == "memory" and not session.demo:
        invocation.output.say(
            f"note: the cache of {session.environment} is in process, so this command has an empty one of its own; "
            f"environments.{session.environment}.registry.cache names a shared one"
        )
    return registry


async def _unlock(invocation: Invocation, session: "Session") -> None:
    await unlock(invocation, session, invocation.options.clients[0])


async def unlock_if_protected(invocation: Invocation, session: "Session") -> None:
    from ocm_tui.headless.consent import needs_consent

    if needs_consent(invocation, session):
        await unlock_by_name(invocation, session)


async def _ids(registry: "ClientRegistry", clients: Sequence[str]) -> list[UUID]:
    """Of client_codes and UUIDs; a UUID may be one that has no row any more: its copy is what is asked about."""
    ids = []
    for client in clients:
        try:
            ids.append(UUID(client))
        except ValueError:
            ids.append((await registry.find(client)).client_id)
    return ids


async def _swept(
    invocation: Invocation, inspection: "Inspection", *, compare: bool, keep_fresh: bool, deep: bool = False
) -> "CompareReport":
    """Interrupted once, it tells what it has seen."""
    collect_seldom()
    line, stop = SweepLine(invocation), asyncio.Event()
    sweep = asyncio.create_task(
        inspection.sweep(compare=compare, keep_fresh=keep_fresh, deep=deep, on_progress=line.on_progress, stop=stop)
    )
    try:
        return await asyncio.shield(sweep)
    except asyncio.CancelledError:
        stop.set()
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
        return await sweep
    finally:
        line.close()


async def _publish(
    invocation: Invocation,
    registry: "ClientRegistry",
    report: "CompareReport",
    items: "Sequence[CacheFinding]",
    *,
    compared: bool,
) -> None:
    from ocm_tui.headless.formats.documents import line

    output = invocation.output
    if output.format == "json":
        members: dict[str, Any] = {**report.as_json(), "items": [finding.as_json() for finding in items]}
        output.data(registry_json(members))
    elif output.format == "jsonl":
        for finding in items:
            output.data(line("registry", finding.as_json()))
    elif items:
        rows = await registry.store.get_many([finding.client_id for finding in items[:_NAMED]])
        codes = {client_id: row.client_code for client_id, row in rows.items()}
        output.data(findings_table(items, codes, compared=compared, color=output.color))
    extent = "complete" if report.complete else "partial: it was stopped"
    approximate = "; approximate, for the table has no versions" if report.approximate else ""
    foreign = f"; {report.foreign:,} keys are no client's" if report.foreign else ""
    whole = "; every value was read whole" if report.deep else ""
    output.say(f"scanned {report.scanned:,} of {report.of:,} keys, {extent}{whole}{approximate}{foreign}")
    if compared:
        output.say(summary_text(report.summary))


def _worked(invocation: Invocation, what: str, work: "CacheWork") -> int:
    if invocation.output.format == "json":
        invocation.output.data(registry_json(work.as_json()))
    _say_work(invocation, what, work)
    return ExitCode.BAD if work.failed else ExitCode.OK


def _say_work(invocation: Invocation, what: str, work: "CacheWork") -> None:
    there = "there already" if what == "warmed" else "already gone"
    parts = [f"{work.done:,} of {work.requested:,} {what}", f"{work.already_gone:,} {there}"]
    parts += [f"{work.failed:,} failed"] if work.failed else []
    invocation.output.say(clean(", ".join([*parts, f"{work.verified:,} verified"])))


def _life(finding: "CacheFinding") -> float:
    """The shortest first; no expiry last."""
    return finding.ttl_ms if finding.ttl_ms >= 0 else float("inf")
