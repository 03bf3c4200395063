"""What a plan does about a client's secret: set, keep or rotate. Secrets themselves are never compared."""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.clients.documents import has_secret
from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.provisioning.model import DeclaredClient, LastApplied, SecretUse
from ocm_tui.core.provisioning.places import place_text
from ocm_tui.core.text import clean

__all__ = ["secret_use", "why_no_secret"]

_SECRET_TYPES: Final = ("SECRET", "CLIENT_SECRET_JWT")  # no set: a server may send anything, lists too
_TO_BE_WRITTEN: Final = frozenset({"set", "rotate"})


def secret_use(
    declared: DeclaredClient, desired: Mapping[str, Any], current: Mapping[str, Any] | None, last: LastApplied | None
) -> SecretUse | None:
    """None for a client that has no secret.

    A stored client of a type that has a secret has one, whether the server shows it or not: what is not shown is no
    reason to replace it.
    """
    if not _has_secret(desired):
        return None
    if current is None or not _has_secret(current):
        return "set"
    declaration = declared.secret
    if declaration is None or declaration.source == "keep" or last is None or last.secret_version is None:
        return "keep"
    return "rotate" if declaration.version > last.secret_version else "keep"


def _has_secret(document: Mapping[str, Any]) -> bool:
    """As `has_secret`, which is asked only where the frequent cases do not tell."""
    auth = document.get("clientAuth")
    if isinstance(auth, dict) and "clientAuthentication" not in document:
        return auth.get("type") in _SECRET_TYPES
    return has_secret(document)


def why_no_secret(declared: DeclaredClient, desired: Mapping[str, Any], use: SecretUse | None) -> str | None:
    """Why a secret that has to be written cannot be: none is declared, or what is declared cannot work."""
    if use not in _TO_BE_WRITTEN:
        return None
    declaration = declared.secret
    if declaration is None or declaration.source == "keep":
        if use == "set" and any(get_value(desired, f"{holder}.encryptedSecret") for holder in _HOLDERS):
            return None
        kind = clean(get_value(desired, "clientAuth.type") or "the declared method", 40)
        what = "none is declared" if declaration is None else "there is none on the server to keep"
        place = place_text(declared.place if declaration is None else declared.where("secret"))
        return f"clientAuth.type: {kind} needs a secret, and {what} ({place}): declare `secret: {{from: generate, …}}`"
    from ocm_tui.core.provisioning.staging import secret_problem

    problem = secret_problem(declaration)
    return f"secret: {problem} ({place_text(declared.where('secret'))})" if problem else None


_HOLDERS: Final = ("clientAuth", "clientAuthentication")
