"""A client as the server keeps it, and as it shows it: what is filled in, what is dropped, what is never returned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from ocm_tui.simulator.schema import CLIENT, Field, known_to
from ocm_tui.simulator.settings import Release
from ocm_tui.simulator.vault import Vault

__all__ = ["Documents", "StoredClient", "authentication_of", "date_text", "milliseconds_of", "needs_secret"]

Document = dict[str, Any]

# What each way of authentication keeps of `clientAuth`; the rest belonged to a former one and is dropped.
_KEPT: Final = {
    "NONE": (),
    "SECRET": (),
    "CERTIFICATE": ("clientCertIssuerDn", "clientCertSubjectDn"),
    "PRIVATE_KEY_JWT": ("enforceReplayPrevention", "tokenEndpointAuthSigningAlgorithm"),
    "CLIENT_SECRET_JWT": ("enforceReplayPrevention", "tokenEndpointAuthSigningAlgorithm"),
}
_WITH_SECRET: Final = frozenset({"SECRET", "CLIENT_SECRET_JWT"})
_METHODS: Final = {
    "NONE": "none",
    "SECRET": "clientSecret",
    "CERTIFICATE": "certificate",
    "PRIVATE_KEY_JWT": "privateKeyJwt",
    "CLIENT_SECRET_JWT": "clientSecretJwt",
}
_GRANT_TIMES: Final = ("persistentGrantExpirationTime", "persistentGrantIdleTimeout")
_LINK_PATHS: Final = {
    "defaultAccessTokenManagerRef": "/oauth/accessTokenManagers/",
    "accessTokenManagerRef": "/oauth/accessTokenManagers/",
    "pluginDescriptorRef": "/oauth/accessTokenManagers/descriptors/",
    "allowedClients": "/oauth/clients/",
    "policyGroup": "/oauth/openIdConnect/policies/",
    "defaultPolicyRef": "/oauth/openIdConnect/policies/",
    "requestPolicyRef": "/oauth/cibaServerPolicy/requestPolicies/",
    "tokenExchangeProcessorPolicyRef": "/oauth/tokenExchange/processor/policies/",
    "authorizationDetailProcessorRef": "/oauth/authorizationDetailProcessors/",
}


@dataclass(slots=True)
class StoredClient:
    """`document` has every field that the release fills in, but no dates and no secrets.

    Times are milliseconds since the epoch; old servers wrote none. `former` are retained secrets and their expiry.
    """

    document: Document
    secret: str | None = None
    former: list[tuple[str, int]] = field(default_factory=list)
    created: int | None = None
    modified: int | None = None
    secret_changed: int | None = None

    @property
    def client_id(self) -> str:
        return str(self.document["clientId"])

    @property
    def auth_type(self) -> str:
        return str(self.document["clientAuth"]["type"])


@dataclass(slots=True)
class Documents:
    """The habits of one server: its release, its storage, its address."""

    release: Release
    directory_storage: bool
    quirks: bool
    base_url: str
    vault: Vault

    def completed(self, sent: Mapping[str, Any]) -> Document:
        """The document that is stored when `sent` (already checked) arrives. Never shares lists with it."""
        document = _completed(sent, CLIENT, self.release)
        document["clientAuth"] = self._authentication(sent)
        methods = sent.get("clientAuthentication")
        if isinstance(methods, dict) and "clientAuthentication" in document:
            if not _enabled(methods, document["clientAuth"]["type"]):
                del document["clientAuthentication"]  # `clientAuth` was changed: it decides
            else:
                for name in ("secret", "encryptedSecret", "secondarySecrets"):
                    document["clientAuthentication"].pop(name, None)
        if document.get("allowAuthenticationApiInit"):
            document["restrictScopes"] = document["bypassApprovalPage"] = True
        if document.get("requireOfflineAccessScopeToIssueRefreshTokens", "YES") != "YES":
            document["offlineAccessRequireConsentPrompt"] = "SERVER_DEFAULT"
        if "CIBA" in document["grantTypes"]:
            document.setdefault("cibaDeliveryMode", "POLL")
            document.setdefault("cibaPollingInterval", 3)
            document.setdefault("cibaRequireSignedRequests", False)
            document.setdefault("cibaUserCodeSupported", False)
        if self.directory_storage or self.release < (12, 0):
            for name in _GRANT_TIMES:
                document[name] = document[name] or None
        return document

    def shown(self, client: StoredClient, now: int) -> Document:
        """What GET returns. Every call seals the secrets anew."""
        shown = dict(client.document)
        shown["clientAuth"] = {**client.document["clientAuth"], **self.secrets_shown(client, now)}
        if self.release >= (13, 1):
            shown["clientAuthentication"] = {**self._methods(client), **self.secrets_shown(client, now)}
        dates = {
            "modificationDate": client.modified,
            "creationDate": client.created,
            "clientSecretChangedTime": client.secret_changed if client.secret is not None else None,
        }
        shown |= {name: date_text(value) for name, value in dates.items() if value is not None}
        shown = {name: shown[name] for name in CLIENT if name in shown}
        if self.quirks:
            shown["oidcPolicy"] = {"policyGroup": {}, **shown["oidcPolicy"]}
            if shown.get("refreshTokenRollingIntervalTimeUnit") == "HOURS":
                shown["refreshTokenRollingIntervalTimeUnit"] = ""
            shown.setdefault("description", "")
        located: Document = self.located(shown)
        return located

    def secrets_shown(self, client: StoredClient, now: int) -> Document:
        """The members that ClientSecret and ClientAuth have in common; empty for a client without a secret."""
        if client.secret is None:
            return {}
        return {
            "encryptedSecret": self.vault.seal(client.secret),
            "secondarySecrets": [
                {"encryptedSecret": self.vault.seal(secret), "expiryTime": date_text(expiry)}
                for secret, expiry in client.former
                if expiry > now
            ],
        }

    def located(self, value: Any) -> Any:
        """Before 12.0 every link carried its address."""
        return value if self.release >= (12, 0) else self._located(value, None)

    def _located(self, value: Any, path: str | None) -> Any:
        if isinstance(value, list):
            return [self._located(one, path) for one in value]
        if not isinstance(value, dict):
            return value
        inner = {name: self._located(one, _LINK_PATHS.get(name)) for name, one in value.items()}
        if path is not None and isinstance(inner.get("id"), str):
            inner["location"] = f"{self.base_url}{path}{inner['id']}"
        return inner

    def _authentication(self, sent: Mapping[str, Any]) -> Document:
        auth = authentication_of(sent)
        kind = auth.get("type") or "NONE"
        kept = {name: auth[name] for name in _KEPT[kind] if auth.get(name) not in {None, ""}}
        if kind.endswith("_JWT"):
            kept.setdefault("enforceReplayPrevention", False)
        return {"type": kind, **kept}

    def _methods(self, client: StoredClient) -> Document:
        """`clientAuthentication` of 13.1: several methods at once, or the one that `clientAuth` names."""
        stored = client.document.get("clientAuthentication")
        if stored is not None:
            return dict(stored)
        auth = {name: value for name, value in client.document["clientAuth"].items() if name != "type"}
        return {_METHODS[client.auth_type]: {"enabled": True, **auth}}


def authentication_of(sent: Mapping[str, Any]) -> Document:
    """`clientAuth`, or what the first enabled method of `clientAuthentication` says in its words."""
    if isinstance(sent.get("clientAuth"), dict):
        return dict(sent["clientAuth"])
    methods = sent.get("clientAuthentication")
    if not isinstance(methods, dict):
        return {}
    for kind, name in reversed(_METHODS.items()):
        if _enabled(methods, kind):
            shared = {key: methods[key] for key in ("secret", "encryptedSecret", "secondarySecrets") if key in methods}
            return {"type": kind, **shared, **{key: one for key, one in methods[name].items() if key != "enabled"}}
    return {}


def needs_secret(auth_type: str) -> bool:
    return auth_type in _WITH_SECRET


def date_text(milliseconds: int) -> str:
    """`2024-01-30T20:22:16.054Z`."""
    days, rest = divmod(milliseconds, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{_day(days)}T{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}Z"


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    """Long lists name few days many times; this makes their dates four times cheaper."""
    return (date(1970, 1, 1) + timedelta(days)).isoformat()


def milliseconds_of(text: str) -> int | None:
    """The opposite of `date_text`, for any ISO 8601 date with an offset; None when it is not one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else round(moment.timestamp() * 1000)


def _enabled(methods: Mapping[str, Any], kind: str) -> bool:
    method = methods.get(_METHODS[kind])
    return isinstance(method, dict) and method.get("enabled") is True


def _completed(sent: Mapping[str, Any], fields: Mapping[str, Field], release: Release) -> Document:
    document: Document = {}
    for name, one in known_to(release, fields):
        value = sent.get(name)
        if one.ignored:
            continue
        if value is None or (one.values and value == ""):
            value = one.filled
        if value is not None and (kept := _kept(value, one, release)) is not None:
            document[name] = kept
    return document


def _kept(value: Any, one: Field, release: Release) -> Any:
    match one.kind:
        case "strings":
            return list(dict.fromkeys(value)) if one.unique else list(value)
        case "link":
            return {"id": value["id"]} if value.get("id") else None
        case "links":
            return [{"id": link["id"]} for link in value if link.get("id")] or None
        case "object":
            members: Iterable[tuple[str, Field]] = (one.members or {}).items()
            return _completed(value, dict(members), release)
        case "parameters":
            filled = {name: one["values"] for name, one in value.items() if one and one.get("values")}
            return {name: {"values": list(values)} for name, values in filled.items()} or None
        case _:
            return value
