"""Do database, cache and event stream of the client registry work, and does the cache say what the rows say?

From where on a value is a warning is `registry.thresholds` of the environment.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.checks.model import CheckContext, Finding, Verdict, failed, passed, skipped, warned
from ocm_tui.core.errors import ExitCode
from ocm_tui.core.registry.thresholds import RegistryThresholds
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.registry.cache_states import CompareReport
    from ocm_tui.core.registry.events.model import StreamStatus
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.registry.status import CacheStatus, DatabaseStatus, RegistryStatus
    from ocm_tui.core.session import Session

__all__ = ["RegistryProbe", "cache", "consistency", "database", "stream"]

_MOST_NAMED: Final = 20
_BAD: Final = ("stale", "orphan", "corrupt")


class RegistryProbe:
    """Asks for the status at most once; everybody gets the same answer, or the same error."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._asked: asyncio.Future[RegistryStatus] | None = None

    async def registry(self) -> "ClientRegistry":
        return await self._session.require_registry()

    async def status(self) -> "RegistryStatus":
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._asked)

    async def _ask(self) -> "RegistryStatus":
        from ocm_tui.core.registry.status import read_status

        return await read_status(await self.registry())


async def database(context: CheckContext) -> Verdict:
    if verdict := _not_configured(context):
        return verdict
    status = await _probe(context).status()
    part, limits = status.database, _limits(context)
    if verdict := _dead(part):
        return verdict
    count = f" with {_counted(status.clients.total, 'client')}" if status.clients else ""
    said = f"{part.kind} at {clean(part.address, 200)}{count} answered{_in(part.latency_ms)}"
    return _judged(said, part, _database_concerns(part, limits), status.clients_problem)


async def cache(context: CheckContext) -> Verdict:
    if verdict := _not_configured(context):
        return verdict
    part = (await _probe(context).status()).cache
    if verdict := _dead(part):
        return verdict
    keys = f" with {_counted(part.keys, 'key')}" if part.keys is not None else ""
    where = "the cache in process" if part.kind == "memory" else f"{part.kind} at {clean(part.address, 200)}"
    said = f"{where}{keys} answered{_in(part.latency_ms)}"
    return _judged(said, part, _cache_concerns(part, _limits(context)))


async def stream(context: CheckContext) -> Verdict:
    if verdict := _not_configured(context):
        return verdict
    part = (await _probe(context).status()).stream
    if part is None:
        return skipped(
            "not configured: the registry has no event stream", hint="it is in the Redis of `registry.cache`"
        )
    if verdict := _dead(part):
        return verdict
    length = "an unknown number of events" if part.length is None else _counted(part.length, "event")
    said = f"{clean(part.name, 200)} has {length} and {_counted(len(part.consumers), 'consumer')}"
    return _judged(said, part, _stream_concerns(part, _limits(context)))


async def consistency(context: CheckContext) -> Verdict:
    """Every cached client against its row; nothing is repaired."""
    if verdict := _not_configured(context):
        return verdict
    from ocm_tui.core.registry.inspection import Inspection

    registry, limits = await _probe(context).registry(), _limits(context)
    if registry.cache.kind == "memory" and not context.session.demo:
        return skipped("the cache is in process, so every process has its own: there is nothing to compare")
    keys = await registry.cache.size()
    if keys > limits.sweep_limit:
        return skipped(
            f"the cache server holds {keys:,} keys, more than thresholds.sweep_limit",
            hint="`ocm-tui registry cache compare` looks at all of them",
        )
    return _compared(await Inspection(registry).sweep(), limits)


def _compared(report: "CompareReport", limits: RegistryThresholds) -> Verdict:
    counts = report.summary
    bad = sum(counts[state] for state in _BAD)
    named = ", ".join(f"{counts[state]:,} {state}" for state in _BAD if counts[state])
    approximate = " (approximate: the table has no versions)" if report.approximate else ""
    details: dict[str, Any] = {
        "scanned": report.scanned,
        "of": report.of,
        "complete": report.complete,
        "summary": dict(counts),
        "approximate": report.approximate,
    }
    if bad:
        findings = [
            Finding(f"client {item.client_id} is {item.state} in the cache", key=f"{item.state} {item.client_id}")
            for item in report.items[:_MOST_NAMED]
            if item.state in _BAD
        ]
        judge = failed if bad > limits.bad_entries else warned
        return judge(
            f"{named} of {report.scanned:,} cached clients{approximate}",
            "`ocm-tui registry cache compare --repair` puts it right",
            findings,
            **details,
        )
    rows = counts["fresh"] + counts["missing"]
    if limits.missing < 1 and rows and counts["missing"] / rows > limits.missing:
        return warned(f"{counts['missing']:,} of {rows:,} clients are not in the cache", "", (), **details)
    return passed(f"{counts['fresh']:,} cached clients are as their rows{approximate}", **details)


def _database_concerns(part: "DatabaseStatus", limits: RegistryThresholds) -> Iterator[str]:
    yield from _slow(part.latency_ms, limits)
    if (sessions := part.sessions) and sessions.most and sessions.total / sessions.most > limits.connections:
        yield f"{sessions.total} of {sessions.most} connections are taken"
    lags = [(part.replay_lag_ms, "it"), *((one.lag_ms, f"replica {clean(one.name, 60)}") for one in part.replicas)]
    for lag, who in lags:
        if lag is not None and lag / 1000 > limits.replication_lag:
            yield f"{who} is {lag / 1000:,.0f} s behind"
    if part.outbox is not None and part.outbox > limits.outbox:
        rows = "row is" if part.outbox == 1 else "rows are"
        yield f"{part.outbox:,} {rows} not yet propagated to the cache"


def _cache_concerns(part: "CacheStatus", limits: RegistryThresholds) -> Iterator[str]:
    yield from _slow(part.latency_ms, limits)
    if part.used_memory is not None and part.max_memory and part.used_memory / part.max_memory > limits.memory:
        yield f"{part.used_memory / part.max_memory:.0%} of its memory limit is used"


def _stream_concerns(part: "StreamStatus", limits: RegistryThresholds) -> Iterator[str]:
    if part.lag is not None and part.lag > limits.lag:
        yield f"{part.lag:,} events wait for a consumer"
    if part.oldest_pending_ms is not None and part.oldest_pending_ms / 1000 > limits.pending_age:
        yield f"an event is pending for {part.oldest_pending_ms / 1000:,.0f} s"
    if part.dead_letters is not None and part.dead_letters > limits.dead_letters:
        yield f"{part.dead_letters:,} dead {'letter' if part.dead_letters == 1 else 'letters'}"


def _slow(latency_ms: float | None, limits: RegistryThresholds) -> Iterator[str]:
    if latency_ms is not None and latency_ms > limits.latency_ms:
        yield f"slower than {limits.latency_ms:.0f} ms"


def _judged(
    said: str, part: "DatabaseStatus | CacheStatus | StreamStatus", concerns: Iterator[str], problem: str = ""
) -> Verdict:
    found = [*concerns, *([clean(problem, 300)] if problem else [])]
    if part.denied:
        found.append(f"this account may not see {', '.join(clean(name, 60) for name in part.denied)}")
    if found:
        return warned(f"{said}; {'; '.join(found)}", "", (), **part.as_json())
    return passed(said, **part.as_json())


def _dead(part: "DatabaseStatus | CacheStatus | StreamStatus") -> Verdict | None:
    if part.reachable and not part.problem:
        return None
    code = ExitCode.REFUSED if part.reachable else ExitCode.UNREACHABLE
    message = part.problem or f"{clean(part.address, 200)} cannot be reached"
    return Verdict(status="fail", message=message, details=part.as_json(), exit_code=code)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _in(latency_ms: float | None) -> str:
    return "" if latency_ms is None else f" in {latency_ms:.1f} ms"


def _probe(context: CheckContext) -> RegistryProbe:
    if context.registry_probe is None:
        context.registry_probe = RegistryProbe(context.session)
    return context.registry_probe


def _limits(context: CheckContext) -> RegistryThresholds:
    return context.session.registry_thresholds or RegistryThresholds()


def _not_configured(context: CheckContext) -> Verdict | None:
    session = context.session
    if session.make_registry is not None:
        return None
    where = session.config_file or "the configuration"
    return skipped(
        f"not configured: environment {session.environment} has no client registry",
        hint=f"add environments.{session.environment}.registry to {where}",
    )
