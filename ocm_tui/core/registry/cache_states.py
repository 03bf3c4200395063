"""What became of comparing the cache with the table: for one client, and for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from ocm_tui.core.registry.entries import Difference
from ocm_tui.core.registry.model import RegistryClient

__all__ = ["CACHE_STATES", "CacheFinding", "CacheState", "ClientInspection", "CompareReport", "SweepProgress"]

CacheState = Literal["fresh", "stale", "orphan", "missing", "corrupt", "negative"]

CACHE_STATES: Final[tuple[CacheState, ...]] = get_args(CacheState)


@dataclass(frozen=True, slots=True)
class CacheFinding:
    """One client's cached value against its row.

    fresh: the newest version. stale: another version than the row's, or "no such client" about one that is there.
    orphan: there is no row. missing: there is a row, and nothing cached (no fault: the next read fills it).
    corrupt: not a value of ours. negative: "no such client", rightly. None: nobody compared (`compare=False`).
    `ttl_ms` as Redis counts: -1 no expiry, -2 no key. Versions are None where there is none. `size` in bytes.
    `approximate`: the table has no versions, and `updated_at` stood in for them.
    """

    client_id: UUID
    state: CacheState | None
    ttl_ms: int
    cache_version: int | None
    database_version: int | None
    size: int = 0
    approximate: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "client_id": str(self.client_id),
            "state": self.state,
            "ttl_ms": self.ttl_ms,
            "cache_version": self.cache_version,
            "database_version": self.database_version,
            "size": self.size,
            "approximate": self.approximate,
        }


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """`of` is all that the cache server holds (DBSIZE), other people's keys included."""

    phase: Literal["scanning", "comparing", "reading values", "checking again"]
    scanned: int
    of: int


@dataclass(frozen=True, slots=True)
class CompareReport:
    """`scanned` keys of `of` that the server held at the beginning; `complete` is false when the sweep was stopped.

    `summary` counts every state, `items` are the findings (without the fresh ones unless they were wanted), made one by
    one from a compact form: a million of them are some forty megabytes. `foreign` keys begin with `client:` and are no
    client's. `missing` is only told by a complete sweep. `deep`: every value was read whole; else one that has its
    row's version counts as fresh, whatever else it says.
    """

    scanned: int
    of: int
    complete: bool
    summary: Mapping[CacheState, int]
    items: Sequence[CacheFinding]
    foreign: int = 0
    approximate: bool = False
    deep: bool = False

    def as_json(self) -> dict[str, Any]:
        """The members of `cache compare`."""
        return {
            "scanned": self.scanned,
            "of": self.of,
            "complete": self.complete,
            "approximate": self.approximate,
            "deep": self.deep,
            "foreign": self.foreign,
            "summary": dict(self.summary),
            "items": [finding.as_json() for finding in self.items],
        }


@dataclass(frozen=True, slots=True)
class ClientInspection:
    """One client up close. `cached` is None when there is no readable value, `raw` what the cache holds, byte for byte.

    `problem` says what is corrupt. `database_problem` and `cache_problem` say that one of them is dead: then `state` is
    None, and the other one is shown. It is None as well for a client that neither of them has. `cached_at` is when the
    copy was made, if it says so.
    """

    client_id: UUID
    row: RegistryClient | None
    cached: RegistryClient | None
    ttl_ms: int
    state: CacheState | None
    cache_version: int | None
    differences: Sequence[Difference]
    raw: bytes | None
    problem: str = ""
    approximate: bool = False
    cached_at: datetime | None = None
    database_problem: str = ""
    cache_problem: str = ""
