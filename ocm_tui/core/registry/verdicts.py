"""The verdict on one cached value beside one row: the same for the close look and for the second one of a sweep."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ocm_tui.core.registry.cache_states import CacheState
from ocm_tui.core.registry.entries import (
    FIELDS,
    CachedClient,
    Difference,
    client_from,
    decode,
    differences,
    document_of,
    version_of,
)
from ocm_tui.core.registry.model import RegistryClient

__all__ = ["Verdict", "verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` None: neither value nor row. `foreign`: readable, but from a writer that gives no version."""

    state: CacheState | None
    cached: CachedClient | None
    differences: tuple[Difference, ...] = ()
    problem: str = ""
    foreign: bool = False


def verdict(client_id: UUID, value: bytes | None, row: RegistryClient | None) -> Verdict:
    """Never raises, whatever the value is."""
    if value is None:
        return Verdict("missing" if row is not None else None, None)
    cached = decode(value)
    if cached.corrupt:
        return _foreign(client_id, value, row) or Verdict("corrupt", cached, problem=cached.corrupt)
    if cached.client is None:
        return Verdict("negative" if row is None else "stale", cached)
    if cached.client.client_id != client_id:
        return Verdict("corrupt", cached, problem=f"it is that of client {cached.client.client_id}")
    return _beside(cached, cached.client, row)


def _beside(cached: CachedClient, client: RegistryClient, row: RegistryClient | None) -> Verdict:
    if row is None:
        return Verdict("orphan", cached)
    found = tuple(differences(client, row))
    if cached.version != version_of(row):
        return Verdict("stale", cached, found)
    if not found:
        return Verdict("fresh", cached)
    if not row.row_version:  # the time of the last change is all there is, and that may not have moved
        return Verdict("stale", cached, found)
    return Verdict("corrupt", cached, found, problem="it has the row's version and says something else")


def _foreign(client_id: UUID, value: bytes, row: RegistryClient | None) -> Verdict | None:
    """A value without a version, from a writer that knows none: told by its fields. None when it cannot be read."""
    document = _object(value)
    if document is None or "v" in document:
        return None
    try:
        client = client_from(document, row_version=0)
    except ValueError:
        return None
    if client.client_id != client_id:
        return None
    cached = CachedClient(version=-1, client=client)
    if row is None:
        return Verdict("orphan", cached, foreign=True)
    there, here = document_of(client), document_of(row)
    found = tuple(
        Difference(name, there[name], here[name]) for name in FIELDS if name in document and there[name] != here[name]
    )
    return Verdict("stale" if found else "fresh", cached, found, foreign=True)


def _object(value: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
