"""Every state that a cached client can be in, told alike by the sweep over all and by the close look at one."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Refused
from ocm_tui.core.registry.entries import NEGATIVE, encode, gone, version_of
from ocm_tui.core.registry.errors import DatabaseUnreachable, RegistryDenied
from ocm_tui.core.registry.inspection import CACHE_STATES, CacheFinding, CacheState, Inspection, SweepProgress
from ocm_tui.core.registry.model import RegistryClient, RegistryQuery
from ocm_tui.core.registry.ports import GONE, CacheKey, CachePage, ClientCache
from ocm_tui.core.registry.postgres import PostgresStore
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.service import ClientRegistry
from tests.contract.registry.accounts import postgres_accounts, redis_accounts
from tests.contract.registry.backends import PATIENT, Backend, Servers, entry
from tests.databases import scripts

_TTL = 600_000
_AT_ONCE = 0.0  # seconds until the second look


async def _written(registry: ClientRegistry, code: str = "orders") -> RegistryClient:
    client = (await registry.upsert(entry(code, bap_id=f"{code}-bap"))).client
    assert client is not None
    return client


async def _with_every_state(backend: Backend, registry: ClientRegistry) -> dict[UUID, CacheState]:
    """One client, at least, in each of the states."""
    fresh, stale, missing, orphan, corrupt, twisted = [await _written(registry, f"client-{n}") for n in range(6)]
    returned, nobody, deleted, other = await _written(registry, "returned"), uuid4(), uuid4(), uuid4()
    unfinished = await _written(registry, "unfinished")
    backend.run("UPDATE clients SET rate_limit = 7 WHERE client_id = ?", stale.client_id)
    backend.run("DELETE FROM clients WHERE client_id = ?", orphan.client_id)
    await registry.cache.invalidate([missing.client_id])
    await backend.plant(corrupt.client_id, b"\xff not ours", _TTL)
    twist = encode(twisted).replace(b'"ACTIVE"', b'"REVOKED"')
    await backend.plant(twisted.client_id, twist, _TTL)
    await backend.plant(returned.client_id, NEGATIVE, _TTL)
    await backend.plant(unfinished.client_id, encode(unfinished)[:60], None)
    await backend.plant(nobody, NEGATIVE, _TTL)
    await backend.plant(deleted, gone(3), _TTL)
    await backend.plant(other, encode(fresh), _TTL)  # another client's value under this key
    return {
        fresh.client_id: "fresh", stale.client_id: "stale", returned.client_id: "stale", missing.client_id: "missing",
        orphan.client_id: "orphan", corrupt.client_id: "corrupt", nobody: "negative", deleted: "negative",
        other: "corrupt", twisted.client_id: "corrupt", unfinished.client_id: "corrupt",
    }  # fmt: skip


async def test_a_close_look_tells_every_state(backend: Backend, registry: ClientRegistry) -> None:
    states = await _with_every_state(backend, registry)
    inspection = Inspection(registry)
    assert {one: (await inspection.look(one)).state for one in states} == states
    assert set(states.values()) == set(CACHE_STATES)


async def test_a_sweep_tells_every_state_that_shows_in_a_value_s_beginning(
    backend: Backend, registry: ClientRegistry
) -> None:
    states = await _with_every_state(backend, registry)
    report = await Inspection(registry, again_after=_AT_ONCE).sweep(keep_fresh=True, throttle=False)
    found = {one.client_id: one.state for one in report.items}
    assert found.keys() == states.keys()
    hidden = [(states[one], found[one]) for one in states if found[one] != states[one]]
    assert hidden == [("corrupt", "fresh")] * 2  # another body, and one cut short, behind the right version
    assert report.complete
    assert (report.scanned, report.of) == (len(states) - 1, len(states) - 1)
    assert sum(report.summary.values()) == len(report.items) == len(states)


async def test_a_deep_sweep_tells_what_a_close_look_tells(backend: Backend, registry: ClientRegistry) -> None:
    states = await _with_every_state(backend, registry)
    told = list[SweepProgress]()
    report = await Inspection(registry, again_after=_AT_ONCE).sweep(
        keep_fresh=True, deep=True, throttle=False, on_progress=told.append
    )
    assert {one.client_id: one.state for one in report.items} == states
    assert report.summary == dict(Counter(states.values()))
    assert (report.complete, report.deep) == (True, True)
    assert SweepProgress("reading values", 3, report.scanned) in told
    without = await Inspection(registry, again_after=_AT_ONCE).sweep(deep=True)
    assert {one.client_id for one in without.items} == {one for one, state in states.items() if state != "fresh"}
    assert without.summary == report.summary


async def test_a_deep_sweep_finds_one_twisted_value_of_many_and_repairs_it(
    backend: Backend, registry: ClientRegistry
) -> None:
    await registry.upsert_many([entry(f"client-{number}") for number in range(600)])
    await registry.warm()
    twisted = (await registry.page(RegistryQuery(), limit=600)).items[399]
    await backend.plant(twisted.client_id, encode(twisted).replace(b'"rate_limit":60', b'"rate_limit":99'), _TTL)
    inspection = Inspection(registry, again_after=_AT_ONCE)
    assert (await inspection.sweep()).summary["fresh"] == 600
    report = await inspection.sweep(deep=True)
    (finding,) = report.items
    assert (finding.client_id, finding.state) == (twisted.client_id, "corrupt")
    assert finding.cache_version == finding.database_version == twisted.row_version
    assert report.summary["fresh"] == 599
    assert (await inspection.repair([finding])).verified == 1
    assert (await inspection.sweep(deep=True)).summary["fresh"] == 600


async def test_a_deep_sweep_that_is_stopped_says_so(registry: ClientRegistry) -> None:
    await registry.upsert_many([entry(f"client-{number}") for number in range(600)])
    await registry.warm()
    stop = asyncio.Event()

    def watch(progress: SweepProgress) -> None:
        if progress.phase == "reading values":
            stop.set()

    report = await Inspection(registry).sweep(on_progress=watch, stop=stop, deep=True)
    assert (report.complete, report.deep) == (False, False)
    assert (report.scanned, report.summary["fresh"]) == (600, 600)


async def test_what_a_finding_says(backend: Backend, registry: ClientRegistry) -> None:
    client = await _written(registry)
    backend.run("UPDATE clients SET rate_limit = 7 WHERE client_id = ?", client.client_id)
    row = await registry.store.get(client.client_id)
    assert row is not None
    report = await Inspection(registry, again_after=_AT_ONCE).sweep()
    (finding,) = report.items
    assert (finding.client_id, finding.state) == (client.client_id, "stale")
    assert (finding.cache_version, finding.database_version) == (client.row_version, row.row_version)
    assert 0 < finding.ttl_ms <= 1.1 * registry.ttl * 1000
    value = await registry.cache.get(client.client_id)
    assert finding.size == len(value or b"")
    assert not finding.approximate
    told = json.loads(json.dumps(report.as_json()))
    assert told["summary"] == dict.fromkeys(CACHE_STATES, 0) | {"stale": 1}
    assert told["items"][0]["client_id"] == str(client.client_id)
    looked = await Inspection(registry).look(client.client_id)
    assert ("rate_limit", 60, 7) in looked.differences
    assert looked.raw == value


async def test_without_a_comparison_every_key_is_listed(backend: Backend, registry: ClientRegistry) -> None:
    states = await _with_every_state(backend, registry)
    cached = {one for one, state in states.items() if state != "missing"}
    report = await Inspection(registry).sweep(compare=False)
    assert {one.client_id for one in report.items} == cached
    assert {one.state for one in report.items} == {None}
    assert GONE not in {one.ttl_ms for one in report.items}


async def test_repair_mends_what_is_wrong_and_leaves_the_rest(backend: Backend, registry: ClientRegistry) -> None:
    await _with_every_state(backend, registry)
    inspection = Inspection(registry, again_after=_AT_ONCE)
    report = await inspection.sweep(keep_fresh=True)
    wrong = [one for one in report.items if one.state not in {"fresh", "negative", "missing"}]
    work = await inspection.repair([one for one in report.items if one.state != "missing"])
    assert (work.requested, work.failed, work.verified) == (len(wrong), 0, len(wrong))
    after = (await inspection.sweep()).summary
    assert {state: after[state] for state in ("stale", "orphan", "corrupt", "missing")} == {
        "stale": 0, "orphan": 0, "corrupt": 0, "missing": 1,
    }  # fmt: skip


async def test_repair_asks_the_policy_first(backend: Backend) -> None:
    registry = backend.registry(policy=WritePolicy(read_only=True))
    finding = CacheFinding(uuid4(), "orphan", 1, 1, None)
    with pytest.raises(Refused):
        await Inspection(registry).repair([finding])


class _Between:
    """The cache, and something that happens between the scan and the second look."""

    def __init__(self, cache: ClientCache, happen: "asyncio.Event", ended: "asyncio.Event") -> None:
        self._cache, self._happen, self._ended = cache, happen, ended

    def __getattr__(self, name: str) -> object:
        return getattr(self._cache, name)

    async def get_many(self, client_ids: Sequence[UUID]) -> Sequence[tuple[bytes | None, int]]:
        self._happen.set()
        await self._ended.wait()
        return await self._cache.get_many(client_ids)


async def test_a_write_under_way_is_no_finding(backend: Backend, registry: ClientRegistry) -> None:
    """The row is written, its copy is not yet: by the second look it is."""
    client = await _written(registry)
    backend.run("UPDATE clients SET rate_limit = 7 WHERE client_id = ?", client.client_id)
    happen, ended = asyncio.Event(), asyncio.Event()
    looking = backend.registry(registry.store, _Between(registry.cache, happen, ended))  # type: ignore[arg-type]
    sweep = asyncio.create_task(Inspection(looking, again_after=_AT_ONCE).sweep())
    await happen.wait()
    await registry.drain_outbox()
    ended.set()
    report = await sweep
    assert report.summary == dict.fromkeys(CACHE_STATES, 0) | {"fresh": 1}
    assert not list(report.items)


async def test_a_sweep_that_is_stopped_tells_what_it_saw(registry: ClientRegistry) -> None:
    await registry.upsert_many([entry(f"client-{number}") for number in range(1200)])
    await registry.warm()
    stop, told = asyncio.Event(), list[SweepProgress]()

    def watch(progress: SweepProgress) -> None:
        told.append(progress)
        stop.set()

    report = await Inspection(registry).sweep(on_progress=watch, stop=stop, keep_fresh=True)
    assert not report.complete
    assert 0 < report.scanned < report.of == 1200
    assert report.summary == dict.fromkeys(CACHE_STATES, 0) | {"fresh": report.scanned}
    assert told[0] == SweepProgress("scanning", report.scanned, 1200)


async def test_many_keys_in_several_ranges(registry: ClientRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocm_tui.core.registry.sweep._KEYS_A_RANGE", 100)
    entries = [entry(f"client-{number}") for number in range(1000)]
    await registry.upsert_many(entries)
    await registry.warm()
    gone_ones, dropped = [one.client_id for one in entries[:20]], [one.client_id for one in entries[-30:]]
    for one in gone_ones:
        await registry.store.delete(one)
    await registry.cache.invalidate(dropped)
    report = await Inspection(registry, again_after=_AT_ONCE).sweep()
    assert report.summary == dict.fromkeys(CACHE_STATES, 0) | {"fresh": 950, "orphan": 20, "missing": 30}
    assert {one.client_id for one in report.items if one.state == "orphan"} == set(gone_ones)
    assert {one.client_id for one in report.items if one.state == "missing"} == set(dropped)


class _Stuttering:
    """A cache whose sweep gives each page twice, as one does whose table grows meanwhile, and keys of nobody."""

    def __init__(self, cache: ClientCache) -> None:
        self._cache = cache

    def __getattr__(self, name: str) -> object:
        return getattr(self._cache, name)

    async def scan(self, cursor: str = "0", count: int = 500) -> CachePage:
        page = await self._cache.scan(cursor, count)
        strange = [CacheKey(f"client:{name}", -1, 1, 5) for name in ("", "orders", "é" * 36, "z" * 36)]
        return CachePage(page.cursor, [*page.keys, *strange, *page.keys])


async def test_keys_that_come_twice_or_are_nobodys(backend: Backend, registry: ClientRegistry) -> None:
    client = await _written(registry)
    sweeping = backend.registry(registry.store, _Stuttering(registry.cache))  # type: ignore[arg-type]
    report = await Inspection(sweeping).sweep(keep_fresh=True)
    assert report.summary["fresh"] == report.scanned == len(report.items) == 1
    assert report.items[0].client_id == client.client_id
    assert report.foreign == 4


async def test_a_foreign_writers_value_is_told_by_its_fields(backend: Backend, registry: ClientRegistry) -> None:
    """The registry's other programs write plain JSON, without a version."""
    same, other = await _written(registry, "same"), await _written(registry, "other")
    for client, status in ((same, "ACTIVE"), (other, "SUSPENDED")):
        document = {"client_id": str(client.client_id), "client_code": client.client_code, "status": status}
        await backend.plant(client.client_id, json.dumps(document).encode(), _TTL)
    report = await Inspection(registry, again_after=_AT_ONCE).sweep(keep_fresh=True)
    found = {one.client_id: (one.state, one.cache_version, one.approximate) for one in report.items}
    assert found == {same.client_id: ("fresh", None, True), other.client_id: ("stale", None, True)}
    assert (await Inspection(registry).look(other.client_id)).differences == (("status", "SUSPENDED", "ACTIVE"),)


class _Dead:
    """A store whose server is gone."""

    kind = "postgres"

    async def get(self, client_id: UUID) -> RegistryClient | None:
        raise DatabaseUnreachable("not now")


async def test_a_dead_database_leaves_the_cache_to_look_at(backend: Backend, registry: ClientRegistry) -> None:
    client = await _written(registry)
    looking = ClientRegistry(_Dead(), registry.cache)  # type: ignore[arg-type]
    looked = await Inspection(looking).look(client.client_id)
    assert looked.cached == client
    assert (looked.state, looked.row) == (None, None)
    assert "not now" in looked.database_problem
    assert looked.cached_at is not None


async def test_a_table_without_versions_is_compared_by_the_time_of_the_last_change(
    postgres_dsn: str, redis_url: str
) -> None:
    """A registry that others made: no DDL is needed, and the verdict is called approximate."""
    scripts(
        postgres_dsn,
        "CREATE SCHEMA foreign_registry; CREATE TABLE foreign_registry.clients (client_id uuid PRIMARY KEY, "
        "client_code varchar(64), status varchar(20), updated_at timestamp);"
        "INSERT INTO foreign_registry.clients SELECT gen_random_uuid(), 'client-' || n, 'ACTIVE', "
        "'2026-01-02 03:04:05.678901' FROM generate_series(1, 3) n",
    )
    cache = RedisCache(redis_url)
    registry = ClientRegistry(PostgresStore(postgres_dsn, schema="foreign_registry"), cache)
    try:
        same, other, missing = (await registry.page(RegistryQuery())).items
        await cache.put(same.client_id, version_of(same), encode(same), _TTL)
        assert other.updated_at is not None
        older = replace(other, updated_at=other.updated_at - timedelta(microseconds=1))
        await cache.put(other.client_id, version_of(older), encode(older), _TTL)
        report = await Inspection(registry, again_after=_AT_ONCE).sweep(keep_fresh=True)
    finally:
        await registry.close()
        scripts(postgres_dsn, "DROP SCHEMA foreign_registry CASCADE")
    assert report.approximate
    assert {one.client_id: one.state for one in report.items} == {
        same.client_id: "fresh", other.client_id: "stale", missing.client_id: "missing",
    }  # fmt: skip
    assert {one.approximate for one in report.items} == {True}


async def test_accounts_that_may_only_read_inspect_everything(postgres_dsn: str, redis_url: str) -> None:
    backend = Servers(dsn=postgres_dsn, url=redis_url)
    with postgres_accounts(postgres_dsn) as database, redis_accounts(redis_url) as cache:
        states = await _with_every_state(backend, backend.registry())
        reader = backend.registry(PostgresStore(database["reader"]), RedisCache(cache["reader"], patience=PATIENT))
        try:
            inspection = Inspection(reader, again_after=_AT_ONCE)
            report = await inspection.sweep()
            assert {one: (await inspection.look(one)).state for one in states} == states
            work = [one for one in report.items if one.state == "stale"]
            with pytest.raises(RegistryDenied):
                await inspection.repair(work)
            assert (await inspection.sweep()).summary == report.summary
        finally:
            await backend.close()
    assert report.complete
    assert not report.approximate
    assert report.summary["stale"] == len(work) == 2
