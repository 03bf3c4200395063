"""The registry's filter over rows that are here already: the same answer as the database would give."""

import fnmatch
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocm_tui.core.registry.model import RegistryClient, RegistryQuery

__all__ = ["haystack", "is_empty", "matcher"]


def haystack(client: "RegistryClient") -> str:
    return f"{client.client_code}\n{client.bap_id or ''}\n{client.bap_uri or ''}".lower()


def is_empty(query: "RegistryQuery") -> bool:
    return not (
        query.words or query.statuses or query.codes or query.baps or query.ids or query.synced_before is not None
    )


def matcher(query: "RegistryQuery") -> "Callable[[RegistryClient, str], bool]":
    """The same answer as the database would give, for rows that are here."""
    words = [word.lower() for word in query.words]
    codes, baps, ids = _globs(query.codes), _globs(query.baps), frozenset(query.ids)

    def matches(client: "RegistryClient", hay: str) -> bool:
        return (
            all(word in hay for word in words)
            and (not query.statuses or client.status in query.statuses)
            and (not ids or client.client_id in ids)
            and (codes is None or codes.match(client.client_code) is not None)
            and (baps is None or baps.match(client.bap_id or "") is not None)
            and (
                query.synced_before is None
                or client.last_synced_at is None
                or client.last_synced_at < query.synced_before
            )
        )

    return matches


def _globs(globs: Sequence[str]) -> re.Pattern[str] | None:
    """`*` and `?` only: brackets are letters, as in the databases."""
    if not globs:
        return None
    return re.compile("|".join(fnmatch.translate(glob.replace("[", "[[]")) for glob in globs))
