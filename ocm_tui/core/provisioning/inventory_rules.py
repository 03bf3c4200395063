"""What is wrong with a declared client as a whole, found without asking a server.

An error is what no server can accept, by its own documentation. Everything else is a warning, because rules that were
too strict have kept people from declaring clients that worked: a warning goes away when `allow` names its code.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ocm_tui.core.clients.documents import auth_type, displayable
from ocm_tui.core.clients.fields import FIELDS, get_value

__all__ = ["CODES", "Finding", "findings"]

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is empty for an error. `path` is the field it is about; `message` begins with it."""

    code: str
    path: str
    message: str
    hint: str = ""


Rule = Callable[[Document], Iterator[Finding]]

# Every warning that there is, and what it is about. `allow: [code]` silences one.
CODES: Final[Mapping[str, str]] = {
    "name": "a name that name_policy replaces with the clientId",
    "redirect-uris": "AUTHORIZATION_CODE or IMPLICIT without redirectUris",
    "restricted-scopes": "restrictedScopes without restrictScopes",
    "client-authentication": "symmetric algorithms, or encrypted introspection, without client authentication",
    "certificate-issuer": "CERTIFICATE without clientCertIssuerDn",
    "foreign-authentication": "members of another authentication method in clientAuth",
    "signing-algorithm": "a signing algorithm that does not fit the authentication method",
    "authentication-api": "allowAuthenticationApiInit without restrictScopes and bypassApprovalPage, which it forces",
    "ignored-managers": "validateUsingAllEligibleAtms beside restrictToDefaultAccessTokenManager",
    "ciba": "CIBA fields without the CIBA grant type",
    "token-exchange": "tokenExchangeProcessorPolicyRef without the TOKEN_EXCHANGE grant type",
    "sector-identifier": "sectorIdentifierUri without pairwiseIdentifierUserType",
    "override": "a value under SERVER_DEFAULT, where it means nothing, or an override without its value",
    "offline-consent": "offlineAccessRequireConsentPrompt where refresh does not need offline_access",
    "empty-parameter": "an extended parameter without values, which the server drops",
    "write-only": "allowExclusiveScopes, which the server never returns: its state cannot be told",
    "unused-secret": "a secret of a client whose authentication method has none",
}

_HMAC: Final = frozenset({"HS256", "HS384", "HS512"})
_SYMMETRIC: Final = (
    "tokenIntrospectionSigningAlgorithm",
    "jwtSecuredAuthorizationResponseModeSigningAlgorithm",
    "oidcPolicy.idTokenSigningAlgorithm",
    "oidcPolicy.userInfoResponseSigningAlgorithm",
)
_OVERRIDDEN: Final[dict[str, list[str]]] = {}
for _spec in FIELDS:
    if _spec.governed_by:
        _OVERRIDDEN.setdefault(_spec.governed_by, []).append(_spec.path)
_OVERRIDDEN["deviceFlowSettingType"].append("userAuthorizationUrlOverride")
_AUTH_MEMBERS: Final = {
    "clientCertIssuerDn": ("CERTIFICATE",),
    "clientCertSubjectDn": ("CERTIFICATE",),
    "enforceReplayPrevention": ("PRIVATE_KEY_JWT", "CLIENT_SECRET_JWT"),
    "tokenEndpointAuthSigningAlgorithm": ("PRIVATE_KEY_JWT", "CLIENT_SECRET_JWT"),
}


def findings(document: Document) -> Iterator[Finding]:
    """Only the rules about members that are there are asked."""
    for rule in dict.fromkeys(rule for name in document for rule in _RULES.get(name, ())):
        yield from rule(document)


def _has_keys(document: Document) -> bool:
    return bool(get_value(document, "jwksSettings.jwks") or get_value(document, "jwksSettings.jwksUrl"))


def _grants(document: Document) -> Iterator[Finding]:
    grants = document["grantTypes"]
    # Newer servers may know the authentication by the other member.
    if "CLIENT_CREDENTIALS" in grants and auth_type(document) == "NONE" and not document.get("clientAuthentication"):
        text = "clientAuth.type is NONE, and CLIENT_CREDENTIALS needs client authentication"
        yield Finding("", "clientAuth.type", text, "such as clientAuth: {type: SECRET}")
    if not document.get("redirectUris"):
        for grant in ("AUTHORIZATION_CODE", "IMPLICIT"):
            if grant in grants:
                yield Finding("redirect-uris", "redirectUris", f"redirectUris are missing, and {grant} needs one")
                break


def _authentication(document: Document) -> Iterator[Finding]:
    kind, auth = auth_type(document), document["clientAuth"]
    if kind == "CERTIFICATE":
        if not auth.get("clientCertSubjectDn"):
            text = "clientAuth.clientCertSubjectDn is missing, and CERTIFICATE needs it"
            yield Finding("", "clientAuth.clientCertSubjectDn", text)
        if not auth.get("clientCertIssuerDn"):
            text = "clientAuth.clientCertIssuerDn is missing, and CERTIFICATE needs it"
            yield Finding("certificate-issuer", "clientAuth.clientCertIssuerDn", text)
    if kind == "PRIVATE_KEY_JWT" and not _has_keys(document):
        text = "jwksSettings are missing, and PRIVATE_KEY_JWT needs them"
        yield Finding("", "jwksSettings", text, "jwksSettings: {jwksUrl: https://…}")
    for name, kinds in _AUTH_MEMBERS.items():
        if auth.get(name) not in (None, "", False) and kind not in kinds:
            text = f"clientAuth.{name} belongs to {' and '.join(kinds)}, and the type is {kind}"
            yield Finding(
                "foreign-authentication", f"clientAuth.{name}", text, f"{name}: null removes an inherited one"
            )
    algorithm = auth.get("tokenEndpointAuthSigningAlgorithm")
    wanted = {"PRIVATE_KEY_JWT": False, "CLIENT_SECRET_JWT": True}.get(kind)
    if algorithm and wanted is not None and wanted != (algorithm in _HMAC):
        path = "clientAuth.tokenEndpointAuthSigningAlgorithm"
        yield Finding("signing-algorithm", path, f"{path} {algorithm} does not fit {kind}")


def _symmetric(document: Document) -> Iterator[Finding]:
    if auth_type(document) != "NONE" or document.get("clientAuthentication"):
        return
    for path in _SYMMETRIC:
        if get_value(document, path) in _HMAC:
            text = f"{path} is symmetric, and that needs client authentication"
            yield Finding("client-authentication", path, text)
    path = "tokenIntrospectionEncryptionAlgorithm"
    if document.get(path):
        yield Finding("client-authentication", path, f"{path} needs client authentication")


def _keys(document: Document) -> Iterator[Finding]:
    settings = document["jwksSettings"]
    if displayable({"jwksSettings": settings})["jwksSettings"] != settings:
        yield Finding("", "jwksSettings.jwks", "jwksSettings.jwks holds a private key", "only public keys belong there")


def _signed_requests(document: Document) -> Iterator[Finding]:
    for name in ("requireSignedRequests", "cibaRequireSignedRequests"):
        if document.get(name) is True and not _has_keys(document):
            yield Finding("", "jwksSettings", f"jwksSettings are missing, and {name} needs them")
            return


def _scopes(document: Document) -> Iterator[Finding]:
    # Through the authentication API the restriction is forced.
    forced = document.get("allowAuthenticationApiInit") is True
    if document["restrictedScopes"] and document.get("restrictScopes") is not True and not forced:
        text = "restrictedScopes do not restrict anything without restrictScopes: true"
        yield Finding("restricted-scopes", "restrictedScopes", text)


def _authentication_api(document: Document) -> Iterator[Finding]:
    if document["allowAuthenticationApiInit"] is not True:
        return
    for name in ("restrictScopes", "bypassApprovalPage"):
        if document.get(name) is not True:
            text = f"{name} is not true, and allowAuthenticationApiInit forces it: every plan would show it"
            yield Finding("authentication-api", name, text, f"declare {name}: true")


def _managers(document: Document) -> Iterator[Finding]:
    if document["validateUsingAllEligibleAtms"] is True and document.get("restrictToDefaultAccessTokenManager") is True:
        text = "validateUsingAllEligibleAtms means nothing beside restrictToDefaultAccessTokenManager: true"
        yield Finding("ignored-managers", "validateUsingAllEligibleAtms", text)


def _ciba(document: Document) -> Iterator[Finding]:
    if document.get("cibaDeliveryMode") == "PING" and not document.get("cibaNotificationEndpoint"):
        text = "cibaNotificationEndpoint is missing, and cibaDeliveryMode PING needs it"
        yield Finding("", "cibaNotificationEndpoint", text)
    if "CIBA" not in (document.get("grantTypes") or ()):
        for name, value in document.items():
            if (name.startswith("ciba") or name == "requestPolicyRef") and value not in (False, ""):
                yield Finding("ciba", name, f"{name} belongs to the grant type CIBA, which this client does not have")


def _token_exchange(document: Document) -> Iterator[Finding]:
    name = "tokenExchangeProcessorPolicyRef"
    if document[name] and "TOKEN_EXCHANGE" not in (document.get("grantTypes") or ()):
        yield Finding("token-exchange", name, f"{name} belongs to TOKEN_EXCHANGE, which this client does not have")


def _sector(document: Document) -> Iterator[Finding]:
    path = "oidcPolicy.sectorIdentifierUri"
    if get_value(document, path) and get_value(document, "oidcPolicy.pairwiseIdentifierUserType") is not True:
        yield Finding("sector-identifier", path, f"{path} needs pairwiseIdentifierUserType: true")


def _override_of(kind: str) -> Rule:
    """The value fields of one `…Type`: they mean something exactly when it overrides the server's default."""
    names = _OVERRIDDEN[kind]

    def rule(document: Document) -> Iterator[Finding]:
        overriding = document.get(kind) == "OVERRIDE_SERVER_DEFAULT"
        given = [name for name in names if document.get(name) not in (None, "")]
        if overriding and not given:
            yield Finding("override", kind, f"{kind} is OVERRIDE_SERVER_DEFAULT, and there is no {' or '.join(names)}")
        for name in () if overriding else given:
            if document[name] not in (0, -1, False):
                text = f"{name} means nothing unless {kind} is OVERRIDE_SERVER_DEFAULT"
                yield Finding("override", name, text, f"declare {kind}: OVERRIDE_SERVER_DEFAULT")

    return rule


def _offline_consent(document: Document) -> Iterator[Finding]:
    name, needs = "offlineAccessRequireConsentPrompt", "requireOfflineAccessScopeToIssueRefreshTokens"
    if document[name] in {"YES", "NO"} and document.get(needs) != "YES":
        yield Finding("offline-consent", name, f'{name} means nothing unless {needs} is "YES"')


def _parameters(document: Document) -> Iterator[Finding]:
    for name, value in document["extendedParameters"].items():
        if not (value or {}).get("values"):
            path = f"extendedParameters.{name}"
            yield Finding("empty-parameter", path, f"{path} has no values, and the server drops it")


def _write_only(document: Document) -> Iterator[Finding]:
    if document["allowExclusiveScopes"]:
        text = "allowExclusiveScopes is never returned by the server, so nobody can tell what it holds"
        yield Finding("write-only", "allowExclusiveScopes", text, "use exclusiveScopes")


def _rules() -> dict[str, tuple[Rule, ...]]:
    """By the top-level member without which a rule has nothing to say."""
    rules: dict[str, list[Rule]] = {
        "grantTypes": [_grants],
        "clientAuth": [_authentication],
        "jwksSettings": [_keys],
        "restrictedScopes": [_scopes],
        "allowAuthenticationApiInit": [_authentication_api],
        "validateUsingAllEligibleAtms": [_managers],
        "tokenExchangeProcessorPolicyRef": [_token_exchange],
        "offlineAccessRequireConsentPrompt": [_offline_consent],
        "extendedParameters": [_parameters],
        "allowExclusiveScopes": [_write_only],
        "oidcPolicy": [_sector, _symmetric],
    }
    for name in ("requireSignedRequests", "cibaRequireSignedRequests"):
        rules.setdefault(name, []).append(_signed_requests)
    for path in ("tokenIntrospectionEncryptionAlgorithm", *_SYMMETRIC[:2]):
        rules.setdefault(path, []).append(_symmetric)
    for kind, names in _OVERRIDDEN.items():
        rule = _override_of(kind)
        for name in (kind, *names):
            rules.setdefault(name, []).append(rule)
    for spec in FIELDS:
        if spec.path.startswith("ciba") or spec.path == "requestPolicyRef.id":
            rules.setdefault(spec.path.partition(".")[0], []).append(_ciba)
    return {name: tuple(found) for name, found in rules.items()}


_RULES: Final = _rules()
