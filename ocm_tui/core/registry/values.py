"""What a registry can hold, whatever its database: checked before any database sees it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.addresses import normalise
from ocm_tui.core.registry.entries import canonical_json
from ocm_tui.core.registry.model import STATUSES, RegistryEntry
from ocm_tui.core.text import clean

__all__ = ["LARGEST_RATE", "LONGEST_CODE", "LONGEST_ID", "checked"]

LONGEST_CODE: Final = 64
LONGEST_ID: Final = 255
LARGEST_RATE: Final = (1 << 31) - 1
_LARGEST: Final = (1 << 63) - 1
_PERHAPS_ODD: Final = re.compile(r"\\u0000|[0-9][.eE]")  # in JSON: a NUL, or a number that is no whole one


def checked(entry: RegistryEntry) -> RegistryEntry:
    """The entry as every backend stores it: networks normalised, times in UTC. UsageError that names the field."""
    _text(entry, "client_code", LONGEST_CODE)
    if not entry.client_code:
        raise _wrong(entry, "client_code must not be empty", "it is the clientId on the authorization server")
    _text(entry, "bap_id", LONGEST_ID)
    _text(entry, "bap_uri", None)
    if type(entry.rate_limit) is not int or not 0 < entry.rate_limit <= LARGEST_RATE:
        raise _wrong(entry, f"rate_limit is a whole number from 1 to {LARGEST_RATE}", "requests per window")
    if entry.status is not None and entry.status not in STATUSES:
        raise _wrong(entry, f"{clean(entry.status, 40)} is no status", f"one of {', '.join(STATUSES)}")
    if entry.profile_version is not None and not 0 < entry.profile_version <= _LARGEST:
        raise _wrong(entry, "profile_version is a whole number from 1 to 2^63-1", "leave it out if you have none")
    networks, metadata, synced = normalise(entry.allowed_ips), _metadata(entry), _utc(entry.last_synced_at)
    if networks == entry.allowed_ips and metadata is entry.metadata and synced is entry.last_synced_at:
        return entry  # as nearly always: imports check a hundred thousand of them
    return replace(entry, allowed_ips=networks, metadata=metadata, last_synced_at=synced)


def _text(entry: RegistryEntry, name: str, longest: int | None) -> None:
    value = getattr(entry, name)
    if value is None:
        return
    if not isinstance(value, str) or (longest is not None and len(value) > longest):
        raise _wrong(entry, f"{name} is a text of at most {longest} characters", "the registry's column ends there")
    _refuse_unstorable(entry, name, value)


def _metadata(entry: RegistryEntry) -> Mapping[str, Any]:
    if not entry.metadata:
        return entry.metadata
    try:
        written = canonical_json(dict(entry.metadata))
    except (TypeError, ValueError, RecursionError):
        raise _wrong(entry, "metadata must be JSON", "texts, numbers, yes and no, lists and mappings") from None
    if written.isascii() and not _PERHAPS_ODD.search(written):
        return entry.metadata
    for text in _texts_in(entry.metadata):
        _refuse_unstorable(entry, "metadata", text)
    return {name: _same_everywhere(value) for name, value in entry.metadata.items()}


def _same_everywhere(value: Any) -> Any:
    """Databases differ in how they write 1.0 and 1e22; a whole number is one in all of them."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _same_everywhere(inner) for name, inner in value.items()}
    return [_same_everywhere(inner) for inner in value] if isinstance(value, list | tuple) else value


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts_in(inner)


def _refuse_unstorable(entry: RegistryEntry, name: str, text: str) -> None:
    if "\0" in text:
        raise _wrong(entry, f"{name} has a NUL character in it", "no database stores it")
    if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
        raise _wrong(entry, f"{name} has half of a character in it", "it cannot be written as UTF-8")


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _wrong(entry: RegistryEntry, what: str, hint: str) -> UsageError:
    return UsageError(f"registry entry of {clean(entry.client_code or entry.client_id, 80)}: {what}", hint=hint)
