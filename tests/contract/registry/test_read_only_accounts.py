"""With the accounts of examples/registry every inspection works, and every write is refused by the server."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import redis.asyncio as redis
from redis.exceptions import NoPermissionError

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.entries import NEGATIVE, encode, version_of
from ocm_tui.core.registry.errors import RegistryDenied
from ocm_tui.core.registry.events.model import ClientEvent
from ocm_tui.core.registry.events.redis_stream import RedisStream
from ocm_tui.core.registry.inspection import Inspection
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, RegistryQuery
from ocm_tui.core.registry.postgres import PostgresStore
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.status import read_status
from ocm_tui.core.secret import Secret
from tests.contract.registry.accounts import postgres_accounts, redis_accounts, without

_STREAM = "stream:admin.client.events"
_ORDERS = UUID("00000000-0000-4000-8000-000000000001")
_REPORTS = UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture
def dsns(postgres_dsn: str) -> Iterator[dict[str, str]]:
    with postgres_accounts(postgres_dsn) as accounts:
        yield accounts


@pytest.fixture
def urls(redis_url: str) -> Iterator[dict[str, str]]:
    with redis_accounts(redis_url) as accounts:
        yield accounts


@asynccontextmanager
async def _registry(dsn: str, url: str) -> AsyncIterator[ClientRegistry]:
    stream = RedisStream(url, _STREAM)
    registry = ClientRegistry(PostgresStore(dsn), RedisCache(url, timeout=5.0), stream=stream)
    try:
        yield registry
    finally:
        await registry.close()


@pytest.fixture
async def filled(dsns: dict[str, str], urls: dict[str, str]) -> None:
    """As an operator leaves it: one client fresh in the cache, one stale, one orphan, an event."""
    async with _registry(dsns["operator"], urls["operator"]) as registry:
        hashed = Secret("planted-hash-90b2")
        orders = RegistryEntry(client_id=_ORDERS, client_code="orders", secret_hash=hashed)
        assert (await registry.upsert(orders)).propagated
        stale = (await registry.upsert(RegistryEntry(client_id=_REPORTS, client_code="reports"))).client
        assert stale is not None
        await registry.set_status(_REPORTS, "REVOKED")
        await registry.invalidate([_REPORTS])
        await registry.cache.put(_REPORTS, version_of(stale), encode(stale), 60_000)
        orphan = RegistryClient(client_id=uuid4(), row_version=1)
        await registry.cache.put(orphan.client_id, 1, encode(orphan), 60_000)
        assert registry.stream is not None
        await registry.stream.join("one")
        await registry.stream.publish(
            [ClientEvent(event_id=str(uuid4()), type="client.updated", client_id=_ORDERS, payload={})]
        )


async def test_a_reader_sees_everything(dsns: dict[str, str], urls: dict[str, str], filled: None) -> None:
    async with _registry(dsns["reader"], urls["reader"]) as registry:
        found = await registry.get(_ORDERS)
        assert (found.client.client_code, found.client.has_secret, found.source) == ("orders", True, "cache")
        assert (await registry.find("reports")).status == "REVOKED"
        page = await registry.page(RegistryQuery(words=("ORD",)))
        assert [client.client_id for client in page.items] == [_ORDERS]
        assert (await registry.store.counts()).total == 2
        assert await registry.store.outbox_size() == 0
        assert "write" not in registry.store.capabilities

        status = await read_status(registry)
        assert status.database.reachable
        assert status.database.denied == ()
        assert status.database.sessions is not None
        assert status.database.writable is False
        assert status.cache.reachable
        assert status.cache.denied == ()
        assert status.cache.used_memory
        assert status.stream is not None
        assert (status.stream.length, status.stream.denied) == (1, ())

        report = await Inspection(registry, again_after=0.0).sweep(throttle=False)
        assert report.complete
        assert {state: count for state, count in report.summary.items() if count} == {
            "fresh": 1, "stale": 1, "orphan": 1,
        }  # fmt: skip
        look = await Inspection(registry).look(_REPORTS)
        assert [difference.field for difference in look.differences][:1] == ["status"]
        feed = registry.cache.changes()
        assert (await anext(feed)).key is None
        wakes = registry.store.changes()
        await anext(wakes)


_SQL_WRITES = [
    "UPDATE client_registry.clients SET status = 'ACTIVE'",
    "UPDATE client_registry.clients SET last_synced_at = now()",
    "INSERT INTO client_registry.clients (client_id) VALUES (gen_random_uuid())",
    "DELETE FROM client_registry.clients",
    "TRUNCATE client_registry.clients",
    "DELETE FROM client_registry.cache_outbox",
    "INSERT INTO client_registry.processed_events VALUES ('x', '1-0')",
    "SELECT nextval('client_registry.row_version_seq')",
    "SELECT client_registry.new_version()",
    "CREATE TABLE client_registry.mine (a int)",
    "DROP TABLE client_registry.clients",
    "SELECT client_secret_hash FROM client_registry.clients",
    "SELECT api_key_hash FROM client_registry.clients_with_api_key",
    "SELECT * FROM client_registry.clients",
]


@pytest.mark.parametrize("statement", _SQL_WRITES)
async def test_the_database_refuses_a_reader(dsns: dict[str, str], statement: str) -> None:
    connection = await asyncpg.connect(dsns["reader"])
    try:
        await connection.execute("SET default_transaction_read_only = off")  # a session can; so it protects nothing
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "command",
    [
        "SET client:1 x", "DEL client:1", "EXPIRE client:1 1", "FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG GET *",
        "XADD stream:admin.client.events * a b", "XGROUP CREATE stream:admin.client.events g 0", "SHUTDOWN",
        "XREADGROUP GROUP client-registry c STREAMS stream:admin.client.events >", "GET other:1", "ACL LIST",
        "EVAL return(1) 0", "EVAL_RO return(redis.call('DEL',KEYS[1])) 1 client:1", "SUBSCRIBE elsewhere",
        "SCRIPT FLUSH", "CLIENT KILL TYPE normal", "XACK stream:admin.client.events client-registry 1-1",
    ],
)  # fmt: skip
async def test_the_cache_refuses_a_reader(urls: dict[str, str], command: str) -> None:
    client: Any = redis.Redis.from_url(urls["reader"])
    try:
        with pytest.raises(redis.ResponseError) as raised:
            await client.execute_command(*command.split(" "))
    finally:
        await client.aclose()
    refused = isinstance(raised.value, NoPermissionError) or "ACL" in str(raised.value)
    assert refused or "not allowed from read-only script" in str(raised.value)


_Write = Callable[[ClientRegistry], Any]


@pytest.mark.parametrize(
    "write",
    [
        lambda registry: registry.upsert(RegistryEntry(client_id=_ORDERS, client_code="orders", rate_limit=7)),
        lambda registry: registry.upsert_many([RegistryEntry(client_id=uuid4(), client_code="new")]),
        lambda registry: registry.set_status(_ORDERS, "SUSPENDED"),
        lambda registry: registry.delete(_ORDERS),
        lambda registry: registry.cache.put(_ORDERS, 0, NEGATIVE, 1000),
        lambda registry: registry.cache.put_many([(_ORDERS, 0, NEGATIVE, 1000)]),
        lambda registry: registry.cache.invalidate([_ORDERS]),
        lambda registry: registry.cache.get_or_lease(uuid4()),
        lambda registry: registry.store.migrate(),
    ],
    ids=["upsert", "bulk", "status", "delete", "put", "puts", "invalidate", "lease", "migrate"],
)
async def test_a_readers_write_says_who_refused(
    dsns: dict[str, str], urls: dict[str, str], filled: None, write: _Write
) -> None:
    async with _registry(dsns["reader"], urls["reader"]) as registry:
        before = await registry.store.get_many([_ORDERS, _REPORTS])
        with pytest.raises(RegistryDenied) as raised:
            await write(registry)
        assert str(raised.value)
        assert await registry.store.get_many([_ORDERS, _REPORTS]) == before


async def test_an_uncached_client_is_read_without_the_right_to_fill(
    dsns: dict[str, str], urls: dict[str, str], filled: None
) -> None:
    async with _registry(dsns["operator"], urls["operator"]) as registry:
        await registry.invalidate([_ORDERS])
    async with _registry(dsns["reader"], urls["reader"]) as registry:
        found = await registry.get(_ORDERS)
        assert (found.client.client_code, found.source) == ("orders", "database")


async def test_what_is_denied_is_named_and_the_rest_works(
    dsns: dict[str, str], urls: dict[str, str], redis_url: str, filled: None
) -> None:
    without(redis_url, "ocm-reader", "-info", "-slowlog|get", "-eval_ro", "-evalsha_ro")
    async with _registry(dsns["reader"], urls["reader"]) as registry:
        status = await read_status(registry)
        assert {"INFO", "SLOWLOG"} <= set(status.cache.denied)
        assert status.cache.reachable
        assert status.cache.keys
        report = await Inspection(registry, again_after=0.0).sweep(throttle=False)
        assert (report.summary["fresh"], report.summary["stale"], report.summary["orphan"]) == (1, 1, 1)


async def test_wrong_passwords_are_denials(dsns: dict[str, str], urls: dict[str, str]) -> None:
    cache = RedisCache(urls["reader"].replace("planted", "mistaken"), timeout=5.0)
    try:
        with pytest.raises(RegistryDenied) as raised:
            await cache.get(_ORDERS)
        assert "mistaken" not in str(raised.value)
    finally:
        await cache.close()
    store = PostgresStore(dsns["reader"].replace("_reader", "_nobody"))
    try:
        with pytest.raises(OcmError):
            await store.get(_ORDERS)
    finally:
        await store.close()
