"""The two things that a registry stands on, as the service sees them: a store of rows, and a cache of their copies.

Each has an embedded adapter (SQLite, in process) and a real one (Postgres, Redis); one contract suite holds them
together. What an adapter cannot do is missing in its `capabilities`.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol
from uuid import UUID

from ocm_tui.core.registry.model import (
    BulkWritten,
    ClientStatus,
    RegistryClient,
    RegistryEntry,
    RegistryPage,
    RegistryQuery,
    StatusCounts,
    Written,
)

__all__ = [
    "GONE",
    "CacheChange",
    "CacheKey",
    "CachePage",
    "ClientCache",
    "ClientStore",
    "Guard",
    "Lease",
    "OutboxEntry",
    "StoreCapability",
]

StoreCapability = Literal["write", "versions", "outbox", "notify", "statistics"]
# Called within the transaction of a write, with the row as it is then: what it raises undoes the write.
Guard = Callable[[RegistryClient | None], None]
GONE: Final = -2  # as Redis counts: the key is not there; -1 is a key without expiry


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A row whose newest version the cache may not know yet."""

    client_id: UUID
    version: int


class ClientStore(Protocol):
    """The rows. Raises DatabaseUnreachable, RegistryDenied or DatabaseFailed; UsageError for a value it cannot hold.

    Reads of an embedded store and of a table that we do not own need no DDL. Every write is one transaction, and puts
    the row into the outbox within it.
    """

    @property
    def kind(self) -> str:
        """`postgres` or `sqlite`."""
        ...

    @property
    def address(self) -> str:
        """Where it is, without a secret: for titles and messages."""
        ...

    @property
    def capabilities(self) -> frozenset[StoreCapability]:
        """Known after the first call. Without `versions`, `row_version` is 0 and comparisons are approximate."""
        ...

    async def get(self, client_id: UUID) -> RegistryClient | None:
        """From the primary. Stubs (a status that came before its client: `profile_version` 0 and no code) are hidden
        here and everywhere."""
        ...

    async def get_many(self, client_ids: Sequence[UUID]) -> Mapping[UUID, RegistryClient]: ...

    async def find(self, client_code: str) -> Sequence[RegistryClient]:
        """The rows with exactly this code: none, one, or (nothing forbids it) several."""
        ...

    async def page(self, query: RegistryQuery, *, after: UUID | None = None, limit: int = 500) -> RegistryPage: ...

    async def counts(self, *, exact: bool = True) -> StatusCounts: ...

    def versions(self) -> AsyncGenerator[Sequence[tuple[UUID, int]], None]:
        """(client_id, row_version) of every row in the order of ids, in batches."""
        ...

    async def upsert(self, entry: RegistryEntry, *, guard: Guard | None = None) -> Written:
        """Guarded by `profile_version`; without one the entry counts, and the stored version stays, so that the next
        event still does. The status of a row that exists is left alone, as is `created_at`."""
        ...

    async def upsert_many(self, entries: Sequence[RegistryEntry]) -> BulkWritten:
        """All or nothing; at most some 10,000 at a time. Ids are unique within one call."""
        ...

    async def set_status(self, client_id: UUID, status: ClientStatus, *, guard: Guard | None = None) -> Written:
        """NotRegistered when there is no row. REVOKED is terminal: UsageError for anything after it."""
        ...

    async def delete(self, client_id: UUID, *, guard: Guard | None = None) -> Written:
        """NotRegistered when there is no row. Its version is newer than every version the row had."""
        ...

    async def outbox(self, limit: int = 500) -> Sequence[OutboxEntry]:
        """The oldest first; empty where there is no outbox."""
        ...

    async def outbox_size(self) -> int: ...

    async def outbox_of(self, client_ids: Sequence[UUID]) -> Sequence[OutboxEntry]:
        """The entries of these clients only, by their key, however much waits beside them."""
        ...

    async def confirm(self, entries: Sequence[OutboxEntry]) -> None:
        """The cache knows these versions: drop the entries that are not newer."""
        ...

    def changes(self) -> AsyncIterator[None]:
        """Wakes when rows may have changed, whoever wrote; several changes may be one wake-up."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Lease:
    """What `get_or_lease` says: a `value` that is there by now; else a `token`, the right to fill; else neither:
    somebody else is filling."""

    value: bytes | None = None
    token: str = ""


class CacheKey(NamedTuple):
    """One key of a sweep. `version` is -1 when the value does not begin as ours do (corrupt, or a foreign writer's),
    `ttl_ms` as Redis counts (-1 no expiry), `size` in bytes. `negative` is the entry of a client that was not there,
    `gone` that of a deleted one."""

    key: str
    ttl_ms: int
    version: int
    size: int
    negative: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class CachePage:
    """`cursor` is "0" at the end. `keys` may hold a key twice in one sweep, as SCAN does: drop by key."""

    cursor: str
    keys: Sequence[CacheKey]


@dataclass(frozen=True, slots=True)
class CacheChange:
    """A key that was set, deleted, expired or evicted; `key` None: everything may have changed (flush, reconnect)."""

    key: str | None


class ClientCache(Protocol):
    """Copies of rows as bytes: JSON that begins with `{"v":N` (see `entries.py`). Raises CacheUnreachable within its
    time limit, and RegistryDenied. Versions never go back: an older write loses, whoever comes last."""

    @property
    def kind(self) -> str:
        """`redis` or `memory`."""
        ...

    @property
    def address(self) -> str: ...

    async def get(self, client_id: UUID) -> bytes | None: ...

    async def get_many(self, client_ids: Sequence[UUID]) -> Sequence[tuple[bytes | None, int]]:
        """(value, ttl_ms) of each, in the order asked for."""
        ...

    async def get_or_lease(self, client_id: UUID, *, lease_ms: int = 500) -> Lease:
        """After a plain `get` missed."""
        ...

    async def fill(self, client_id: UUID, token: str, version: int, value: bytes, ttl_ms: int) -> bool | None:
        """With a lease's token: True filled, False something as new is there, None the lease was taken away."""
        ...

    async def put(self, client_id: UUID, version: int, value: bytes, ttl_ms: int) -> bool:
        """By a writer, the relay or a refresh: True when it is stored, False when something as new is there."""
        ...

    async def put_many(self, items: Sequence[tuple[UUID, int, bytes, int]]) -> Sequence[bool]:
        """(id, version, value, ttl_ms) each; in one round trip."""
        ...

    async def invalidate(self, client_ids: Sequence[UUID]) -> int:
        """Delete keys and their leases, so that no fill under way survives; how many keys were there."""
        ...

    async def scan(self, cursor: str = "0", count: int = 500) -> CachePage: ...

    async def size(self) -> int:
        """How many keys the server holds in all (DBSIZE): the `of` of a sweep's progress."""
        ...

    async def ping(self) -> None: ...

    def changes(self) -> AsyncIterator[CacheChange]:
        """The live feed of `client:*`. It begins with key None (look at everything once), and after every reconnect."""
        ...

    async def close(self) -> None: ...
