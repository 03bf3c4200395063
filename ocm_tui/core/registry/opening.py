"""From addresses to a `ClientRegistry`: which store, which cache and which stream serve it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.core.secret import Secret

if TYPE_CHECKING:
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.registry.events.model import EventStream
    from ocm_tui.core.registry.ports import ClientCache, ClientStore
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["RegistryAddresses", "open_registry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAddresses:
    """`database` and `cache` are URLs with their passwords. Without a database the rows are in the SQLite `file`,
    without a cache the copies are in this process. `ttl` is in seconds, `stream` the name of the client events."""

    file: Path
    database: Secret | None = None
    cache: Secret | None = None
    ttl: float = 300.0
    stream: str = "stream:admin.client.events"


async def open_registry(
    addresses: RegistryAddresses, *, policy: "WritePolicy | None" = None, server_base_url: str = ""
) -> "ClientRegistry":
    """Connects to nothing: each part does at its first call, so that a dead one keeps nobody from the others."""
    from ocm_tui.core.registry.service import ClientRegistry

    store = _store(addresses)
    return ClientRegistry(
        store,
        _cache(addresses),
        stream=_stream(addresses, store),
        ttl=addresses.ttl,
        policy=policy,
        server_base_url=server_base_url,
    )


def _store(addresses: RegistryAddresses) -> "ClientStore":
    if addresses.database is not None:
        from ocm_tui.core.registry.postgres import PostgresStore

        return PostgresStore(addresses.database.reveal())
    from ocm_tui.core.registry.sqlite_store import SqliteStore

    return SqliteStore(addresses.file)


def _cache(addresses: RegistryAddresses) -> "ClientCache":
    if addresses.cache is not None:
        from ocm_tui.core.registry.redis_cache import RedisCache

        return RedisCache(addresses.cache.reveal())
    from ocm_tui.core.registry.memory_cache import MemoryCache

    return MemoryCache()


def _stream(addresses: RegistryAddresses, store: "ClientStore") -> "EventStream | None":
    """Beside the cache; an embedded registry keeps its own. Postgres without a Redis has none."""
    if addresses.cache is not None:
        from ocm_tui.core.registry.events.redis_stream import RedisStream

        return RedisStream(addresses.cache.reveal(), addresses.stream)
    from ocm_tui.core.registry.sqlite_store import SqliteStore

    if isinstance(store, SqliteStore):
        from ocm_tui.core.registry.events.sqlite_stream import SqliteStream

        return SqliteStream(store, addresses.stream)
    return None
