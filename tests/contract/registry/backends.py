"""The two pairs of a store and a cache that everything must hold for, made and let go together."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from ocm_tui.core.registry.entries import key_of
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.model import RegistryEntry
from ocm_tui.core.registry.ports import ClientCache, ClientStore
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.databases import sql

__all__ = ["BACKENDS", "PATIENT", "Backend", "Embedded", "Servers", "all_keys", "entry"]

BACKENDS = ("embedded", "postgres+valkey")
PATIENT = 60.0  # seconds: on a busy machine a cache that lives is never taken for dead


def entry(code: str = "orders", **changed: Any) -> RegistryEntry:
    return RegistryEntry(**{"client_id": uuid4(), "client_code": code, **changed})


@dataclass
class Backend:
    """`store()` and `cache()` are new connections to the same data each time, as those of another process would be."""

    closing: list[Callable[[], Any]] = field(default_factory=list)

    def store(self) -> ClientStore:
        store = self._store()
        self.closing.append(store.close)
        return store

    def cache(self) -> ClientCache:
        cache = self._cache()
        self.closing.append(cache.close)
        return cache

    def registry(
        self, store: ClientStore | None = None, cache: ClientCache | None = None, **more: Any
    ) -> ClientRegistry:
        settings = {"cache_seconds": PATIENT, **more}
        registry = ClientRegistry(store or self.store(), cache or self.cache(), **settings)
        self.closing.append(registry.close)
        return registry

    async def close(self) -> None:
        for close in reversed(self.closing):
            await close()

    def run(self, statement: str, *values: UUID) -> None:
        """SQL by hand, over another connection than ours; `?` stands for a client_id."""
        raise NotImplementedError

    async def plant(self, client_id: UUID, value: bytes, ttl_ms: int | None = None) -> None:
        """A value as a foreign writer sets it."""
        raise NotImplementedError

    async def flush(self) -> None:
        raise NotImplementedError

    def _store(self) -> ClientStore:
        raise NotImplementedError

    def _cache(self) -> ClientCache:
        raise NotImplementedError


@dataclass
class Embedded(Backend):
    path: Path = Path()
    shared: MemoryCache = field(default_factory=MemoryCache)

    def run(self, statement: str, *values: UUID) -> None:
        with sqlite3.connect(self.path) as database:
            database.execute(statement, [value.bytes for value in values])
        database.close()

    async def plant(self, client_id: UUID, value: bytes, ttl_ms: int | None = None) -> None:
        self.shared.set(key_of(client_id), value, ttl_ms)

    async def flush(self) -> None:
        self.shared.flush()

    def _store(self) -> ClientStore:
        return SqliteStore(self.path)

    def _cache(self) -> ClientCache:
        return self.shared


@dataclass
class Servers(Backend):
    dsn: str = ""
    url: str = ""

    def run(self, statement: str, *values: UUID) -> None:
        statement = statement.replace("clients", "client_registry.clients", 1)
        for value in values:
            statement = statement.replace("?", f"'{value}'", 1)
        sql(self.dsn, statement)

    async def plant(self, client_id: UUID, value: bytes, ttl_ms: int | None = None) -> None:
        await self._order(lambda client: client.set(key_of(client_id), value, px=ttl_ms))

    async def flush(self) -> None:
        await self._order(lambda client: client.flushdb())

    async def _order(self, order: Callable[[Any], Any]) -> None:
        from redis.asyncio import Redis

        client = Redis.from_url(self.url)
        try:
            await order(client)
        finally:
            await client.aclose()

    def _store(self) -> ClientStore:
        from ocm_tui.core.registry.postgres import PostgresStore

        return PostgresStore(self.dsn)

    def _cache(self) -> ClientCache:
        from ocm_tui.core.registry.redis_cache import RedisCache

        return RedisCache(self.url, timeout=PATIENT, patience=PATIENT)


async def all_keys(cache: ClientCache, count: int = 500) -> Sequence[str]:
    """Every key that a sweep finds, once."""
    cursor, found = "0", dict[str, None]()
    while True:
        page = await cache.scan(cursor, count)
        found.update((key.key, None) for key in page.keys)
        cursor = page.cursor
        if cursor == "0":
            return list(found)
