"""`registry sync --from server`: rows for new clients, names that follow the server's, and what is told only."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, derived_id
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sync import SyncChange, SyncPlan, plan_server_sync
from ocm_tui.core.registry.sync_server import SYNCED_NAME_KEY
from tests.contract.registry.backends import Backend
from tests.contract.servers import Bench, bench


@dataclass
class Subject:
    """A server, and a registry that is to be filled from it."""

    bench: Bench
    registry: ClientRegistry

    async def client(self, code: str, name: str | None = None) -> None:
        document = {
            "clientId": code,
            "name": name or code,
            "grantTypes": ["AUTHORIZATION_CODE"],
            "clientAuth": {"type": "NONE"},
            "redirectUris": ["https://app.example.com/callback"],
        }
        await self.bench.server.create(ClientDocument(document))

    async def rename(self, code: str, name: str) -> None:
        await self.bench.server.replace(code, with_value(await self.bench.server.get(code), "name", name))

    async def plan(self) -> SyncPlan:
        return await plan_server_sync(self.registry, self.bench.service)

    async def sync(self) -> None:
        await (await self.plan()).carry_out(self.registry)

    async def row(self, code: str) -> RegistryClient:
        return await self.registry.find(code)

    async def by_hand(self, code: str, client_id: UUID | None = None, **members: Any) -> None:
        await self.registry.upsert(RegistryEntry(client_id=client_id or self.id_of(code), client_code=code, **members))

    def id_of(self, code: str) -> UUID:
        return derived_id(self.registry.server_base_url, code)


@pytest.fixture(name="subject")
async def _subject(backend: Backend) -> AsyncIterator[Subject]:
    async with bench(clients=0) as it:
        yield Subject(it, backend.registry(server_base_url=it.server.base_url))


def _told(plan: SyncPlan, *actions: str) -> list[tuple[str, str, Any]]:
    found = [change for change in plan.changes if change.action in actions]
    return sorted((one.code, one.action, list(one.fields)) for one in found)


def _only(plan: SyncPlan) -> SyncChange:
    (change,) = plan.changes
    return change


def _shown(row: RegistryClient) -> Mapping[str, Any]:
    return {name: value for name, value in row.metadata.items() if name != SYNCED_NAME_KEY}


async def test_a_name_follows_the_server_s_in_a_row_that_came_from_there(subject: Subject) -> None:
    await subject.client("orders", "Orders of the shop")
    await subject.client("plain")
    await subject.sync()
    assert _shown(await subject.row("orders")) == {"name": "Orders of the shop"}
    assert _shown(await subject.row("plain")) == {}
    assert (await subject.plan()).summary["unchanged"] == 2
    await subject.rename("orders", "Orders")
    await subject.rename("plain", "Not so plain")
    plan = await subject.plan()
    assert _told(plan, "update") == [
        ("orders", "update", [("metadata.name", "Orders of the shop", "Orders")]),
        ("plain", "update", [("metadata.name", None, "Not so plain")]),
    ]
    assert _shown(await subject.row("orders")) == {"name": "Orders of the shop"}, "a plan writes nothing"
    written = await plan.carry_out(subject.registry)
    assert (written.created, written.updated, written.conflicts) == (0, 2, ())
    assert _shown(await subject.row("plain")) == {"name": "Not so plain"}
    assert (await subject.registry.get(subject.id_of("orders"))).client.metadata["name"] == "Orders", "the cache too"
    await subject.rename("orders", "orders")
    await subject.sync()
    assert _shown(await subject.row("orders")) == {}
    assert (await subject.plan()).changes == []


async def test_a_renamed_row_keeps_everything_else(subject: Subject) -> None:
    await subject.client("orders", "Orders")
    await subject.sync()
    row = await subject.row("orders")
    await subject.by_hand(
        "orders", bap_id="shop", rate_limit=7, allowed_ips=("10.1.2.3/8",), given_ips=("10.1.2.3/8",),
        metadata={**row.metadata, "team": "a"},
    )  # fmt: skip
    await subject.registry.set_status(row.client_id, "SUSPENDED")
    await subject.rename("orders", "Orders anew")
    await subject.sync()
    after = await subject.row("orders")
    assert _shown(after) == {"name": "Orders anew", "team": "a", GIVEN_KEY: ["10.1.2.3/8"]}
    assert (after.bap_id, after.rate_limit, after.allowed_ips, after.status) == (
        "shop",
        7,
        ("10.0.0.0/8",),
        "SUSPENDED",
    )


@pytest.mark.parametrize("source", ["edited by hand", "of another source", "of another server"])
async def test_a_name_of_another_source_is_told_and_left_alone(subject: Subject, source: str) -> None:
    await subject.client("orders", "Orders")
    if source == "edited by hand":
        await subject.sync()
        row = await subject.row("orders")
        await subject.by_hand("orders", metadata={**row.metadata, "name": "Ours"})
    elif source == "of another source":
        await subject.by_hand("orders", metadata={"name": "Ours"})
    else:
        await subject.by_hand("orders", uuid4(), metadata={"name": "Ours", SYNCED_NAME_KEY: "Ours"})
    before = await subject.row("orders")
    plan = await subject.plan()
    change = _only(plan)
    assert (change.action, change.fields, change.entry) == ("differs", [("metadata.name", "Ours", "Orders")], None)
    assert "left alone" in change.problem
    assert plan.entries == []
    await plan.carry_out(subject.registry)
    assert await subject.row("orders") == before


async def test_a_row_without_any_name_contradicts_nobody(subject: Subject) -> None:
    await subject.client("orders", "Orders")
    await subject.by_hand("orders", bap_id="shop")
    assert (await subject.plan()).summary["unchanged"] == 1


async def test_an_id_that_is_another_client_s_is_told_and_left_alone(subject: Subject) -> None:
    await subject.client("orders", "Orders")
    await subject.by_hand("sales", subject.id_of("orders"))
    plan = await subject.plan()
    assert _told(plan, "differs") == [("orders", "differs", [("client_code", "sales", "orders")])]
    assert _told(plan, "gone") == [("sales", "gone", [])]


async def test_a_row_that_changed_since_the_plan_is_left_alone_and_told(subject: Subject) -> None:
    for code in ("orders", "sales"):
        await subject.client(code, code.upper())
    await subject.sync()
    for code in ("orders", "sales"):
        await subject.rename(code, f"{code} anew")
    plan = await subject.plan()
    row = await subject.row("orders")
    await subject.by_hand("orders", metadata=row.metadata, rate_limit=7)
    written = await plan.carry_out(subject.registry)
    assert (written.updated, written.conflicts) == (1, ("orders",))
    assert (await subject.row("orders")).metadata["name"] == "ORDERS"
    assert (await subject.row("sales")).metadata["name"] == "sales anew"
    await subject.sync()
    after = await subject.row("orders")
    assert (after.metadata["name"], after.rate_limit) == ("orders anew", 7)


async def test_rows_in_force_without_a_client_are_told_and_never_touched(subject: Subject) -> None:
    await subject.client("orders")
    await subject.client("Sales")
    await subject.sync()
    for code, status in (("gone-a", "ACTIVE"), ("gone-b", "SUSPENDED"), ("gone-c", "REVOKED"), ("SALES", "ACTIVE")):
        await subject.by_hand(code, uuid4(), status=status)
    before = {code: await subject.row(code) for code in ("gone-a", "gone-b")}
    plan = await subject.plan()
    assert _told(plan, "gone") == [("gone-a", "gone", []), ("gone-b", "gone", [])]
    assert plan.summary == {"create": 0, "update": 0, "refused": 0, "differs": 0, "gone": 2, "unchanged": 2}
    await plan.carry_out(subject.registry)
    assert {code: await subject.row(code) for code in before} == before


async def test_a_hash_in_the_metadata_is_not_lost_to_a_name(subject: Subject) -> None:
    await subject.client("orders", "Orders")
    await subject.sync()
    row = await subject.row("orders")
    await subject.by_hand("orders", metadata={**row.metadata, "client_secret_hash": "x"})
    await subject.rename("orders", "Orders anew")
    change = _only(await subject.plan())
    assert (change.action, change.entry) == ("refused", None)
    assert "holds a hash" in change.problem
