"""When a field of a client means nothing, because another one rules it.

Two kinds. What a server drops, because it does not belong to the rest, is no difference at all. What stands beside a
`…Type` field that leaves the decision to the server is kept by servers and used by none of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ocm_tui.core.clients.fields import FIELDS
from ocm_tui.core.clients.fields.values import SERVER_DEFAULT

__all__ = ["DROPPED_BY_SERVER", "FORCED", "RULED_BY_DEFAULT", "WRITE_ONLY", "Ruler"]

_FILLS: Final = {spec.path: spec.fill for spec in FIELDS}


@dataclass(frozen=True, slots=True)
class Ruler:
    """The field at `path` makes another one meaningless while it has one of `values`."""

    path: str
    values: frozenset[str]

    def rules(self, values: Mapping[str, Any]) -> bool:
        """`values` are a document's, by path; an absent one is the server's fill."""
        value = values.get(self.path)
        if value is None:
            value = _FILLS[self.path]
        return isinstance(value, str) and value in self.values


def _ruled(ruler: str, values: Iterable[str], paths: Iterable[str]) -> dict[str, Ruler]:
    return dict.fromkeys(paths, Ruler(ruler, frozenset(values)))


# Sent, and never shown again: nothing can be compared.
WRITE_ONLY: Final = frozenset({"allowExclusiveScopes"})

# Where the first is true, a server makes the others true, whatever was sent.
FORCED: Final[Mapping[str, tuple[str, ...]]] = {"allowAuthenticationApiInit": ("restrictScopes", "bypassApprovalPage")}

DROPPED_BY_SERVER: Final[Mapping[str, Ruler]] = {
    **_ruled(
        "clientAuth.type",
        ("NONE", "SECRET", "PRIVATE_KEY_JWT", "CLIENT_SECRET_JWT"),
        ("clientAuth.clientCertIssuerDn", "clientAuth.clientCertSubjectDn"),
    ),
    **_ruled(
        "clientAuth.type",
        ("NONE", "SECRET", "CERTIFICATE"),
        ("clientAuth.enforceReplayPrevention", "clientAuth.tokenEndpointAuthSigningAlgorithm"),
    ),
    **_ruled(
        "requireOfflineAccessScopeToIssueRefreshTokens", (SERVER_DEFAULT, "NO"), ("offlineAccessRequireConsentPrompt",)
    ),
}

_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "refreshTokenRollingIntervalType": ("refreshTokenRollingInterval", "refreshTokenRollingIntervalTimeUnit"),
    "refreshTokenRollingGracePeriodType": ("refreshTokenRollingGracePeriod",),
    "persistentGrantExpirationType": ("persistentGrantExpirationTime", "persistentGrantExpirationTimeUnit"),
    "persistentGrantIdleTimeoutType": ("persistentGrantIdleTimeout", "persistentGrantIdleTimeoutTimeUnit"),
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
_NO_OVERRIDE: Final = (SERVER_DEFAULT, "INDEFINITE_EXPIRY", "DO_NOT_LOCKOUT")

RULED_BY_DEFAULT: Final[Mapping[str, Ruler]] = {
    path: ruler for type_, paths in _BESIDE.items() for path, ruler in _ruled(type_, _NO_OVERRIDE, paths).items()
}
