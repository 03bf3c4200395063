from typing import Any

import pytest

from ocm_tui.core.clients.fields import FIELDS, GROUPS, absence_counts, field, fields_of, get_value, nearest, with_value
from tests.contract.openapi import needs_contract, schema

# Newer than the published document that the tests hold the table against.
NEWER = {
    "tags",
    "clientAuthentication",
    "allowExclusiveScopes",
    "dpopProofSettings",
    "lockoutMaxMaliciousActions",
    "lockoutMaxMaliciousActionsType",
    "oidcPolicy.userInfoResponseSigningAlgorithm",
    "oidcPolicy.userInfoResponseEncryptionAlgorithm",
    "oidcPolicy.userInfoResponseContentEncryptionAlgorithm",
}
NESTED = {"clientAuth": "ClientAuth", "oidcPolicy": "ClientOIDCPolicy", "jwksSettings": "JwksSettings"}


def _published() -> dict[str, dict[str, Any]]:
    """Path to schema, for every leaf of a client in the contract; links are leaves with `.id`."""
    leaves: dict[str, dict[str, Any]] = {}
    for name, node in schema("Client")["properties"].items():
        inner = schema(NESTED[name])["properties"] if name in NESTED else {name: node}
        for part, leaf in inner.items():
            path = f"{name}.{part}" if name in NESTED else name
            leaves[f"{path}.id" if leaf.get("$ref", "").endswith("/ResourceLink") else path] = leaf
    return leaves


@needs_contract
def test_the_table_has_every_published_field_and_no_other() -> None:
    assert {spec.path for spec in FIELDS} - NEWER == set(_published())


@needs_contract
def test_kinds_and_values_are_those_of_the_contract() -> None:
    kinds = {
        "bool": "boolean",
        "integer": "integer",
        "text": "string",
        "long_text": "string",
        "enum": "string",
        "set": "array",
        "list": "array",
        "mapping": "object",
    }
    for path, leaf in _published().items():
        spec = field(path)
        assert spec is not None
        if spec.kind == "reference":
            continue
        assert leaf["type"] == kinds[spec.kind], path
        values = leaf.get("enum") or leaf.get("items", {}).get("enum") or []
        if path == "persistentGrantReuseGrantTypes":
            assert set(spec.values) < set(values)  # the contract's own description allows three of them
        else:
            assert set(spec.values) == set(values), path


def test_paths_are_unique_and_every_group_has_fields() -> None:
    assert len({spec.path for spec in FIELDS}) == len(FIELDS)
    assert [spec.group for spec in FIELDS] == [group for group in GROUPS for _ in fields_of(group)]
    assert all(fields_of(group) for group in GROUPS)
    assert all(spec.label for spec in FIELDS)
    paths = {spec.path for spec in FIELDS}
    assert all(spec.governed_by in paths for spec in FIELDS if spec.governed_by)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("restrictedScopes[0]", "restrictedScopes"),
        ("defaultAccessTokenManagerRef", "defaultAccessTokenManagerRef.id"),
        ("oidcPolicy.policyGroup.id", "oidcPolicy.policyGroup.id"),
        ("clientAuth.secondarySecrets[1].expiryTime", None),
        ("extendedParameters.team", "extendedParameters"),
        ("tags[0].id", "tags"),
        ("nothing", None),
        ("", None),
    ],
)
def test_field_finds_what_a_server_names(path: str, found: str | None) -> None:
    spec = field(path)
    assert (spec.path if spec else None) == found


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("enabeld", "enabled"),
        ("redirecturis", "redirectUris"),
        ("logoutMode", "oidcPolicy.logoutMode"),
        ("defaultAccessTokenManager", "defaultAccessTokenManagerRef.id"),
        ("zzzzzz", None),
    ],
)
def test_nearest(path: str, near: str | None) -> None:
    assert nearest(path) == near


def test_get_value_is_not_confused_by_wrong_shapes() -> None:
    assert get_value({"clientAuth": {"type": "SECRET"}}, "clientAuth.type") == "SECRET"
    odd_ones: list[dict[str, Any]] = [{}, {"clientAuth": None}, {"clientAuth": "text"}, {"clientAuth": []}]
    for odd in odd_ones:
        assert get_value(odd, "clientAuth.type") is None
    assert get_value({"extendedParameters": {"a.b": {"values": ["1"]}}}, "extendedParameters.a.b") == {"values": ["1"]}


def test_with_value_copies_only_the_path_and_leaves_the_original() -> None:
    original = {"clientId": "a", "clientAuth": {"type": "SECRET", "new": 1}, "oidcPolicy": {"x": {}}}
    changed = with_value(original, "clientAuth.type", "NONE")
    assert changed == {**original, "clientAuth": {"type": "NONE", "new": 1}}
    assert original["clientAuth"] == {"type": "SECRET", "new": 1}
    assert changed["oidcPolicy"] is original["oidcPolicy"]


def test_with_value_makes_and_removes_what_is_on_the_way() -> None:
    assert with_value({"clientId": "a"}, "oidcPolicy.policyGroup.id", "p") == {
        "clientId": "a",
        "oidcPolicy": {"policyGroup": {"id": "p"}},
    }
    document = {"oidcPolicy": {"policyGroup": {"id": "p"}}, "enabled": True}
    assert with_value(document, "oidcPolicy.policyGroup.id", None) == {"enabled": True}
    assert with_value({"enabled": True}, "oidcPolicy.policyGroup.id", None) == {"enabled": True}
    assert with_value({"clientAuth": None}, "clientAuth.type", "NONE") == {"clientAuth": {"type": "NONE"}}
    assert with_value({}, "extendedParameters.a.b", {"values": ["1"]}) == {
        "extendedParameters": {"a.b": {"values": ["1"]}}
    }


def test_an_unknown_member_is_nulled_and_not_dropped() -> None:
    assert with_value({"future": 1}, "future", None) == {"future": None}
    assert with_value({"future": {"a": 1}}, "future.a", None) == {"future": {"a": None}}
    assert not absence_counts("future")
    assert not absence_counts("clientAuthentication")
    assert absence_counts("oidcPolicy")
