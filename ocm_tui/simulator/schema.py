"""What a client document may hold: names, types, allowed values, since which release, and what the server fills in.

The order is that of the published contract, and of the server's replies. `FILLED` values were seen after a POST that
left the field out; a field without one stays absent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from ocm_tui.simulator.settings import Release

__all__ = ["CLIENT", "CLIENT_SECRET", "Field", "Misfit", "known_to", "misfits"]

Kind = Literal["string", "boolean", "integer", "strings", "link", "links", "object", "secrets", "parameters", "any"]

_RSA_EC: Final = tuple(f"{family}{size}" for family in ("RS", "ES", "PS") for size in (256, 384, 512))
_SIGNING: Final = (*_RSA_EC, "HS256", "HS384", "HS512")
# fmt: off
_ENCRYPTION: Final = (
    "DIR", "A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW",
    "ECDH_ES", "ECDH_ES_A128KW", "ECDH_ES_A192KW", "ECDH_ES_A256KW", "RSA_OAEP", "RSA_OAEP_256",
)
_CONTENT: Final = (
    "AES_128_CBC_HMAC_SHA_256", "AES_192_CBC_HMAC_SHA_384", "AES_256_CBC_HMAC_SHA_512",
    "AES_128_GCM", "AES_192_GCM", "AES_256_GCM",
)
_GRANTS: Final = (
    "IMPLICIT", "AUTHORIZATION_CODE", "RESOURCE_OWNER_CREDENTIALS", "CLIENT_CREDENTIALS", "REFRESH_TOKEN",
    "EXTENSION", "DEVICE_CODE", "ACCESS_TOKEN_VALIDATION", "CIBA", "TOKEN_EXCHANGE",
)
# fmt: on
_EITHER: Final = ("SERVER_DEFAULT", "OVERRIDE_SERVER_DEFAULT")
_DEFAULT_NO_YES: Final = ("SERVER_DEFAULT", "NO", "YES")
_EXPIRY: Final = ("INDEFINITE_EXPIRY", *_EITHER)
_OLDEST: Final[Release] = (0, 0)


class Field(NamedTuple):
    """`filled` None means that the server leaves the field out. A set keeps each value once."""

    kind: Kind
    values: tuple[str, ...] = ()
    filled: Any = None
    since: Release = _OLDEST
    members: "Mapping[str, Field] | None" = None
    ignored: bool = False  # read-only: taken on a write, and not stored
    unique: bool = False


class Misfit(NamedTuple):
    """A value that cannot be read at all ("type", "value"), or a property that this release does not know."""

    path: str
    reason: Literal["type", "value", "unknown"]


def _flag(since: Release = _OLDEST) -> Field:
    return Field("boolean", filled=False, since=since)


def _one_of(values: tuple[str, ...], filled: str | None = None, since: Release = _OLDEST) -> Field:
    return Field("string", values, filled, since)


def _set_of(values: tuple[str, ...] = ()) -> Field:
    return Field("strings", values, [], unique=True)


_TEXT: Final = Field("string")
_NUMBER: Final = Field("integer")
_LINK: Final = Field("link")
_READ_ONLY: Final = Field("string", ignored=True)
_SECRETS: Final = Field("secrets")

_JWT_METHOD: Final = {
    "enabled": Field("boolean"),
    "enforceReplayPrevention": Field("boolean"),
    "tokenEndpointAuthSigningAlgorithm": _one_of(_SIGNING),
}
_CERTIFICATE: Final = {"enabled": Field("boolean"), "clientCertIssuerDn": _TEXT, "clientCertSubjectDn": _TEXT}

_CLIENT_AUTH: Final = {
    "type": _one_of(("NONE", "SECRET", "CERTIFICATE", "PRIVATE_KEY_JWT", "CLIENT_SECRET_JWT")),
    "secret": _TEXT,
    "encryptedSecret": _TEXT,
    "secondarySecrets": _SECRETS,
    "clientCertIssuerDn": _TEXT,
    "clientCertSubjectDn": _TEXT,
    "enforceReplayPrevention": Field("boolean"),
    "tokenEndpointAuthSigningAlgorithm": _one_of(_SIGNING),
}
_CLIENT_AUTHENTICATION: Final = {
    "secret": _TEXT,
    "encryptedSecret": _TEXT,
    "secondarySecrets": _SECRETS,
    "clientSecret": Field("object", members={"enabled": Field("boolean")}),
    "certificate": Field("object", members=_CERTIFICATE),
    "privateKeyJwt": Field("object", members=_JWT_METHOD),
    "clientSecretJwt": Field("object", members=_JWT_METHOD),
    "none": Field("object", members={"enabled": Field("boolean")}),
}
_OIDC_POLICY: Final = {
    "idTokenSigningAlgorithm": _one_of(("NONE", *_SIGNING)),
    "idTokenEncryptionAlgorithm": _one_of(_ENCRYPTION),
    "idTokenContentEncryptionAlgorithm": _one_of(_CONTENT),
    "policyGroup": _LINK,
    "grantAccessSessionRevocationApi": _flag(),
    "grantAccessSessionSessionManagementApi": _flag(),
    "logoutMode": _one_of(("NONE", "PING_FRONT_CHANNEL", "OIDC_FRONT_CHANNEL", "OIDC_BACK_CHANNEL"), "NONE"),
    "pingAccessLogoutCapable": _flag(),
    "logoutUris": Field("strings", filled=[]),
    "backChannelLogoutUri": _TEXT,
    "postLogoutRedirectUris": Field("strings", filled=[], since=(12, 0)),
    "pairwiseIdentifierUserType": _flag(),
    "sectorIdentifierUri": _TEXT,
    "userInfoResponseSigningAlgorithm": _one_of(("NONE", *_SIGNING), since=(12, 2)),
    "userInfoResponseEncryptionAlgorithm": _one_of(_ENCRYPTION, since=(12, 2)),
    "userInfoResponseContentEncryptionAlgorithm": _one_of(_CONTENT, since=(12, 2)),
}

CLIENT: Final[Mapping[str, Field]] = {
    "clientId": _TEXT,
    "enabled": Field("boolean", filled=True),
    "redirectUris": Field("strings", filled=[], unique=True),
    "grantTypes": _set_of(_GRANTS),
    "name": _TEXT,
    "description": _TEXT,
    "modificationDate": _READ_ONLY,
    "creationDate": _READ_ONLY,
    "replicationStatus": Field("string", since=(12, 0), ignored=True),
    "logoUrl": _TEXT,
    "defaultAccessTokenManagerRef": _LINK,
    "restrictToDefaultAccessTokenManager": _flag(),
    "validateUsingAllEligibleAtms": _flag(),
    "refreshRolling": _one_of(("SERVER_DEFAULT", "DONT_ROLL", "ROLL"), "SERVER_DEFAULT"),
    "refreshTokenRollingIntervalType": _one_of(_EITHER, "SERVER_DEFAULT"),
    "refreshTokenRollingInterval": _NUMBER,
    "refreshTokenRollingIntervalTimeUnit": _one_of(("SECONDS", "MINUTES", "HOURS"), "HOURS", since=(12, 1)),
    "persistentGrantExpirationType": _one_of(_EXPIRY, "SERVER_DEFAULT"),
    "persistentGrantExpirationTime": Field("integer", filled=0),
    "persistentGrantExpirationTimeUnit": _one_of(("MINUTES", "DAYS", "HOURS"), "DAYS"),
    "persistentGrantIdleTimeoutType": _one_of(_EXPIRY, "SERVER_DEFAULT"),
    "persistentGrantIdleTimeout": Field("integer", filled=0),
    "persistentGrantIdleTimeoutTimeUnit": _one_of(("MINUTES", "DAYS", "HOURS"), "DAYS"),
    "persistentGrantReuseType": _one_of(_EITHER, "SERVER_DEFAULT"),
    "persistentGrantReuseGrantTypes": _set_of(_GRANTS),
    "allowAuthenticationApiInit": _flag(),
    "enableCookielessAuthenticationApi": _flag((12, 1)),
    "bypassApprovalPage": _flag(),
    "restrictScopes": _flag(),
    "restrictedScopes": _set_of(),
    "exclusiveScopes": _set_of(),
    "allowExclusiveScopes": Field("strings", since=(13, 1), ignored=True),
    "authorizationDetailTypes": _set_of(),
    "restrictedResponseTypes": _set_of(),
    "requirePushedAuthorizationRequests": _flag(),
    "requireJwtSecuredAuthorizationResponseMode": _flag(),
    "requireSignedRequests": _flag(),
    "requestObjectSigningAlgorithm": _one_of(_RSA_EC),
    "oidcPolicy": Field("object", members=_OIDC_POLICY, filled={}),
    "clientAuth": Field("object", members=_CLIENT_AUTH, filled={}),
    "clientAuthentication": Field("object", members=_CLIENT_AUTHENTICATION, since=(13, 1)),
    "jwksSettings": Field("object", members={"jwksUrl": _TEXT, "jwks": _TEXT}),
    "extendedParameters": Field("parameters"),
    "deviceFlowSettingType": _one_of(_EITHER, "SERVER_DEFAULT"),
    "userAuthorizationUrlOverride": _TEXT,
    "pendingAuthorizationTimeoutOverride": _NUMBER,
    "devicePollingIntervalOverride": _NUMBER,
    "bypassActivationCodeConfirmationOverride": Field("boolean"),
    "requireProofKeyForCodeExchange": _flag(),
    "cibaDeliveryMode": _one_of(("POLL", "PING")),
    "cibaNotificationEndpoint": _TEXT,
    "cibaPollingInterval": _NUMBER,
    "cibaRequireSignedRequests": Field("boolean"),
    "cibaRequestObjectSigningAlgorithm": _one_of(_RSA_EC),
    "cibaUserCodeSupported": Field("boolean"),
    "requestPolicyRef": _LINK,
    "tokenExchangeProcessorPolicyRef": _LINK,
    "refreshTokenRollingGracePeriodType": _one_of(_EITHER, "SERVER_DEFAULT"),
    "refreshTokenRollingGracePeriod": _NUMBER,
    "clientSecretRetentionPeriodType": _one_of(_EITHER, "SERVER_DEFAULT"),
    "clientSecretRetentionPeriod": _NUMBER,
    "clientSecretChangedTime": _READ_ONLY,
    "tokenIntrospectionSigningAlgorithm": _one_of(_SIGNING),
    "tokenIntrospectionEncryptionAlgorithm": _one_of(_ENCRYPTION),
    "tokenIntrospectionContentEncryptionAlgorithm": _one_of(_CONTENT),
    "jwtSecuredAuthorizationResponseModeSigningAlgorithm": _one_of(_SIGNING),
    "jwtSecuredAuthorizationResponseModeEncryptionAlgorithm": _one_of(_ENCRYPTION),
    "jwtSecuredAuthorizationResponseModeContentEncryptionAlgorithm": _one_of(_CONTENT),
    "requireDpop": _flag((11, 3)),
    "dpopProofSettings": Field("any", since=(13, 1)),
    "requireOfflineAccessScopeToIssueRefreshTokens": _one_of(_DEFAULT_NO_YES, "SERVER_DEFAULT", since=(12, 1)),
    "offlineAccessRequireConsentPrompt": _one_of(_DEFAULT_NO_YES, "SERVER_DEFAULT", since=(12, 1)),
    "lockoutMaxMaliciousActionsType": _one_of(("DO_NOT_LOCKOUT", *_EITHER), "SERVER_DEFAULT", since=(12, 2)),
    "lockoutMaxMaliciousActions": Field("integer", since=(12, 2)),
    "tags": Field("links", since=(13, 1)),
}
CLIENT_SECRET: Final[Mapping[str, Field]] = {"secret": _TEXT, "encryptedSecret": _TEXT, "secondarySecrets": _SECRETS}
_SECONDARY: Final = {"secret": _TEXT, "encryptedSecret": _TEXT, "expiryTime": _TEXT}
_LINK_MEMBERS: Final = {"id": _TEXT, "location": _TEXT}


def known_to(release: Release, fields: Mapping[str, Field]) -> Iterator[tuple[str, Field]]:
    """The fields that a server of `release` has, in the contract's order."""
    return ((name, field) for name, field in fields.items() if field.since <= release)


def misfits(
    document: Mapping[str, Any], fields: Mapping[str, Field], release: Release, at: str = ""
) -> Iterator[Misfit]:
    """Everything in `document` that this release cannot read. null is as good as absent."""
    for name, value in document.items():
        field = fields.get(name)
        path = f"{at}{name}"
        if field is None or field.since > release:
            yield Misfit(path, "unknown")
        elif value is not None:
            yield from _value(value, field, release, path)


def _value(value: Any, field: Field, release: Release, path: str) -> Iterator[Misfit]:
    match field.kind:
        case "string" | "boolean" | "integer":
            yield from _scalar(value, field, path)
        case "strings":
            yield from _items(value, path, lambda one, where: _scalar(one, field._replace(kind="string"), where))
        case "link" | "object":
            members = field.members if field.members is not None else _LINK_MEMBERS
            yield from _object(value, members, release, path)
        case "links":
            yield from _items(value, path, lambda one, where: _object(one, _LINK_MEMBERS, release, where))
        case "secrets":
            yield from _items(value, path, lambda one, where: _object(one, _SECONDARY, release, where))
        case "parameters":
            if not isinstance(value, dict):
                yield Misfit(path, "type")
                return
            values = {"values": Field("strings")}
            for name, one in value.items():
                if one is not None:
                    yield from _object(one, values, release, f"{path}.{name}")


def _object(value: Any, members: Mapping[str, Field], release: Release, path: str) -> Iterator[Misfit]:
    if isinstance(value, dict):
        yield from misfits(value, members, release, f"{path}.")
    else:
        yield Misfit(path, "type")


def _items(value: Any, path: str, check: Any) -> Iterator[Misfit]:
    if not isinstance(value, list):
        yield Misfit(path, "type")
        return
    for index, one in enumerate(value):
        yield from check(one, f"{path}[{index}]")


def _scalar(value: Any, field: Field, path: str) -> Iterator[Misfit]:
    wanted: dict[str, type] = {"string": str, "boolean": bool, "integer": int}
    fits = isinstance(value, wanted[field.kind]) and (field.kind == "boolean" or not isinstance(value, bool))
    if not fits or (isinstance(value, int) and abs(value) >= 2**63):
        yield Misfit(path, "type")
    elif field.values and value and value not in field.values:  # "" is how real exports spell an absent value
        yield Misfit(path, "value")
