"""What stands in the cache: a client as JSON whose first member is its version.

    {"v":4711,"client_id":"…","client_code":"orders",…}    a row; hashes are never in it
    {"v":0,"nx":1}                                          nobody was there: any row wins over it
    {"v":4712,"gone":1}                                     deleted with that version

Scripts in the cache read the version from the first bytes; readers that know nothing of it find plain JSON.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from ocm_tui.core.registry.masking import masked_metadata
from ocm_tui.core.registry.model import STATUSES, RegistryClient

__all__ = [
    "FIELDS",
    "NEGATIVE",
    "CachedClient",
    "Difference",
    "canonical_json",
    "canonical_jsons",
    "client_from",
    "decode",
    "differences",
    "document_of",
    "encode",
    "gone",
    "key_of",
    "microseconds",
    "version_of",
]

NEGATIVE: Final = b'{"v":0,"nx":1}'
_HEADER: Final = re.compile(rb'\{"v":(\d{1,19})[,}]')
_BETWEEN: Final = "\x1e"  # what separates records; any text will do, and this is seldom one of the data
_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
_TIMES: Final = ("created_at", "updated_at", "last_synced_at")
_COUNTS: Final = ("rate_limit", "profile_version", "status_version")

# In the order in which they are written and shown.
FIELDS: Final = (
    *("client_id", "client_code", "bap_id", "bap_uri", "allowed_ips", "rate_limit", "status", "metadata"),
    *("has_secret", "profile_version", "status_version", *_TIMES),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedClient:
    """What a value says. Exactly one of `client`, `negative`, `gone` and `corrupt` (what is wrong with it) is set.

    `version` is -1 when the value does not begin with one. `cached_at` is when the copy was made, if it says so.
    """

    version: int
    client: RegistryClient | None = None
    negative: bool = False
    gone: bool = False
    corrupt: str = ""
    cached_at: datetime | None = None


class Difference(NamedTuple):
    """One field whose cached value is not the row's; plain JSON values, to be cleaned when they are shown."""

    field: str
    cached: Any
    row: Any


def key_of(client_id: UUID) -> str:
    """The cache's key."""
    return f"client:{client_id}"


def version_of(client: RegistryClient) -> int:
    """What orders the copies of a client: its row's version, or where there is none the time of its last change."""
    if client.row_version:
        return client.row_version
    return microseconds(client.updated_at) if client.updated_at is not None else 1


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def encode(client: RegistryClient, *, cached_at: datetime | None = None) -> bytes:
    """The same client is the same bytes, but for `cached_at`."""
    document = {"v": version_of(client), **document_of(client)}
    if cached_at is not None:
        document["cached_at"] = _time_text(cached_at)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def gone(version: int) -> bytes:
    return b'{"v":%d,"gone":1}' % version


def decode(value: bytes) -> CachedClient:
    """Never raises: what cannot be read is `corrupt`, and says why."""
    header = _HEADER.match(value)
    if header is None:
        return CachedClient(version=-1, corrupt="it does not begin with a version")
    version = int(header[1])
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return CachedClient(version=version, corrupt="it is no JSON")
    if document.get("nx") == 1:
        return CachedClient(version=version, negative=True)
    if document.get("gone") == 1:
        return CachedClient(version=version, gone=True)
    try:
        client = client_from(document, row_version=version)
        cached_at = _time(document.get("cached_at"), "cached_at")
    except ValueError as error:
        return CachedClient(version=version, corrupt=str(error))
    return CachedClient(version=version, client=client, cached_at=cached_at)


def differences(cached: RegistryClient, row: RegistryClient) -> list[Difference]:
    """Field by field, in the order of `FIELDS`; versions of the row are compared by whoever has both."""
    there, here = document_of(cached), document_of(row)
    return [Difference(name, there[name], here[name]) for name in FIELDS if there[name] != here[name]]


def document_of(client: RegistryClient) -> dict[str, Any]:
    """Plain JSON values under the registry's own names, in the order of `FIELDS`."""
    return {
        "client_id": str(client.client_id),
        "client_code": client.client_code,
        "bap_id": client.bap_id,
        "bap_uri": client.bap_uri,
        "allowed_ips": list(client.allowed_ips),
        "rate_limit": client.rate_limit,
        "status": client.status,
        "metadata": _sorted(client.metadata),
        "has_secret": client.has_secret,
        "profile_version": client.profile_version,
        "status_version": client.status_version,
        **{name: _time_text(getattr(client, name)) for name in _TIMES},
    }


def canonical_json(value: Any) -> str:
    """One text for one value: keys in order, no spaces. ValueError for what JSON cannot say."""
    return _CANONICAL.encode(value)


def canonical_jsons(values: Sequence[dict[str, Any]]) -> list[str]:
    """`canonical_json` of each. One text for all of them, taken apart: to begin an encoder takes longer than to write a
    short text, and an import has a hundred thousand."""
    mixed = [part for value in values for part in (value, _BETWEEN)][:-1]
    texts = canonical_json(mixed)[1:-1].split(f",{canonical_json(_BETWEEN)},")
    return texts if len(texts) == len(values) else [canonical_json(value) for value in values]


def client_from(document: Mapping[str, Any], *, row_version: int) -> RegistryClient:
    """The reverse of `document_of`. Absent members have their defaults; ValueError names the one that is wrong."""
    networks = document.get("allowed_ips") or []
    if not isinstance(networks, list) or not all(isinstance(one, str) for one in networks):
        raise ValueError("allowed_ips is no list of texts")
    metadata = document.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise ValueError("metadata is no object")  # noqa: TRY004 - one error for whatever is wrong
    status = document.get("status", "ACTIVE")
    if status not in STATUSES:
        raise ValueError("status is none of " + ", ".join(STATUSES))
    rate_limit, profile_version, status_version = (_count(document, name) for name in _COUNTS)
    created_at, updated_at, last_synced_at = (_time(document.get(name), name) for name in _TIMES)
    return RegistryClient(
        client_id=_uuid(document.get("client_id")),
        client_code=_text(document, "client_code") or "",
        bap_id=_text(document, "bap_id"),
        bap_uri=_text(document, "bap_uri"),
        allowed_ips=tuple(networks),
        rate_limit=rate_limit,
        status=status,
        metadata=masked_metadata(metadata),
        has_secret=document.get("has_secret") is True,
        profile_version=profile_version,
        status_version=status_version,
        row_version=row_version,
        created_at=created_at,
        updated_at=updated_at,
        last_synced_at=last_synced_at,
    )


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise ValueError("client_id is no UUID") from None


def _text(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def _count(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name, 0)
    if type(value) is not int:
        raise ValueError(f"{name} is no whole number")
    return value


def _time(value: Any, name: str) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"{name} is no time") from None


def _time_text(moment: datetime | None) -> str | None:
    """RFC 3339 with microseconds, always of one length."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list | tuple) else value
