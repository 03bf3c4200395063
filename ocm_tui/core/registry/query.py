"""The filter of registry lists: words, and `key:value` terms.

    orders status:suspended,revoked code:shop-* bap:buyer.example.com id:6f1c8a52-… synced:>1h

All terms must hold; a comma stands between several values of one. Words match code, bap_id and bap_uri, whatever the
case. `code:` and `bap:` find a part of the name, or the whole one when `*` or `?` is in the value. `synced:>1h` is what
was not synced for an hour, `synced:never` what never was.
"""

import difflib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.model import STATUSES, ClientStatus, RegistryQuery
from ocm_tui.core.registry.values import storable
from ocm_tui.core.text import clean

__all__ = ["KEYS", "parse"]

KEYS: Final = ("status", "code", "bap", "id", "synced")
_TERM: Final = re.compile(r'(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))')
_AGE: Final = re.compile(r">?(\d{1,6})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def parse(text: str, *, now: datetime | None = None) -> RegistryQuery:
    """Raises UsageError that names the term and the nearest key or value."""
    if not storable(text):
        raise UsageError("the filter holds what no client has: it is no UTF-8, or has a NUL character in it")
    words: list[str] = []
    found: dict[str, Any] = {}
    for match in _TERM.finditer(text):
        value = match["quoted"] if match["quoted"] is not None else match["plain"] or ""
        if match["key"] is None:
            if value:
                words.append(value)
            continue
        column = match.start("key") + 1
        key = match["key"].lower()
        if key == "synced":
            found["synced_before"] = _synced(value, column, now or datetime.now(UTC))
            continue
        name, read = _reader(key, column)
        found[name] = (*found.get(name, ()), *(read(part, column) for part in value.split(",") if part))
    return RegistryQuery(words=tuple(words), **found)


def _reader(key: str, column: int) -> tuple[str, Callable[[str, int], Any]]:
    """The member of the query, and what makes its values."""
    match key:
        case "status":
            return "statuses", _status
        case "code":
            return "codes", _glob
        case "bap":
            return "baps", _glob
        case "id":
            return "ids", _uuid
    near = difflib.get_close_matches(key, KEYS, 1)
    others = f'one of {", ".join(f"{name}:" for name in KEYS)}; quote words with a colon: "a:b"'
    raise UsageError(
        f"filter, column {column}: there is no {key}: to filter by",
        hint=f"did you mean {near[0]}:?" if near else others,
    )


def _status(value: str, column: int) -> ClientStatus:
    for status in STATUSES:
        if status == value.upper():
            return status
    shown = ", ".join(f"status:{status.lower()}" for status in STATUSES)
    raise UsageError(f"filter, column {column}: status:{clean(value, 40)} is no status", hint=f"one of {shown}")


def _glob(value: str, column: int) -> str:
    if "\0" in value:
        raise UsageError(f"filter, column {column}: no name has a NUL character in it")
    return value if "*" in value or "?" in value else f"*{value}*"


def _uuid(value: str, column: int) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise UsageError(
            f"filter, column {column}: id:{clean(value, 60)} is no UUID", hint="code: takes a part of the clientId"
        ) from None


def _synced(value: str, column: int, now: datetime) -> datetime:
    if value.lower() == "never":
        return _NEVER
    match = _AGE.fullmatch(value.lower())
    try:
        if match is not None:
            return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        return _NEVER
    raise UsageError(
        f"filter, column {column}: synced:{clean(value, 40)} is no age",
        hint="synced:>30m, synced:>1h or synced:>7d; synced:never for those that never were",
    )
