"""From where on a check of the registry warns."""

from dataclasses import dataclass

__all__ = ["RegistryThresholds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryThresholds:
    """A value above its threshold is a warning; of stale, orphaned and corrupt cache entries it is a failure."""

    latency_ms: float = 500.0  # of one question to the database or the cache
    memory: float = 0.9  # of the cache's limit
    connections: float = 0.9  # of what the database takes
    replication_lag: float = 30.0  # seconds
    lag: int = 1000  # events that nobody has read yet
    pending_age: float = 300.0  # seconds since the oldest event was delivered and not acknowledged
    dead_letters: int = 0
    outbox: int = 0  # rows whose newest version the cache may not know
    bad_entries: int = 0  # stale, orphaned or corrupt
    missing: float = 1.0  # share of the rows that the cache does not hold; 1.0 never warns
    sweep_limit: int = 200_000  # keys beyond which the comparison is left to `registry cache compare`
