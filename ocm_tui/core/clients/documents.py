"""Client documents on their way in and out: to a screen, to the server, and new ones."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ocm_tui.core.clients.fields import FIELDS, get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.exchanges.names import is_secret_name
from ocm_tui.core.secret import MASK, Secret

__all__ = [
    "READ_ONLY",
    "auth_type",
    "displayable",
    "drop_former_auth",
    "guarded",
    "has_secret",
    "new_document",
    "revealed",
    "without_link_locations",
    "writable",
]

READ_ONLY: Final = frozenset({"creationDate", "modificationDate", "clientSecretChangedTime", "replicationStatus"})

_AUTH_HOLDERS: Final = ("clientAuth", "clientAuthentication")
_SECRET_NAMES: Final = frozenset({"secret", "encryptedSecret"})
# Names of the table are judged by the table: `requireOfflineAccessScopeToIssueRefreshTokens` holds no token.
_TABLE_NAMES: Final = frozenset(name for spec in FIELDS for name in spec.path.split("."))
_PRIVATE_KEY_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# Paths as their names: every write goes through all of them.
_TEXTS_AND_LINKS: Final = tuple(
    tuple(spec.path.split("."))
    for spec in FIELDS
    if spec.kind in {"text", "long_text", "enum", "reference"} and not spec.required
)
_NULLABLE: Final = tuple(tuple(spec.path.split(".")) for spec in FIELDS if not spec.required)

_SECRETS: Final = frozenset({"secret", "encryptedSecret", "secondarySecrets"})
_CERTIFICATE: Final = frozenset({"clientCertIssuerDn", "clientCertSubjectDn"})
_ASSERTION: Final = frozenset({"enforceReplayPrevention", "tokenEndpointAuthSigningAlgorithm"})
_AUTH_MEMBERS: Final = {
    "NONE": frozenset[str](),
    "SECRET": _SECRETS,
    "CERTIFICATE": _CERTIFICATE,
    "PRIVATE_KEY_JWT": _ASSERTION,
    "CLIENT_SECRET_JWT": _SECRETS | _ASSERTION,
}
_EVERY_AUTH_MEMBER: Final = _SECRETS | _CERTIFICATE | _ASSERTION


def displayable(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without anything secret, for screens and stdout: plaintext and encrypted secrets, private keys in a JWKS.

    Strings are masked, not cleaned: clean them where they are shown.
    """
    return {name: _displayable(name, value) for name, value in document.items()}


def writable(document: Mapping[str, Any]) -> ClientDocument:
    """What a POST or PUT carries: every member, unknown ones too, but those that are only the server's to say.

    Servers send null, "" and {} for absent, which their own schema does not allow in a request (and an empty logo URL
    is refused): of the known members those are left out. With a new secret the stored one is not sent beside it.
    """
    kept = {name: value for name, value in document.items() if name not in READ_ONLY}
    copy: dict[str, Any] = without_link_locations(kept)
    prunable = {name for name, value in copy.items() if not value or isinstance(value, dict)}
    for names in _NULLABLE:
        if names[0] in prunable:
            _prune(copy, names, empty=(None,))
    for names in _TEXTS_AND_LINKS:
        if names[0] in prunable:
            _prune(copy, names, empty=(None, ""))
    holders = [auth for name in _AUTH_HOLDERS if isinstance(auth := copy.get(name), dict)]
    if any(auth.get("secret") for auth in holders):
        for auth in holders:
            auth.pop("encryptedSecret", None)
    return ClientDocument(copy)


def new_document(
    client_id: str,
    *,
    name: str | None = None,
    grant_types: Sequence[str] = ("CLIENT_CREDENTIALS",),
    redirect_uris: Sequence[str] = (),
    auth_type: str = "SECRET",
    secret: Secret | None = None,
) -> ClientDocument:
    """The smallest document that makes sense; the name is the clientId unless given."""
    auth: dict[str, Any] = {"type": auth_type}
    if secret is not None:
        auth["secret"] = secret
    document: dict[str, Any] = {
        "clientId": client_id,
        "name": name or client_id,
        "enabled": True,
        "grantTypes": list(grant_types),
        "clientAuth": auth,
    }
    if redirect_uris:
        document["redirectUris"] = list(redirect_uris)
    return ClientDocument(document)


def drop_former_auth(document: ClientDocument, before: Mapping[str, Any]) -> ClientDocument:
    """After a change of clientAuth.type: without the members of the former type that were left as they stood.

    A server may refuse them, and an encrypted secret that nothing uses is a liability. What was newly set stays. The
    newer `clientAuthentication` would contradict the new type; it is nulled, unless it holds several methods.
    """
    former, now = auth_type(before), auth_type(document)
    if former == now:
        return document
    changed: dict[str, Any] = dict(document)
    auth, stood = document.get("clientAuth"), before.get("clientAuth")
    if isinstance(auth, Mapping):
        foreign = _EVERY_AUTH_MEMBER - _AUTH_MEMBERS.get(now, _EVERY_AUTH_MEMBER)
        if now in {"PRIVATE_KEY_JWT", "CLIENT_SECRET_JWT"}:
            foreign |= {"tokenEndpointAuthSigningAlgorithm"}  # the two JWT methods have no algorithm in common
        left = {
            name for name in foreign if isinstance(stood, Mapping) and name in stood and auth.get(name) == stood[name]
        }
        changed["clientAuth"] = {name: value for name, value in auth.items() if name not in left}
    methods = document.get("clientAuthentication")
    if isinstance(methods, Mapping) and methods == before.get("clientAuthentication") and _enabled(methods) <= 1:
        changed["clientAuthentication"] = None
    return ClientDocument(changed)


def auth_type(document: Mapping[str, Any]) -> str:
    """An absent or null clientAuth means NONE."""
    return str(get_value(document, "clientAuth.type") or "NONE")


def has_secret(document: Mapping[str, Any]) -> bool:
    """Whether the client signs in with a secret, under the old or the newer member."""
    return (
        auth_type(document) in {"SECRET", "CLIENT_SECRET_JWT"}
        or get_value(document, "clientAuthentication.clientSecret.enabled") is True
        or get_value(document, "clientAuthentication.clientSecretJwt.enabled") is True
    )


def guarded(document: Mapping[str, Any]) -> ClientDocument:
    """A copy in which every plaintext secret is a `Secret`; do this as soon as a document was read from outside."""
    return ClientDocument(_each_secret(document, _guarded))


def revealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The reverse, for the moment of sending only."""
    return _each_secret(document, lambda value: value.reveal() if isinstance(value, Secret) else value)


def without_link_locations(value: Any) -> Any:
    """A copy in which links are ids only: older servers add a `location` that they do not want back."""
    if isinstance(value, Mapping):
        link = isinstance(value.get("id"), str) and isinstance(value.get("location"), str | None)
        return {
            name: without_link_locations(inner) for name, inner in value.items() if not (link and name == "location")
        }
    if isinstance(value, list):
        return [without_link_locations(item) for item in value]
    return value


def _displayable(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        if name == "extendedParameters":
            return {key: _masked(inner) if _is_secret(key) else inner for key, inner in value.items()}
        return {key: _displayable(key, inner) for key, inner in value.items()}
    if name == "jwks":
        return _public_keys(value)
    if isinstance(value, list):
        return [_displayable(name, item) for item in value]
    return _masked(value) if isinstance(value, Secret) or _is_secret(name) else value


def _is_secret(name: str) -> bool:
    return name in _SECRET_NAMES or (name not in _TABLE_NAMES and is_secret_name(name))


def _masked(value: Any) -> Any:
    """Shapes stay, so that `{enabled: true}` says what it says; an absent value stays absent."""
    if isinstance(value, Mapping):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value if value is None or value == "" or isinstance(value, bool) else MASK


def _public_keys(value: Any) -> Any:
    """A JWKS with the private members of its keys masked; what cannot be read may hold anything and is masked whole."""
    if not value:
        return value
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
        keys = parsed["keys"]
        if not any(_PRIVATE_KEY_MEMBERS & key.keys() for key in keys):
            return value
        public = [{name: MASK if name in _PRIVATE_KEY_MEMBERS else part for name, part in key.items()} for key in keys]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return MASK
    masked = {**parsed, "keys": public}
    return json.dumps(masked) if isinstance(value, str) else masked


def _prune(node: dict[str, Any], names: Sequence[str], *, empty: tuple[Any, ...]) -> None:
    """Remove the leaf if it is empty, and the objects on the way that hold nothing (`policyGroup: {}`).

    The objects along the way belong to the caller: `without_link_locations` has copied them.
    """
    name, rest = names[0], names[1:]
    if name not in node:
        return
    value = node[name]
    if rest and isinstance(value, dict):
        _prune(value, rest, empty=empty)
        value = value or None
    if value is None or (not rest and isinstance(value, str) and value in empty):
        del node[name]


def _guarded(value: Any) -> Any:
    """An empty text is absence, and a mask is what a check must still be able to see."""
    return Secret(value) if isinstance(value, str) and value not in {"", MASK} else value


def _enabled(methods: Mapping[str, Any]) -> int:
    return sum(isinstance(method, Mapping) and method.get("enabled") is True for method in methods.values())


def _each_secret(document: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    copy = dict(document)
    for name in _AUTH_HOLDERS:
        auth = copy.get(name)
        if not isinstance(auth, Mapping):
            continue
        auth = dict(auth)
        if "secret" in auth:
            auth["secret"] = change(auth["secret"])
        former = auth.get("secondarySecrets")
        if isinstance(former, list):
            auth["secondarySecrets"] = [
                {**item, "secret": change(item["secret"])} if isinstance(item, Mapping) and "secret" in item else item
                for item in former
            ]
        copy[name] = auth
    return copy
