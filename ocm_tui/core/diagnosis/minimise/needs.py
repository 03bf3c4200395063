"""Which fields of a payload cannot be tried without which others.

A trial leaves fields out, and must not fail for that alone: a server that does not say why would then seem to blame the
wrong field. Only rules that are public; a server may have others, and then its refusals tell.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ocm_tui.core.clients.meaning import FORCED, RULED_BY_DEFAULT

__all__ = ["group_of", "needs_of"]

_KEYS: Final = ("jwksSettings.jwks", "jwksSettings.jwksUrl")
_CERTIFICATE: Final = ("clientAuth.clientCertIssuerDn", "clientAuth.clientCertSubjectDn")
_BY_GRANT: Final = frozenset({"requestPolicyRef", "tokenExchangeProcessorPolicyRef", "restrictedResponseTypes"})
_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    **FORCED,
    "restrictedScopes": ("restrictScopes",),
    "cibaDeliveryMode": ("cibaNotificationEndpoint",),
    "oidcPolicy.sectorIdentifierUri": ("oidcPolicy.pairwiseIdentifierUserType",),
    "offlineAccessRequireConsentPrompt": ("requireOfflineAccessScopeToIssueRefreshTokens",),
}


def group_of(path: str) -> str:
    """Fields of one group are only tried together: a value and the setting that makes it count."""
    if path == "clientAuth.secret":
        return "clientAuth.type"
    ruler = RULED_BY_DEFAULT.get(path)
    if ruler is not None and not path.endswith("TimeUnit"):
        return ruler.path
    return path.replace("ContentEncryptionAlgorithm", "EncryptionAlgorithm")


def needs_of(path: str, value: Any) -> Iterator[str]:
    """Paths that have to come along, as far as the payload has them."""
    yield from _WITH.get(path, ())
    if path.endswith("TimeUnit") and path in RULED_BY_DEFAULT:
        yield RULED_BY_DEFAULT[path].path
    if path.startswith("clientAuth.") and path != "clientAuth.type":
        yield "clientAuth.type"
    if path.startswith("ciba") or path in _BY_GRANT:
        yield "grantTypes"
    yield from _by_value(path, value)


def _by_value(path: str, value: Any) -> Iterator[str]:
    match path:
        case "grantTypes" if isinstance(value, list) and ("AUTHORIZATION_CODE" in value or "IMPLICIT" in value):
            yield "redirectUris"
        case "clientAuth.type" if value == "CERTIFICATE":
            yield from _CERTIFICATE
        case "clientAuth.type" if value == "PRIVATE_KEY_JWT":
            yield from _KEYS
        case "clientAuth.type" | "clientAuth" if value not in ("SECRET", "CLIENT_SECRET_JWT"):
            yield "grantTypes"  # what replaces them needs an authentication
        case "requireSignedRequests" | "cibaRequireSignedRequests" if value is True:
            yield from _KEYS
