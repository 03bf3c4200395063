"""What the three status cards say: pure, from the newest status and the few before it.

A card whose part is dead keeps what it knew, with its age: the last good look is remembered here.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from ocm_tui.core.text import clean
from ocm_tui.tui.exchange_text import bytes_text
from ocm_tui.tui.models.registry_cells import WRONG
from ocm_tui.tui.state import age_text, duration_text
from ocm_tui.tui.widgets.live_strip import sparkline
from ocm_tui.tui.widgets.row_table import Tone

if TYPE_CHECKING:
    from ocm_tui.core.registry.events.model import StreamStatus
    from ocm_tui.core.registry.status import CacheStatus, DatabaseStatus, RegistryStatus

__all__ = ["Card", "StatusHistory", "Words", "cards", "waiting_cards"]

_KEPT: Final = 24  # looks in a sparkline
_SLOW_MS: Final = 500.0
_FAR_BEHIND: Final = 1000  # events
_KINDS: Final = {"postgres": "Postgres", "sqlite": "SQLite", "redis": "", "memory": "in process"}


class Words(NamedTuple):
    """A few safe words, and how they are meant."""

    text: str
    tone: Tone = ""


Line = tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """`mark` is a glyph and a word, meant as `tone`; the first line matters most."""

    title: str
    mark: str
    tone: Tone
    facts: tuple[str, ...]  # in the title, behind the mark
    lines: tuple[Line, ...]


@dataclass(slots=True)
class StatusHistory:
    """The looks so far: the newest, the last good one of each part, and numbers for the sparklines."""

    newest: "RegistryStatus | None" = None
    database: "tuple[DatabaseStatus, RegistryStatus] | None" = None
    cache: "tuple[CacheStatus, datetime] | None" = None
    stream: "tuple[StreamStatus, datetime] | None" = None
    latencies: deque[int] = field(default_factory=lambda: deque(maxlen=_KEPT))  # microseconds
    hits: deque[int] = field(default_factory=lambda: deque(maxlen=_KEPT))  # per mille
    lags: deque[int] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def add(self, status: "RegistryStatus") -> None:
        self.newest = status
        if status.database.reachable:
            self.database = (status.database, status)
        if status.database.latency_ms is not None:
            self.latencies.append(int(status.database.latency_ms * 1000))
        if status.cache.reachable:
            self.cache = (status.cache, status.taken_at)
        ratio = _hit_ratio(status.cache)
        if ratio is not None:
            self.hits.append(int(ratio * 1000))
        if status.stream is not None and status.stream.reachable:
            self.stream = (status.stream, status.taken_at)
            if status.stream.lag is not None:
                self.lags.append(status.stream.lag)

    @property
    def dead(self) -> tuple[str, ...]:
        """The parts that do not answer, by name."""
        now = self.newest
        if now is None:
            return ()
        parts = (("database", now.database), ("cache", now.cache), ("stream", now.stream))
        return tuple(name for name, part in parts if part is not None and not part.reachable)


def waiting_cards(words: str) -> tuple[Card, Card, Card]:
    """Before the first look."""
    database, cache, stream = (
        Card(title, "◌ unknown", "dim", (), ((Words(words, "dim"),),)) for title in ("Database", "Cache", "Stream")
    )
    return database, cache, stream


def cards(
    history: StatusHistory, states: Counter[str], *, feed: str, now: datetime | None = None
) -> tuple[Card, Card, Card]:
    """`states` are those of the cache entries that were looked at; `feed` is how the live feed stands."""
    newest = history.newest
    if newest is None:
        return waiting_cards("asking …")
    at = now if now is not None else datetime.now(UTC)
    return _database(history, newest, at), _cache(history, newest, states, feed, at), _stream(history, newest, at)


# The database


def _database(history: StatusHistory, newest: "RegistryStatus", now: datetime) -> Card:
    status = newest.database
    if not status.reachable:
        known: list[Words] = []
        if history.database is not None:
            _, good = history.database
            counted = good.clients.total if good.clients is not None else None
            rows = f"{counted:,} clients " if counted is not None else ""
            known = [Words(f"{rows}as of {_ago(good.taken_at, now)}", "warn")]
        return _dead("Database", status.problem, known)
    facts = _identity(status)
    slow = status.latency_ms is not None and status.latency_ms > _SLOW_MS
    lines = [
        _counted(newest),
        _line(
            _outbox(status.outbox),
            Words(f"newest sync {_ago(status.newest_synced_at, now)}") if status.newest_synced_at else None,
            Words(bytes_text(status.table_bytes)) if status.table_bytes is not None else None,
            Words("read-only", "warn") if status.writable is False else None,
        ),
        _line(
            _latency(status, "warn" if slow else ""),
            _spark(history.latencies),
            *_load(status),
            _denied(status.denied),
            _problem(status.problem),
        ),
    ]
    word = "slow" if slow else "cache behind" if status.outbox else "see below" if status.problem else ""
    return _card("Database", "warn" if word else "good", word, facts, lines)


def _counted(newest: "RegistryStatus") -> Line:
    counts = newest.clients
    if counts is None:
        return (Words(clean(newest.clients_problem or "rows not counted", 200), "warn"),)
    about = "" if counts.exact else "~ "
    return _line(
        Words(about + _some(counts.total, "client"), "strong"),
        Words(f"{counts.suspended:,} suspended", "warn") if counts.suspended else None,
        Words(f"{counts.revoked:,} revoked", "dim") if counts.revoked else None,
    )


def _outbox(size: int | None) -> Words | None:
    return Words(f"{size:,} not yet propagated", "warn") if size else None


def _load(status: "DatabaseStatus") -> Iterable[Words]:
    if (sessions := status.sessions) is not None:
        full = sessions.most and sessions.total >= 0.9 * sessions.most
        yield Words(f"{sessions.total} of {sessions.most} sessions", "warn" if full else "")
    if status.blocked:
        yield Words(f"{status.blocked} blocked", "bad")
    if status.replay_lag_ms:
        yield Words(f"replica, {duration_text(status.replay_lag_ms)} behind", "warn")
    lags = [one.lag_ms for one in status.replicas if one.lag_ms is not None]
    if lags:
        yield Words(f"replicas {duration_text(max(lags))} behind", "warn" if max(lags) > 30_000 else "")
    if (pool := status.pool) is not None:
        yield Words(f"pool {pool.size - pool.idle}/{pool.most}", "dim")


# The cache


def _cache(history: StatusHistory, newest: "RegistryStatus", states: Counter[str], feed: str, now: datetime) -> Card:
    status = newest.cache
    entries = _entries(states)
    if not status.reachable:
        known = [Words("reads go to the database", "warn")]
        if history.cache is not None:
            known.append(Words(f"seen {_ago(history.cache[1], now)}", "dim"))
        return _dead("Cache", status.problem, known)
    facts = _identity(status)
    ratio = _hit_ratio(status)
    memory = _memory(status)
    wrong = sum(states[state] for state in WRONG)
    around = status.breaker not in (None, "closed")
    lines = [
        _line(
            Words(f"hit {100 * ratio:.1f} %") if ratio is not None else Words("no reads yet", "dim"),
            _spark(history.hits),
            memory,
        ),
        _line(Words(f"{status.keys:,} keys", "strong") if status.keys is not None else None, *entries),
        _line(
            Words(f"feed {feed}", "good" if feed == "live" else "warn"),
            _latency(status),
            Words(f"breaker {status.breaker}: reads go to the database", "bad") if around else None,
            Words(f"{status.evicted_per_s:.1f} evicted/s", "warn") if status.evicted_per_s else None,
            Words(f"{status.clients} connected", "dim") if status.clients is not None else None,
            Words(f"{len(status.slow)} slow", "warn") if status.slow else None,
            _denied(status.denied),
            _problem(status.problem),
        ),
    ]
    word = f"{wrong:,} wrong" if wrong else "passed by" if around else "see below" if status.problem else ""
    return _card("Cache", "bad" if wrong else "warn" if word else "good", word, facts, lines)


def _hit_ratio(status: "CacheStatus") -> float | None:
    """Everybody's where the server tells; else that of our own reads."""
    if status.hit_ratio is not None:
        return status.hit_ratio
    return status.own.hit_ratio if status.own is not None else None


def _memory(status: "CacheStatus") -> Words | None:
    if status.used_memory is None:
        return None
    if not status.max_memory:
        return Words(bytes_text(status.used_memory))
    full = status.used_memory / status.max_memory
    limit = f"{bytes_text(status.used_memory)} of {bytes_text(status.max_memory)}"
    return Words(limit, "bad" if full > 0.9 else "warn" if full > 0.75 else "")


def _entries(states: Counter[str]) -> Iterable[Words]:
    found = [Words(f"{states[state]:,} {state}", "bad") for state in ("stale", "corrupt", "orphan") if states[state]]
    if found:
        return found
    return [Words("none wrong of those looked at", "dim")] if states else []


# The stream


def _stream(history: StatusHistory, newest: "RegistryStatus", now: datetime) -> Card:
    status = newest.stream
    if status is None:
        return Card("Stream", "○ not configured", "dim", (), ((Words("no event stream here", "dim"),),))
    if not status.reachable:
        seen = [Words(f"seen {_ago(history.stream[1], now)}", "dim")] if history.stream is not None else []
        return _dead("Stream", status.problem, seen)
    lag = f"lag {status.lag:,}" if status.lag is not None else "lag unknown"
    behind = bool(status.lag and status.lag > _FAR_BEHIND)
    count = len(status.consumers)
    lines = [
        _line(
            Words(_some(count, "consumer"), "strong" if count else "warn"),
            Words(f"{status.pending:,} pending") if status.pending is not None else None,
            Words(f"oldest {age_text(status.oldest_pending_ms / 1000)}", "warn") if status.oldest_pending_ms else None,
        ),
        _line(
            Words(_some(status.dead_letters, "dead letter"), "bad" if status.dead_letters else "")
            if status.dead_letters is not None
            else None,
            Words(f"{status.length:,} events", "dim") if status.length is not None else None,
        ),
        _line(
            Words(lag, "warn" if behind else "dim"),
            _spark(history.lags),
            _denied(status.denied),
            _problem(status.problem),
        ),
    ]
    word = "dead letters" if status.dead_letters else "behind" if behind else "see below" if status.problem else ""
    return _card("Stream", "warn" if word else "good", word, [], lines)


# Parts


def _card(title: str, tone: Tone, word: str, facts: list[str], lines: list[Line]) -> Card:
    return Card(title, f"{_MARKS[tone]} {word or 'up'}", tone, tuple(facts), tuple(one for one in lines if one))


def _identity(status: "DatabaseStatus | CacheStatus") -> list[str]:
    """`Postgres 18.6`."""
    name = _KINDS.get(status.kind, clean(status.kind, 20))
    return [f"{name} {clean(status.version or '', 20)}".strip()]


def _latency(status: "DatabaseStatus | CacheStatus", tone: Tone = "") -> Words | None:
    if status.latency_ms is None or status.kind == "memory":
        return None
    return Words(f"latency {duration_text(status.latency_ms)}", tone)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"


_MARKS: Final[Mapping[Tone, str]] = {"good": "●", "warn": "◐", "bad": "▲"}


def _dead(title: str, problem: str, known: list[Words]) -> Card:
    lines: list[Line] = [(Words(clean(problem or "it does not answer", 300), "bad"),)]
    if known:
        lines.append(_line(*known))
    return Card(title, "▲ unreachable", "bad", (), tuple(lines))


def _line(*parts: Words | None) -> Line:
    return tuple(part for part in parts if part is not None and part.text)


def _spark(values: deque[int]) -> Words | None:
    """Behind the number that it is the past of."""
    return Words(sparkline(list(values)[-8:]), "dim") if len(values) > 1 and any(values) else None


def _denied(denied: tuple[str, ...]) -> Words | None:
    return Words(f"may not see {clean(', '.join(denied), 80)}", "warn") if denied else None


def _problem(problem: str) -> Words | None:
    return Words(clean(problem, 200), "warn") if problem else None


def _ago(at: datetime, now: datetime) -> str:
    return f"{age_text((now - at).total_seconds())} ago"
