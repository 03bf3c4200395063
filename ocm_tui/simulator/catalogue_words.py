"""Short ways to say what most clients of the catalogue have in common."""

from typing import Any, NamedTuple

__all__ = ["Document", "Entry", "entry", "extended", "machine", "person"]

Document = dict[str, Any]


class Entry(NamedTuple):
    """Days before the population's epoch. None: made by a server too old to write dates.

    A secret is as old as its client unless `secret_changed` says otherwise.
    """

    document: Document
    created: float | None
    modified: float | None
    secret_changed: float | None = None


def entry(client_id: str, ages: tuple[float | None, ...], document: Document, **more: Any) -> Entry:
    """`ages`: created, modified and, where it differs, secret changed. The name is the id unless `more` has one."""
    created, modified, *changed = ages
    return Entry({"clientId": client_id, "name": client_id, **document, **more}, created, modified, *changed)


def machine(*scopes: str, auth: str = "SECRET", manager: str = "jwt", grant: str = "CLIENT_CREDENTIALS") -> Document:
    """A program that acts for itself, with the scopes that it needs and no others."""
    return {
        "grantTypes": [grant],
        "clientAuth": {"type": auth},
        "restrictScopes": True,
        "restrictedScopes": list(scopes),
        "defaultAccessTokenManagerRef": {"id": manager},
        "restrictToDefaultAccessTokenManager": True,
    }


def person(*scopes: str, redirect: str, auth: str = "SECRET", policy: str = "default") -> Document:
    """A program that acts for the person in front of it: authorization code with PKCE."""
    return {
        "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
        "clientAuth": {"type": auth},
        "redirectUris": [redirect],
        "requireProofKeyForCodeExchange": True,
        "restrictScopes": True,
        "restrictedScopes": ["openid", "profile", *scopes],
        "defaultAccessTokenManagerRef": {"id": "jwt"},
        "restrictToDefaultAccessTokenManager": True,
        "oidcPolicy": {"policyGroup": {"id": policy}},
    }


def extended(owner: str, cost_centre: str, *regions: str) -> Document:
    values = {"owner": [owner], "costCentre": [cost_centre], "regions": list(regions)}
    return {name: {"values": one} for name, one in values.items() if one}
