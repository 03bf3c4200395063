"""Plans against the real simulator: what they ask for, what they find, and what servers do to them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import TransportError, UsageError
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from ocm_tui.core.provisioning.model import DeclaredClient, Inventory, LastApplied, Plan, PlanOptions
from ocm_tui.core.provisioning.plan_file import decoded_plan, encoded_plan
from ocm_tui.core.provisioning.planner import make_plan
from tests.contract.servers import Bench, bench, http_answer, raw_server
from tests.unit.core.provisioning.declaring import GENERATED, applied, declared, inventory

OWNED = ("creationDate", "modificationDate", "clientSecretChangedTime", "replicationStatus")


async def plan_of(server: Bench, *clients: DeclaredClient, memory: dict[str, LastApplied] | None = None) -> Plan:
    return await make_plan(server.service, inventory(*clients), environment="dev", memory=memory or {})


async def as_declared(server: Bench, count: int) -> list[DeclaredClient]:
    """The first clients of the server, declared as they stand."""
    clients: list[DeclaredClient] = []
    async for page in server.service.pages():
        clients += (_declared(document) for document in page.documents)
    return clients[:count]


def _declared(document: ClientDocument) -> DeclaredClient:
    kept = {name: value for name, value in document.items() if name not in OWNED}
    auth = kept.get("clientAuth", {})
    kept["clientAuth"] = {
        name: one for name, one in auth.items() if name not in {"encryptedSecret", "secondarySecrets"}
    }
    return declared(document["clientId"], GENERATED, **kept)


@pytest.mark.parametrize("version", ["11.3", "12.1.0.4", "13.1.0.5"])
@pytest.mark.parametrize("storage", ["xml", "directory"])
async def test_what_the_server_has_is_in_sync_in_a_handful_of_requests(version: str, storage: str) -> None:
    async with bench(clients=1200, server_version=version, storage=storage, quirks=True) as server:
        clients = await as_declared(server, 1100)
        before = len(server.simulator.requests)
        looked_at: list[int] = []
        plan = await make_plan(
            server.service, inventory(*clients), environment="dev", memory={}, on_page=looked_at.append
        )
        assert plan.summary == {"create": 0, "update": 0, "delete": 0, "unchanged": 1100, "blocked": 0}
        assert len(plan.unmanaged) == 100
        assert plan.warnings == ()
        assert looked_at == [500, 1000, 1200]
        assert plan.server_version.startswith(version)
        assert plan.base_url == server.server.base_url
        # Three pages, those that were asked for ahead, seven lists and the version. Pages ahead may not have been sent.
        assert 3 + 8 <= len(server.simulator.requests) - before <= plan.requests <= 3 + 4 + 8
        assert server.sent("POST") == server.sent("PUT") == server.sent("DELETE") == []


async def test_each_action_and_its_reasons() -> None:
    async with bench(clients=40) as server:
        kept, changed, *_ = await as_declared(server, 40)
        other = declared(changed.client_id, GENERATED, **{**changed.document, "description": "declared"})
        fresh = declared("new-orders", GENERATED, clientAuth={"type": "SECRET"}, restrictScopes=True,
                         restrictedScopes=["orders:read", "warehouse", "openid"])  # fmt: skip
        wrong = declared("new-wrong", restrictedScopes=["orders:raed"], clientAuth={"type": "SECRET"},
                         lockoutMaxMaliciousActionsType="DO_NOT_LOCKOUT")  # fmt: skip
        plan = await plan_of(server, wrong, other, kept, fresh)
        assert [(change.client_id, change.action) for change in plan.changes] == [
            ("new-wrong", "blocked"),
            (changed.client_id, "update"),
            (kept.client_id, "unchanged"),
            ("new-orders", "create"),
        ]
        assert [field.path for field in plan.changes[1].fields] == ["description"]
        assert [reason.split(":")[0] for reason in plan.changes[0].reasons] == [
            "restrictedScopes[0]",
            "clientAuth.type",
            "lockoutMaxMaliciousActionsType needs version 12.2, and the server is 12.1.0.4",
        ]
        assert "did you mean `orders:read`?" in plan.changes[0].reasons[0]
        assert decoded_plan(encoded_plan(plan)) == plan
        assert "OBF:" not in encoded_plan(plan).decode()


async def test_a_field_that_says_nothing_needs_no_newer_server() -> None:
    async with bench(clients=0, server_version="11.3") as server:
        idle: dict[str, Any] = {
            "enableCookielessAuthenticationApi": False,
            "refreshTokenRollingIntervalTimeUnit": "HOURS",
            "offlineAccessRequireConsentPrompt": "",
            "tags": [],
            "grantTypes": ["DEVICE_CODE"],
        }
        plan = await plan_of(server, declared("quiet", **idle))
        assert plan.summary["create"] == 1


async def test_prune_deletes_only_what_was_created_here() -> None:
    async with bench(clients=40) as server:
        created, changed, theirs, *_ = await as_declared(server, 40)
        memory = {
            created.client_id.casefold(): applied(created),
            changed.client_id.casefold(): applied(changed, description="as it was"),
            theirs.client_id.casefold(): applied(theirs, created=False),
        }
        plan = await make_plan(
            server.service,
            Inventory((), ()),
            environment="dev",
            memory=memory,
            options=PlanOptions(prune=True),
        )
        assert {change.client_id: change.action for change in plan.changes} == {
            created.client_id: "delete",
            changed.client_id: "blocked",
        }
        assert len(plan.unmanaged) == 38


INVENTORY = """\
version: 1
defaults: {clientAuth: {type: SECRET}}
clients:
  - clientId: new-orders
    grantTypes: [CLIENT_CREDENTIALS]
    restrictScopes: true
    restrictedScopes: [orders:read, orders:wrote]
    secret: {from: generate, deliver: file:orders.secret}
  - clientId: new-stock
    grantTypes: [CLIENT_CREDENTIALS]
"""


async def test_a_real_inventory_is_read_while_the_list_comes(tmp_path: Path) -> None:
    file = tmp_path / "client-inventory.yaml"
    file.write_text(INVENTORY)
    reading = asyncio.to_thread(load_inventory, [file], environment="dev")
    async with bench(clients=3) as server:
        plan = await make_plan(server.service, reading, environment="dev", memory={})
    assert plan.inventory == (str(file),)
    assert [(change.client_id, change.action, change.secret) for change in plan.changes] == [
        ("new-orders", "blocked", "set"),
        ("new-stock", "blocked", "set"),
    ]
    scope, secret = plan.changes[0].reasons[0], plan.changes[1].reasons[0]
    assert scope == (
        f"restrictedScopes[1]: the server has no scope `orders:wrote` ({file}:7:37); did you mean `orders:write`?"
    )
    assert secret.startswith(f"clientAuth.type: SECRET needs a secret, and none is declared ({file}:9:5)")
    assert not any("orders.secret" in reason for change in plan.changes for reason in change.reasons)


async def test_an_inventory_that_is_wrong_ends_the_plan() -> None:
    async def wrong() -> Inventory:
        raise UsageError("client-inventory.yaml:3:5: no")

    async with bench(clients=3) as server:
        with pytest.raises(UsageError, match="no"):
            await make_plan(server.service, wrong(), environment="dev", memory={})


async def test_an_auditor_may_plan() -> None:
    async with bench(clients=3, auditor=True) as server:
        plan = await plan_of(server, *await as_declared(server, 3))
        assert plan.summary["unchanged"] == 3


async def test_a_dead_server_is_a_transport_error() -> None:
    async with bench(clients=3) as server:
        clients = await as_declared(server, 3)
        await server.simulator.stop()
        with pytest.raises(TransportError):
            await plan_of(server, *clients)


def _lists_fail(line: str) -> bytes:
    """A server that has clients and refuses everything else, and whose list is a mess."""
    if "/oauth/clients?" not in line:
        return http_answer(403, {"resultId": "forbidden", "message": "no"})
    items = [
        {"clientId": "orders", "name": "orders", "grantTypes": ["DEVICE_CODE"]},
        {"clientId": "orders", "name": "again"},
        {"clientId": "ORDERS", "name": "shouting"},
        {"clientId": None},
        {"name": "nobody"},
        {
            "clientId": "odd",
            "grantTypes": {"a": [1, None]},
            "clientAuth": "SECRET",
            "oidcPolicy": [[]],
            "enabled": "no",
        },
    ]
    return http_answer(200, json.dumps({"items": items}).encode())


async def test_a_server_that_refuses_its_lists_and_lies_in_the_others() -> None:
    async with raw_server(_lists_fail) as (_, server):
        from ocm_tui.core.clients.policy import WritePolicy
        from ocm_tui.core.clients.service import ClientService

        mine = [declared("orders", grantTypes=["DEVICE_CODE"]), declared("odd", restrictedScopes=["unknown"])]
        plan = await make_plan(ClientService(server, WritePolicy()), inventory(*mine), environment="dev", memory={})
    assert [(change.client_id, change.action) for change in plan.changes] == [
        ("orders", "unchanged"),
        ("odd", "update"),
    ]
    assert plan.unmanaged == ("ORDERS",)
    assert plan.server_version == ""
    assert [warning.split(":")[0].split(" (")[0] for warning in plan.warnings] == [
        "the server's version is unknown, so newer fields are not checked",
        "references are not checked",
        "on the server twice, in different case; only the one spelled as declared is managed",
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("description", "by hand"),
        ("oidcPolicy.logoutUris", ["https://hand.example.com"]),
        ("extendedParameters.owner", {"values": ["hand@example.com"]}),
        ("defaultAccessTokenManagerRef.id", "opaque"),
        ("enabled", False),
    ],
)
async def test_a_change_by_hand_is_that_field_and_the_servers(path: str, value: Any) -> None:
    async with bench(clients=40, quirks=True) as server:
        clients = await as_declared(server, 40)
        target = next(one for one in clients if one.document["clientAuth"]["type"] == "SECRET")
        current = await server.service.get(target.client_id)
        await server.service.update(current, with_value(current, path, value))
        plan = await plan_of(server, *clients, memory={target.client_id.casefold(): applied(target)})
        [change] = plan.steps
        assert [(field.path, field.before, field.moved) for field in change.fields] == [(path, value, "server")]
