"""A declared client against the server's: what differs, who moved, which secrets."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.fields import FIELDS, with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.fingerprint import fingerprint
from ocm_tui.core.provisioning.model import (
    Change,
    FieldDrift,
    Moved,
    SecretDeclaration,
    SecretUse,
)
from ocm_tui.core.secret import MASK
from tests.unit.core.provisioning.comparison_support import SECRET, STORED, compare, desired, stored
from tests.unit.core.provisioning.declaring import GENERATED, applied, declared
from tests.unit.core.provisioning.strategies import declarations, respelled


def test_what_is_as_declared_is_unchanged_and_keeps_what_an_apply_remembers() -> None:
    client = declared("orders", redirectUris=["b", "a"])
    document = stored(client, redirectUris=["a", "b"], enabled=True, oidcPolicy={"policyGroup": {}}, future=1)
    assert compare(client, document) == Change(
        client_id="orders",
        action="unchanged",
        desired=client.document,
        seen=fingerprint(document),
        place="client-inventory.yaml:1:3",
    )


def test_a_missing_client_is_created_with_all_that_it_says() -> None:
    client = declared("orders", GENERATED, clientAuth=SECRET, enabled=True, bypassApprovalPage=False)
    change = compare(client, None)
    assert (change.action, change.secret, change.seen, change.state) == ("create", "set", None, "missing")
    assert [(field.path, field.before, field.after, field.moved) for field in change.fields] == [
        ("name", None, "orders", "inventory"),
        ("clientAuth.type", None, "SECRET", "inventory"),
        ("grantTypes", None, ["CLIENT_CREDENTIALS"], "inventory"),
    ]


def test_an_update_names_each_field_and_leaves_alone_what_is_not_the_inventorys() -> None:
    client = declared("orders", description="new", future={"a": 2})
    document = stored(
        client, description="", enabled=False, future={"a": 1, "b": 1}, clientAuthentication={"x": 1}, other=1
    )
    change = compare(client, document)
    assert (change.action, change.seen) == ("update", fingerprint(document))
    assert change.fields == (
        FieldDrift("description", None, "new"),
        FieldDrift("enabled", False, None),
        FieldDrift("future.a", 1, 2),
    )


def test_nothing_secret_is_in_a_field() -> None:
    client = declared("orders", jwksSettings={"jwksUrl": "https://k.example.com"})
    keys = '{"keys": [{"kty": "oct", "k": "planted-private-part"}]}'
    change = compare(client, stored(client, jwksSettings={"jwks": keys}, clientAuth=STORED))
    assert "planted-private-part" not in repr(change)
    assert MASK in repr([field for field in change.fields if field.path == "jwksSettings.jwks"])


MOVES: list[tuple[str | None, str | None, str | None, Moved]] = [
    ("a", "a", "b", "inventory"),
    ("a", "b", "a", "server"),
    ("a", "b", "c", "both"),
    (None, None, "b", "inventory"),
    (None, "b", None, "server"),
    ("a", None, "a", "server"),
    ("a", "a", None, "inventory"),
    ("a", None, "b", "both"),
    ("a", "b", None, "both"),
    (None, "a", "b", "both"),
]


# What an inventory does not name of an unknown field is not its business.
NAMED = [("future", *move) for move in MOVES if move[2] is not None]


@pytest.mark.parametrize(
    ("field", "last", "actual", "wanted", "who"), [*(("description", *move) for move in MOVES), *NAMED]
)
def test_who_moved(field: str, last: str | None, actual: str | None, wanted: str | None, who: Moved) -> None:
    named: dict[str, Any] = {field: wanted} if wanted else {}
    client = declared("orders", **named)
    document = stored(client, **{field: actual})
    assert compare(client, document).fields == (FieldDrift(field, actual, wanted),)
    before: dict[str, Any] = {field: last}
    assert compare(client, document, applied(client, **before)).fields == (FieldDrift(field, actual, wanted, who),)


def test_who_moved_is_told_by_meaning() -> None:
    client = declared("orders", redirectUris=["b", "a"], description="new")
    last = applied(client, redirectUris=["a", "b"], description=None)
    document = stored(client, redirectUris=["a"], description="")
    assert [(field.path, field.moved) for field in compare(client, document, last).fields] == [
        ("description", "inventory"),
        ("redirectUris", "server"),
    ]


def test_a_client_that_was_applied_and_is_gone_was_moved_by_the_server() -> None:
    client = declared("orders", description="new")
    change = compare(client, None, applied(client, description="old"))
    assert {field.path: field.moved for field in change.fields} == {
        "name": "server",
        "grantTypes": "server",
        "description": "both",
    }


@pytest.mark.parametrize(
    ("auth", "held", "declaration", "version", "use", "action"),
    [
        (SECRET, STORED, GENERATED, None, "keep", "unchanged"),
        (SECRET, STORED, None, None, "keep", "unchanged"),
        (SECRET, SECRET, GENERATED, None, "keep", "unchanged"),  # not shown is not absent
        (SECRET, STORED, SecretDeclaration("generate", deliver="stdout", version=2), 1, "rotate", "update"),
        (SECRET, STORED, SecretDeclaration("generate", deliver="stdout", version=2), 2, "keep", "unchanged"),
        (SECRET, STORED, SecretDeclaration("generate", deliver="stdout", version=2), None, "keep", "unchanged"),
        (SECRET, STORED, SecretDeclaration("keep", version=2), 1, "keep", "unchanged"),
        (SECRET, {"type": "NONE"}, GENERATED, 1, "set", "update"),
        (SECRET, {"type": "NONE"}, None, 1, "set", "blocked"),
        (SECRET, {"type": "NONE"}, SecretDeclaration("keep"), 1, "set", "blocked"),
        ({"type": "CLIENT_SECRET_JWT"}, STORED, None, None, "keep", "update"),
        ({"type": "NONE"}, STORED, GENERATED, 1, None, "update"),
        (SECRET, None, GENERATED, None, "set", "create"),
        (SECRET, None, None, None, "set", "blocked"),
        (SECRET, None, SecretDeclaration("keep"), None, "set", "blocked"),
        (SECRET, None, SecretDeclaration("env", "OCM_TUI_NOT_SET_ANYWHERE"), None, "set", "blocked"),
        ({"type": "NONE"}, None, None, None, None, "create"),
    ],
)
def test_secrets_are_set_kept_or_rotated(  # noqa: PLR0917  # a table
    auth: dict[str, Any],
    held: dict[str, Any] | None,
    declaration: SecretDeclaration | None,
    version: int | None,
    use: SecretUse | None,
    action: str,
) -> None:
    client = declared("orders", declaration, clientAuth=auth)
    memory = applied(client, version=version) if version is not None else None
    change = compare(client, stored(client, clientAuth=held) if held is not None else None, memory)
    assert (change.secret, change.action, change.declaration) == (use, action, declaration)
    assert bool(change.reasons) == (action == "blocked")


def test_a_missing_secret_says_which_client_and_what_to_do() -> None:
    [reason] = compare(declared("orders", clientAuth=SECRET, line=7), None).reasons
    assert reason == (
        "clientAuth.type: SECRET needs a secret, and none is declared (client-inventory.yaml:7:3): "
        "declare `secret: {from: generate, …}`"
    )


def test_a_name_that_nobody_declared_is_the_servers() -> None:
    client = declared("orders", keep_name=True)
    change = compare(client, stored(client, name="Bestellungen"))
    assert (change.action, desired(change)["name"]) == ("unchanged", "Bestellungen")
    assert compare(client, stored(client, name="B", enabled=False)).fields == (FieldDrift("enabled", False, None),)
    assert desired(compare(client, None))["name"] == "orders"


def test_what_a_server_makes_true_is_declared_true() -> None:
    client = declared("orders", allowAuthenticationApiInit=True)
    forced = {"restrictScopes": True, "bypassApprovalPage": True}
    assert compare(client, stored(client, **forced)).action == "unchanged"
    fresh = desired(compare(client, None))
    assert {name: fresh[name] for name in forced} == forced
    lax = compare(client, stored(client, restrictScopes=False))
    assert [field.path for field in lax.fields] == ["restrictScopes", "bypassApprovalPage"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_respelled_documents_are_the_same_and_have_one_fingerprint(data: st.DataObject) -> None:
    document = data.draw(declarations())
    client = declared("orders", GENERATED, **document)
    other = data.draw(respelled(document))
    # What the server forces is there, and it has a secret where one is needed: the last plan was applied.
    whole = ClientDocument({**other, **_forced(document), "modificationDate": "1"})
    change = compare(client, whole)
    assert (change.action, change.fields) == ("unchanged", ())
    again = data.draw(respelled({**document, **_forced(document)}))
    assert fingerprint({**again, "modificationDate": "1"}) == change.seen
    assert fingerprint({**again, "modificationDate": "2"}) != change.seen


def _forced(document: Mapping[str, Any]) -> dict[str, Any]:
    forced = document.get("allowAuthenticationApiInit") is True
    return {"restrictScopes": True, "bypassApprovalPage": True} if forced else {}


MEANINGFUL = {
    "description": "other",
    "enabled": False,
    "grantTypes": ["DEVICE_CODE"],
    "redirectUris": ["https://other.example.com"],
    "clientSecretRetentionPeriodType": "OVERRIDE_SERVER_DEFAULT",
    "clientAuth.type": "CERTIFICATE",
    "refreshRolling": "ROLL",
    "requireDpop": True,
    "oidcPolicy.policyGroup.id": "other",
    "oidcPolicy.logoutUris": ["https://other.example.com"],
    "defaultAccessTokenManagerRef.id": "other",
    "jwksSettings.jwksUrl": "https://other.example.com",
    "extendedParameters.a.b": {"values": ["other"]},
    "exclusiveScopes": ["other"],
    "cibaPollingInterval": 77,
    "tags": [{"id": "other"}],
}


@settings(max_examples=100, deadline=None)
@given(declarations(), st.sampled_from(sorted(MEANINGFUL)))
def test_a_meaningful_change_is_exactly_that_field(document: dict[str, Any], path: str) -> None:
    document = {**document, **_forced(document), "clientAuth": {"type": "PRIVATE_KEY_JWT"}}
    document |= {"clientSecretRetentionPeriodType": None, "clientSecretRetentionPeriod": None}
    client = declared("orders", **document)
    before = stored(client, modificationDate="1")
    changed = with_value(before, path, MEANINGFUL[path])
    assume(changed != before)  # it may have been declared with that very value
    assert compare(client, before).action == "unchanged"
    change = compare(client, changed)
    assert (change.action, [field.path for field in change.fields]) == ("update", [path])
    assert fingerprint(changed) != fingerprint(before)


def test_every_kind_of_field_is_among_the_meaningful_changes() -> None:
    kinds = {spec.kind for spec in FIELDS} - {"text"}
    assert {spec.kind for spec in FIELDS if spec.path in MEANINGFUL or spec.path == "extendedParameters"} >= kinds
