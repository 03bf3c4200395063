"""Why a client is refused: 422, every violation with the field that it is about.

Each rule is one small function over a draft; `RULES` is their order in the reply. The rules are those that are public;
their error ids and sentences are this simulator's own, for the server's are not published: nobody may depend on them.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ocm_tui.core.errors import Violation
from ocm_tui.simulator.company import Company
from ocm_tui.simulator.documents import milliseconds_of, needs_secret
from ocm_tui.simulator.vault import Vault

__all__ = ["RULES", "Draft", "violations"]

_HMAC: Final = frozenset({"HS256", "HS384", "HS512"})
_REUSABLE: Final = frozenset({"IMPLICIT", "AUTHORIZATION_CODE", "RESOURCE_OWNER_CREDENTIALS"})
_RESPONSE_WORDS: Final = frozenset({"code", "token", "id_token", "none"})
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was sent, without nulls on the first level; `auth` is its authentication in the words of `clientAuth`.

    `taken` tells whether a client id exists already; None on a PUT, where it must.
    """

    sent: Mapping[str, Any]
    auth: Mapping[str, Any]
    company: Company
    vault: Vault
    taken: Callable[[str], bool] | None

    @property
    def auth_type(self) -> str:
        return str(self.auth.get("type") or "NONE")

    @property
    def policy(self) -> Mapping[str, Any]:
        value = self.sent.get("oidcPolicy")
        return value if isinstance(value, dict) else {}

    @property
    def grants(self) -> list[str]:
        return list(self.sent.get("grantTypes") or ())

    def listed(self, name: str) -> list[str]:
        return list(self.sent.get(name) or ())


Rule = Callable[[Draft], Iterable[Violation]]


def violations(draft: Draft) -> list[Violation]:
    return [one for rule in RULES for one in rule(draft)]


def _required(path: str, what: str) -> Violation:
    return Violation(f"{what} is required.", "required", path)


def _client_id(draft: Draft) -> Iterator[Violation]:
    if draft.taken is None:
        return
    value = draft.sent.get("clientId") or ""
    if not value.strip():
        yield _required("clientId", "A client ID")
    elif draft.taken(value):
        yield Violation(f"The client ID '{value}' is already in use.", "client_id_in_use", "clientId")


def _name(draft: Draft) -> Iterator[Violation]:
    if not (draft.sent.get("name") or "").strip():
        yield _required("name", "A name")


def _grant_types(draft: Draft) -> Iterator[Violation]:
    if not draft.grants:
        yield _required("grantTypes", "At least one grant type")


def _logo(draft: Draft) -> Iterator[Violation]:
    if "logoUrl" in draft.sent and not _web_address(draft.sent["logoUrl"]):
        yield Violation("Invalid URL Format", "invalid_url", "logoUrl")


def _redirect_uris(draft: Draft) -> Iterator[Violation]:
    uris = draft.listed("redirectUris")
    if not uris and {"AUTHORIZATION_CODE", "IMPLICIT"} & set(draft.grants):
        yield _required("redirectUris", "At least one redirect URI")
    for index, uri in enumerate(uris):
        if not _SCHEME.match(uri) or "#" in uri or any(letter.isspace() for letter in uri):
            yield Violation("Invalid URL Format", "invalid_url", f"redirectUris[{index}]")


def _logout_uris(draft: Draft) -> Iterator[Violation]:
    for name in ("logoutUris", "postLogoutRedirectUris"):
        for index, uri in enumerate(draft.policy.get(name) or ()):
            if not _SCHEME.match(uri):
                yield Violation("Invalid URL Format", "invalid_url", f"oidcPolicy.{name}[{index}]")
    uri = draft.policy.get("backChannelLogoutUri")
    if uri is not None and not _web_address(uri):
        yield Violation("Invalid URL Format", "invalid_url", "oidcPolicy.backChannelLogoutUri")


def _response_types(draft: Draft) -> Iterator[Violation]:
    for index, one in enumerate(draft.listed("restrictedResponseTypes")):
        if not one.split() or not set(one.split()) <= _RESPONSE_WORDS:
            path = f"restrictedResponseTypes[{index}]"
            yield Violation(f"The response type '{one}' is not valid.", "invalid_response_type", path)


def _grant_needs_authentication(draft: Draft) -> Iterator[Violation]:
    if draft.auth_type == "NONE" and "CLIENT_CREDENTIALS" in draft.grants:
        text = "The client credentials grant type requires client authentication."
        yield Violation(text, "client_auth_required", "clientAuth.type")


def _secret(draft: Draft) -> Iterator[Violation]:
    if not needs_secret(draft.auth_type) or draft.auth.get("secret"):
        return
    sealed = draft.auth.get("encryptedSecret")
    if not sealed:
        yield _required("clientAuth.secret", "A client secret")
    elif draft.vault.unseal(sealed) is None:
        text = "The encrypted secret was not issued by this server."
        yield Violation(text, "invalid_encrypted_secret", "clientAuth.encryptedSecret")


def _former_secrets(draft: Draft) -> Iterator[Violation]:
    for index, one in enumerate(draft.auth.get("secondarySecrets") or ()):
        path = f"clientAuth.secondarySecrets[{index}]"
        if milliseconds_of(one.get("expiryTime") or "") is None:
            yield _required(f"{path}.expiryTime", "An expiry time")
        if not one.get("secret") and draft.vault.unseal(one.get("encryptedSecret") or "") is None:
            yield _required(f"{path}.secret", "A secret")


def _certificate(draft: Draft) -> Iterator[Violation]:
    if draft.auth_type == "CERTIFICATE":
        for name, what in (("clientCertIssuerDn", "An issuer DN"), ("clientCertSubjectDn", "A subject DN")):
            if not (draft.auth.get(name) or "").strip():
                yield _required(f"clientAuth.{name}", what)


def _keys(draft: Draft) -> Iterator[Violation]:
    keys = draft.sent.get("jwksSettings") or {}
    wanted = (
        draft.auth_type == "PRIVATE_KEY_JWT"
        or draft.sent.get("requireSignedRequests") is True
        or draft.sent.get("cibaRequireSignedRequests") is True
    )
    if wanted and not keys.get("jwks") and not keys.get("jwksUrl"):
        yield _required("jwksSettings", "Either a JWKS or a JWKS URL")
    if keys.get("jwksUrl") and not _web_address(keys["jwksUrl"]):
        yield Violation("Invalid URL Format", "invalid_url", "jwksSettings.jwksUrl")
    if keys.get("jwks") and not _key_set(keys["jwks"]):
        yield Violation("The JWKS is not valid.", "invalid_jwks", "jwksSettings.jwks")


def _token_endpoint_algorithm(draft: Draft) -> Iterator[Violation]:
    algorithm = draft.auth.get("tokenEndpointAuthSigningAlgorithm")
    wrong = {"PRIVATE_KEY_JWT": algorithm in _HMAC, "CLIENT_SECRET_JWT": algorithm not in _HMAC}
    if algorithm and wrong.get(draft.auth_type, False):
        text = f"The algorithm {algorithm} does not fit the client authentication type."
        yield Violation(text, "invalid_algorithm", "clientAuth.tokenEndpointAuthSigningAlgorithm")


def _symmetric_needs_authentication(draft: Draft) -> Iterator[Violation]:
    if draft.auth_type != "NONE":
        return
    text = "Symmetric signing requires client authentication."
    for name in ("tokenIntrospectionSigningAlgorithm", "jwtSecuredAuthorizationResponseModeSigningAlgorithm"):
        if draft.sent.get(name) in _HMAC:
            yield Violation(text, "client_auth_required", name)
    for name in ("idTokenSigningAlgorithm", "userInfoResponseSigningAlgorithm"):
        if draft.policy.get(name) in _HMAC:
            yield Violation(text, "client_auth_required", f"oidcPolicy.{name}")
    if draft.sent.get("tokenIntrospectionEncryptionAlgorithm"):
        text = "Encryption of introspection responses requires client authentication."
        yield Violation(text, "client_auth_required", "tokenIntrospectionEncryptionAlgorithm")


def _scopes(draft: Draft) -> Iterator[Violation]:
    restricted = draft.listed("restrictedScopes")
    forced = draft.sent.get("allowAuthenticationApiInit") is True
    if restricted and draft.sent.get("restrictScopes") is not True and not forced:
        text = "Restricted scopes are only allowed when scopes are restricted."
        yield Violation(text, "scopes_not_restricted", "restrictedScopes")
    known = {"restrictedScopes": draft.company.common_names, "exclusiveScopes": draft.company.exclusive_names}
    for name, names in known.items():
        for index, scope in enumerate(draft.listed(name)):
            if scope not in names:
                yield Violation(f"The scope '{scope}' is not defined.", "invalid_scope", f"{name}[{index}]")


def _references(draft: Draft) -> Iterator[Violation]:
    company = draft.company
    places: tuple[tuple[str, Any, list[dict[str, Any]]], ...] = (
        ("defaultAccessTokenManagerRef", draft.sent.get("defaultAccessTokenManagerRef"), company.token_managers),
        ("requestPolicyRef", draft.sent.get("requestPolicyRef"), company.request_policies),
        (
            "tokenExchangeProcessorPolicyRef",
            draft.sent.get("tokenExchangeProcessorPolicyRef"),
            company.token_exchange_policies,
        ),
        ("oidcPolicy.policyGroup", draft.policy.get("policyGroup") or None, company.policies),
    )
    for path, value, known in places:
        if value is not None and value.get("id") not in {one["id"] for one in known}:
            text = f"The ID '{value.get('id') or ''}' is not valid."
            yield Violation(text, "invalid_reference", f"{path}.id")
    types = {one["type"] for one in company.authorization_detail_types}
    for index, one in enumerate(draft.listed("authorizationDetailTypes")):
        if one not in types:
            text = f"The authorization detail type '{one}' is not defined."
            yield Violation(text, "invalid_reference", f"authorizationDetailTypes[{index}]")


def _extended_parameters(draft: Draft) -> Iterator[Violation]:
    known = {one["name"]: one["multiValued"] for one in draft.company.extended_properties}
    for name, value in (draft.sent.get("extendedParameters") or {}).items():
        path = f"extendedParameters.{name}"
        if name not in known:
            yield Violation(f"The extended property '{name}' is not defined.", "invalid_reference", path)
        elif value and len(value.get("values") or ()) > 1 and not known[name]:
            yield Violation(f"The extended property '{name}' takes one value.", "single_valued", f"{path}.values")


def _ciba(draft: Draft) -> Iterator[Violation]:
    if "CIBA" not in draft.grants:
        for name in draft.sent:
            if (name.startswith("ciba") or name == "requestPolicyRef") and draft.sent[name] not in (False, ""):
                yield Violation("Only allowed with the CIBA grant type.", "ciba_not_allowed", name)
        return
    endpoint = draft.sent.get("cibaNotificationEndpoint")
    if draft.sent.get("cibaDeliveryMode") == "PING" and not endpoint:
        yield _required("cibaNotificationEndpoint", "A notification endpoint")
    if endpoint and not _web_address(endpoint):
        yield Violation("Invalid URL Format", "invalid_url", "cibaNotificationEndpoint")
    if not 0 <= draft.sent.get("cibaPollingInterval", 3) <= 3600:
        yield Violation("Between 0 and 3600 seconds.", "out_of_range", "cibaPollingInterval")


def _pairwise(draft: Draft) -> Iterator[Violation]:
    uri, path = draft.policy.get("sectorIdentifierUri"), "oidcPolicy.sectorIdentifierUri"
    if not uri:
        return
    if draft.policy.get("pairwiseIdentifierUserType") is not True:
        yield Violation("Only allowed with pairwise identifiers.", "pairwise_required", path)
    if not uri.startswith("https://"):
        yield Violation("Invalid URL Format", "invalid_url", path)


# The type field of each override, and the values that belong to it.
_OVERRIDES: Final = {
    "refreshTokenRollingIntervalType": ("refreshTokenRollingInterval",),
    "refreshTokenRollingGracePeriodType": ("refreshTokenRollingGracePeriod",),
    "persistentGrantExpirationType": ("persistentGrantExpirationTime",),
    "persistentGrantIdleTimeoutType": ("persistentGrantIdleTimeout",),
    "persistentGrantReuseType": ("persistentGrantReuseGrantTypes",),
    "clientSecretRetentionPeriodType": ("clientSecretRetentionPeriod",),
    "lockoutMaxMaliciousActionsType": ("lockoutMaxMaliciousActions",),
    "deviceFlowSettingType": (
        "userAuthorizationUrlOverride",
        "pendingAuthorizationTimeoutOverride",
        "devicePollingIntervalOverride",
        "bypassActivationCodeConfirmationOverride",
    ),
}


def _overrides(draft: Draft) -> Iterator[Violation]:
    """The server itself returns 0 beside SERVER_DEFAULT, so 0 is as good as absent there."""
    for kind, names in _OVERRIDES.items():
        overridden = draft.sent.get(kind) == "OVERRIDE_SERVER_DEFAULT"
        given = [name for name in names if draft.sent.get(name) not in (None, "", [])]
        if overridden and not given and kind != "persistentGrantReuseType":
            yield _required(names[0], f"A value for {kind}")
        for name in given:
            value = draft.sent[name]
            if not overridden and value not in (0, -1, False):
                yield Violation(f"Only allowed when {kind} overrides the default.", "override_required", name)
            elif isinstance(value, int) and value < (-1 if name.startswith("persistentGrant") else 0):
                yield Violation("Must not be negative.", "out_of_range", name)


def _reuse(draft: Draft) -> Iterator[Violation]:
    for index, one in enumerate(draft.listed("persistentGrantReuseGrantTypes")):
        if one not in _REUSABLE:
            path = f"persistentGrantReuseGrantTypes[{index}]"
            yield Violation(f"Grants of {one} cannot be reused.", "invalid_grant_type", path)


def _web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not any(one.isspace() for one in text)


def _key_set(text: str) -> bool:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(value.get("keys"), list) and bool(value["keys"])


RULES: Final[tuple[Rule, ...]] = (
    _client_id,
    _name,
    _grant_types,
    _logo,
    _redirect_uris,
    _logout_uris,
    _response_types,
    _grant_needs_authentication,
    _secret,
    _former_secrets,
    _certificate,
    _keys,
    _token_endpoint_algorithm,
    _symmetric_needs_authentication,
    _scopes,
    _references,
    _extended_parameters,
    _ciba,
    _pairwise,
    _overrides,
    _reuse,
)
