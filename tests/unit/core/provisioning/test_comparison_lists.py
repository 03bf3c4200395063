"""The inventory against a list: who is managed, what is deleted, what a hostile list does."""

from typing import Any

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.comparison import Comparison
from ocm_tui.core.provisioning.fingerprint import fingerprint
from ocm_tui.core.provisioning.model import (
    PlanOptions,
)
from tests.unit.core.provisioning.comparison_support import SECRET, STORED, compare, desired, stored
from tests.unit.core.provisioning.declaring import GENERATED, applied, declared, inventory


def test_unmanaged_clients_are_listed_and_never_touched() -> None:
    comparison = Comparison(inventory(declared("orders")), {}, options=PlanOptions(prune=True))
    assert comparison.take(ClientDocument({"clientId": "legacy"})) is None
    assert comparison.unmanaged == ["legacy"]
    assert [change.client_id for change in comparison.rest()] == ["orders"]


@pytest.mark.parametrize(
    ("prune", "created", "change", "action"),
    [
        (True, True, {}, "delete"),
        (True, True, {"modificationDate": "9", "future": 1}, "delete"),
        (True, True, {"description": "by hand"}, "blocked"),
        (True, True, {"clientId": "Legacy"}, None),
        (True, False, {}, None),
        (False, True, {}, None),
    ],
)
def test_prune_deletes_what_this_tool_created_and_nobody_changed(
    prune: bool, created: bool, change: dict[str, Any], action: str | None
) -> None:
    legacy = declared("legacy")
    memory = {"legacy": applied(legacy, created=created)}
    comparison = Comparison(inventory(), memory, options=PlanOptions(prune=prune))
    document = stored(legacy, **change)
    found = comparison.take(document)
    if action is None:
        assert (found, comparison.unmanaged) == (None, [document["clientId"]])
        return
    assert found is not None
    assert (found.action, found.seen, found.desired) == (action, fingerprint(document), None)
    assert bool(found.reasons) == (action == "blocked")
    assert comparison.unmanaged == []


def test_what_prune_would_delete_is_said() -> None:
    comparison = Comparison(inventory(), {"legacy": applied(declared("legacy"))})
    comparison.take(ClientDocument({"clientId": "legacy"}))
    assert comparison.warnings == ["created by this tool and no longer declared, which --prune deletes: legacy"]


def test_only_counts_for_every_change() -> None:
    mine = [declared("Orders-api"), declared("orders-web"), declared("stock")]
    memory = {name: applied(declared(name)) for name in ("orders-old", "stock-old")}
    options = PlanOptions(only=("orders-*", "nothing-[a-z]"), prune=True)
    comparison = Comparison(inventory(*mine), memory, options=options)
    old = [comparison.take(stored(declared(name))) for name in ("orders-old", "stock-old", "orders-x", "stock-x")]
    taken = comparison.take(stored(mine[0]))
    changes = [change for change in (*old, taken, *comparison.rest()) if change is not None]
    assert [(change.client_id, change.action) for change in changes] == [
        ("orders-old", "delete"),
        ("Orders-api", "unchanged"),
        ("orders-web", "create"),
    ]
    assert comparison.unmanaged == ["orders-x"]
    assert comparison.warnings == ["--only nothing-[a-z] matches no client"]


def test_a_hostile_list_is_told_and_harms_nobody() -> None:
    client = declared("orders")
    comparison = Comparison(inventory(client), {})
    odd: list[Any] = [None, 7, "orders", [], {}, {"clientId": None}, {"clientId": ["orders"]}, {"clientId": " "}]
    assert [comparison.take(document) for document in odd] == [None] * len(odd)
    assert comparison.take(stored(client)) is not None
    assert comparison.take(stored(client, enabled=False)) is None
    assert comparison.rest() == []
    assert comparison.warnings == [
        "the server's list holds something that is no client: it is left alone (8 times)",
        "the server's list names a client twice, and only the first counts: orders",
    ]


@pytest.mark.parametrize(
    ("order", "managed", "unmanaged"),
    [
        (["orders", "Orders"], ["orders"], ["Orders"]),
        (["Orders", "orders"], ["Orders", "orders"], ["Orders"]),
    ],
)
def test_of_two_spellings_the_declared_one_is_meant(order: list[str], managed: list[str], unmanaged: list[str]) -> None:
    comparison = Comparison(inventory(declared("orders")), {})
    changes = [comparison.take(ClientDocument({"clientId": name, "name": "x"})) for name in order]
    assert [change.client_id for change in changes if change] == managed
    assert comparison.unmanaged == unmanaged
    assert "different case" in comparison.warnings[-1]
    assert comparison.rest() == []


def test_another_spelling_is_the_same_client_and_keeps_its_own() -> None:
    client = declared("orders")
    comparison = Comparison(inventory(client), {})
    change = comparison.take(stored(client, clientId="Orders", name="orders"))
    assert change is not None
    assert (change.client_id, change.action, desired(change)["clientId"]) == ("Orders", "unchanged", "Orders")
    assert comparison.warnings == ["in another case on the server than in the inventory; the server's counts: Orders"]


def test_two_other_spellings_are_nobody_knows_which() -> None:
    comparison = Comparison(inventory(declared("orders")), {})
    comparison.take(ClientDocument({"clientId": "Orders"}))
    change = comparison.take(ClientDocument({"clientId": "ORDERS"}))
    assert change is not None
    assert (change.client_id, change.action) == ("orders", "blocked")
    assert "Orders and ORDERS" in change.reasons[0]


def _deep() -> Any:
    deep: Any = {}
    for _ in range(50_000):
        deep = {"a": deep}
    return deep


@pytest.mark.parametrize("member", ["oidcPolicy", "future", "tags"])
def test_a_bottomless_document_blocks_its_client_only(member: str) -> None:
    client = declared("orders")
    document = stored(client, **{member: [_deep()] if member == "tags" else _deep()})
    change = compare(client, document)
    assert (change.action, change.reasons) == (
        "blocked",
        ("the server's document is nested too deep to be compared",),
    )
    assert Comparison(inventory(client), {}).state(document) in {"unknown", "in sync"}


def test_states_of_a_list() -> None:
    client, other = declared("orders", GENERATED, clientAuth=SECRET), declared("stock", clientAuth=SECRET)
    comparison = Comparison(inventory(client, other), {"legacy": applied(declared("legacy"))})
    documents: list[Any] = [
        stored(client, clientAuth=STORED, enabled=True),
        stored(client, clientAuth={"type": "NONE"}),
        stored(client, clientAuth=STORED, enabled=False),
        stored(other, clientAuth={"type": "NONE"}),
        {"clientId": "legacy"},
        {},
        None,
    ]
    assert [comparison.state(document) for document in documents] == [
        "in sync",
        "drifted",
        "drifted",
        "blocked",
        "unmanaged",
        "unknown",
        "unknown",
    ]
    assert comparison.unmanaged == []
