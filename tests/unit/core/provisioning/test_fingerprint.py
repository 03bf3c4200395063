"""A fingerprint tells every change that anybody could mean, and nothing that happens by itself."""

from typing import Any

import pytest

from ocm_tui.core.provisioning.fingerprint import fingerprint

DOCUMENT: dict[str, Any] = {
    "clientId": "orders",
    "name": "orders",
    "grantTypes": ["CIBA", "CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:1", "secondarySecrets": [{"expiryTime": "1"}]},
    "clientAuthentication": {"clientSecret": {"enabled": True}, "encryptedSecret": "OBF:1", "secondarySecrets": [{}]},
    "defaultAccessTokenManagerRef": {"id": "jwt"},
    "modificationDate": "2024-01-30T20:22:16.054Z",
    "clientSecretChangedTime": "2024-01-30T20:22:16.054Z",
    "future": {"a": 1, "b": [2]},
}


@pytest.mark.parametrize(
    "changes",
    [
        {"grantTypes": ["CLIENT_CREDENTIALS", "CIBA"]},
        {"description": "", "redirectUris": [], "enabled": True, "creationDate": None},
        {"clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:2"}},
        {"clientAuthentication": {"clientSecret": {"enabled": True}, "encryptedSecret": "OBF:2"}},
        {"defaultAccessTokenManagerRef": {"id": "jwt", "location": "https://pf.example.com/jwt"}},
        {"replicationStatus": "NOT_REPLICATED"},
        {"future": {"b": [2], "a": 1, "c": None}},
        {"newer": None, "persistentGrantExpirationTime": 0, "oidcPolicy": {"policyGroup": {}}},
    ],
)
def test_what_is_no_change(changes: dict[str, Any]) -> None:
    assert fingerprint({**DOCUMENT, **changes}) == fingerprint(DOCUMENT)


CHANGES: list[dict[str, Any]] = [
    {"grantTypes": ["CIBA"]},
    {"enabled": False},
    {"modificationDate": "2024-01-30T20:22:16.055Z"},
    {"modificationDate": None},
    {"creationDate": "2024-01-30T20:22:16.054Z"},
    {"clientSecretChangedTime": "2025-01-30T20:22:16.054Z"},
    {"clientAuth": {"type": "CLIENT_SECRET_JWT"}},
    {"clientAuthentication": {"clientSecret": {"enabled": False}}},
    {"future": {"a": 1, "b": [2, 2]}},
    {"future": None},
    {"newer": False},
    {"name": "\ud800"},
]


def test_every_change_has_a_fingerprint_of_its_own() -> None:
    prints = [fingerprint(DOCUMENT), *(fingerprint({**DOCUMENT, **changes}) for changes in CHANGES)]
    assert len(set(prints)) == len(prints)
    assert all(len(one) == 32 for one in prints)
