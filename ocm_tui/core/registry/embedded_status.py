"""How the embedded registry is: its file, and its cache in this process."""

import sqlite3
from time import perf_counter
from typing import Any, Final

from ocm_tui.core.registry.ports import ClientCache, ClientStore
from ocm_tui.core.registry.sqlite_rows import time_of
from ocm_tui.core.registry.status import CacheStatus, DatabaseStatus

__all__ = ["NEWEST", "memory_status", "sqlite_status"]

# The condition is what lets SQLite see that the index answers it.
NEWEST: Final = "SELECT max(last_synced_at) FROM clients WHERE last_synced_at IS NOT NULL"


async def sqlite_status(store: ClientStore) -> DatabaseStatus:
    from ocm_tui.core.registry.sqlite_store import SqliteStore

    assert isinstance(store, SqliteStore)
    members = await store.read(_members)
    start = perf_counter()
    await store.read(lambda database: database.execute("SELECT 1").fetchone())
    return DatabaseStatus(
        kind="sqlite",
        address=store.address,
        version=sqlite3.sqlite_version,
        latency_ms=round((perf_counter() - start) * 1000, 2),
        writable="write" in store.capabilities,
        **members,
    )


def _members(database: sqlite3.Connection) -> dict[str, Any]:
    def one(question: str) -> Any:
        return database.execute(question).fetchone()[0]

    return {
        "database_bytes": one("PRAGMA page_count") * one("PRAGMA page_size"),
        "newest_synced_at": time_of(one(NEWEST)),
        "outbox": one("SELECT count(*) FROM cache_outbox"),
    }


async def memory_status(cache: ClientCache) -> CacheStatus:
    from ocm_tui.core.registry.memory_cache import MemoryCache

    assert isinstance(cache, MemoryCache)
    start = perf_counter()
    await cache.ping()
    latency = (perf_counter() - start) * 1000
    return CacheStatus(
        kind="memory",
        address=cache.address,
        latency_ms=round(latency, 2),
        keys=await cache.size(),
        evicted=cache.evictions,
    )
