"""What a plan remembers of a server document: enough to tell later whether it is still the one that was looked at."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from ocm_tui.core.provisioning.normal import Normal, canonical, normal

__all__ = ["fingerprint", "fingerprint_of"]

# The server's own word for a change. A secret that somebody else set shows in nothing but its date.
_DATES: Final = ("creationDate", "modificationDate", "clientSecretChangedTime")
_BYTES: Final = 16


def fingerprint(document: Mapping[str, Any]) -> str:
    """The same for every spelling of a document; another one after every change of a field or of a date.

    Encrypted secrets, replication, and former secrets that expire are in no fingerprint: they change by themselves.
    """
    return fingerprint_of(document, normal(document))


def fingerprint_of(document: Mapping[str, Any], form: Normal) -> str:
    """For who has the normal form already."""
    dates = [document.get(name) or "" for name in _DATES]
    extra = [(path, text) for path, value in form.extra.items() if (text := canonical(value)) is not None]
    said = (form.digest, sorted(form.own.items()), sorted(extra), dates)
    return blake2b(repr(said).encode(errors="surrogatepass"), digest_size=_BYTES).hexdigest()
