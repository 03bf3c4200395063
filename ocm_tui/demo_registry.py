"""The demo's client registry: embedded, and in the state that a registry is in after some years and some bad nights.

Most clients have a row, and most rows a fresh copy in the cache. Some copies are stale, orphaned or corrupt, one client
is known not to exist, one row waits for the cache to hear of it; some events wait, one is among the dead letters.
"""

import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid5

from ocm_tui.core.registry.thresholds import RegistryThresholds

if TYPE_CHECKING:
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.registry.events.model import ClientEvent, EventStream, EventType
    from ocm_tui.core.registry.memory_cache import MemoryCache
    from ocm_tui.core.registry.model import ClientStatus, RegistryClient, RegistryEntry
    from ocm_tui.core.registry.ports import ClientStore
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["DEMO_THRESHOLDS", "open_demo_registry"]

TTL: Final = 300.0
# What is wrong on purpose is a warning: the demo's checks pass.
DEMO_THRESHOLDS: Final = RegistryThresholds(bad_entries=10)

# What happened to whom. Everybody else of the company has a row, and a fresh copy of it in the cache.
_NO_ROW: Final = frozenset({"audit-exporter", "telemetry-collector"})
_ONLY_ROW: Final = ("legacy-erp", "fax-gateway")  # the authorization server knows them no more
_SUSPENDED: Final = frozenset({"partner-globex", "carrier-webhook"})
_REVOKED: Final = frozenset({"fax-gateway", "partner-initech"})
_NOT_CACHED: Final = frozenset({"reports-export", "legacy-erp", "ci-deployer", "partner-acme", "edge-proxy"})
_STALE: Final = frozenset({"partner-initech", "stock-service"})  # revoked, and still good for whoever asks the cache
_CORRUPT: Final = "warehouse-gateway"
_ORPHAN: Final = "shut-down-shop"
_NEVER_THERE: Final = "orders-apii"
_WAITING: Final = "pricing-engine"  # its newest version is still in the outbox


async def open_demo_registry(directory: Path, policy: "WritePolicy", base_url: str) -> "ClientRegistry":
    """Seeded when it is opened; the rows agree with the demo's inventory."""
    from ocm_tui.core.registry.opening import RegistryAddresses, open_registry

    addresses = RegistryAddresses(file=directory / "registry-demo.sqlite3", ttl=TTL)
    registry = await open_registry(addresses, policy=policy, server_base_url=base_url)
    try:
        await _seed(registry, _blocks(), base_url)
    except BaseException:
        await registry.close()
        raise
    return registry


def _blocks() -> dict[str, Any]:
    """The `registry:` blocks of the demo's inventory, by clientId. Reading all of it properly would take longer than
    the rest of the seeding."""
    import yaml

    from ocm_tui.simulator.inventory import demo_inventory

    blocks, code = {}, ""
    for line in demo_inventory().splitlines():
        name, _, value = line.strip().removeprefix("- ").partition(": ")
        if name == "clientId":
            code = value.split()[0]
        elif name == "registry":
            blocks[code] = yaml.safe_load(value)
    return blocks


async def _seed(registry: "ClientRegistry", blocks: dict[str, Any], base_url: str) -> None:
    """Past the service: its protocol would not leave such a mess."""
    from ocm_tui.core.registry.memory_cache import MemoryCache

    store, cache, stream = registry.store, registry.cache, registry.stream
    assert isinstance(cache, MemoryCache)
    await store.upsert_many(_entries(blocks, base_url))
    rows = (await store.page(_everybody())).items
    await store.confirm(await store.outbox(limit=1000))
    waiting = next(row for row in rows if row.client_code == _WAITING)
    await _touch(store, waiting)
    _fill(cache, rows, base_url)
    if stream is not None:
        await _publish(stream, rows)


def _everybody() -> Any:
    from ocm_tui.core.registry.model import RegistryQuery

    return RegistryQuery()


async def _touch(store: "ClientStore", row: "RegistryClient") -> None:
    """A write whose word did not reach the cache."""
    from ocm_tui.core.registry.declared import entry_over

    await store.upsert(entry_over(row.client_code, {"rate_limit": row.rate_limit + 30}, row.client_id, row))


def _entries(blocks: dict[str, Any], base_url: str) -> list["RegistryEntry"]:
    from ocm_tui.core.registry.declared import entry_over
    from ocm_tui.core.registry.model import derived_id
    from ocm_tui.simulator.catalogue import CATALOGUE

    codes = [entry.document["clientId"] for entry in CATALOGUE if entry.document["clientId"] not in _NO_ROW]
    synced = datetime.now(UTC) - timedelta(minutes=7)
    entries = []
    for code in (*codes, *_ONLY_ROW):
        declared = blocks.get(code) or _made_up(code)
        entry = entry_over(code, declared, derived_id(base_url, code), None)
        age = timedelta(minutes=_chance(code, 2000))
        entries.append(replace(entry, status=_status(code), last_synced_at=synced - age))
    return entries


def _made_up(code: str) -> dict[str, Any]:
    family = code.partition("-")[0]
    networks = ("10.0.0.0/8", "10.20.0.0/16", "192.0.2.0/24", "2001:db8:20::/48")
    return {
        "bap_id": family,
        "bap_uri": f"https://{family}.example.com",
        "allowed_ips": [networks[_chance(code, len(networks))]] if _chance(code, 5) else [],
        "rate_limit": (20, 60, 60, 100, 300)[_chance(code[::-1], 5)],
        "metadata": {"team": family},
    }


def _status(code: str) -> "ClientStatus":
    if code in _REVOKED:
        return "REVOKED"
    return "SUSPENDED" if code in _SUSPENDED else "ACTIVE"


def _fill(cache: "MemoryCache", rows: Sequence["RegistryClient"], base_url: str) -> None:
    from ocm_tui.core.registry.entries import NEGATIVE, encode, key_of
    from ocm_tui.core.registry.model import RegistryClient, derived_id

    now = datetime.now(UTC)
    for row in rows:
        if row.client_code in _NOT_CACHED:
            continue
        copy = row
        if row.client_code in _STALE:
            copy = replace(
                row, status="ACTIVE", rate_limit=row.rate_limit + 40, row_version=max(row.row_version - 1, 1)
            )
        left = 40 + _chance(row.client_code, 230)  # seconds
        value = encode(copy, cached_at=now - timedelta(seconds=TTL - left))
        if row.client_code == _CORRUPT:
            value = value[1 : len(value) // 2]
        cache.set(key_of(row.client_id), value, left * 1000)
    orphan = RegistryClient(client_id=derived_id(base_url, _ORPHAN), client_code=_ORPHAN, row_version=3, created_at=now)
    cache.set(key_of(orphan.client_id), encode(orphan, cached_at=now), 210_000)
    cache.set(key_of(derived_id(base_url, _NEVER_THERE)), NEGATIVE, 290_000)


async def _publish(stream: "EventStream", rows: Sequence["RegistryClient"]) -> None:
    """Twelve events: some are done, two are with a consumer that went home, one is a dead letter, the rest waits."""
    by_code = {row.client_code: row for row in rows}
    story: tuple[tuple[str, EventType, dict[str, Any]], ...] = (
        ("orders-api", "client.updated", {"rate_limit": 100}),
        ("partner-globex", "client.suspended", {}),
        ("billing-api", "client.updated", {"bap_id": "billing"}),
        ("fax-gateway", "client.revoked", {}),
        ("partner-initech", "client.revoked", {}),
        ("stock-service", "client.updated", {"rate_limit": by_code["stock-service"].rate_limit}),
        ("shipping-service", "client.updated", {"rate_limit": "many"}),
        ("pricing-engine", "client.updated", {"rate_limit": by_code["pricing-engine"].rate_limit + 30}),
        ("orders-importer", "client.updated", {"rate_limit": 20}),
        ("billing-batch", "client.updated", {"rate_limit": 10}),
    )
    now = datetime.now(UTC)
    events = [
        _event(by_code[code], kind, payload, now, age) for age, (code, kind, payload) in enumerate(reversed(story))
    ]
    await stream.publish(events[::-1])
    await stream.join("consumer-2")
    taken = await stream.read(9, block_ms=0)
    await stream.acknowledge([delivery.stream_id for delivery in taken[:6]])
    await stream.bury(taken[6], "rate_limit is no whole number")


def _event(row: "RegistryClient", kind: "EventType", payload: dict[str, Any], now: datetime, age: int) -> "ClientEvent":
    from ocm_tui.core.registry.events.model import ClientEvent

    return ClientEvent(
        event_id=str(uuid5(row.client_id, f"{kind} {age}")),
        type=kind,
        client_id=row.client_id,
        version=row.row_version,
        occurred_at=(now - timedelta(seconds=31 * age)).isoformat(timespec="seconds").replace("+00:00", "Z"),
        payload=payload,
    )


def _chance(text: str, below: int) -> int:
    """The same for the same text, in every run."""
    return zlib.crc32(text.encode()) % below
