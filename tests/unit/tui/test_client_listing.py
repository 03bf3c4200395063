"""One reading of the list against a real inventory file: states do not depend on what comes first."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ocm_tui.core.clients.model import ClientDocument, ClientRow
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from ocm_tui.core.provisioning.model import Inventory, LastApplied
from ocm_tui.tui.models.client_listing import Listing

INVENTORY = """\
version: 1
defaults:
  grantTypes: [DEVICE_CODE]
  clientAuth: {type: NONE}
clients:
  - clientId: same
  - clientId: other
    description: as declared
  - clientId: Spelled-Otherwise
  - clientId: absent
  - clientId: no-secret
    clientAuth: {type: SECRET}
    secret: {from: keep}
"""
NOBODY: Mapping[str, LastApplied] = {}


def client(client_id: str, **fields: object) -> ClientDocument:
    base = {"name": client_id, "grantTypes": ["DEVICE_CODE"], "clientAuth": {"type": "NONE"}}
    return ClientDocument({"clientId": client_id, **base, **fields})


PAGES = (
    [client("same"), client("nobody-declared-it")],
    [client("other", description="as stored"), client("spelled-otherwise", name="Spelled-Otherwise")],
)
EXPECTED = {
    "same": "in sync",
    "nobody-declared-it": "unmanaged",
    "other": "drifted",
    "spelled-otherwise": "in sync",
    "absent": "missing",
    "no-secret": "blocked",
}


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    path = tmp_path / "inventory.yaml"
    path.write_text(INVENTORY, encoding="utf-8")
    return load_inventory([path], environment="test")


def states_of(listing: Listing) -> dict[str, str]:
    return {row.client_id: listing.rows.state(row.client_id) for row in listing.rows.rows}


def add(listing: Listing, number: int) -> None:
    documents = PAGES[number]
    listing.add_page([ClientRow.of(document) for document in documents], documents, last=number == len(PAGES) - 1)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_the_inventory_may_come_at_any_time(inventory: Inventory, after: int) -> None:
    listing = Listing(compared=True)
    for number in range(len(PAGES)):
        if number == after:
            listing.compare(inventory, NOBODY)
        add(listing, number)
        if after > number:
            assert set(states_of(listing).values()) == {"unknown"}
    if after == len(PAGES):
        assert not listing.complete
        listing.compare(inventory, NOBODY)
    assert listing.complete
    assert states_of(listing) == EXPECTED
    assert [row.client_id for row in listing.rows.rows][-2:] == ["absent", "no-secret"], "what is missing comes last"
    assert listing.rows.absent == {"absent", "no-secret"}


def test_without_an_inventory_there_are_no_states() -> None:
    listing = Listing(compared=False)
    for number in range(len(PAGES)):
        add(listing, number)
    assert listing.complete
    assert set(states_of(listing).values()) == {""}


def test_an_inventory_that_cannot_be_used_leaves_all_unknown() -> None:
    listing = Listing(compared=True)
    add(listing, 0)
    listing.states.fail(ConfigError("broken"))
    add(listing, 1)
    assert listing.complete
    assert set(states_of(listing).values()) == {"unknown"}
    assert listing.rows.absent == set()


def test_what_is_written_is_judged_and_what_is_deleted_is_missing(inventory: Inventory) -> None:
    listing = Listing(compared=True)
    listing.compare(inventory, NOBODY)
    for number in range(len(PAGES)):
        add(listing, number)
    listing.change([client("other", description="as declared"), client("ABSENT", name="absent")], ["same"])
    states = states_of(listing)
    assert states["other"] == "in sync"
    assert states["same"] == "missing"
    assert "absent" not in states, "it is there, in the spelling of the server"
    assert listing.rows.is_stored("ABSENT")
    assert not listing.rows.is_stored("same")
    listing.change([], ["nobody-declared-it", "same"])
    assert "nobody-declared-it" not in states_of(listing)


def test_a_change_says_what_differs_and_where_it_is_declared(inventory: Inventory) -> None:
    listing = Listing(compared=True)
    listing.compare(inventory, NOBODY)
    change = listing.states.change("other", PAGES[1][0])
    assert change is not None
    assert [(field.path, field.before, field.after) for field in change.fields] == [
        ("description", "as stored", "as declared")
    ]
    assert change.place.endswith("inventory.yaml:7:5")
    missing = listing.states.change("absent", None)
    assert missing is not None
    assert missing.action == "create"
    assert listing.states.change("nobody-declared-it", PAGES[0][1]) is None
