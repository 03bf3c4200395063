"""What several clients share, anchors and templates; and edits that cannot be written back, which say why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.inventory import InvalidInventory
from ocm_tui.core.provisioning.inventory_edit import edited_inventory, inventory_without
from tests.unit.core.provisioning.inventory_edit_support import changed_lines, edit
from tests.unit.core.provisioning.inventory_support import written

ANCHORED = """\
version: 1
clients:
  - &base
    clientId: a
    grantTypes: &grants [CLIENT_CREDENTIALS]
    clientAuth: &auth {type: SECRET}
    description: &words some words
  - <<: *base
    clientId: b
  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: *words}
"""


@pytest.mark.parametrize(
    ("client_id", "change", "before", "after"),
    [
        ("b", lambda one: one.update(description="other"), [], ["    description: other"]),
        ("b", lambda one: one.pop("description"), [], ["    description: null"]),
        ("b", lambda one: one["clientAuth"].update(type="NONE"), None, None),
        (
            "c",
            lambda one: one.update(description="other"),
            ["  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: *words}"],
            ["  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: other}"],
        ),
        (
            "c",
            lambda one: one["clientAuth"].update(type="CLIENT_SECRET_JWT"),
            ["  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: *words}"],
            ["  - {clientId: c, grantTypes: *grants, clientAuth: {type: CLIENT_SECRET_JWT}, description: *words}"],
        ),
        ("a", lambda one: one.update(description="other"), None, None),
        ("a", lambda one: one.pop("description"), None, None),
        ("a", lambda one: one.update(enabled=False), None, None),
    ],
)
def test_anchors(
    tmp_path: Path,
    client_id: str,
    change: Callable[[dict[str, Any]], Any],
    before: list[str] | None,
    after: list[str] | None,
) -> None:
    """An edit that others would take part in is refused; the others' own use of a value is theirs to change."""
    path = written(tmp_path, ANCHORED)
    if before is None:
        with pytest.raises(UsageError):
            edit(path, client_id, change)
    else:
        assert changed_lines(ANCHORED, edit(path, client_id, change)) == (before, after)


def test_a_client_that_others_build_on_is_not_removed(tmp_path: Path) -> None:
    path = written(tmp_path, ANCHORED)
    with pytest.raises(UsageError, match="elsewhere stands for it"):
        inventory_without(path, "a", environment="dev")


def test_templates_of_other_files(tmp_path: Path) -> None:
    base = written(
        tmp_path, "version: 1\ntemplates: {rs: {grantTypes: [ACCESS_TOKEN_VALIDATION], enabled: true}}\n", "b.yaml"
    )
    path = written(tmp_path, "version: 1\nclients:\n  - {clientId: a, template: rs}\n")
    document = {"clientId": "a", "name": "a", "grantTypes": ["ACCESS_TOKEN_VALIDATION"], "enabled": False}
    with pytest.raises(InvalidInventory, match="no such template"):
        edited_inventory(path, "a", document, environment="dev")
    new = edited_inventory(path, "a", document, environment="dev", others=[path, base])[1]
    assert new.endswith("{clientId: a, template: rs, enabled: false}\n")


LISTED = "    grantTypes:\n      - CIBA\n      # why\n      - IMPLICIT\n"


@pytest.mark.parametrize(
    ("fields", "change", "words"),
    [
        ("    grantTypes: [CIBA]\n", {"clientId": "b"}, "a clientId never changes"),
        ("    grantTypes: [CIBA]\n", {"name": "b"}, "cannot be edited so that it declares just this"),
        ("    grantTypes: [CIBA]\n", {"grantTypes": []}, "would not be a good one"),
        ("    grantTypes: [CIBA]\n", {"nothing": 1}, "would not be a good one"),
        ("    grantTypes: [CIBA]\n", {"clientAuth": {"type": "SECRET", "secret": "x"}}, "would not be a good one"),
        ("    grantTypes: [\n      CIBA,  # why\n    ]\n", {"grantTypes": ["IMPLICIT"]}, "a comment inside"),
        (LISTED, {"grantTypes": ["EXTENSION"]}, "a comment inside"),
        ("    grantTypes: # why\n      - CIBA\n", {"grantTypes": ["EXTENSION"]}, "a comment stands between"),
        ("    grantTypes: [CIBA]\n    ? description\n    : x\n", {"description": "y"}, "a key with `\\?`"),
    ],
)
def test_refusals(tmp_path: Path, fields: str, change: dict[str, Any], words: str) -> None:
    path = written(tmp_path, f"version: 1\nallow: [redirect-uris]\nclients:\n  - clientId: a\n{fields}")
    with pytest.raises(UsageError, match=words) as caught:
        edit(path, "a", lambda one: one.update(change))
    assert caught.value.title != "x"


def test_no_list_to_add_to(tmp_path: Path) -> None:
    path = written(tmp_path, "version: 1\ntemplates: {a: {}}\n")
    with pytest.raises(UsageError, match="has no list of clients"):
        edited_inventory(path, "x", {"grantTypes": ["ACCESS_TOKEN_VALIDATION"]}, environment="dev")


def test_an_inventory_that_is_wrong_already(tmp_path: Path) -> None:
    path = written(tmp_path, "version: 1\nclients: [{clientId: a, unknown: 1}]\n")
    with pytest.raises(InvalidInventory, match="unknown field"):
        edited_inventory(path, "a", {"grantTypes": ["CIBA"]}, environment="dev")
