"""A client as the registry holds it, and what a write says about one. Strings are the registry's own: clean them when
they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from ocm_tui.core.secret import Secret

__all__ = [
    "DEFAULT_RATE_LIMIT",
    "STATUSES",
    "BulkWritten",
    "ClientStatus",
    "RegistryClient",
    "RegistryEntry",
    "RegistryPage",
    "RegistryQuery",
    "StatusCounts",
    "Written",
    "derived_id",
]

ClientStatus = Literal["ACTIVE", "SUSPENDED", "REVOKED"]

STATUSES: Final[tuple[ClientStatus, ...]] = get_args(ClientStatus)
DEFAULT_RATE_LIMIT: Final = 60  # requests per window


def derived_id(server_base_url: str, client_code: str) -> UUID:
    """The registry's id of a client whose inventory names none: UUIDv5 of the server's base URL and the clientId."""
    return uuid5(NAMESPACE_URL, f"{server_base_url.rstrip('/')}#{client_code}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryClient:
    """One row. The hash of its secret stays in the database: `has_secret` says whether there is one.

    `row_version` comes from one sequence for the whole table, so it grows over delete and re-create; it is 0 in a
    registry whose table has no versions (then `updated_at` is all there is, and comparisons are approximate).
    Times are UTC. `allowed_ips` are normalised networks, sorted, each once; an empty tuple means no restriction is set.
    """

    client_id: UUID
    client_code: str = ""
    bap_id: str | None = None
    bap_uri: str | None = None
    allowed_ips: tuple[str, ...] = ()
    rate_limit: int = DEFAULT_RATE_LIMIT
    status: ClientStatus = "ACTIVE"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    has_secret: bool = False
    profile_version: int = 0
    status_version: int = 0
    row_version: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_synced_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """What an upsert says: the profile of one client; its status only when it is new (`status` None: ACTIVE then).

    `secret_hash` None leaves the stored hash alone. `allowed_ips` are normalised (see `addresses.normalise`);
    `given_ips` are the operator's own texts, kept beside them where they differ. `profile_version` None means: newer
    than what is stored, whose version stays; else an older or equal version changes nothing.
    """

    client_id: UUID
    client_code: str
    bap_id: str | None = None
    bap_uri: str | None = None
    allowed_ips: tuple[str, ...] = ()
    given_ips: tuple[str, ...] = ()
    rate_limit: int = DEFAULT_RATE_LIMIT
    status: ClientStatus | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    secret_hash: Secret | None = None
    profile_version: int | None = None
    last_synced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one write, and whether the cache knows it already.

    `client` is the row after it, None after a delete; `version` its `row_version`, or that of the deletion. `before` is
    the row that was there, None for a new one. `changed` is false when the row said all of it before. `propagated` is
    false while readers of the cache may still see the former value: the outbox keeps it until it is done.
    """

    client_id: UUID
    client: RegistryClient | None
    before: RegistryClient | None
    version: int
    changed: bool
    propagated: bool = False


@dataclass(frozen=True, slots=True)
class BulkWritten:
    """Of many upserts: how many rows are new, changed, or said all of it before (an older version counts there)."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class RegistryQuery:
    """All that is set must hold. `words` are looked for in code, bap_id and bap_uri, whatever the case; the globs know
    `*` and `?`. An empty query is every client."""

    words: tuple[str, ...] = ()
    statuses: tuple[ClientStatus, ...] = ()
    codes: tuple[str, ...] = ()  # globs, any of them
    baps: tuple[str, ...] = ()
    ids: tuple[UUID, ...] = ()
    synced_before: datetime | None = None  # never synced counts as before


@dataclass(frozen=True, slots=True)
class RegistryPage:
    """In the order of `client_id`. `next` is where the next page starts, None after the last."""

    items: Sequence[RegistryClient]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """Clients by status. `exact` is false for what the database only estimates."""

    active: int = 0
    suspended: int = 0
    revoked: int = 0
    exact: bool = True

    @property
    def total(self) -> int:
        return self.active + self.suspended + self.revoked

    def as_json(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "active": self.active,
            "suspended": self.suspended,
            "revoked": self.revoked,
            "exact": self.exact,
        }
