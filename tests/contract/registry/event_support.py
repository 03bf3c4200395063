"""A registry with its event stream, twice: embedded, and on a real Postgres and Valkey."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.registry.events.consumer import EventConsumer
from ocm_tui.core.registry.events.health import ConsumerHealth
from ocm_tui.core.registry.events.model import ClientEvent, EventStream, EventType
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from ocm_tui.core.secret import Secret

__all__ = ["STREAM", "Backend", "Expected", "consume", "event", "expected", "history", "row", "shuffled", "stream_of"]

STREAM = "stream:admin.client.events"


@dataclass
class Backend:
    """`open` may be called several times: all of them stand on the same data."""

    directory: Path
    dsn: str = ""
    redis_url: str = ""
    opened: list[ClientRegistry] = field(default_factory=list)
    _by_hand: ClientRegistry | None = None

    @property
    def is_embedded(self) -> bool:
        return not self.dsn

    def open(self, policy: WritePolicy | None = None) -> ClientRegistry:
        registry = self._embedded(policy) if self.is_embedded else self._real(policy)
        self.opened.append(registry)
        return registry

    def _embedded(self, policy: WritePolicy | None) -> ClientRegistry:
        from ocm_tui.core.registry.events.sqlite_stream import SqliteStream

        store = SqliteStore(self.directory / "registry.sqlite3")
        return ClientRegistry(store, MemoryCache(), stream=SqliteStream(store, STREAM), policy=policy)

    def _real(self, policy: WritePolicy | None) -> ClientRegistry:
        from ocm_tui.core.registry.events.redis_stream import RedisStream
        from ocm_tui.core.registry.postgres import PostgresStore
        from ocm_tui.core.registry.redis_cache import RedisCache

        return ClientRegistry(
            PostgresStore(self.dsn),
            RedisCache(self.redis_url),
            stream=RedisStream(self.redis_url, STREAM),
            policy=policy,
        )

    async def migrate(self) -> None:
        from ocm_tui.core.registry.postgres import PostgresStore

        store = PostgresStore(self.dsn)
        await store.migrate()
        await store.close()

    async def execute(self, statement: str) -> Any:
        """One statement by hand; `clients` is the table's name in both. The first column of the first row."""
        self._by_hand = registry = self._by_hand or self.open()
        if isinstance(registry.store, SqliteStore):
            store = registry.store
            return await store.write(lambda database: (database.execute(statement).fetchone() or [None])[0])
        async with registry.store.writing() as connection:  # type: ignore[attr-defined]
            await connection.execute("SET LOCAL search_path TO client_registry")
            return await connection.fetchval(statement)

    async def close(self) -> None:
        await asyncio.gather(*(registry.close() for registry in self.opened))


async def consume(registry: ClientRegistry, until: Any, **options: Any) -> ConsumerHealth:
    """Run a consumer until `until(health)`; how it was in the end."""
    stop = asyncio.Event()
    consumer = EventConsumer(registry, **{"block_ms": 20, "backoff": 0.001, **options})

    def look(health: ConsumerHealth) -> None:
        if until(health):
            stop.set()

    await asyncio.wait_for(consumer.run(stop, look), 60)
    return consumer.health


def event(kind: str, client_id: UUID, version: int | None, **payload: Any) -> ClientEvent:
    types: dict[str, EventType] = {
        "created": "client.created",
        "updated": "client.updated",
        "rotated": "client.api_key_rotated",
        "suspended": "client.suspended",
        "revoked": "client.revoked",
    }
    return ClientEvent(event_id=str(uuid4()), type=types[kind], client_id=client_id, version=version, payload=payload)


def history(client_id: UUID, kinds: Sequence[str], first: int = 1) -> list[ClientEvent]:
    """Events of one client with versions from `first` on; each profile is told apart by its rate limit."""
    events = []
    for version, kind in enumerate(kinds, first):
        payload: dict[str, Any] = {}
        if kind in {"created", "updated"}:
            payload = {"client_code": f"c-{client_id}", "bap_id": f"b{version}", "bap_uri": None, "rate_limit": version,
                       "allowed_ips": ["10.1.2.3/8"], "metadata": {"version": version}}  # fmt: skip
        elif kind == "rotated":
            payload = {"api_key_hash": Secret(f"hash-{version}", search=False)}
        events.append(event(kind, client_id, version, **payload))
    return events


@dataclass(frozen=True)
class Expected:
    status: str
    profile_version: int
    key: str


def expected(events: Sequence[ClientEvent]) -> Expected:
    """The oracle, written apart from the fold: what events of one client amount to in the order of their versions."""
    status, profile_version, key = "ACTIVE", 0, ""
    for one in sorted(events, key=lambda one: one.version or 0):
        if one.type in {"client.created", "client.updated"}:
            profile_version = one.version or 0
        elif one.type == "client.api_key_rotated":
            key = one.payload["api_key_hash"].reveal()
        elif status != "REVOKED":
            status = "SUSPENDED" if one.type == "client.suspended" else "REVOKED"
    return Expected(status, profile_version, key)


async def row(backend: Backend, client_id: UUID) -> Expected | None:
    """What the table says, stubs too; and that the whole profile is of one version."""
    id_text = f"X'{client_id.hex}'" if backend.is_embedded else f"'{client_id}'"

    async def column(name: str) -> Any:
        return await backend.execute(f"SELECT {name} FROM clients WHERE client_id = {id_text}")

    version = await column("profile_version")
    if version is None:
        return None
    if version:
        assert await column("rate_limit") == version
        assert await column("bap_id") == f"b{version}"
    return Expected(await column("status"), version, await column("client_secret_hash"))


def shuffled(events: Sequence[ClientEvent], seed: int, *, duplicates: float = 0.0) -> list[ClientEvent]:
    chance = random.Random(seed)
    again = [one for one in events if chance.random() < duplicates]
    mixed = [*events, *again]
    chance.shuffle(mixed)
    return mixed


def stream_of(registry: ClientRegistry) -> EventStream:
    assert registry.stream is not None
    return registry.stream
