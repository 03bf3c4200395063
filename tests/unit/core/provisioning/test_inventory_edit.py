"""Edits of one client written back: only what differs changes, and every other byte stays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.provisioning.inventory_edit import edited_inventory
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from tests.unit.core.provisioning.inventory_edit_support import IN_ONE_LINE, TEXT, changed_lines, edit
from tests.unit.core.provisioning.inventory_support import written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, TEXT)


SEVERAL = ["    description: |-", "      several", "      lines"]


CHANGES: list[tuple[str, Callable[[dict[str, Any]], Any], list[str], list[str]]] = [
    (
        "a",
        lambda one: one.update(description="new"),
        ['    description: "Größe 1 😀"   # comment of the description'],
        ["    description: new   # comment of the description"],
    ),
    (
        "a",
        lambda one: one.update(description="yes: no"),
        ['    description: "Größe 1 😀"   # comment of the description'],
        ['    description: "yes: no"   # comment of the description'],
    ),
    ("a", lambda one: one.pop("description"), ['    description: "Größe 1 😀"   # comment of the description'], []),
    ("a", lambda one: one.update(enabled=False), [], ["    enabled: false"]),
    ("a", lambda one: one["restrictedScopes"].append("email"), [], ["      - email"]),
    ("a", lambda one: one["restrictedScopes"].insert(1, "email"), [], ["      - email"]),
    ("a", lambda one: one["restrictedScopes"].remove("profile"), ["      - profile"], []),
    ("a", lambda one: one["restrictedScopes"].remove("reports:read"), ["      - reports:read"], []),
    (
        "a",
        lambda one: one["restrictedScopes"].remove("openid"),
        ["      - openid    # always"],
        [],
    ),
    (
        "a",
        lambda one: one["oidcPolicy"]["policyGroup"].update(id="customers"),
        ["      policyGroup: {id: default}   # which policy"],
        ["      policyGroup: {id: customers}   # which policy"],
    ),
    (
        "a",
        lambda one: one["oidcPolicy"]["logoutUris"].insert(0, "https://c.example.com"),
        ["      logoutUris: [https://a.example.com, https://b.example.com]"],
        ["      logoutUris: [https://c.example.com, https://a.example.com, https://b.example.com]"],
    ),
    (
        "a",
        lambda one: one["oidcPolicy"].pop("policyGroup"),
        ["      policyGroup: {id: default}   # which policy"],
        [],
    ),
    (
        "a",
        lambda one: one["clientAuth"].update(type="CLIENT_SECRET_JWT"),
        [],
        ["    clientAuth: {type: CLIENT_SECRET_JWT}"],
    ),
    (
        "a",
        lambda one: one["grantTypes"].append("REFRESH_TOKEN"),
        [],
        ["    grantTypes: [CLIENT_CREDENTIALS, REFRESH_TOKEN]"],
    ),
    (
        "b",
        lambda one: (one["restrictedScopes"].append("email"), one.update(enabled=False)),
        [IN_ONE_LINE],
        [IN_ONE_LINE.replace("[openid]", "[openid, email], enabled: false")],
    ),
    (
        "b",
        lambda one: (one.pop("restrictedScopes"), one.pop("restrictScopes")),
        [IN_ONE_LINE],
        ["  - {clientId: b, template: web}   # in one line"],
    ),
    (
        "b",
        lambda one: one["oidcPolicy"].update(logoutMode="OIDC_BACK_CHANNEL"),
        [IN_ONE_LINE],
        [IN_ONE_LINE.replace("[openid]", "[openid], oidcPolicy: {logoutMode: OIDC_BACK_CHANNEL}")],
    ),
    ("c", lambda one: one.pop("requireDpop"), [], ["    requireDpop: null"]),
    ("c", lambda one: one["oidcPolicy"].pop("logoutMode"), [], ["    oidcPolicy: {logoutMode: null}"]),
    ("c", lambda one: one.update(description="one"), SEVERAL, ["    description: one"]),
    (
        "c",
        lambda one: one.update(description="several\nmore\n"),
        SEVERAL,
        ["    description: |", "      several", "      more"],
    ),
    (
        "c",
        lambda one: one.update(enabled=True),
        ["        enabled: false     # not yet"],
        ["        enabled: true     # not yet"],
    ),
    ("c", lambda one: one.pop("enabled"), ["      dev:", "        enabled: false     # not yet"], []),
]


@pytest.mark.parametrize(("client_id", "change", "before", "after"), CHANGES)
def test_changes(
    path: Path, client_id: str, change: Callable[[dict[str, Any]], Any], before: list[str], after: list[str]
) -> None:
    assert changed_lines(TEXT, edit(path, client_id, change)) == (before, after)


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path, start: str) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_bytes((start + TEXT.replace("\n", "\r\n")).encode())
    for client_id, change, before, after in CHANGES:
        new = edit(path, client_id, change)
        assert new.startswith(start)
        assert new.count("\n") == new.count("\r\n")
        assert changed_lines(TEXT, new.removeprefix(start)) == (before, after)


def test_nothing_changed_changes_nothing(path: Path) -> None:
    for client_id in "abc":
        assert edit(path, client_id, lambda _: None) == TEXT


def test_ids_are_found_in_any_case(path: Path) -> None:
    document = load_inventory([path], environment="dev").clients[0].document
    old, new = edited_inventory(path, "A", {**document, "enabled": False}, environment="dev")
    assert changed_lines(old, new) == ([], ["    enabled: false"])


def test_an_environment_without_an_overlay_changes_the_client(path: Path) -> None:
    new = edit(path, "c", lambda one: one.update(enabled=False), "elsewhere")
    assert changed_lines(TEXT, new) == ([], ["    enabled: false"])
    assert edit(path, "c", lambda one: one.update(enabled=False), "prod").count("prod: {enabled: false}") == 1
