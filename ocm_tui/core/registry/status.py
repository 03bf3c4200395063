"""How database, cache and stream are, each for itself: what one of them does not tell keeps nothing else from showing.

Counters of servers run since their start; what is shown of them is the difference to the look before. None is what a
server does not say, or what this account may not see: `denied` names that.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.errors import RegistryDenied
from ocm_tui.core.registry.events.model import StreamStatus
from ocm_tui.core.registry.model import StatusCounts

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = [
    "CacheStatus",
    "DatabaseStatus",
    "OwnReads",
    "PoolUse",
    "RegistryStatus",
    "Replica",
    "Sessions",
    "SlowCommand",
    "StatusCounts",
    "StreamStatus",
    "read_status",
]

BreakerState = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class PoolUse:
    """Our own connections to the database."""

    size: int
    idle: int
    most: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """Everybody's connections to the database; `waiting` for a lock."""

    total: int
    active: int
    idle_in_transaction: int
    waiting: int
    most: int


@dataclass(frozen=True, slots=True)
class Replica:
    name: str
    state: str
    lag_ms: float | None
    lag_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStatus:
    """`waiting_locks` are locks that somebody waits for, `blocked` the sessions that another one keeps waiting.

    `replay_lag_ms` is how far this server itself is behind, when it is a replica. `outbox` counts the rows whose newest
    version the cache may not know yet. `counters` are those of the server, for the next look.
    """

    kind: str
    address: str = ""
    reachable: bool = True
    problem: str = ""
    denied: tuple[str, ...] = ()
    version: str | None = None
    latency_ms: float | None = None
    writable: bool | None = None
    pool: PoolUse | None = None
    sessions: Sessions | None = None
    waiting_locks: int | None = None
    blocked: int | None = None
    longest_transaction_ms: float | None = None
    transactions_per_s: float | None = None
    buffer_hit_ratio: float | None = None
    deadlocks: int | None = None
    temporary_files: int | None = None
    replica: bool | None = None
    replay_lag_ms: float | None = None
    replicas: tuple[Replica, ...] = ()
    table_bytes: int | None = None
    database_bytes: int | None = None
    dead_rows: int | None = None
    vacuumed_at: datetime | None = None
    newest_synced_at: datetime | None = None
    outbox: int | None = None
    counters: Mapping[str, int] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        return _json(self)


@dataclass(frozen=True, slots=True)
class SlowCommand:
    """Of the slow log; `command` is its name alone, for arguments hold data."""

    at: datetime
    duration_ms: float
    command: str


@dataclass(frozen=True, slots=True)
class OwnReads:
    """What our own service read since it began; `hit_ratio` None before the first read."""

    hits: int
    misses: int
    negative: int
    from_database: int
    coalesced: int
    cache_failures: int
    hit_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStatus:
    """`hit_ratio` is everybody's on that server since the look before: a sweep of ours is in it as well.

    `max_memory` 0 is no limit. `breaker` is our own: open means that reads go past the cache.
    """

    kind: str
    address: str = ""
    reachable: bool = True
    problem: str = ""
    denied: tuple[str, ...] = ()
    version: str | None = None
    latency_ms: float | None = None
    keys: int | None = None
    used_memory: int | None = None
    max_memory: int | None = None
    policy: str | None = None
    hit_ratio: float | None = None
    commands_per_s: float | None = None
    evicted: int | None = None
    evicted_per_s: float | None = None
    expired_per_s: float | None = None
    average_ttl_ms: int | None = None
    clients: int | None = None
    blocked_clients: int | None = None
    rejected_clients: int | None = None
    role: str | None = None
    replica_link: str | None = None
    replicas: int | None = None
    slow: tuple[SlowCommand, ...] = ()
    breaker: BreakerState | None = None
    own: OwnReads | None = None
    counters: Mapping[str, int] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        return _json(self)


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """`clients` is None when the database did not tell; `clients_problem` then says why, where it is not dead."""

    database: DatabaseStatus
    cache: CacheStatus
    stream: StreamStatus | None
    clients: StatusCounts | None
    taken_at: datetime
    clock: float = field(default=0.0, repr=False)  # monotonic seconds, for what is told per second
    clients_problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The members of `ocm-tui/registry/v1` besides `schema`."""
        return {
            "database": self.database.as_json(),
            "cache": self.cache.as_json(),
            "stream": self.stream.as_json() if self.stream else None,
            "clients": self.clients.as_json() if self.clients else None,
            "taken_at": self.taken_at.isoformat(),
        }


async def read_status(
    registry: "ClientRegistry", before: RegistryStatus | None = None, *, exact: bool = False
) -> RegistryStatus:
    """All four at the same time; never raises. `exact` counts rows instead of asking for the database's estimate."""
    clock = monotonic()
    seconds = clock - before.clock if before else None
    database, cache, stream, (clients, problem) = await asyncio.gather(
        _database(registry, before.database if before else None, seconds),
        _cache(registry, before.cache if before else None, seconds),
        _stream(registry),
        _clients(registry, exact=exact),
    )
    return RegistryStatus(database, cache, stream, clients, datetime.now(UTC), clock, problem)


async def _database(registry: "ClientRegistry", before: DatabaseStatus | None, seconds: float | None) -> DatabaseStatus:
    store = registry.store
    try:
        if store.kind == "postgres":
            from ocm_tui.core.registry.postgres_status import postgres_status

            return await postgres_status(store, before, seconds)
        from ocm_tui.core.registry.embedded_status import sqlite_status

        return await sqlite_status(store)
    except OcmError as error:
        alive = isinstance(error, RegistryDenied)
        return DatabaseStatus(kind=store.kind, address=store.address, reachable=alive, problem=str(error))


async def _cache(registry: "ClientRegistry", before: CacheStatus | None, seconds: float | None) -> CacheStatus:
    cache = registry.cache
    own, breaker = _own_reads(registry), registry.breaker.state
    try:
        if cache.kind == "redis":
            from ocm_tui.core.registry.redis_status import redis_status

            found = await redis_status(cache, before, seconds)
        else:
            from ocm_tui.core.registry.embedded_status import memory_status

            found = await memory_status(cache)
    except OcmError as error:
        alive = isinstance(error, RegistryDenied)
        found = CacheStatus(kind=cache.kind, address=cache.address, reachable=alive, problem=str(error))
    return replace(found, own=own, breaker=breaker)


def _own_reads(registry: "ClientRegistry") -> OwnReads:
    counters = registry.counters
    answered, all_reads = counters.hits + counters.negative, counters.hits + counters.negative + counters.misses
    return OwnReads(
        hits=counters.hits,
        misses=counters.misses,
        negative=counters.negative,
        from_database=counters.from_database,
        coalesced=counters.coalesced,
        cache_failures=counters.cache_failures,
        hit_ratio=answered / all_reads if all_reads else None,
    )


async def _stream(registry: "ClientRegistry") -> StreamStatus | None:
    stream = registry.stream
    if stream is None:
        return None
    try:
        return await stream.status()
    except OcmError as error:
        return StreamStatus(name=stream.name, reachable=isinstance(error, RegistryDenied), problem=str(error))


async def _clients(registry: "ClientRegistry", *, exact: bool) -> tuple[StatusCounts | None, str]:
    try:
        return await registry.store.counts(exact=exact), ""
    except OcmError as error:
        return None, str(error)


def _json(status: DatabaseStatus | CacheStatus) -> dict[str, Any]:
    """Every member that a dataclass has, under its name; an empty `problem` is null."""
    told = asdict(status)
    del told["counters"]
    told["problem"] = status.problem or None
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value
