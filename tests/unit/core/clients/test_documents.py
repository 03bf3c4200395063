import json
from typing import Any

import pytest

from ocm_tui.core.clients.documents import (
    displayable,
    drop_former_auth,
    guarded,
    has_secret,
    new_document,
    revealed,
    writable,
)
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.secret import MASK, Secret, known_secrets

PRIVATE = {"kty": "RSA", "n": "public-n", "e": "AQAB", "d": "private-d", "p": "private-p"}


def test_nothing_secret_is_displayable() -> None:
    document = {
        "clientId": "a",
        "clientAuth": {
            "type": "SECRET",
            "secret": "planted-1",
            "encryptedSecret": "OBF:JWE:planted-2",
            "secondarySecrets": [{"secret": "planted-3", "encryptedSecret": "planted-4", "expiryTime": "2030"}],
        },
        "clientAuthentication": {"clientSecret": {"enabled": True}, "encryptedSecret": "planted-5", "secret": ""},
        "jwksSettings": {"jwks": json.dumps({"keys": [{**PRIVATE, "d": "planted-6"}]})},
        "extendedParameters": {"team": {"values": ["blue"]}, "api_token": {"values": ["planted-7"]}},
        "future": {"keySecret": "planted-8", "password": ["planted-9"], "inner": [{"secret": Secret("planted-10")}]},
        "requireOfflineAccessScopeToIssueRefreshTokens": "SERVER_DEFAULT",
    }
    shown = displayable(document)
    assert "planted" not in json.dumps(shown)
    assert shown["clientAuth"]["secondarySecrets"] == [{"secret": MASK, "encryptedSecret": MASK, "expiryTime": "2030"}]
    assert shown["clientAuthentication"]["clientSecret"] == {"enabled": True}
    assert shown["clientAuthentication"]["secret"] == ""
    assert shown["extendedParameters"]["team"] == {"values": ["blue"]}
    assert shown["requireOfflineAccessScopeToIssueRefreshTokens"] == "SERVER_DEFAULT"
    assert document["clientAuth"] != shown["clientAuth"]


@pytest.mark.parametrize("jwks", ["not JSON", "[]", "{}", '{"keys": 1}', '{"keys": [1]}', "[" * 5000, 5])
def test_a_key_set_that_cannot_be_read_is_masked(jwks: Any) -> None:
    assert displayable({"jwksSettings": {"jwks": jwks}}) == {"jwksSettings": {"jwks": MASK}}


def test_public_keys_are_shown_as_they_are() -> None:
    public = '{"keys":  [{"kty": "RSA", "n": "x"}]}'
    assert displayable({"jwksSettings": {"jwks": public}}) == {"jwksSettings": {"jwks": public}}
    shown = displayable({"jwksSettings": {"jwks": json.dumps({"keys": [PRIVATE], "more": 1})}})
    assert json.loads(shown["jwksSettings"]["jwks"]) == {"keys": [{**PRIVATE, "d": MASK, "p": MASK}], "more": 1}


def test_writable_leaves_out_what_is_the_servers_and_what_no_request_may_hold() -> None:
    document: dict[str, Any] = {
        "clientId": "a",
        "name": "a",
        "grantTypes": [],
        "creationDate": "1",
        "modificationDate": "2",
        "clientSecretChangedTime": "3",
        "replicationStatus": "REPLICATED",
        "logoUrl": "",
        "description": None,
        "redirectUris": [],
        "refreshTokenRollingIntervalTimeUnit": "",
        "persistentGrantExpirationTime": None,
        "oidcPolicy": {"policyGroup": {}, "logoutUris": [], "newer": None},
        "clientAuth": None,
        "jwksSettings": {},
        "defaultAccessTokenManagerRef": {"id": "jwt", "location": "https://pf/jwt"},
        "requestPolicyRef": {"id": None, "location": None},
        "future": {"kept": None, "location": "here"},
        "tags": [{"id": "t", "location": "x"}],
    }
    before = json.dumps(document)
    assert writable(document) == {
        "clientId": "a",
        "name": "a",
        "grantTypes": [],
        "redirectUris": [],
        "oidcPolicy": {"logoutUris": [], "newer": None},
        "defaultAccessTokenManagerRef": {"id": "jwt"},
        "requestPolicyRef": {"location": None},
        "future": {"kept": None, "location": "here"},
        "tags": [{"id": "t"}],
    }
    assert json.dumps(document) == before


def test_a_new_secret_goes_without_the_stored_one() -> None:
    auth = {"type": "SECRET", "secret": Secret("new-secret-1"), "encryptedSecret": "old", "secondarySecrets": []}
    sent = writable({"clientAuth": auth})["clientAuth"]
    assert sent.keys() == {"type", "secret", "secondarySecrets"}
    assert writable({"clientAuth": {**auth, "secret": None}})["clientAuth"]["encryptedSecret"] == "old"


def test_new_document() -> None:
    assert new_document("a") == {
        "clientId": "a",
        "name": "a",
        "enabled": True,
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
    }
    document = new_document(
        "web", name="Web", grant_types=["AUTHORIZATION_CODE"], redirect_uris=["https://w/cb"], secret=Secret("s" * 20)
    )
    assert document["redirectUris"] == ["https://w/cb"]
    assert "ssss" not in repr(document)


FORMER = {
    "type": "SECRET",
    "encryptedSecret": "OBF",
    "secondarySecrets": [],
    "clientCertIssuerDn": "CN=i",
    "enforceReplayPrevention": True,
    "tokenEndpointAuthSigningAlgorithm": "HS256",
    "newer": 1,
}


@pytest.mark.parametrize(
    ("now", "kept"),
    [
        ("SECRET", set(FORMER)),
        ("NONE", {"type", "newer"}),
        ("CERTIFICATE", {"type", "newer", "clientCertIssuerDn"}),
        ("PRIVATE_KEY_JWT", {"type", "newer", "enforceReplayPrevention"}),
        ("CLIENT_SECRET_JWT", {"type", "newer", "encryptedSecret", "secondarySecrets", "enforceReplayPrevention"}),
        ("SOMETHING_NEW", set(FORMER)),
    ],
)
def test_drop_former_auth(now: str, kept: set[str]) -> None:
    edited = ClientDocument({"clientId": "a", "clientAuth": {**FORMER, "type": now}})
    changed = drop_former_auth(edited, {"clientAuth": FORMER})
    assert set(changed["clientAuth"]) == kept


def test_drop_former_auth_keeps_what_was_newly_set() -> None:
    edited = ClientDocument({"clientAuth": {**FORMER, "type": "CERTIFICATE", "tokenEndpointAuthSigningAlgorithm": "X"}})
    assert drop_former_auth(edited, {"clientAuth": FORMER})["clientAuth"]["tokenEndpointAuthSigningAlgorithm"] == "X"
    assert drop_former_auth(ClientDocument({"clientAuth": None}), {"clientAuth": FORMER}) == {"clientAuth": None}


def test_drop_former_auth_and_the_newer_member() -> None:
    one = {"clientSecret": {"enabled": True}, "certificate": {"enabled": False}, "encryptedSecret": "OBF"}
    two = {**one, "certificate": {"enabled": True}}
    for methods, expected in ((one, None), (two, two)):
        before = {"clientAuth": FORMER, "clientAuthentication": methods}
        edited = ClientDocument({**before, "clientAuth": {**FORMER, "type": "NONE"}})
        assert drop_former_auth(edited, before)["clientAuthentication"] == expected


def test_guarded_secrets_are_known_and_hidden_and_come_back() -> None:
    document = {"clientAuth": {"secret": "guarded-plain-1", "secondarySecrets": [{"secret": "guarded-plain-2"}, "odd"]}}
    hidden = guarded(document)
    assert "guarded-plain" not in repr(hidden)
    assert {"guarded-plain-1", "guarded-plain-2"} <= known_secrets.forms
    assert revealed(hidden) == document
    assert guarded({"clientAuth": None}) == {"clientAuth": None}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, False),
        ({"clientAuth": {"type": "CERTIFICATE"}}, False),
        ({"clientAuth": {"type": "CLIENT_SECRET_JWT"}}, True),
        ({"clientAuthentication": {"clientSecret": {"enabled": True}}}, True),
        ({"clientAuthentication": {"clientSecret": {"enabled": False}, "certificate": {"enabled": True}}}, False),
    ],
)
def test_has_secret(document: dict[str, Any], expected: bool) -> None:
    assert has_secret(document) is expected
