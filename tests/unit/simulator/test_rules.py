# ruff: noqa: E501  # tables, one case a line
"""Each reason for a 422, with the field that it names; and documents that look suspicious and are fine."""

from typing import Any

import httpx2
import pytest

from ocm_tui.simulator.accounts import Accounts
from ocm_tui.simulator.catalogue import CATALOGUE
from ocm_tui.simulator.company import Company
from ocm_tui.simulator.documents import authentication_of
from ocm_tui.simulator.rules import RULES, Draft, violations
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.simulator.vault import Vault
from tests.unit.simulator.conftest import Opener

SECRET = {"type": "SECRET", "secret": "twelve-monkeys"}
MACHINE: dict[str, Any] = {"clientId": "new", "name": "new", "grantTypes": ["CLIENT_CREDENTIALS"], "clientAuth": SECRET}
WEB: dict[str, Any] = MACHINE | {"grantTypes": ["AUTHORIZATION_CODE"], "redirectUris": ["https://a.example.com/"]}
PUBLIC: dict[str, Any] = WEB | {"clientAuth": {"type": "NONE"}}
CIBA: dict[str, Any] = MACHINE | {"grantTypes": ["CIBA"]}
KEYS = {"jwksUrl": "https://a.example.com/jwks"}
OVERRIDE = "OVERRIDE_SERVER_DEFAULT"


def drafted(sent: dict[str, Any], *, creating: bool = True) -> Draft:
    company = Company((12, 2), 0, "2025-01-01T00:00:00.000Z")
    taken = {"orders-api"}.__contains__ if creating else None
    return Draft(sent, authentication_of(sent), company, Vault(1), taken)


REFUSED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("no id", {**MACHINE, "clientId": ""}, ["clientId"]),
    ("blank id", {**MACHINE, "clientId": "  "}, ["clientId"]),
    ("taken id", {**MACHINE, "clientId": "orders-api"}, ["clientId"]),
    ("empty name", {**MACHINE, "name": " "}, ["name"]),
    ("no name", {k: v for k, v in MACHINE.items() if k != "name"}, ["name"]),
    ("no grant types", {**MACHINE, "grantTypes": []}, ["grantTypes"]),
    ("empty logo", {**MACHINE, "logoUrl": ""}, ["logoUrl"]),
    ("odd logo", {**MACHINE, "logoUrl": "logo.png"}, ["logoUrl"]),
    ("bad address", {**MACHINE, "logoUrl": "https://[::1"}, ["logoUrl"]),
    ("code without redirect", {**WEB, "redirectUris": []}, ["redirectUris"]),
    ("implicit without redirect", {**MACHINE, "grantTypes": ["CLIENT_CREDENTIALS", "IMPLICIT"]}, ["redirectUris"]),
    ("odd redirects", {**WEB, "redirectUris": ["/cb", "https://a/#x", "https://a/ b", "x:/ok"]},
     ["redirectUris[0]", "redirectUris[1]", "redirectUris[2]"]),
    ("odd logout", {**WEB, "oidcPolicy": {"logoutUris": ["x:/", "nowhere"]}}, ["oidcPolicy.logoutUris[1]"]),
    ("odd post logout", {**WEB, "oidcPolicy": {"postLogoutRedirectUris": [""]}}, ["oidcPolicy.postLogoutRedirectUris[0]"]),
    ("odd back channel", {**WEB, "oidcPolicy": {"backChannelLogoutUri": "x:/"}}, ["oidcPolicy.backChannelLogoutUri"]),
    ("response types", {**WEB, "restrictedResponseTypes": ["code token", "coin", ""]},
     ["restrictedResponseTypes[1]", "restrictedResponseTypes[2]"]),
    ("credentials without authentication", {**MACHINE, "clientAuth": {"type": "NONE"}}, ["clientAuth.type"]),
    ("credentials, authentication absent", {k: v for k, v in MACHINE.items() if k != "clientAuth"}, ["clientAuth.type"]),
    ("secret without one", {**MACHINE, "clientAuth": {"type": "SECRET"}}, ["clientAuth.secret"]),
    ("secret, empty", {**MACHINE, "clientAuth": {"type": "SECRET", "secret": ""}}, ["clientAuth.secret"]),
    ("JWT secret without one", {**MACHINE, "clientAuth": {"type": "CLIENT_SECRET_JWT"}}, ["clientAuth.secret"]),
    ("foreign encrypted secret", {**MACHINE, "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:JWE:x"}},
     ["clientAuth.encryptedSecret"]),
    ("secondary without expiry", {**MACHINE, "clientAuth": {**SECRET, "secondarySecrets": [{"secret": "y"}]}},
     ["clientAuth.secondarySecrets[0].expiryTime"]),
    ("certificate", {**MACHINE, "clientAuth": {"type": "CERTIFICATE"}},
     ["clientAuth.clientCertIssuerDn", "clientAuth.clientCertSubjectDn"]),
    ("certificate, half", {**MACHINE, "clientAuth": {"type": "CERTIFICATE", "clientCertIssuerDn": "CN=a"}},
     ["clientAuth.clientCertSubjectDn"]),
    ("no keys", {**MACHINE, "clientAuth": {"type": "PRIVATE_KEY_JWT"}}, ["jwksSettings"]),
    ("empty keys", {**MACHINE, "clientAuth": {"type": "PRIVATE_KEY_JWT"}, "jwksSettings": {"jwks": ""}}, ["jwksSettings"]),
    ("signed requests without keys", {**WEB, "requireSignedRequests": True}, ["jwksSettings"]),
    ("keys are no keys", {**MACHINE, "jwksSettings": {"jwks": "[]"}}, ["jwksSettings.jwks"]),
    ("keys are no JSON", {**MACHINE, "jwksSettings": {"jwks": "{"}}, ["jwksSettings.jwks"]),
    ("key address", {**MACHINE, "jwksSettings": {"jwksUrl": "nowhere"}}, ["jwksSettings.jwksUrl"]),
    ("symmetric for a private key", {**MACHINE, "jwksSettings": KEYS, "clientAuth": {
        "type": "PRIVATE_KEY_JWT", "tokenEndpointAuthSigningAlgorithm": "HS256"}},
     ["clientAuth.tokenEndpointAuthSigningAlgorithm"]),
    ("asymmetric for a secret", {**MACHINE, "clientAuth": {
        "type": "CLIENT_SECRET_JWT", "secret": "x", "tokenEndpointAuthSigningAlgorithm": "RS256"}},
     ["clientAuth.tokenEndpointAuthSigningAlgorithm"]),
    ("HMAC id token of a public client", {**PUBLIC, "oidcPolicy": {"idTokenSigningAlgorithm": "HS256"}},
     ["oidcPolicy.idTokenSigningAlgorithm"]),
    ("HMAC user info of a public client", {**PUBLIC, "oidcPolicy": {"userInfoResponseSigningAlgorithm": "HS512"}},
     ["oidcPolicy.userInfoResponseSigningAlgorithm"]),
    ("HMAC introspection of a public client", {**PUBLIC, "tokenIntrospectionSigningAlgorithm": "HS384"},
     ["tokenIntrospectionSigningAlgorithm"]),
    ("HMAC response mode of a public client", {**PUBLIC, "jwtSecuredAuthorizationResponseModeSigningAlgorithm": "HS256"},
     ["jwtSecuredAuthorizationResponseModeSigningAlgorithm"]),
    ("encryption for a public client", {**PUBLIC, "tokenIntrospectionEncryptionAlgorithm": "DIR"},
     ["tokenIntrospectionEncryptionAlgorithm"]),
    ("scopes without restriction", {**MACHINE, "restrictedScopes": ["orders:read"]}, ["restrictedScopes"]),
    ("unknown scope", {**MACHINE, "restrictScopes": True, "restrictedScopes": ["orders:read", "no"]}, ["restrictedScopes[1]"]),
    ("exclusive among common", {**MACHINE, "restrictScopes": True, "restrictedScopes": ["audit:read"]}, ["restrictedScopes[0]"]),
    ("unknown exclusive scope", {**MACHINE, "exclusiveScopes": ["orders:read"]}, ["exclusiveScopes[0]"]),
    ("unknown token manager", {**MACHINE, "defaultAccessTokenManagerRef": {"id": "no"}}, ["defaultAccessTokenManagerRef.id"]),
    ("empty token manager", {**MACHINE, "defaultAccessTokenManagerRef": {}}, ["defaultAccessTokenManagerRef.id"]),
    ("unknown policy", {**WEB, "oidcPolicy": {"policyGroup": {"id": "no"}}}, ["oidcPolicy.policyGroup.id"]),
    ("unknown request policy", {**CIBA, "requestPolicyRef": {"id": "no"}}, ["requestPolicyRef.id"]),
    ("unknown exchange policy", {**MACHINE, "tokenExchangeProcessorPolicyRef": {"id": "no"}},
     ["tokenExchangeProcessorPolicyRef.id"]),
    ("unknown detail type", {**MACHINE, "authorizationDetailTypes": ["no"]}, ["authorizationDetailTypes[0]"]),
    ("unknown extended property", {**MACHINE, "extendedParameters": {"no": {"values": ["x"]}}}, ["extendedParameters.no"]),
    ("two values for one", {**MACHINE, "extendedParameters": {"owner": {"values": ["x", "y"]}}},
     ["extendedParameters.owner.values"]),
    ("CIBA fields without CIBA", {**MACHINE, "cibaDeliveryMode": "POLL", "requestPolicyRef": {"id": "push"}},
     ["cibaDeliveryMode", "requestPolicyRef"]),
    ("ping without endpoint", {**CIBA, "cibaDeliveryMode": "PING"}, ["cibaNotificationEndpoint"]),
    ("odd endpoint", {**CIBA, "cibaNotificationEndpoint": "x"}, ["cibaNotificationEndpoint"]),
    ("polling interval", {**CIBA, "cibaPollingInterval": 3601}, ["cibaPollingInterval"]),
    ("CIBA signed without keys", {**CIBA, "cibaRequireSignedRequests": True}, ["jwksSettings"]),
    ("sector without pairwise", {**WEB, "oidcPolicy": {"sectorIdentifierUri": "https://a/"}}, ["oidcPolicy.sectorIdentifierUri"]),
    ("sector without TLS", {**WEB, "oidcPolicy": {"pairwiseIdentifierUserType": True, "sectorIdentifierUri": "http://a/"}},
     ["oidcPolicy.sectorIdentifierUri"]),
    *((f"{kind} without a value", {**MACHINE, kind: OVERRIDE}, [value]) for kind, value in (
        ("refreshTokenRollingIntervalType", "refreshTokenRollingInterval"),
        ("refreshTokenRollingGracePeriodType", "refreshTokenRollingGracePeriod"),
        ("persistentGrantExpirationType", "persistentGrantExpirationTime"),
        ("persistentGrantIdleTimeoutType", "persistentGrantIdleTimeout"),
        ("clientSecretRetentionPeriodType", "clientSecretRetentionPeriod"),
        ("lockoutMaxMaliciousActionsType", "lockoutMaxMaliciousActions"),
        ("deviceFlowSettingType", "userAuthorizationUrlOverride"),
    )),
    *((f"{value} without override", {**MACHINE, value: given}, [value]) for value, given in (
        ("refreshTokenRollingInterval", 5),
        ("refreshTokenRollingGracePeriod", 5),
        ("persistentGrantExpirationTime", 5),
        ("persistentGrantIdleTimeout", 5),
        ("persistentGrantReuseGrantTypes", ["IMPLICIT"]),
        ("clientSecretRetentionPeriod", 5),
        ("lockoutMaxMaliciousActions", 5),
        ("devicePollingIntervalOverride", 5),
        ("bypassActivationCodeConfirmationOverride", True),
    )),
    ("negative", {**MACHINE, "refreshTokenRollingIntervalType": OVERRIDE, "refreshTokenRollingInterval": -1},
     ["refreshTokenRollingInterval"]),
    ("reuse of a grant that cannot be", {**MACHINE, "persistentGrantReuseType": OVERRIDE,
     "persistentGrantReuseGrantTypes": ["IMPLICIT", "CIBA"]}, ["persistentGrantReuseGrantTypes[1]"]),
    ("several at once", {"clientId": "orders-api", "name": "", "grantTypes": ["AUTHORIZATION_CODE"], "logoUrl": ""},
     ["clientId", "name", "logoUrl", "redirectUris"]),
]  # fmt: skip

TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("machine", MACHINE),
    ("web", WEB),
    ("public", PUBLIC),
    ("CIBA", CIBA),
    ("wildcards and schemes", {**WEB, "redirectUris": ["https://*.example.com/*", "com.example:/x", "http://localhost:*/"]}),
    ("openid needs no definition", {**MACHINE, "restrictScopes": True, "restrictedScopes": ["openid", "ordering"]}),
    ("a dynamic scope and a group", {**MACHINE, "restrictScopes": True, "restrictedScopes": ["warehouse:*", "contact"]}),
    ("an exclusive group", {**MACHINE, "exclusiveScopes": ["partners", "audit:read"]}),
    ("the API restricts on its own", {**MACHINE, "allowAuthenticationApiInit": True, "restrictedScopes": ["email"]}),
    ("what the server echoes", {**MACHINE, "persistentGrantExpirationTime": 0, "persistentGrantIdleTimeout": 0,
                                "persistentGrantReuseGrantTypes": [], "oidcPolicy": {"policyGroup": {}}}),
    ("indefinite", {**MACHINE, "persistentGrantExpirationType": OVERRIDE, "persistentGrantExpirationTime": -1}),
    ("zero retention", {**MACHINE, "clientSecretRetentionPeriodType": OVERRIDE, "clientSecretRetentionPeriod": 0}),
    ("no reuse at all", {**MACHINE, "persistentGrantReuseType": OVERRIDE, "persistentGrantReuseGrantTypes": []}),
    ("CIBA fields that say nothing", {**MACHINE, "cibaRequireSignedRequests": False}),
    ("HMAC with a secret", {**WEB, "oidcPolicy": {"idTokenSigningAlgorithm": "HS256"}}),
    ("keys in the document", {**MACHINE, "clientAuth": {"type": "PRIVATE_KEY_JWT"},
                              "jwksSettings": {"jwks": '{"keys":[{"kty":"EC"}]}'}}),
    ("secret of this server", {**MACHINE, "clientAuth": {"type": "SECRET", "encryptedSecret": Vault(1).seal("x")}}),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "paths"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(sent: dict[str, Any], paths: list[str]) -> None:
    found = violations(drafted(sent))
    assert [one.field_path for one in found] == paths
    assert all(one.message and one.error_id for one in found)


@pytest.mark.parametrize("sent", [case[1] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_taken(sent: dict[str, Any]) -> None:
    assert violations(drafted(sent)) == []


def test_every_rule_has_a_case() -> None:
    silent = [rule.__name__ for rule in RULES if not any(list(rule(drafted(sent))) for _, sent, _ in REFUSED)]
    assert silent == []


def test_a_replacement_needs_no_id_and_may_keep_its_own() -> None:
    assert violations(drafted({**MACHINE, "clientId": "orders-api"}, creating=False)) == []
    assert violations(drafted({k: v for k, v in MACHINE.items() if k != "clientId"}, creating=False)) == []


def test_the_catalogue_obeys_the_rules() -> None:
    sealed = Vault(1).seal("x")
    for entry in CATALOGUE:
        auth = entry.document.get("clientAuth", {})
        secret = {"encryptedSecret": sealed} if "SECRET" in auth.get("type", "") else {}
        draft = drafted({**entry.document, "clientAuth": {**auth, **secret}}, creating=False)
        assert violations(draft) == [], entry.document["clientId"]


async def test_several_errors_come_in_one_reply(http: httpx2.AsyncClient) -> None:
    reply = await http.post("/oauth/clients", json=REFUSED[-1][1])
    body = reply.json()
    assert reply.status_code == 422
    assert body["resultId"] == "validation_error"
    assert body["message"] == "Validation error(s) occurred. Please review the error(s) and address accordingly."
    assert [one["fieldPath"] for one in body["validationErrors"]] == REFUSED[-1][2]
    assert all(one.keys() == {"errorId", "fieldPath", "message"} for one in body["validationErrors"])


async def test_a_put_is_checked_like_a_post_and_changes_nothing_when_refused(simulate: Opener) -> None:
    async with simulate() as (_, http):
        before = (await http.get("/oauth/clients/reports-ui")).json()
        reply = await http.put("/oauth/clients/reports-ui", json=before | {"redirectUris": []})
        after = (await http.get("/oauth/clients/reports-ui")).json()
    assert [one["fieldPath"] for one in reply.json()["validationErrors"]] == ["redirectUris"]
    assert after["modificationDate"] == before["modificationDate"]
    assert after["redirectUris"] == before["redirectUris"]


def test_settings_and_accounts_follow_the_seed() -> None:
    assert SimulatorSettings() == SimulatorSettings()
    assert Accounts(1).administrator == Accounts(1).administrator
    assert Accounts(1).administrator != Accounts(2).administrator
