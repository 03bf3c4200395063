"""One client on four planes: a real simulated server, an inventory file, an embedded registry and its cache."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.model import RegistryEntry, derived_id
from ocm_tui.core.registry.planes import PLANES, Disagreement, Planes, four_planes
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from ocm_tui.core.session import ServerTarget, Session
from tests.contract.servers import bench

_INVENTORY = """\
version: 1
clients:
  - clientId: orders
    grantTypes: [AUTHORIZATION_CODE]
    redirectUris: [https://orders.example.com/callback]
    registry: {bap_id: orders, rate_limit: 100}
"""


@dataclass
class _World:
    session: Session
    registry: ClientRegistry
    cache: MemoryCache
    client_id: UUID

    async def set_up(self, *, enabled: bool = True, **row: Any) -> None:
        """The client on all four planes, agreeing but for what is given."""
        document = {
            "clientId": "orders", "name": "orders", "grantTypes": ["AUTHORIZATION_CODE"],
            "redirectUris": ["https://orders.example.com/callback"], "enabled": enabled,
        }  # fmt: skip
        await self.session.require_clients().create(ClientDocument(document))
        said = {"client_id": self.client_id, "client_code": "orders", "bap_id": "orders", "rate_limit": 100, **row}
        await self.registry.upsert(RegistryEntry(**said))

    async def look(self, client: str = "orders") -> Planes:
        return await four_planes(self.session, client)


@pytest.fixture(name="world")
async def _world(tmp_path: Path) -> AsyncIterator[_World]:
    async with _made(tmp_path) as world:
        yield world


@asynccontextmanager
async def _made(directory: Path) -> AsyncIterator[_World]:
    inventory = directory / "inventory.yaml"
    inventory.write_text(_INVENTORY, encoding="utf-8")
    async with bench(clients=0) as it:
        base_url, cache = it.simulator.base_url, MemoryCache()
        registry = ClientRegistry(SqliteStore(directory / "registry.sqlite3"), cache, server_base_url=base_url)

        async def opened() -> ClientRegistry:
            return registry

        session = Session(
            environment="test",
            policy=WritePolicy(),
            log=ExchangeLog(),
            server=ServerTarget(base_url, "ocm", None, 30.0),  # type: ignore[arg-type]
            clients=it.service,
            inventory=inventory,
            make_registry=opened,
        )
        try:
            yield _World(session, registry, cache, derived_id(base_url, "orders"))
        finally:
            await session.close()
            await registry.close()


def _states(planes: Planes) -> list[str]:
    return [planes[name].state for name in PLANES]


def _by_field(planes: Planes) -> dict[str, Disagreement]:
    return {one.field: one for one in planes.disagreements}


@pytest.mark.parametrize("by", ["code", "id"])
async def test_all_four_agree(world: _World, by: str) -> None:
    await world.set_up()
    planes = await world.look("orders" if by == "code" else str(world.client_id))
    assert list(planes.disagreements) == []
    assert (planes.client_id, planes.client_code) == (world.client_id, "orders")
    assert _states(planes) == ["present"] * 4
    assert (planes.inventory.text, planes.server.text, planes.registry.text) == ("enabled", "enabled", "ACTIVE")
    assert planes.cache.text.startswith("ACTIVE, fresh, ")
    assert planes.registry.fields["rate_limit"] == planes.cache.fields["rate_limit"] == "100"
    assert planes.inventory.fields["registry.bap_id"] == "orders"
    assert json.loads(json.dumps(planes.as_json()))["planes"]["cache"]["state"] == "present"


async def test_a_stale_copy(world: _World) -> None:
    await world.set_up()
    await world.registry.store.set_status(world.client_id, "SUSPENDED")  # and the process was killed
    planes = await world.look()
    one = _by_field(planes)["cache.status"]
    assert dict(one.values) == {"registry": "SUSPENDED", "cache": "ACTIVE"}
    assert one.cure == f"ocm-tui --env test registry cache refresh {world.client_id} --yes"
    assert one.action == "refresh"
    assert planes.cache.text.startswith("ACTIVE, stale, ")


async def test_a_client_that_the_server_refuses_is_not_left_active(world: _World) -> None:
    await world.set_up(enabled=False)
    found = _by_field(await world.look())
    assert found["status"].values["registry"] == "ACTIVE"
    assert found["status"].cure == f"ocm-tui --env test registry set-status {world.client_id} SUSPENDED --yes"
    assert found["enabled"].cure == "ocm-tui --env test apply --only orders --yes"
    assert dict(found["enabled"].values) == {"inventory": "–", "server": "false"}


async def test_a_suspended_client_is_not_given_back_by_a_suggestion(world: _World) -> None:
    await world.set_up()
    await world.registry.set_status(world.client_id, "SUSPENDED")
    found = _by_field(await world.look())
    assert found["status"].cure == ""
    assert found["status"].values["server"] == "enabled"


async def test_a_row_that_is_not_as_declared(world: _World) -> None:
    await world.set_up(rate_limit=7)
    one = _by_field(await world.look())["registry.rate_limit"]
    assert dict(one.values) == {"inventory": "100", "registry": "7"}
    assert one.cure == "ocm-tui --env test apply --only orders --yes"


async def test_a_client_that_is_nowhere(world: _World) -> None:
    planes = await world.look("no such client; rm -rf")
    assert _states(planes) == ["absent"] * 4
    assert list(planes.disagreements) == []


async def test_a_client_that_is_declared_and_nowhere_else(world: _World) -> None:
    planes = await world.look()
    assert [one.action for one in planes.disagreements] == ["apply", "apply"]
    assert planes.client_id == world.client_id


async def test_a_row_that_outlived_its_client(world: _World) -> None:
    left = RegistryEntry(client_id=UUID(int=7), client_code="left")
    await world.registry.upsert(left)
    for name in ("left", str(left.client_id)):
        planes = await world.look(name)
        assert (planes.client_code, planes.client_id) == ("left", left.client_id)
        assert (planes.server.state, planes.registry.state) == ("absent", "present")
        (one,) = planes.disagreements
        assert one.cure == f"ocm-tui --env test registry set-status {left.client_id} REVOKED --yes"


async def test_dead_and_absent_planes_leave_the_others(world: _World) -> None:
    await world.set_up()
    await world.registry.store.close()
    assert world.session.inventory is not None
    world.session.inventory.write_text("version: 1\nclients: [", encoding="utf-8")
    planes = await world.look()
    assert (planes.inventory.state, planes.registry.state) == ("unknown", "unknown")
    assert (planes.server.state, planes.cache.state) == ("present", "present")
    assert planes.cache.text.startswith("ACTIVE, not compared, ")
    world.session.inventory, world.session.clients, world.session.make_registry = None, None, None
    planes = await world.look()
    assert {planes[name].state for name in ("inventory", "server")} == {"not configured"}


async def test_without_a_registry(tmp_path: Path) -> None:
    session = Session(environment="test", policy=WritePolicy(), log=ExchangeLog())
    planes = await four_planes(session, "orders")
    assert _states(planes) == ["not configured"] * 4
    assert list(planes.disagreements) == []


async def test_hostile_strings_are_made_safe(world: _World) -> None:
    await world.set_up(bap_uri="https://x.example.com/\x1b]0;mine\x07\u202e")
    planes = await world.look()
    shown = json.dumps([dict(planes.registry.fields), dict(planes.cache.fields)], ensure_ascii=False)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
