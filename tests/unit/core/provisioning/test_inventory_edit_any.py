"""Any edit of any client: the file then declares just what was meant."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.inventory_edit import edited_inventory, inventory_without
from ocm_tui.core.provisioning.inventory_layers import folded
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from ocm_tui.core.provisioning.inventory_own import meaning, own_words
from ocm_tui.core.provisioning.inventory_splice import plainly_equal
from ocm_tui.simulator.inventory import demo_inventory
from tests.unit.core.provisioning.inventory_edit_support import TEXT, changed_lines
from tests.unit.core.provisioning.inventory_support import written

EXAMPLE = Path(__file__).parents[4] / "examples" / "client-inventory.yaml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, TEXT)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


lists = st.lists(
    st.sampled_from(["openid", "profile", "a: b", "#x", "-", "yes", "1", ""]) | texts, max_size=4, unique=True
)


flags = st.booleans() | st.none()


documents = st.fixed_dictionaries(
    {},
    optional={
        "description": texts,
        "enabled": flags,
        "requireDpop": flags,
        "restrictedScopes": lists,
        "exclusiveScopes": lists,
        "oidcPolicy": st.fixed_dictionaries(
            {},
            optional={
                "logoutMode": st.sampled_from(["NONE", "OIDC_BACK_CHANNEL"]),
                "logoutUris": lists,
                "policyGroup": st.fixed_dictionaries({}, optional={"id": texts}),
            },
        ),
        "extendedParameters": st.dictionaries(texts, st.fixed_dictionaries({"values": lists}), max_size=2),
        "cibaPollingInterval": st.integers(0, 3600),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents, st.sampled_from("abc"), st.sampled_from(["dev", "prod", "x"]))
def test_any_edit(path: Path, fields: dict[str, Any], client_id: str, environment: str) -> None:
    """It is done, and then declares just that; or a comment would be lost. `edited_inventory` proves the rest."""
    head = {
        "clientId": client_id,
        "name": client_id,
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
    }
    wanted = meaning({**head, **fields})
    try:
        new = edited_inventory(path, client_id, wanted, environment=environment)[1]
    except UsageError as error:
        assert "comment" in error.title  # noqa: PT017
        return
    again = written(path.parent, new, "again.yaml")
    found = {one.client_id: one.document for one in load_inventory([again], environment=environment).clients}
    assert plainly_equal(meaning(found[client_id]), wanted)
    assert edited_inventory(again, client_id, wanted, environment=environment)[1] == new


mappings = st.recursive(
    st.sampled_from([1, True, "a"]) | st.lists(st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


@given(mappings, mappings, mappings, mappings)
def test_own_words(base: Any, own: Any, overlay: Any, wanted: Any) -> None:
    new_own, new_overlay = own_words(base, own, overlay, wanted)
    assert plainly_equal(folded(folded(base, new_own), new_overlay), wanted)
    settled = folded(folded(base, own), overlay)
    assert own_words(base, own, overlay, settled) == (own, overlay)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_client_of_the_example(environment: str) -> None:
    for client in load_inventory([EXAMPLE], environment=environment).clients:
        old, new = edited_inventory(EXAMPLE, client.client_id, client.document, environment=environment)
        assert old == new
        without = inventory_without(EXAMPLE, client.client_id, environment=environment)[1]
        assert without.count("\n") < old.count("\n")
        flipped = {**client.document, "enabled": client.document.get("enabled") is False}
        old, new = edited_inventory(EXAMPLE, client.client_id, flipped, environment=environment)
        assert len(changed_lines(old, new)[1]) == 1


def test_every_client_of_the_demo(tmp_path: Path) -> None:
    path = written(tmp_path, demo_inventory())
    for client in load_inventory([path], environment="demo").clients:
        document = {**client.document, "description": "another one"}
        old, new = edited_inventory(path, client.client_id, document, environment="demo")
        before, after = changed_lines(old, new)
        assert len(before) <= 1
        assert after == ["    description: another one"]
