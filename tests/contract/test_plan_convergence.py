"""Whatever is declared: once it is applied, the next plan is empty. On the real simulator, in all its flavours."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ValidationFailed
from ocm_tui.core.provisioning.model import Change, DeclaredClient, Plan
from ocm_tui.core.provisioning.planner import make_plan
from ocm_tui.core.provisioning.writing import document_to_write
from ocm_tui.core.secret import Secret
from tests.contract.servers import Bench, bench
from tests.unit.core.provisioning.declaring import GENERATED, declared, inventory
from tests.unit.core.provisioning.strategies import declarations

FLAVOURS = [
    ("xml", False, "12.1.0.4"),
    ("xml", True, "13.1.0.5"),
    ("directory", True, "12.1.0.4"),
    ("xml", True, "11.3"),
]
Documents = list[dict[str, Any]]


@pytest.mark.parametrize(("storage", "quirks", "version"), FLAVOURS)
@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],  # to shrink sixteen documents takes minutes; the assertion names the client and its fields
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(st.tuples(declarations(), declarations()), min_size=8, max_size=8))
def test_a_second_plan_is_empty(
    storage: str, quirks: bool, version: str, pairs: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    firsts, seconds = (
        [_named(document, number) for number, document in enumerate(side)] for side in zip(*pairs, strict=True)
    )
    asyncio.run(_create_and_change(firsts, seconds, storage=storage, quirks=quirks, server_version=version))


def _named(document: dict[str, Any], number: int) -> dict[str, Any]:
    return {**document, "clientId": f"orders-{number}"}


async def _create_and_change(firsts: Documents, seconds: Documents, **flavour: Any) -> None:
    async with bench(clients=0, **flavour) as server:
        taken = await _applied(server, firsts)
        assert taken, "the server took none of them"
        changed = [one for one in seconds if one["clientId"] in taken]
        await _applied(server, changed)


async def _applied(server: Bench, documents: Documents) -> set[str]:
    """Apply the plan of all, then plan again what the server took: nothing may be left to do."""
    plan = await _plan(server, documents)
    refused = {change.client_id for change in plan.changes if not await _carried_out(server, change)}
    again = await _plan(server, [one for one in documents if one["clientId"] not in refused])
    left = [
        (change, wanted)
        for change in again.changes
        if change.action != "unchanged"
        for wanted in documents
        if wanted["clientId"] == change.client_id
    ]
    assert not left, left
    return {change.client_id for change in again.changes}


async def _plan(server: Bench, documents: Documents) -> Plan:
    return await make_plan(server.service, inventory(*map(_client, documents)), environment="dev", memory={})


def _client(document: dict[str, Any]) -> DeclaredClient:
    return declared(document["clientId"], GENERATED, **document)


async def _carried_out(server: Bench, change: Change) -> bool:
    """Whether the server took it; what it refuses has no place in this test."""
    if change.action == "unchanged":
        return True
    if change.action == "blocked":
        return False
    desired = change.desired
    assert desired is not None
    try:
        if change.action == "create":
            await server.server.create(_with_secret(document_to_write(desired, None), change))
        else:
            current = await server.server.get(change.client_id)
            await server.server.replace(change.client_id, _with_secret(document_to_write(desired, current), change))
    except ValidationFailed:
        return False
    return True


def _with_secret(document: ClientDocument, change: Change) -> ClientDocument:
    return (
        with_value(document, "clientAuth.secret", Secret("only-for-this-test")) if change.secret == "set" else document
    )
