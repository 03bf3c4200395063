"""Clients added to an inventory and taken out of it: the rest of the file stays."""

from pathlib import Path

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.inventory_edit import edited_inventory, inventory_without
from tests.unit.core.provisioning.inventory_edit_support import IN_ONE_LINE, TEXT, changed_lines
from tests.unit.core.provisioning.inventory_support import written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, TEXT)


def test_add(path: Path) -> None:
    document = {
        "clientId": "d",
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
        "enabled": False,
    }
    old, new = edited_inventory(path, "d", {**document, "name": "d"}, environment="dev", extra={"secret": "keep"})
    before, after = changed_lines(old, new)
    assert (before, after) == ([], ["", "  - clientId: d", "    enabled: false", "    secret: keep"])
    assert new.endswith("    secret: keep\n# the end\n")


def test_add_with_a_template(path: Path) -> None:
    template = {"requireDpop": True, "oidcPolicy": {"logoutMode": "NONE", "pingAccessLogoutCapable": True}}
    document = {"clientId": "d", "name": "d", "grantTypes": ["CLIENT_CREDENTIALS"], "clientAuth": {"type": "SECRET"}}
    old, new = edited_inventory(path, "d", {**document, **template}, environment="dev", template="web")
    assert changed_lines(old, new) == ([], ["", "  - clientId: d", "    template: web"])


RS = "grantTypes: [ACCESS_TOKEN_VALIDATION]"


OTHER = f"{{clientId: x, {RS}}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("clients: []\n", f"clients:\n  - clientId: d\n    {RS}\n"),
        ("clients: []   # none yet\n", f"clients:\n  - clientId: d\n    {RS}   # none yet\n"),
        (f"clients:\n- {OTHER}", f"clients:\n- {OTHER}\n- clientId: d\n  {RS}"),
        (f"clients: [{OTHER}]\n", f"clients: [{OTHER}, {{clientId: d, {RS}}}]\n"),
    ],
)
def test_add_to_any_list(tmp_path: Path, before: str, after: str) -> None:
    path = written(tmp_path, f"version: 1\n{before}")
    document = {"clientId": "d", "name": "d", "grantTypes": ["ACCESS_TOKEN_VALIDATION"]}
    assert edited_inventory(path, "d", document, environment="dev")[1] == f"version: 1\n{after}"


def test_remove(path: Path) -> None:
    without = {client_id: inventory_without(path, client_id, environment="dev")[1] for client_id in "abc"}
    assert without["a"] == TEXT[: TEXT.index("  - clientId: a")] + TEXT[TEXT.index("  - {clientId: b") :]
    assert without["b"] == TEXT[: TEXT.index("\n" + IN_ONE_LINE)] + TEXT[TEXT.index("\n  - clientId: c") :]
    assert without["c"] == TEXT[: TEXT.index("\n  - clientId: c")] + TEXT[TEXT.index("# the end") :]


def test_remove_all(tmp_path: Path) -> None:
    path = written(
        tmp_path, "version: 1\nclients:\n  - {clientId: x, grantTypes: [ACCESS_TOKEN_VALIDATION]}  # x\n# end\n"
    )
    assert inventory_without(path, "x", environment="dev")[1] == "version: 1\nclients:\n  []  # x\n# end\n"


def test_remove_what_is_not_there(path: Path) -> None:
    with pytest.raises(UsageError, match="does not declare nobody"):
        inventory_without(path, "nobody", environment="dev")
