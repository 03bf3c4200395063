"""The clients that were there before anybody wrote: the catalogue first, then as many generated ones as asked for.

A generated client is computed from the seed and its number alone, so 100,000 of them cost nothing until they are read.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from ocm_tui.simulator.catalogue import CATALOGUE, Entry
from ocm_tui.simulator.documents import Documents, StoredClient, date_text, needs_secret
from ocm_tui.simulator.numbers import mixed
from ocm_tui.simulator.vault import client_secret, secret_key

__all__ = ["Population", "epoch"]

_DAY: Final = 86_400_000
_FIRST_EPOCH: Final = 1_748_736_000_000  # 2025-06-01, so that no seed reaches into the future

_AREAS: Final = (
    ("accounting", "billing:read"),
    ("analytics", "reports:read"),
    ("billing", "billing:write"),
    ("carrier", "shipping:write"),
    ("catalogue", "catalogue:read"),
    ("checkout", "orders:write"),
    ("claims", "customers:read"),
    ("crm", "customers:write"),
    ("customs", "shipping:read"),
    ("delivery", "shipping:read"),
    ("fleet", "telemetry:write"),
    ("fulfilment", "stock:write"),
    ("invoices", "billing:read"),
    ("loyalty", "customers:read"),
    ("marketing", "notifications:send"),
    ("metering", "telemetry:write"),
    ("notifications", "notifications:send"),
    ("orders", "orders:read"),
    ("payments", "payments:initiate"),
    ("picking", "stock:read"),
    ("pricing", "catalogue:read"),
    ("promotions", "catalogue:read"),
    ("purchasing", "orders:write"),
    ("quotes", "orders:read"),
    ("reports", "reports:export"),
    ("returns", "orders:write"),
    ("search", "catalogue:read"),
    ("shipping", "shipping:write"),
    ("stock", "stock:read"),
    ("subscriptions", "billing:write"),
    ("tracking", "events:subscribe"),
    ("vouchers", "orders:read"),
)
_SERVICE: Final = {
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET"},
    "restrictScopes": True,
    "restrictedScopes": ["@@scope@@"],
    "defaultAccessTokenManagerRef": {"id": "jwt"},
    "restrictToDefaultAccessTokenManager": True,
}
_JOB: Final = _SERVICE | {
    "clientAuth": {"type": "PRIVATE_KEY_JWT", "tokenEndpointAuthSigningAlgorithm": "ES256"},
    "jwksSettings": {"jwksUrl": "https://@@id@@.jobs.example.com/jwks.json"},
}
_WEB: Final = {
    "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
    "clientAuth": {"type": "SECRET"},
    "redirectUris": ["https://@@id@@.example.com/callback"],
    "requireProofKeyForCodeExchange": True,
    "restrictScopes": True,
    "restrictedScopes": ["openid", "profile", "@@scope@@"],
    "defaultAccessTokenManagerRef": {"id": "jwt-short"},
    "oidcPolicy": {"policyGroup": {"id": "customers"}, "logoutMode": "OIDC_FRONT_CHANNEL"},
}
_APP: Final = _WEB | {"clientAuth": {"type": "NONE"}}
_GATEWAY: Final = {
    "grantTypes": ["ACCESS_TOKEN_VALIDATION"],
    "clientAuth": {"type": "SECRET"},
    "validateUsingAllEligibleAtms": True,
}
_FEED: Final = _SERVICE | {
    "clientAuth": {
        "type": "CERTIFICATE",
        "clientCertIssuerDn": "CN=Example Issuing CA,O=Example,C=GB",
        "clientCertSubjectDn": "CN=@@id@@,O=Example,C=GB",
    },
}
_ROLES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("api", _SERVICE),
    ("worker", _SERVICE),
    ("sync", _SERVICE),
    ("batch", _JOB),
    ("ui", _WEB),
    ("app", _APP),
    ("gateway", _GATEWAY),
    ("feed", _FEED),
)
_MARK: Final = re.compile(r"@@(\w+)@@")


def epoch(seed: int) -> int:
    """The day that the population's dates count back from, in milliseconds since 1970."""
    return _FIRST_EPOCH + seed % 30 * _DAY


class Population:
    """Clients by their number, from 0. Nothing here changes; what is written lies over it."""

    def __init__(self, count: int, seed: int, documents: Documents, clock: Callable[[], int]) -> None:
        self.count = count
        self._seed = seed
        self._documents = documents
        self._clock = clock
        self._key = secret_key(seed)
        self._numbers = {entry.document["clientId"]: number for number, entry in enumerate(CATALOGUE[:count])}
        self._catalogued: dict[int, dict[str, Any]] = {}
        self._templates: dict[str, tuple[str, bool]] = {}

    def id_of(self, number: int) -> str:
        if number < len(CATALOGUE):
            return str(CATALOGUE[number].document["clientId"])
        bits = mixed(self._seed, number)
        return f"{_AREAS[bits & 31][0]}-{_ROLES[bits >> 5 & 7][0]}-{number:05}"

    def labels(self, number: int) -> tuple[str, str]:
        """Id and name. Three of four generated clients are named after their id, as those from an inventory are."""
        if number < len(CATALOGUE):
            return self.id_of(number), str(CATALOGUE[number].document["name"])
        bits = mixed(self._seed, number)
        client_id = f"{_AREAS[bits & 31][0]}-{_ROLES[bits >> 5 & 7][0]}-{number:05}"
        return client_id, _name(bits, number, client_id)

    def number_of(self, client_id: str) -> int | None:
        if (number := self._numbers.get(client_id)) is not None:
            return number
        digits = client_id.rpartition("-")[2]
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            return None
        number = int(digits)
        fits = len(CATALOGUE) <= number < self.count and self.id_of(number) == client_id
        return number if fits else None

    def dates(self, number: int) -> tuple[int | None, int | None]:
        """Created and modified, in milliseconds; None on a client that a very old server made."""
        if number < len(CATALOGUE):
            entry = CATALOGUE[number]
            return self._ago(entry.created, number), self._ago(entry.modified, number)
        created, modified, _ = self._generated_dates(mixed(self._seed, number))
        return created, modified

    def may_have_tags(self, number: int) -> bool:
        return number < len(CATALOGUE)

    def stored(self, number: int) -> StoredClient:
        if number < len(CATALOGUE):
            return self._from_catalogue(CATALOGUE[number], number)
        document = json.loads(self.text(number))
        for name in ("creationDate", "modificationDate", "clientSecretChangedTime", "clientAuthentication"):
            document.pop(name, None)
        for name in ("encryptedSecret", "secondarySecrets"):
            document["clientAuth"].pop(name, None)
        created, modified, changed = self._generated_dates(mixed(self._seed, number))
        secret = self._secret(document["clientId"]) if document["clientAuth"]["type"] == "SECRET" else None
        return StoredClient(document, secret, [], created, modified, changed if secret else None)

    def text(self, number: int) -> str:
        """The client as JSON text, with freshly sealed secrets."""
        if number < len(CATALOGUE):
            client = self._from_catalogue(CATALOGUE[number], number)
            return dumps(self._documents.shown(client, self._clock()))
        bits = mixed(self._seed, number)
        area, scope = _AREAS[bits & 31]
        role, pattern = _ROLES[bits >> 5 & 7]
        client_id = f"{area}-{role}-{number:05}"
        template, has_secret = self._templates.get(role) or self._template(role, pattern)
        created, modified, changed = self._generated_dates(bits)
        values = {
            "id": client_id,
            "name": _name(bits, number, client_id),
            "scope": scope,
            "enabled": "false" if bits >> 10 & 31 == 0 else "true",
            "created": date_text(created),
            "modified": date_text(modified),
        }
        if has_secret:
            values["changed"] = date_text(changed)
            values["secret"] = self._documents.vault.seal(self._secret(client_id))
        return template % values

    def _generated_dates(self, bits: int) -> tuple[int, int, int]:
        """Created up to six years before the epoch; changed, and its secret as well, at some time after that."""
        age = (bits >> 16 & 0xFFFF) * 2_890_000 + (bits & 0xFFFFF)
        since = age * (bits >> 32 & 0xFF) >> 8
        secret_since = age * (bits >> 40 & 0xFF) >> 8
        now = epoch(self._seed)
        return now - age, now - min(since, secret_since), now - secret_since

    def _template(self, role: str, pattern: dict[str, Any]) -> tuple[str, bool]:
        """The whole document once, by the same code as any other, with marks where clients differ."""
        sent = {"clientId": "@@id@@", "name": "@@name@@", **pattern}
        document = self._documents.completed(sent)
        has_secret = document["clientAuth"]["type"] == "SECRET"
        client = StoredClient(document, "mark" if has_secret else None, [], 0, 0, 0)
        shown = self._documents.shown(client, 0)
        shown |= {"enabled": "@@enabled@@", "creationDate": "@@created@@", "modificationDate": "@@modified@@"}
        if has_secret:
            shown["clientSecretChangedTime"] = "@@changed@@"
            for name in ("clientAuth", "clientAuthentication"):
                if name in shown:
                    shown[name] = {**shown[name], "encryptedSecret": "@@secret@@"}
        text = dumps(shown).replace("%", "%%").replace('"@@enabled@@"', "@@enabled@@")
        made = _MARK.sub(r"%(\1)s", text), has_secret
        self._templates[role] = made
        return made

    def _from_catalogue(self, entry: Entry, number: int) -> StoredClient:
        document = self._catalogued.get(number)
        if document is None:
            document = self._catalogued[number] = self._documents.completed(entry.document)
        has_secret = needs_secret(document["clientAuth"]["type"])
        changed = entry.secret_changed if entry.secret_changed is not None else entry.created
        return StoredClient(
            document,
            self._secret(document["clientId"]) if has_secret else None,
            [],
            self._ago(entry.created, number),
            self._ago(entry.modified, number),
            self._ago(changed, number) if has_secret else None,
        )

    def _ago(self, days: float | None, number: int) -> int | None:
        """Some time of the working day, `days` before the epoch."""
        if days is None:
            return None
        return epoch(self._seed) - round(days * _DAY) + 28_800_000 + mixed(self._seed, -1 - number) % 32_400_000 - _DAY

    def _secret(self, client_id: str) -> str:
        return client_secret(self._key, client_id)


def _name(bits: int, number: int, client_id: str) -> str:
    if bits >> 8 & 3:
        return client_id
    return f"{_AREAS[bits & 31][0].capitalize()} {_ROLES[bits >> 5 & 7][0]} {number}"


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
