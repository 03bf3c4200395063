"""What only Postgres has: tables of others, hand-run SQL, accounts, servers that fail. What every store must do is in
the shared contract suite."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.entries import decode, encode
from ocm_tui.core.registry.errors import (
    DatabaseBusy,
    DatabaseFailed,
    DatabaseUnreachable,
    NotRegistered,
    RegistryDenied,
)
from ocm_tui.core.registry.model import BulkWritten, RegistryEntry, RegistryQuery
from ocm_tui.core.registry.postgres import PostgresStore
from ocm_tui.core.registry.postgres_pool import address_of
from ocm_tui.core.secret import Secret
from tests.databases import database, scripts, sql
from tests.real_servers import RealServer, postgres_server

_ONE = UUID("00000000-0000-4000-8000-000000000001")
_TWO = UUID("00000000-0000-4000-8000-000000000002")

# As another program made it: no versions, no outbox, times without a zone, a column of its own.
_FOREIGN = f"""
CREATE SCHEMA client_registry;
CREATE TABLE client_registry.clients (
    client_id uuid PRIMARY KEY, client_code varchar(64), client_secret_hash text, api_key_hash text,
    bap_id varchar(255), bap_uri text, allowed_ips cidr[], rate_limit integer, status varchar(16), metadata jsonb,
    created_at timestamp, updated_at timestamp, last_synced_at timestamp, region text);
INSERT INTO client_registry.clients VALUES ('{_ONE}', 'orders', 'planted-hash-71', NULL, NULL, NULL,
    '{{10.0.0.0/8,2001:db8::/32,::102:300/120}}', 100, 'ACTIVE', '{{"a": 1}}', '2026-01-02', '2026-01-02 03:04:05');
INSERT INTO client_registry.clients (client_id, status) VALUES ('{_TWO}', 'REVOKED');
"""


_UPSERT_BY_HAND = """
INSERT INTO client_registry.clients (client_id) SELECT client_id FROM client_registry.clients
ON CONFLICT (client_id) DO UPDATE SET rate_limit = 7
"""


@asynccontextmanager
async def _opened(
    dsn: str, *, write: bool = True, schema: str = "client_registry", patience: float = 5.0
) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(dsn, write=write, schema=schema, patience=patience)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(postgres_dsn: str) -> AsyncIterator[PostgresStore]:
    async with _opened(postgres_dsn) as opened:
        yield opened


@pytest.fixture
def foreign(postgres_server: RealServer) -> Iterator[str]:
    with database(postgres_server.url) as dsn:
        scripts(dsn, _FOREIGN)
        yield dsn


def _entry(client_id: UUID = _ONE, code: str = "orders", **more: object) -> RegistryEntry:
    return RegistryEntry(client_id=client_id, client_code=code, **more)  # type: ignore[arg-type]


async def test_a_table_of_others_is_looked_at_as_it_is(foreign: str) -> None:
    async with _opened(foreign) as store:
        page = await store.page(RegistryQuery())
        assert store.capabilities == {"statistics"}
        assert not store.ours
        one, two = page.items
        assert (one.client_code, one.has_secret, one.rate_limit, one.row_version) == ("orders", True, 100, 0)
        assert one.allowed_ips == ("10.0.0.0/8", "2001:db8::/32", "::102:300/120")
        assert one.updated_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert (two.client_code, two.status, two.allowed_ips, two.metadata) == ("", "REVOKED", (), {})
        assert decode(encode(one)).client is not None
        assert (await store.counts()).total == 2
        assert [batch async for batch in store.versions()] == [[(_ONE, 0), (_TWO, 0)]]
        assert await store.outbox() == []


async def test_a_table_of_others_is_neither_written_nor_migrated(foreign: str) -> None:
    before = sql(foreign, "SELECT * FROM client_registry.clients ORDER BY 1")
    async with _opened(foreign) as store:
        with pytest.raises(RegistryDenied, match="versions"):
            await store.set_status(_ONE, "SUSPENDED")
        for ask in (store.migrate, store.waiting_migrations):
            with pytest.raises(DatabaseFailed, match="another program"):
                await ask()
    assert sql(foreign, "SELECT * FROM client_registry.clients ORDER BY 1") == before
    assert sql(foreign, "SELECT count(*) FROM pg_class WHERE relname = 'schema_migrations'")[0][0] == 0


async def test_migrations_run_once_and_several_at_a_time(postgres_server: RealServer) -> None:
    with database(postgres_server.url) as dsn:
        async with _opened(dsn) as one, _opened(dsn) as two:
            with pytest.raises(DatabaseFailed, match="no table") as raised:
                await one.get(_ONE)
            assert "registry migrate" in raised.value.hint
            assert await one.waiting_migrations()
            applied = await asyncio.gather(one.migrate(), two.migrate())
            assert sorted(map(len, applied)) == [0, len(applied[0]) + len(applied[1])]
            assert await one.waiting_migrations() == ()
            assert (await one.upsert(_entry())).changed


async def test_another_schema_holds_a_registry_of_its_own(postgres_dsn: str, store: PostgresStore) -> None:
    await store.upsert(_entry())
    try:
        async with _opened(postgres_dsn, schema="staging") as other:
            await other.migrate()
            assert await other.get(_ONE) is None
            await other.upsert(_entry(code="staged"))
            assert len(await other.outbox()) == 1
        assert [client.client_code for client in (await store.page(RegistryQuery())).items] == ["orders"]
    finally:
        scripts(postgres_dsn, "DROP SCHEMA staging CASCADE")


@pytest.mark.parametrize("schema", ["", "Clients", "a b", 'x"; DROP TABLE y; --', "1st", "größe"])
def test_a_schema_is_a_plain_name(schema: str) -> None:
    with pytest.raises(UsageError):
        PostgresStore("postgresql://db.example.com/registry", schema=schema)


@pytest.mark.parametrize(
    ("statement", "versions"),
    [
        ("UPDATE client_registry.clients SET bap_id = 'x'", 2),
        ("UPDATE client_registry.clients SET bap_id = 'x' WHERE client_code = 'orders'", 1),
        ("UPDATE client_registry.clients SET bap_id = 'x' WHERE false", 0),
        ("DELETE FROM client_registry.clients", 2),
        ("INSERT INTO client_registry.clients (client_id) SELECT gen_random_uuid() FROM generate_series(1, 3)", 3),
        (_UPSERT_BY_HAND, 2),
    ],
)  # fmt: skip
async def test_hand_run_sql_reaches_the_outbox(
    store: PostgresStore, postgres_dsn: str, statement: str, versions: int
) -> None:
    await store.upsert_many([_entry(), _entry(_TWO, "reports")])
    newest = max(entry.version for entry in await store.outbox())
    await store.confirm(await store.outbox())
    changes = store.changes()
    await anext(changes)  # connected
    await asyncio.to_thread(scripts, postgres_dsn, statement)
    if versions:
        await asyncio.wait_for(anext(changes), 60)
    outbox = await store.outbox()
    assert len(outbox) == versions
    assert all(entry.version > newest for entry in outbox)


async def test_the_id_of_a_row_never_changes(store: PostgresStore, postgres_dsn: str) -> None:
    await store.upsert(_entry())
    with pytest.raises(UsageError, match="cannot hold"):
        async with store.writing() as connection:
            await connection.execute("UPDATE client_registry.clients SET client_id = gen_random_uuid()")
    assert await store.get(_ONE) is not None


async def test_a_stub_is_hidden_until_its_profile_comes(store: PostgresStore) -> None:
    async with store.writing() as connection:
        await connection.execute(
            "INSERT INTO client_registry.clients (client_id, status, status_version) VALUES ($1, 'SUSPENDED', 6)", _ONE
        )
    assert await store.get(_ONE) is None
    assert (await store.page(RegistryQuery())).items == []
    assert (await store.counts()).total == 0
    assert [batch async for batch in store.versions()] == []
    for write in (store.set_status(_ONE, "ACTIVE"), store.delete(_ONE)):
        with pytest.raises(NotRegistered):
            await write
    assert await store.upsert_many([_entry()]) == BulkWritten(created=1, updated=0, unchanged=0)
    client = await store.get(_ONE)
    assert client is not None
    assert client.status == "SUSPENDED"


async def test_a_bulk_leaves_alone_what_each_entry_leaves_alone(store: PostgresStore) -> None:
    synced = datetime(2026, 5, 4, tzinfo=UTC)
    await store.upsert(_entry(secret_hash=Secret("planted-hash-a1"), last_synced_at=synced, profile_version=9))
    written = await store.upsert_many(
        [
            _entry(rate_limit=7),
            _entry(_TWO, "reports", secret_hash=Secret("planted-hash-b2"), status="SUSPENDED"),
            _entry(uuid4(), "older", profile_version=3),
        ]
    )
    assert written == BulkWritten(created=2, updated=1, unchanged=0)
    one, two = (await store.get_many([_ONE, _TWO])).values()
    assert (one.rate_limit, one.has_secret, one.last_synced_at, one.profile_version) == (7, True, synced, 9)
    assert (two.has_secret, two.status) == (True, "SUSPENDED")
    assert await store.upsert_many([_entry(rate_limit=8, profile_version=9)]) == BulkWritten(0, 0, 1)


async def test_a_bulk_that_fails_writes_nothing(store: PostgresStore) -> None:
    broken = _entry(_TWO, "reports", metadata={"text": "x"})
    object.__setattr__(broken, "allowed_ips", ("10.0.0.0/8", "nonsense"))
    with pytest.raises(UsageError):
        await store.upsert_many([_entry(), broken])
    assert (await store.counts()).total == 0
    assert await store.outbox() == []


async def test_hostile_texts_are_values(store: PostgresStore) -> None:
    nasty = "'; DROP TABLE clients; -- \\ %_ \x1b[31m [/x] \u202e"
    await store.upsert_many([_entry(code=nasty[:64], bap_id=nasty, bap_uri=nasty, metadata={nasty: nasty})])
    found = await store.get(_ONE)
    assert found is not None
    assert (found.bap_id, found.metadata) == (nasty, {nasty: nasty})
    assert [one.client_id for one in (await store.page(RegistryQuery(words=("DROP table", "%_")))).items] == [_ONE]
    assert (await store.page(RegistryQuery(codes=("%",)))).items == []
    assert [one.client_id for one in await store.find(nasty[:64])] == [_ONE]
    assert await store.find("a\0b") == []


async def test_a_lock_that_is_held_is_not_waited_for(store: PostgresStore, postgres_dsn: str) -> None:
    await store.upsert(_entry())
    async with _opened(postgres_dsn) as other, other.writing() as connection:
        await connection.execute("UPDATE client_registry.clients SET rate_limit = 9")
        with pytest.raises(DatabaseBusy):
            await store.set_status(_ONE, "SUSPENDED")
        found = await store.get(_ONE)
    assert found is not None
    assert found.rate_limit == 60


async def test_opened_for_reading_it_writes_nothing(store: PostgresStore, postgres_dsn: str) -> None:
    await store.upsert(_entry())
    async with _opened(postgres_dsn, write=False) as reader:
        with pytest.raises(RegistryDenied):
            await reader.set_status(_ONE, "SUSPENDED")
        with pytest.raises(RegistryDenied):
            async with reader.reading() as connection:
                await connection.execute("UPDATE client_registry.clients SET rate_limit = 9")
        assert "write" not in reader.capabilities


async def test_a_cancelled_read_gives_its_connection_back(store: PostgresStore) -> None:
    async def sleep() -> None:
        async with store.reading() as connection:
            await connection.execute("SELECT pg_sleep(60)")

    for _ in range(6):  # more than the pool holds
        task = asyncio.create_task(sleep())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await store.get(_ONE) is None


async def test_estimated_counts_come_from_statistics(store: PostgresStore, postgres_dsn: str) -> None:
    await store.upsert_many([_entry(uuid4(), f"c{n}", status="ACTIVE" if n % 4 else "SUSPENDED") for n in range(400)])
    scripts(postgres_dsn, "ANALYZE client_registry.clients")
    counts = await store.counts(exact=False)
    assert (counts.active, counts.suspended, counts.revoked, counts.exact) == (300, 100, 0, False)


async def test_a_dead_server_is_said_and_comes_back() -> None:
    with postgres_server(own=True) as server:
        async with _opened(server.url) as store:
            await store.migrate()
            await store.upsert(_entry())
            changes = store.changes()
            await anext(changes)
            server.kill()
            for ask in (store.get(_ONE), store.counts(), store.outbox(), store.upsert(_entry(rate_limit=5))):
                with pytest.raises(DatabaseUnreachable):
                    await ask
            server.start()
            await asyncio.wait_for(anext(changes), 60)  # by itself, and with a wake-up: something may have been missed
            found = await store.get(_ONE)
            assert found is not None
            await changes.aclose()  # type: ignore[attr-defined]


async def test_a_server_that_hangs_is_given_up() -> None:
    with postgres_server(own=True) as server:
        async with _opened(server.url) as store, _opened(server.url, patience=0.3) as hasty:
            await store.migrate()
            assert await hasty.get(_ONE) is None
            server.pause()
            try:
                for _ in range(6):  # more than the pool holds: none of its connections is lost for good
                    with pytest.raises(DatabaseUnreachable):
                        await hasty.get(_ONE)
            finally:
                server.resume()
            assert await store.get(_ONE) is None


@pytest.mark.parametrize(
    ("dsn", "address"),
    [
        ("postgresql://u:p%40ss@db.example.com:5433/registry?sslmode=require", "db.example.com:5433/registry"),
        ("postgresql://db1.example.com,db2.example.com/registry", "db1.example.com,db2.example.com/registry"),
        ("postgresql://u:pass@/registry?host=/run/postgresql", "/run/postgresql/registry"),
        ("postgresql:///registry", "localhost/registry"),
        ("postgresql://u:a@b@db.example.com/x", "db.example.com/x"),
        ("postgresql://[::1]:5432/x", "[::1]:5432/x"),
    ],
)
def test_addresses_have_no_login(dsn: str, address: str) -> None:
    assert address_of(dsn) == address


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:planted-pass-9@db.example.com:port/x",
        "postgresql://u:planted-pass-9@127.0.0.1:1/x",
        "postgresql://u:planted-pass-9@[::1/x",
    ],
)
async def test_an_unusable_url_is_not_quoted(dsn: str) -> None:
    with pytest.raises((UsageError, DatabaseUnreachable)) as raised:
        async with _opened(dsn) as store:
            await store.get(_ONE)
    assert "planted" not in f"{raised.value} {raised.value.detail} {raised.value.hint}"
