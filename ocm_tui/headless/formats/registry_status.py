"""The status of a registry for people: one card each for database, cache, stream and clients."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ocm_tui.core.text import clean
from ocm_tui.headless.formats.registry import age
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, painted

if TYPE_CHECKING:
    from ocm_tui.core.registry.events.model import StreamStatus
    from ocm_tui.core.registry.status import CacheStatus, DatabaseStatus, RegistryStatus

__all__ = ["status_text", "stream_lines"]

_WIDTH: Final = 22

Fact = tuple[str, str]


def status_text(status: "RegistryStatus", *, color: bool) -> str:
    parts = [
        _card("Database", status.database, list(_database(status.database)), color=color),
        _card("Cache", status.cache, list(_cache(status.cache)), color=color),
    ]
    if status.stream is None:
        parts.append([painted("Stream", GREY, color=color) + "  not configured"])
    else:
        parts.append(stream_lines(status.stream, color=color))
    parts.append(_clients(status, color=color))
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def stream_lines(stream: "StreamStatus", *, color: bool) -> list[str]:
    facts: list[Fact] = [
        ("length", _count(stream.length)),
        ("not read yet", _count(stream.lag) or "unknown"),
        ("pending", _count(stream.pending)),
        ("oldest pending", _seconds(stream.oldest_pending_ms)),
        ("dead letters", _count(stream.dead_letters)),
    ]
    facts += [
        (f"consumer {clean(one.name, 60)}", f"{one.pending} pending, idle {_seconds(one.idle_ms)}")
        for one in stream.consumers
    ]
    return _card(f"Stream {clean(stream.name, 120)}", stream, facts, color=color)


def _card(
    title: str, part: "DatabaseStatus | CacheStatus | StreamStatus", facts: Sequence[Fact], *, color: bool
) -> list[str]:
    paint, said = (GREEN, "") if part.reachable and not part.problem else (RED, part.problem or "not reachable")
    kind = getattr(part, "kind", "")
    where = "  ".join(text for text in (kind, clean(part.address, 200)) if text)
    lines = [f"{painted(title, paint, color=color)}  {where}".rstrip()]
    if said:
        lines.append(f"  {painted(clean(said, 400), RED, color=color)}")
    lines += [f"  {name:<{_WIDTH}}{value}" for name, value in facts if value]
    if part.denied:
        denied = ", ".join(clean(name, 60) for name in part.denied)
        lines.append(f"  {painted(f'this account may not see: {denied}', YELLOW, color=color)}")
    return lines


def _database(database: "DatabaseStatus") -> Iterator[Fact]:
    yield "version", clean(database.version or "", 60)
    yield "latency", _ms(database.latency_ms)
    yield "access", {True: "read and write", False: "read-only", None: ""}[database.writable]
    if pool := database.pool:
        yield "our connections", f"{pool.size} of {pool.most}, {pool.idle} idle"
    if sessions := database.sessions:
        doing = f"{sessions.active} active, {sessions.idle_in_transaction} idle in transaction"
        yield "sessions", f"{sessions.total} of {sessions.most}: {doing}, {sessions.waiting} waiting"
    yield "waiting for locks", _count(database.waiting_locks)
    yield "longest transaction", _seconds(database.longest_transaction_ms)
    yield "buffer hit ratio", _percent(database.buffer_hit_ratio)
    yield "behind its primary", _seconds(database.replay_lag_ms)
    for replica in database.replicas:
        lag = _seconds(replica.lag_ms) or "lag unknown"
        yield f"replica {clean(replica.name, 40)}", f"{clean(replica.state, 40)}, {lag}"
    yield "table", _bytes(database.table_bytes)
    yield "newest sync", age(database.newest_synced_at)
    yield "not yet propagated", _count(database.outbox)


def _cache(cache: "CacheStatus") -> Iterator[Fact]:
    yield "version", clean(cache.version or "", 60)
    yield "latency", _ms(cache.latency_ms)
    yield "keys", _count(cache.keys)
    if cache.used_memory is not None:
        limit = f" of {_bytes(cache.max_memory)}" if cache.max_memory else ", no limit"
        yield "memory", f"{_bytes(cache.used_memory)}{limit}"
    yield "eviction policy", clean(cache.policy or "", 60)
    yield "hit ratio", _percent(cache.hit_ratio)
    yield "evicted", _count(cache.evicted)
    yield "clients", _count(cache.clients)
    yield "role", clean(cache.role or "", 40)
    yield "breaker", clean(cache.breaker or "", 40)
    if cache.slow:
        slowest = max(cache.slow, key=lambda one: one.duration_ms)
        yield "slow log", f"{len(cache.slow)}, the slowest {clean(slowest.command, 40)} {_ms(slowest.duration_ms)}"


def _clients(status: "RegistryStatus", *, color: bool) -> list[str]:
    clients = status.clients
    title = painted("Clients", GREEN if clients else GREY, color=color)
    if clients is None:
        return [f"{title}  {clean(status.clients_problem, 400) or 'unknown'}"]
    about = "" if clients.exact else "about "
    counts = f"{clients.active:,} active, {clients.suspended:,} suspended, {clients.revoked:,} revoked"
    return [f"{title}  {about}{clients.total:,}: {counts}"]


def _count(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} ms"


def _seconds(ms: float | None) -> str:
    return "" if ms is None else f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:,.0f} s"


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1%}"


def _bytes(count: int | None) -> str:
    if count is None:
        return ""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1024
    return ""
