"""A payload in pieces, and what trials are made of."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.clients.documents import revealed
from ocm_tui.core.diagnosis.minimise.anatomy import Anatomy
from ocm_tui.core.diagnosis.minimise.failure import Failure
from ocm_tui.core.errors import Violation
from ocm_tui.core.secret import Secret

OWN = Secret("a-secret-of-the-trials-own-4711")
SMALLEST = {
    "clientId": "t",
    "name": "t",
    "enabled": False,
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "secret": OWN},
}


def whole(document: dict[str, Any]) -> dict[str, Any]:
    anatomy = Anatomy.of(document)
    return dict(anatomy.payload(anatomy.everything, "t", OWN))


def fields_with(document: dict[str, Any], name: str) -> set[str]:
    """What comes along when one field is tried."""
    anatomy = Anatomy.of(document)
    (index,) = [place for place, unit in enumerate(anatomy.units) if name in unit.names]
    return set(anatomy.fields(anatomy.closed([index])))


def test_the_smallest_client() -> None:
    assert Anatomy.of({"clientId": "a"}).payload(frozenset(), "t", OWN) == SMALLEST


@pytest.mark.parametrize(
    ("sent", "tried"),
    [
        ({"name": "Orders", "description": "x"}, {"name": "Orders", "description": "x"}),
        ({"clientAuth": {"type": "SECRET", "secret": "***0a1b2c"}}, {}),
        ({"clientAuth": {"type": "SECRET", "encryptedSecret": "***0a1b2c"}}, {}),
        ({"clientAuth": {"type": "SECRET"}}, {"clientAuth": {"type": "SECRET"}}),
        ({"clientAuth": {"type": "NONE"}}, {"clientAuth": {"type": "NONE"}}),
        ({"clientAuth": "NONE"}, {"clientAuth": "NONE"}),
        (
            {"clientAuth": {"type": "SECRET", "secret": Secret("the-clients-own"), "secondarySecrets": [
                {"encryptedSecret": "OBF:JWE:x", "expiryTime": "2030-01-01T00:00:00Z"}]}},
            {"clientAuth": {"type": "SECRET", "secret": OWN, "secondarySecrets": [
                {"expiryTime": "2030-01-01T00:00:00Z", "secret": OWN}]}},
        ),
        ({"creationDate": "2024-01-01", "replicationStatus": "REPLICATED"}, {}),
        ({"oidcPolicy": {"policyGroup": {"id": "a"}}}, {"oidcPolicy": {"policyGroup": {"id": "a"}}}),
        ({"oidcPolicy": []}, {"oidcPolicy": []}),
        ({"extendedParameters": {"a.b": {"values": ["1"]}}}, {"extendedParameters": {"a.b": {"values": ["1"]}}}),
        ({"unheardOf": {"x": [1, None]}}, {"unheardOf": {"x": [1, None]}}),
    ],
)  # fmt: skip
def test_all_of_a_payload_but_its_secrets(sent: dict[str, Any], tried: dict[str, Any]) -> None:
    sent = {
        "clientId": "a",
        "name": "t",
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": SMALLEST["clientAuth"],
    } | sent
    assert whole(sent) == SMALLEST | tried


def test_what_is_missing_is_missing_in_the_trial() -> None:
    document = {"clientId": "a", "grantTypes": ["CLIENT_CREDENTIALS"]}
    anatomy = Anatomy.of(document)
    assert set(anatomy.fields(anatomy.everything)) == {"name", "clientAuth"}
    assert whole(document) == {"clientId": "t", "enabled": False, "grantTypes": ["CLIENT_CREDENTIALS"]}


def test_what_the_log_does_not_hold_is_told() -> None:
    anatomy = Anatomy.of({
        "clientId": "a", "extendedParameters": {"apiToken": "***0a1b2c", "team": {"values": ["x"]}},
        "clientAuth": {"type": "SECRET", "secret": "***0a1b2c", "secondarySecrets": "***0a1b2c"},
        "clientAuthentication": {"secret": "***0a1b2c", "clientSecret": "***0a1b2c"},
    })  # fmt: skip
    assert anatomy.unknown == ("clientAuth.secondarySecrets", "clientAuthentication", "extendedParameters.apiToken")
    assert "***" not in json.dumps(revealed(anatomy.payload(anatomy.everything, "t", OWN)))


@pytest.mark.parametrize(
    ("document", "name", "along"),
    [
        ({"restrictedScopes": ["a"], "restrictScopes": True}, "restrictedScopes", {"restrictScopes"}),
        ({"restrictedScopes": ["a"]}, "restrictedScopes", set()),
        ({"grantTypes": ["IMPLICIT"], "redirectUris": ["a"]}, "grantTypes", {"redirectUris"}),
        ({"grantTypes": ["IMPLICIT"], "redirectUris": ["a"]}, "redirectUris", set()),
        ({"grantTypes": ["CIBA"], "cibaPollingInterval": 3}, "cibaPollingInterval", {"grantTypes"}),
        (
            {"clientAuth": {"type": "CERTIFICATE", "clientCertIssuerDn": "a"}},
            "clientAuth.type", {"clientAuth.clientCertIssuerDn"},
        ),
        (
            {"clientAuth": {"type": "PRIVATE_KEY_JWT"}, "jwksSettings": {"jwks": "{}"}},
            "clientAuth.type", {"jwksSettings.jwks"},
        ),
        ({"clientAuth": {"type": "NONE"}, "grantTypes": ["DEVICE_CODE"]}, "clientAuth.type", {"grantTypes"}),
        (
            {"refreshTokenRollingIntervalType": "OVERRIDE_SERVER_DEFAULT", "refreshTokenRollingInterval": 1,
             "refreshTokenRollingIntervalTimeUnit": "DAYS"},
            "refreshTokenRollingIntervalTimeUnit", {"refreshTokenRollingIntervalType", "refreshTokenRollingInterval"},
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_alone(document: dict[str, Any], name: str, along: set[str]) -> None:
    document = {"clientId": "a", "name": "n", "clientAuth": SMALLEST["clientAuth"]} | document
    assert fields_with(document, name) == along | {name}


def test_leaving_out_takes_along_what_needs_it() -> None:
    anatomy = Anatomy.of({
        "clientId": "a", "name": "n", "grantTypes": ["CIBA"], "cibaPollingInterval": 3, "cibaUserCodeSupported": True,
        "description": "d",
    })  # fmt: skip
    (grants,) = [place for place, unit in enumerate(anatomy.units) if "grantTypes" in unit.names]
    assert set(anatomy.fields(anatomy.without(anatomy.everything, [grants]))) == {"name", "description"}


def test_the_server_is_believed_first() -> None:
    anatomy = Anatomy.of({"clientId": "a", "name": "n", "description": "d", "oidcPolicy": {"policyGroup": {"id": "x"}}})
    failure = Failure(422, "validation_error", (Violation("no", "invalid", "oidcPolicy.policyGroup.id"),))
    ordered, named = anatomy.hinted_first(anatomy.everything, failure)
    assert named == 1
    assert anatomy.fields(ordered[:1]) == ("oidcPolicy.policyGroup",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([
    "clientId", "name", "grantTypes", "clientAuth", "oidcPolicy", "jwksSettings", "extendedParameters", "redirectUris",
    "restrictedScopes", "clientAuthentication", "deviceFlowSettingType", "pendingAuthorizationTimeoutOverride", "x",
])  # fmt: skip


@given(st.dictionaries(NAMES, JSON, max_size=8), st.data())
def test_any_document_can_be_taken_apart(document: dict[str, Any], data: st.DataObject) -> None:
    anatomy = Anatomy.of(document)
    places = st.frozensets(st.integers(0, max(len(anatomy.units) - 1, 0)), max_size=len(anatomy.units))
    chosen = anatomy.closed(data.draw(places) if anatomy.units else ())
    assert anatomy.closed(chosen) == chosen
    for index in range(len(anatomy.units)):
        left = anatomy.without(anatomy.everything, [index])
        assert index not in left
        assert anatomy.closed(left) == left
    assert anatomy.payload(chosen, "t", OWN)["clientId"] == "t"
