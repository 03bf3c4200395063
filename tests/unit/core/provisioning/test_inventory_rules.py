"""The rules about a client as a whole: what each catches, what it leaves alone, and how a warning is silenced."""

from pathlib import Path

import pytest

from ocm_tui.core.provisioning.inventory_rules import CODES
from tests.unit.core.provisioning.inventory_support import loaded, problems

CC = "grantTypes: [CLIENT_CREDENTIALS]"
SECRET = f"{CC}, clientAuth: {{type: SECRET}}"
CODE = "grantTypes: [AUTHORIZATION_CODE], redirectUris: ['https://a.example.com']"
KEYS = "jwksSettings: {jwksUrl: https://a.example.com}"
JWT = f"{CC}, clientAuth: {{type: PRIVATE_KEY_JWT}}, {KEYS}"
DNS = "clientCertIssuerDn: CN=i, clientCertSubjectDn: CN=s"
PRIVATE = """'{"keys": [{"kty": "RSA", "n": "x", "e": "AQAB", "d": "private-part"}]}'"""
PUBLIC = """'{"keys": [{"kty": "RSA", "n": "x", "e": "AQAB"}]}'"""

ERRORS = [
    (f"{CC}", "CLIENT_CREDENTIALS needs client authentication"),
    (f"{CC}, clientAuth: {{type: NONE}}", "CLIENT_CREDENTIALS needs client authentication"),
    (f"{CC}, clientAuth: {{type: CERTIFICATE, clientCertIssuerDn: x}}", "clientCertSubjectDn is missing"),
    (f"{CC}, clientAuth: {{type: PRIVATE_KEY_JWT}}", "jwksSettings are missing, and PRIVATE_KEY_JWT needs them"),
    (f"{CODE}, requireSignedRequests: true", "jwksSettings are missing, and requireSignedRequests needs them"),
    (f"{CODE}, cibaRequireSignedRequests: true, allow: [ciba]", "jwksSettings are missing"),
    (
        "grantTypes: [CIBA], cibaDeliveryMode: PING",
        "cibaNotificationEndpoint is missing, and cibaDeliveryMode PING needs it",
    ),
    (f"{CODE}, jwksSettings: {{jwks: {PRIVATE}}}", "jwksSettings.jwks holds a private key"),
]

WARNINGS = [
    ("redirect-uris", "grantTypes: [AUTHORIZATION_CODE]"),
    ("redirect-uris", "grantTypes: [IMPLICIT, REFRESH_TOKEN], redirectUris: []"),
    ("restricted-scopes", f"{SECRET}, restrictedScopes: [a]"),
    ("restricted-scopes", f"{SECRET}, restrictedScopes: [a], restrictScopes: false"),
    ("client-authentication", f"{CODE}, oidcPolicy: {{idTokenSigningAlgorithm: HS256}}"),
    ("client-authentication", f"{CODE}, tokenIntrospectionSigningAlgorithm: HS512"),
    ("client-authentication", f"{CODE}, tokenIntrospectionEncryptionAlgorithm: DIR"),
    ("certificate-issuer", f"{CC}, clientAuth: {{type: CERTIFICATE, clientCertSubjectDn: CN=s}}"),
    ("foreign-authentication", f"{CC}, clientAuth: {{type: SECRET, clientCertSubjectDn: CN=s}}"),
    ("foreign-authentication", f"{CC}, clientAuth: {{type: SECRET, enforceReplayPrevention: true}}"),
    (
        "signing-algorithm",
        f"{CC}, clientAuth: {{type: PRIVATE_KEY_JWT, tokenEndpointAuthSigningAlgorithm: HS256}}, {KEYS}",
    ),
    ("signing-algorithm", f"{CC}, clientAuth: {{type: CLIENT_SECRET_JWT, tokenEndpointAuthSigningAlgorithm: ES256}}"),
    ("authentication-api", f"{CODE}, allowAuthenticationApiInit: true, restrictScopes: true"),
    ("ignored-managers", f"{SECRET}, validateUsingAllEligibleAtms: true, restrictToDefaultAccessTokenManager: true"),
    ("ciba", f"{CODE}, cibaPollingInterval: 5"),
    ("ciba", f"{CODE}, requestPolicyRef: {{id: x}}"),
    ("token-exchange", f"{CODE}, tokenExchangeProcessorPolicyRef: {{id: x}}"),
    ("sector-identifier", f"{CODE}, oidcPolicy: {{sectorIdentifierUri: 'https://a.example.com'}}"),
    ("override", f"{CODE}, refreshTokenRollingIntervalType: OVERRIDE_SERVER_DEFAULT"),
    ("override", f"{CODE}, refreshTokenRollingInterval: 5"),
    ("override", f"{CODE}, persistentGrantExpirationType: INDEFINITE_EXPIRY, persistentGrantExpirationTime: 5"),
    ("override", f"{CODE}, deviceFlowSettingType: OVERRIDE_SERVER_DEFAULT"),
    ("offline-consent", f'{CODE}, offlineAccessRequireConsentPrompt: "YES"'),
    ("empty-parameter", f"{CODE}, extendedParameters: {{owner: {{values: []}}}}"),
    ("write-only", f"{CODE}, allowExclusiveScopes: [a]"),
    ("unused-secret", f"{CODE}, secret: keep"),
    ("name", f"{CODE}, name: Other"),
]

FINE = [
    SECRET,
    CODE,
    JWT,
    f"{CC}, clientAuth: {{type: CERTIFICATE, {DNS}}}",
    f"{CC}, clientAuthentication: {{certificate: {{enabled: true}}}}",
    f"{CODE}, clientAuthentication: {{clientSecret: {{enabled: true}}}}, tokenIntrospectionSigningAlgorithm: HS256",
    f"{CODE}, oidcPolicy: {{idTokenSigningAlgorithm: ES256}}",
    f"{SECRET}, restrictedScopes: [a], restrictScopes: true",
    f"{CODE}, restrictedScopes: [a], allowAuthenticationApiInit: true, restrictScopes: true, bypassApprovalPage: true",
    f"{CODE}, requireSignedRequests: true, {KEYS}",
    f"{CODE}, jwksSettings: {{jwks: {PUBLIC}}}",
    "grantTypes: [CIBA], cibaDeliveryMode: PING, cibaNotificationEndpoint: 'https://a.example.com'",
    f"{CODE}, cibaRequireSignedRequests: false",
    f"{CODE}, persistentGrantExpirationTime: 0, persistentGrantIdleTimeout: -1",
    f"{CODE}, refreshTokenRollingIntervalType: OVERRIDE_SERVER_DEFAULT, refreshTokenRollingInterval: 0",
    f"{CODE}, deviceFlowSettingType: OVERRIDE_SERVER_DEFAULT, userAuthorizationUrlOverride: 'https://a.example.com'",
    f"{CODE}, persistentGrantReuseType: OVERRIDE_SERVER_DEFAULT",
    f'{CODE}, offlineAccessRequireConsentPrompt: "YES", requireOfflineAccessScopeToIssueRefreshTokens: "YES"',
    f"{CODE}, offlineAccessRequireConsentPrompt: SERVER_DEFAULT",
    f"{CC}, clientAuth: {{type: SECRET, enforceReplayPrevention: false, clientCertIssuerDn: ''}}",
]


def inventory(fields: str, head: str = "") -> str:
    return f"version: 1\n{head}clients:\n  - {{clientId: a, {fields}}}\n"


@pytest.mark.parametrize(("fields", "words"), ERRORS)
def test_errors(tmp_path: Path, fields: str, words: str) -> None:
    (problem,) = problems(tmp_path, inventory(fields))
    assert words in problem.message
    assert problem.message.startswith("a: ")
    assert problem.line == 3
    assert "private-part" not in problem.message


@pytest.mark.parametrize(("code", "fields"), WARNINGS)
def test_warnings(tmp_path: Path, code: str, fields: str) -> None:
    (warning,) = loaded(tmp_path, inventory(fields)).warnings
    assert warning.severity == "warning"
    assert f"`allow: [{code}]` silences this" in warning.hint
    assert (warning.line, warning.message[:3]) == (3, "a: ")


@pytest.mark.parametrize(("code", "fields"), WARNINGS)
def test_each_can_be_silenced_anywhere(tmp_path: Path, code: str, fields: str) -> None:
    allow = f"allow: [{code}]"
    assert not loaded(tmp_path, inventory(f"{fields}, {allow}")).warnings
    assert not loaded(tmp_path, inventory(fields, f"{allow}\n")).warnings
    assert not loaded(tmp_path, inventory(fields, f"defaults: {{{allow}}}\n")).warnings
    assert not loaded(tmp_path, inventory(f"{fields}, template: t", f"templates: {{t: {{{allow}}}}}\n")).warnings
    assert not loaded(tmp_path, inventory(f"{fields}, environments: {{dev: {{{allow}}}}}")).warnings
    assert loaded(tmp_path, inventory(f"{fields}, environments: {{prod: {{{allow}}}}}")).warnings


def test_every_code_is_tried() -> None:
    assert {code for code, _ in WARNINGS} == set(CODES)


@pytest.mark.parametrize("fields", FINE)
def test_fine(tmp_path: Path, fields: str) -> None:
    assert loaded(tmp_path, inventory(fields)).warnings == ()


def test_an_error_cannot_be_allowed(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, inventory(f"{CC}, allow: [client-authentication]"))
    assert "silences" not in problem.hint


def test_the_place_is_in_the_client(tmp_path: Path) -> None:
    """What the defaults gave is told at each client: their place alone would not say which one."""
    head = "defaults: {grantTypes: [CLIENT_CREDENTIALS], clientAuth: {type: SECRET}, restrictedScopes: [a]}\n"
    warnings = loaded(tmp_path, f"version: 1\n{head}clients:\n- clientId: a\n- clientId: b\n").warnings
    assert [(warning.line, warning.message[:2]) for warning in warnings] == [(4, "a:"), (5, "b:")]
