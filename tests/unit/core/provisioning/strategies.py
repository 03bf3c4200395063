"""Declared documents that a server takes: what depends on something else comes with it."""

from typing import Any

from hypothesis import strategies as st

from ocm_tui.core.clients.fields import FIELDS, get_value, with_value
from ocm_tui.core.clients.fields.values import GRANT_TYPES, JWE_ALGORITHMS, JWS_ASYMMETRIC, REUSABLE_GRANT_TYPES

__all__ = ["declarations", "respelled"]

_OVERRIDE = "OVERRIDE_SERVER_DEFAULT"
_SPECS = {spec.path: spec for spec in FIELDS}
# Which need nothing but themselves, at a server of 12.1.
_FREE = [
    "description",
    "enabled",
    "validateUsingAllEligibleAtms",
    "restrictToDefaultAccessTokenManager",
    "enableCookielessAuthenticationApi",
    "bypassApprovalPage",
    "requireProofKeyForCodeExchange",
    "requirePushedAuthorizationRequests",
    "requireJwtSecuredAuthorizationResponseMode",
    "requireDpop",
    "allowAuthenticationApiInit",
    "refreshRolling",
    "refreshTokenRollingIntervalTimeUnit",
    "persistentGrantExpirationTimeUnit",
    "persistentGrantIdleTimeoutTimeUnit",
    "requestObjectSigningAlgorithm",
    "requireOfflineAccessScopeToIssueRefreshTokens",
    "offlineAccessRequireConsentPrompt",
    "oidcPolicy.logoutMode",
    "oidcPolicy.pairwiseIdentifierUserType",
    "oidcPolicy.grantAccessSessionRevocationApi",
    "oidcPolicy.pingAccessLogoutCapable",
    "tokenIntrospectionContentEncryptionAlgorithm",
    "jwtSecuredAuthorizationResponseModeEncryptionAlgorithm",
]
_OVERRIDES = {
    "refreshTokenRollingIntervalType": "refreshTokenRollingInterval",
    "refreshTokenRollingGracePeriodType": "refreshTokenRollingGracePeriod",
    "persistentGrantExpirationType": "persistentGrantExpirationTime",
    "persistentGrantIdleTimeoutType": "persistentGrantIdleTimeout",
    "clientSecretRetentionPeriodType": "clientSecretRetentionPeriod",
    "deviceFlowSettingType": "pendingAuthorizationTimeoutOverride",
}
_URIS = ["https://a.example.com/cb", "https://b.example.com/*", "com.example.app:/callback"]
_SCOPES = ["openid", "profile", "email", "orders:read", "warehouse"]
_NOTHING: tuple[Any, ...] = (None, "", [])


def _some(values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), max_size=3)


def _value_of(path: str) -> st.SearchStrategy[Any]:
    spec = _SPECS[path]
    return {"bool": st.booleans(), "enum": st.sampled_from([*spec.values, *([""] if spec.fill else [])])}.get(
        spec.kind, st.sampled_from(["", "a word", "zwei Wörter"])
    )


@st.composite
def declarations(draw: st.DrawFn, client_id: str = "orders") -> dict[str, Any]:
    """Of one client. Spellings of nothing stand for themselves, as people write them."""
    grants = draw(st.lists(st.sampled_from(GRANT_TYPES), min_size=1, max_size=3))
    document: dict[str, Any] = {"clientId": client_id, "name": draw(st.sampled_from([client_id, "Orders"]))}
    document["grantTypes"] = grants
    for path in draw(st.lists(st.sampled_from(_FREE), unique=True, max_size=6)):
        document = _set(document, path, draw(_value_of(path)))
    document |= draw(_authentication(grants))
    if {"AUTHORIZATION_CODE", "IMPLICIT"} & set(grants):
        document["redirectUris"] = draw(st.lists(st.sampled_from(_URIS), min_size=1, max_size=4))
    if draw(st.booleans()):
        document |= {"restrictScopes": True, "restrictedScopes": draw(_some(_SCOPES))}
    if draw(st.booleans()):
        document["defaultAccessTokenManagerRef"] = draw(
            st.sampled_from([{"id": "jwt"}, {"id": "opaque"}, {"id": ""}, {}])
        )
    if draw(st.booleans()):
        document = _set(document, "oidcPolicy.policyGroup", draw(st.sampled_from([{"id": "customers"}, {}, None])))
        document = _set(document, "oidcPolicy.logoutUris", draw(_some(_URIS)))
    document |= draw(_overrides())
    if "CIBA" in grants:
        document |= draw(st.sampled_from([{}, {"cibaPollingInterval": 3}, {"cibaPollingInterval": 0}, _PING]))
    if draw(st.booleans()):
        document["extendedParameters"] = draw(st.sampled_from(_PARAMETERS))
    return document


_PING = {
    "cibaDeliveryMode": "PING",
    "cibaNotificationEndpoint": "https://n.example.com/",
    "cibaUserCodeSupported": True,
}
_PARAMETERS: list[Any] = [
    None,
    {},
    {"owner": {"values": []}},
    {"owner": None, "regions": {"values": ["eu", "us"]}},
    {"regions": {"values": ["us", "eu", "us"]}, "costCentre": {"values": ["4711"]}},
]


def _set(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    if value is not None:
        return with_value(document, path, value)
    head, _, last = path.partition(".")
    return {**document, head: {**document.get(head, {}), last: None}} if last else {**document, path: None}


@st.composite
def _authentication(draw: st.DrawFn, grants: list[str]) -> dict[str, Any]:
    none: list[Any] = [] if "CLIENT_CREDENTIALS" in grants else [{"clientAuth": {"type": "NONE"}}, {"clientAuth": None}]
    keys = {"jwksSettings": {"jwksUrl": "https://keys.example.com/jwks"}}
    certificate = {"clientCertIssuerDn": "CN=Issuer", "clientCertSubjectDn": "CN=orders"}
    jwt = {"enforceReplayPrevention": draw(st.booleans())}
    algorithm = {"tokenEndpointAuthSigningAlgorithm": draw(st.sampled_from(["", *JWS_ASYMMETRIC]))}
    return draw(
        st.sampled_from(
            [
                *none,
                {"clientAuth": {"type": "SECRET"}},
                {"clientAuth": {"type": "SECRET", **jwt, **certificate}},
                {"clientAuth": {"type": "CERTIFICATE", **certificate, **jwt}},
                {"clientAuth": {"type": "PRIVATE_KEY_JWT", **jwt, **algorithm}, **keys},
                {"clientAuth": {"type": "CLIENT_SECRET_JWT", **jwt}},
                {"clientAuth": {"type": "SECRET"}, "tokenIntrospectionEncryptionAlgorithm": JWE_ALGORITHMS[0]},
            ]
        )
    )


@st.composite
def _overrides(draw: st.DrawFn) -> dict[str, Any]:
    """0 beside an override is taken by servers, and some give null back for it."""
    document: dict[str, Any] = {}
    for kind in draw(st.lists(st.sampled_from([*_OVERRIDES]), unique=True, max_size=3)):
        if draw(st.booleans()):
            document |= {kind: _OVERRIDE, _OVERRIDES[kind]: draw(st.sampled_from([0, 1, 30]))}
        else:
            document |= {kind: draw(st.sampled_from(["SERVER_DEFAULT", ""])), _OVERRIDES[kind]: draw(_IDLE)}
    if draw(st.booleans()):
        document |= {
            "persistentGrantReuseType": _OVERRIDE,
            "persistentGrantReuseGrantTypes": draw(_some(REUSABLE_GRANT_TYPES)),
        }
    return document


_IDLE = st.sampled_from([None, 0])


@st.composite
def respelled(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The same document as another server would write it: orders, nulls, fills."""
    for spec in FIELDS:
        value = get_value(document, spec.path)
        if spec.kind == "set" and isinstance(value, list):
            document = with_value(document, spec.path, draw(st.permutations([*value, *value[:1]])))
        holder = spec.path.rpartition(".")[0]
        if spec.fill is None or (holder and not isinstance(get_value(document, holder), dict)):
            continue
        if value in _NOTHING and draw(st.booleans()):
            document = with_value(document, spec.path, spec.fill)
        elif type(value) is type(spec.fill) and value == spec.fill and draw(st.booleans()):
            document = with_value(document, spec.path, None)
    empty = [name for name, value in document.items() if value in _NOTHING]
    for name in empty:
        document = {**document, name: draw(st.sampled_from(_NOTHING))} if draw(st.booleans()) else document
    names = draw(st.permutations(list(document)))
    return {name: document[name] for name in names}
