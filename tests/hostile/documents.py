"""Client documents whose every text is nasty, and documents of every wrong shape."""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final

from ocm_tui.core.clients.fields import FIELDS, FieldSpec, with_value
from tests.hostile.strings import HUGE, MARKER, NASTY

__all__ = ["JSON_SAFE", "MISSHAPEN", "ONE_OF_EACH_KIND", "document_of", "hostile_inventory"]

# The server's JSON decoder takes no lone surrogate, which only an escape can carry: that is a case of its own.
JSON_SAFE: Final[Mapping[str, str]] = {
    name: text for name, text in NASTY.items() if not any("\ud800" <= character <= "\udfff" for character in text)
}
_TEXTS: Final = tuple(JSON_SAFE.values())
# A field for each kind of editor.
ONE_OF_EACH_KIND: Final = (
    "name",
    "description",
    "enabled",
    "clientSecretRetentionPeriod",
    "clientAuth.type",
    "grantTypes",
    "redirectUris",
    "restrictedScopes",
    "defaultAccessTokenManagerRef.id",
    "requestPolicyRef.id",
    "extendedParameters",
)
_SERVERS_OWN: Final = {"clientId", "name"}


def hostile_inventory() -> list[dict[str, Any]]:
    """One client for each string that can be an id, one with a huge name, and the misshapen ones."""
    clients = [document_of(text, start) for start, text in enumerate(_TEXTS) if text]
    clients.append(document_of("huge", 0) | {"name": HUGE, "description": HUGE, "unknownMember": HUGE})
    return [*clients, *MISSHAPEN]


def document_of(client_id: str, start: int) -> dict[str, Any]:
    """Every field of the table holds a nasty string in the shape that the field has; which one, `start` decides."""
    texts = _turning(start)
    document: dict[str, Any] = {"clientId": client_id, "name": client_id}
    for spec in FIELDS:
        if spec.path not in _SERVERS_OWN:
            document = with_value(document, spec.path, _value(spec, texts))
    document["modificationDate"] = next(texts)
    document["unknown " + next(texts)] = {next(texts): [next(texts), {next(texts): next(texts)}]}
    return document


def _turning(start: int) -> Iterator[str]:
    return (_TEXTS[number % len(_TEXTS)] for number in count(start))


def _value(spec: FieldSpec, texts: Iterator[str]) -> Any:
    match spec.kind:
        case "bool":
            return True
        case "integer":
            return 10**17
        case "set" | "list":
            return [next(texts), next(texts), next(texts)]
        case "mapping":
            return {next(texts): {"values": [next(texts), next(texts)]}, next(texts): next(texts)}
        case _:
            return next(texts)


def _everywhere(client_id: str, value: Any) -> dict[str, Any]:
    """`value` in every field, whatever shape the field has."""
    document: dict[str, Any] = {}
    for spec in FIELDS:
        document = with_value(document, spec.path, value)
    return document | {"clientId": client_id}


def _deep(levels: int) -> Any:
    return json.loads("[" * levels + json.dumps(f"\x1b[31m{MARKER}") + "]" * levels)


MISSHAPEN: Final[tuple[dict[str, Any], ...]] = (
    {"clientId": "only an id"},
    _everywhere("a number everywhere", 7),
    _everywhere("a fraction everywhere", 1.5e300),
    _everywhere("true everywhere", True),
    _everywhere("a text everywhere", "[/x]\x1b[31m"),
    _everywhere("an empty text everywhere", ""),
    _everywhere("a list everywhere", ["[/x]", 1, None, ["\x1b]0;x\x07"], {"id": "\x9b31m"}]),
    _everywhere("an object everywhere", {"id": "[/x]", "\x1b[31m": [1, {}]}),
    _everywhere("an odd id everywhere", {"id": ["[/x]"]}),
    _everywhere("a deep list everywhere", _deep(60)),
    {"clientId": "the same item thrice", "name": "x", "restrictedScopes": ["a", "a", "a"], "grantTypes": ["A"] * 3},
    {"clientId": "far dates", "modificationDate": "0001-01-01T00:00:00+23:59", "creationDate": "9999-12-31T23:59:59Z"},
    {"clientId": "naive date", "modificationDate": "2026-01-01", "clientSecretChangedTime": "24:00"},
    {"clientId": "a long list", "redirectUris": [f"https://\u202e{number}.example" for number in range(2000)]},
)
