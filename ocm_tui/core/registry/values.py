"""What a registry can hold, whatever its database: checked before any database sees it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.addresses import normalise
from ocm_tui.core.registry.entries import canonical_json, canonical_jsons
from ocm_tui.core.registry.masking import has_masked_hash
from ocm_tui.core.registry.model import STATUSES, RegistryEntry
from ocm_tui.core.secret import MASK
from ocm_tui.core.text import clean

__all__ = ["LARGEST_RATE", "LONGEST_CODE", "LONGEST_ID", "checked", "checked_with_metadata", "storable"]

LONGEST_CODE: Final = 64
LONGEST_ID: Final = 255
LARGEST_RATE: Final = (1 << 31) - 1
_LARGEST: Final = (1 << 63) - 1
_MASKED: Final = f'"{MASK}"'
_NUL: Final = "\\u0000"  # as JSON writes it
_HALF: Final = re.compile("[\ud800-\udfff]")  # of a character that UTF-16 writes as two
_PERHAPS_A_FRACTION: Final = re.compile("[0-9][.eE]")


def checked(entry: RegistryEntry) -> RegistryEntry:
    """The entry as every backend stores it: networks normalised, times in UTC. UsageError that names the field."""
    return _checked(entry, _written(entry))[0]


def checked_with_metadata(entries: Sequence[RegistryEntry]) -> Iterator[tuple[RegistryEntry, str]]:
    """Each entry `checked`, and its metadata as JSON: an import writes that once, which takes long enough."""
    try:
        written = canonical_jsons([dict(entry.metadata) for entry in entries])
    except (TypeError, ValueError, RecursionError):
        written = [_written(entry) for entry in entries]  # which says whose it is
    return map(_checked, entries, written)


def _checked(entry: RegistryEntry, written: str) -> tuple[RegistryEntry, str]:
    _text(entry, "client_code", entry.client_code, LONGEST_CODE)
    if not entry.client_code:
        raise _wrong(entry, "client_code must not be empty", "it is the clientId on the authorization server")
    _text(entry, "bap_id", entry.bap_id, LONGEST_ID)
    _text(entry, "bap_uri", entry.bap_uri, None)
    rate, status, version = entry.rate_limit, entry.status, entry.profile_version
    if type(rate) is not int or not 0 < rate <= LARGEST_RATE:
        raise _wrong(entry, f"rate_limit is a whole number from 1 to {LARGEST_RATE}", "requests per window")
    if status is not None and status not in STATUSES:
        raise _wrong(entry, f"{clean(status, 40)} is no status", f"one of {', '.join(STATUSES)}")
    if version is not None and not 0 < version <= _LARGEST:
        raise _wrong(entry, "profile_version is a whole number from 1 to 2^63-1", "leave it out if you have none")
    networks, synced = _networks(entry), _utc(entry.last_synced_at)
    if _MASKED in written and has_masked_hash(entry.metadata):
        raise _wrong(
            entry,
            "metadata has `***` in the place of a hash, which would be lost",
            "give metadata whole, without the hash",
        )
    odd = _NUL in written or not written.isascii() or _PERHAPS_A_FRACTION.search(written) is not None
    metadata = _metadata(entry) if odd else entry.metadata
    if networks == entry.allowed_ips and metadata is entry.metadata and synced is entry.last_synced_at:
        return entry, written  # as nearly always: imports check a hundred thousand of them
    return (
        replace(entry, allowed_ips=networks, metadata=metadata, last_synced_at=synced),
        canonical_json(metadata) if odd else written,
    )


def _networks(entry: RegistryEntry) -> tuple[str, ...]:
    try:
        return normalise(entry.allowed_ips)
    except UsageError as error:
        raise _wrong(entry, error.title, error.hint) from None


def _text(entry: RegistryEntry, name: str, value: Any, longest: int | None) -> None:
    if value is None:
        return
    if not isinstance(value, str) or (longest is not None and len(value) > longest):
        raise _wrong(entry, f"{name} is a text of at most {longest} characters", "the registry's column ends there")
    if "\0" in value or not value.isascii():
        _refuse_unstorable(entry, name, value)


def _written(entry: RegistryEntry) -> str:
    try:
        return canonical_json(dict(entry.metadata))
    except (TypeError, ValueError, RecursionError):
        raise _wrong(entry, "metadata must be JSON", "texts, numbers, yes and no, lists and mappings") from None


def _metadata(entry: RegistryEntry) -> Mapping[str, Any]:
    """With every text looked at, and numbers that all databases write alike."""
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


def storable(text: str) -> bool:
    """Whether a database can hold it, or be asked for it."""
    return "\0" not in text and not _HALF.search(text)


def _refuse_unstorable(entry: RegistryEntry, name: str, text: str) -> None:
    if "\0" in text:
        raise _wrong(entry, f"{name} has a NUL character in it", "no database stores it")
    if _HALF.search(text):
        raise _wrong(entry, f"{name} has half of a character in it", "it cannot be written as UTF-8")


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _wrong(entry: RegistryEntry, what: str, hint: str) -> UsageError:
    return UsageError(f"registry entry of {clean(entry.client_code or entry.client_id, 80)}: {what}", hint=hint)
