"""`python -m tests.campaigns.registry_race --rounds N`: readers of a cold key against a writer, again and again.

In each round one client is written while three readers in three processes miss its key; every other round the key is
evicted meanwhile; of the writes 5 % end before they reach the cache, as those of a process that is killed; and the
cache restarts now and then. Between reading a row and filling it in, and between commit and cache, lies a random pause.
When the relay is done, no cached value may be older than its row. Beside it, on the same servers and with the same
luck, runs the protocol that is usual: read, miss, select, set; and update, delete.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID, uuid4

from ocm_tui.core.registry.entries import decode, encode, key_of, version_of
from ocm_tui.core.registry.errors import CacheUnreachable
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, Written
from ocm_tui.core.registry.ports import ClientCache, ClientStore
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.real_servers import RealServer, postgres_server, valkey_server

__all__ = ["BACKENDS", "Tally", "race"]

BACKENDS: Final = ("embedded", "valkey")
_TOGETHER: Final = 25  # rounds side by side, each with a client of its own
_READERS: Final = 3
_PAUSE: Final = 0.02  # seconds at most
_EVICTED: Final = 0.5
_LOST: Final = 0.05
_RESTART_EVERY: Final = 1000  # rounds
_TTL_MS: Final = 300_000
_PATIENT: Final = 10.0  # seconds: a busy machine must not make a cache that lives look dead

_Work = Callable[[], Awaitable[Any]]


@dataclass
class Tally:
    """`stale` keys after the relay was done; `lied` are writes that were called propagated and were not."""

    backend: str
    rounds: int = 0
    restarts: int = 0
    lost: int = 0
    evicted: int = 0
    filled: int = 0  # keys that stood in the cache at the end of their round
    stale: int = 0
    lied: int = 0
    naive_stale: int = 0
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        share, naive = (100 * count / max(self.rounds, 1) for count in (self.stale, self.naive_stale))
        return (
            f"{self.backend:<9} {self.rounds:>7} {self.evicted:>8} {self.lost:>6} {self.restarts:>9} {self.filled:>7} "
            f"{self.stale:>6} ({share:.2f} %) {self.lied:>5} {self.naive_stale:>12} ({naive:.2f} %)"
        )


HEAD: Final = "cache      rounds  evicted   lost  restarts  cached   stale        lied   naive stale"


class _Servers(Protocol):
    """The two parts, and what happens to the cache from outside."""

    @property
    def store(self) -> ClientStore: ...

    @property
    def cache(self) -> ClientCache: ...

    @property
    def processes(self) -> Sequence[tuple[ClientStore, ClientCache]]:
        """The writer's connections, and those of each reader."""
        ...

    async def overwrite(self, client_id: UUID, value: bytes) -> None: ...

    async def evict(self, client_id: UUID) -> None:
        """The key, and not its lease: as a full cache does it."""
        ...

    async def restart(self) -> None: ...


async def race(backend: str, rounds: int, *, seed: int = 1, restart_every: int = _RESTART_EVERY) -> Tally:
    """Raises nothing that a round met: that is a problem of the tally."""
    tally, chance = Tally(backend), random.Random(seed)
    async with _embedded() if backend == "embedded" else _real() as servers:
        while tally.rounds < rounds:
            count = min(_TOGETHER, rounds - tally.rounds)
            restart = restart_every and tally.rounds // restart_every != (tally.rounds + count) // restart_every
            await _batch(servers, count, chance, tally, restart=bool(restart))
            tally.rounds += count
    return tally


async def _batch(servers: _Servers, count: int, chance: random.Random, tally: Tally, *, restart: bool) -> None:
    clients = [uuid4() for _ in range(count)]
    await servers.store.upsert_many([_entry(client_id, 1) for client_id in clients])
    await _drained(servers)
    await servers.cache.invalidate(clients)
    slow: list[tuple[Any, ClientCache]] = [(_Slow(store, chance), cache) for store, cache in servers.processes]
    processes = [ClientRegistry(store, cache, cache_seconds=_PATIENT) for store, cache in slow]
    luck = [_Luck.drawn(chance) for _ in clients]
    tally.lost += sum(one.lost for one in luck)
    tally.evicted += sum(one.evicted for one in luck)
    rounds = [_round(servers, processes, one, lucky, tally) for one, lucky in zip(clients, luck, strict=True)]
    await asyncio.gather(*rounds, *([servers.restart()] if restart else []))
    tally.restarts += restart
    await _drained(servers)
    stale, cached = await _stale(servers, clients)
    tally.stale += stale
    tally.filled += cached

    await servers.cache.invalidate(clients)
    naive = [_naive_round(servers, slow, one, lucky) for one, lucky in zip(clients, luck, strict=True)]
    await asyncio.gather(*naive)
    tally.naive_stale += (await _stale(servers, clients))[0]
    await servers.cache.invalidate(clients)
    await _drained(servers)


@dataclass(frozen=True)
class _Luck:
    """What happens in a round, and when: the same for both protocols."""

    begins: tuple[float, ...]  # of the writer and the readers
    lost: bool
    evicted: bool
    evicted_after: float

    @classmethod
    def drawn(cls, chance: random.Random) -> "_Luck":
        begins = tuple(chance.uniform(0, _PAUSE) for _ in range(_READERS + 1))
        return cls(begins, chance.random() < _LOST, chance.random() < _EVICTED, chance.uniform(0, 2 * _PAUSE))


async def _round(
    servers: _Servers, processes: Sequence[ClientRegistry], client_id: UUID, luck: _Luck, tally: Tally
) -> None:
    writer, *readers = processes

    async def write() -> None:
        entry = _entry(client_id, 2)
        if luck.lost:
            await writer.store.upsert(entry)  # and the process is gone
            return
        written = await writer.upsert(entry)
        if written.propagated and not luck.evicted and await _is_older(servers, client_id, written):
            tally.lied += 1

    async def work() -> None:
        reads = [partial(reader.get, client_id) for reader in readers]
        await _together(luck, write, reads, partial(servers.evict, client_id))

    try:
        await work()
    except Exception as error:  # noqa: BLE001 - whatever a read or a write raises, it should not have
        tally.problems.append(f"{type(error).__name__}: {error}")


async def _is_older(servers: _Servers, client_id: UUID, written: Written) -> bool:
    """What the cache says right after the write was called propagated. An empty cache (restarted) says nothing old."""
    try:
        value = await servers.cache.get(client_id)
    except CacheUnreachable:
        return False
    return value is not None and decode(value).version < written.version


async def _naive_round(
    servers: _Servers, slow: Sequence[tuple[Any, ClientCache]], client_id: UUID, luck: _Luck
) -> None:
    async def write() -> None:
        await slow[0][0].upsert(_entry(client_id, 3))
        if not luck.lost:
            await servers.evict(client_id)

    async def read(store: Any, cache: ClientCache) -> None:
        if await cache.get(client_id) is None:
            client = await store.get(client_id)
            await servers.overwrite(client_id, encode(client))

    reads = [partial(read, store, cache) for store, cache in slow[1:]]
    await _together(luck, write, reads, partial(servers.evict, client_id))


async def _together(luck: _Luck, write: _Work, reads: Sequence[_Work], evict: _Work) -> None:
    timed = list(zip(luck.begins, [write, *reads], strict=True))
    if luck.evicted:
        timed.append((luck.evicted_after, evict))
    await asyncio.gather(*(_after(seconds, work) for seconds, work in timed))


async def _after(seconds: float, work: _Work) -> None:
    await asyncio.sleep(seconds)
    await work()


async def _drained(servers: _Servers) -> None:
    """The relay of another process. One that cannot reach a cache that restarts comes again."""
    relay = ClientRegistry(servers.store, servers.cache)
    while await servers.store.outbox_size():
        with suppress(CacheUnreachable):
            await relay.drain_outbox()


async def _stale(servers: _Servers, clients: Sequence[UUID]) -> tuple[int, int]:
    """(cached values that are not their row's, cached values)."""
    rows: Mapping[UUID, RegistryClient] = await servers.store.get_many(clients)
    values = await servers.cache.get_many(clients)
    pairs = [(rows[one], value) for one, (value, _) in zip(clients, values, strict=True) if value is not None]
    return sum(decode(value).version != version_of(row) for row, value in pairs), len(pairs)


def _entry(client_id: UUID, version: int) -> RegistryEntry:
    return RegistryEntry(
        client_id=client_id, client_code=f"client-{client_id}", rate_limit=version, profile_version=version
    )


class _Slow:
    """The store of a process that is not always quick: it pauses with what it has read or written in its hands."""

    def __init__(self, store: ClientStore, chance: random.Random) -> None:
        self._store, self._chance = store, chance

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def get(self, client_id: UUID) -> RegistryClient | None:
        found = await self._store.get(client_id)
        await asyncio.sleep(self._chance.uniform(0, _PAUSE))
        return found

    async def upsert(self, entry: RegistryEntry, **more: Any) -> Written:
        written = await self._store.upsert(entry, **more)
        await asyncio.sleep(self._chance.uniform(0, _PAUSE))
        return written


@dataclass
class _Embedded:
    """Tasks of one process: there is only one."""

    store: ClientStore
    cache: MemoryCache

    @property
    def processes(self) -> Sequence[tuple[ClientStore, ClientCache]]:
        return [(self.store, self.cache)] * (_READERS + 1)

    async def overwrite(self, client_id: UUID, value: bytes) -> None:
        self.cache.set(key_of(client_id), value, _TTL_MS)

    async def evict(self, client_id: UUID) -> None:
        self.cache._drop(key_of(client_id))

    async def restart(self) -> None:
        self.cache.flush()


@asynccontextmanager
async def _embedded() -> AsyncIterator[_Embedded]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "registry.sqlite3")
        try:
            yield _Embedded(store, MemoryCache())
        finally:
            await store.close()


@dataclass
class _Real:
    processes: Sequence[tuple[ClientStore, ClientCache]]
    server: RealServer
    client: Any

    @property
    def store(self) -> ClientStore:
        return self.processes[0][0]

    @property
    def cache(self) -> ClientCache:
        return self.processes[0][1]

    async def overwrite(self, client_id: UUID, value: bytes) -> None:
        await self.client.set(key_of(client_id), value, px=_TTL_MS)

    async def evict(self, client_id: UUID) -> None:
        from redis.exceptions import RedisError

        with suppress(RedisError):  # it restarts just now
            await self.client.delete(key_of(client_id))

    async def restart(self) -> None:
        await asyncio.to_thread(self.server.kill)
        await asyncio.to_thread(self.server.start)


@asynccontextmanager
async def _real() -> AsyncIterator[_Real]:
    from redis.asyncio import BlockingConnectionPool, Redis

    from ocm_tui.core.registry.postgres import PostgresStore
    from ocm_tui.core.registry.redis_cache import RedisCache

    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(postgres_server(own=True))
        valkey = stack.enter_context(valkey_server(own=True, persistent=True))
        processes: list[tuple[ClientStore, ClientCache]] = []
        for _ in range(_READERS + 1):
            store, cache = PostgresStore(postgres.url), RedisCache(valkey.url, timeout=_PATIENT, patience=_PATIENT)
            stack.push_async_callback(store.close)
            stack.push_async_callback(cache.close)
            await store.migrate()
            processes.append((store, cache))
        client = Redis.from_pool(BlockingConnectionPool.from_url(valkey.url))
        stack.push_async_callback(client.aclose)
        yield _Real(processes, valkey, client)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10_000, help="for each cache; default: %(default)s")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", choices=BACKENDS, action="append", help="default: both")
    options = parser.parse_args()
    tallies = [asyncio.run(race(one, options.rounds, seed=options.seed)) for one in options.cache or BACKENDS]
    print(HEAD)  # noqa: T201
    for tally in tallies:
        print("\n".join([tally.line(), *(f"PROBLEM: {one}" for one in tally.problems[:20])]))  # noqa: T201
    good = all(not tally.stale and not tally.lied and not tally.problems for tally in tallies)
    return 0 if good and all(tally.naive_stale > 0.01 * tally.rounds for tally in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
