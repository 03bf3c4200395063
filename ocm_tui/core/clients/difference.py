"""What differs between two client documents in meaning, not in spelling.

The same: null, "", [], {} and absence; any order of a set; a value that the server fills in and its absence; 0 and null
where the server's default rules. Not compared: dates, replication, locations of links, encrypted secrets, which a
server encrypts anew for every reading, and what a server drops (see `meaning`). A plaintext secret is a change, and its
value is never in it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ocm_tui.core.clients.documents import READ_ONLY, displayable, revealed, without_link_locations
from ocm_tui.core.clients.fields import FIELDS, FieldSpec, field
from ocm_tui.core.clients.fields.paths import EXTENDED
from ocm_tui.core.clients.fields.values import SERVER_DEFAULT
from ocm_tui.core.clients.meaning import DROPPED_BY_SERVER, WRITE_ONLY
from ocm_tui.core.text import clean

__all__ = [
    "SECRET_PATHS",
    "DiffLine",
    "FieldChange",
    "changed_since",
    "difference",
    "difference_lines",
    "not_stored",
    "same",
]

SECRET_PATHS: Final = ("clientAuth.secret", "clientAuthentication.secret")

_SPECS: Final = {spec.path: spec for spec in FIELDS}
_ORDER: Final = {spec.path: place for place, spec in enumerate(FIELDS)}
_LONGEST_LINE: Final = 400


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`path` is what `with_value` takes, None means absent, and nothing in here is secret (masked JSON values)."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`@` names a field, `-` and `+` are its values or the items of its set, a blank is context. Safe to show."""

    kind: Literal[" ", "-", "+", "@"]
    text: str


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The fields that differ, in the order of the field table; unknown members last. A new secret stands first."""
    before, after = revealed(before), revealed(after)
    old, new = dict(_leaves(before)), dict(_leaves(after))
    shown_old, shown_new = dict(_leaves(displayable(before))), dict(_leaves(displayable(after)))
    # Removals first within a member: one that turned from an object into a text is emptied, then set.
    paths = sorted(old.keys() | new.keys(), key=lambda path: (_place(path), path in new, path))
    changes = [
        FieldChange(path, shown_old.get(path), shown_new.get(path))
        for path in paths
        if path not in SECRET_PATHS and not _equal(path, old, new)
    ]
    return [*_secret_changes(before, old, new), *changes]


def same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return not difference(before, after)


def changed_since(seen: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """Whether a document was changed after it was seen. The dates decide where both have one, else the fields do."""
    then, now = seen.get("modificationDate"), current.get("modificationDate")
    return bool(then != now) if then and now else not same(seen, current)


def not_stored(sent: Mapping[str, Any], stored: Mapping[str, Any]) -> list[FieldChange]:
    """Of what was sent, the fields that `stored` holds differently; what the server added is no difference.

    What is never shown again cannot be compared and is left out: secrets, and write-only fields.
    """
    said = dict(_leaves(revealed(sent))).keys() - {*SECRET_PATHS, *WRITE_ONLY}
    return [change for change in difference(sent, stored) if change.path in said]


def difference_lines(changes: Sequence[FieldChange]) -> list[DiffLine]:
    """For a screen or stderr. Of a set only what was added and removed is listed."""
    lines: list[DiffLine] = []
    for change in changes:
        lines.append(DiffLine("@", clean(change.path, _LONGEST_LINE)))
        before, after = _listed(change.before), _listed(change.after)
        lines += (DiffLine("-", text) for text in _removed(before, after))
        lines += (DiffLine("+", text) for text in _removed(after, before))
    return lines


def _place(path: str) -> int:
    spec = field(path)
    return _ORDER[spec.path] if spec else len(_ORDER)


def _secret_changes(before: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[FieldChange]:
    for path in SECRET_PATHS:
        if path in new and new[path] != old.get(path):
            holder = before.get(path.partition(".")[0])
            had = isinstance(holder, Mapping) and bool(holder.get("encryptedSecret") or holder.get("secret"))
            yield FieldChange(path, "set" if had else "not set", "set")


def _leaves(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Path and value of everything that is neither empty nor ignored."""
    compared = {name: value for name, value in document.items() if name not in READ_ONLY}
    stripped: Mapping[str, Any] = without_link_locations(compared)
    for name, value in stripped.items():
        yield from _leaves_of(name, value)


def _leaves_of(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    value = _meaning(value)
    if value is None:
        return
    # A name with a dot in it would make an ambiguous path, so what holds such a name is compared as a whole;
    # a parameter of `extendedParameters` is a whole anyway.
    whole = path.startswith(EXTENDED) or not isinstance(value, dict)
    if whole or any("." in name or not name for name in value if path != "extendedParameters"):
        yield path, value
        return
    for name, inner in value.items():
        yield from _leaves_of(f"{path}.{name}", inner)


def _meaning(value: Any) -> Any:
    """Without what means nothing; None when nothing is left."""
    if isinstance(value, Mapping):
        inner = {name: _meaning(part) for name, part in value.items() if name != "encryptedSecret"}
        return {name: part for name, part in inner.items() if part is not None} or None
    if isinstance(value, list):
        return [part for item in value if (part := _meaning(item)) is not None] or None
    return None if value == "" else value


def _equal(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    before, after = old.get(path), new.get(path)
    ruler = DROPPED_BY_SERVER.get(path)
    if ruler is not None and ruler.rules(old) and ruler.rules(new):
        return True
    spec = _SPECS.get(path)
    if spec is not None:
        before, after = _or_absent(spec, before, old, new), _or_absent(spec, after, old, new)
    return bool(_key(path, before) == _key(path, after))


def _or_absent(spec: FieldSpec, value: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> Any:
    if spec.fill is not None and type(value) is type(spec.fill) and value == spec.fill:
        return None
    ruled = spec.governed_by is not None and all(
        side.get(spec.governed_by, SERVER_DEFAULT) == SERVER_DEFAULT for side in (old, new)
    )
    return None if ruled and not value else value


def _key(path: str, value: Any) -> Any:
    spec = field(path)
    if isinstance(value, list) and spec is not None and (spec.kind == "set" or spec.path == "tags"):
        return sorted({_canonical(item) for item in value})
    if path.startswith(EXTENDED) and isinstance(value, dict) and isinstance(values := _listed(value), list):
        return sorted({_canonical(item) for item in values})
    return None if value is None else _canonical(value)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _listed(value: Any) -> Any:
    """An extended parameter is its list of values."""
    return value["values"] if isinstance(value, dict) and value.keys() == {"values"} else value


def _removed(before: Any, after: Any) -> Iterator[str]:
    """What only the first has."""
    if isinstance(before, list) and (after is None or isinstance(after, list)):
        kept = {_canonical(item) for item in after or ()}
        lost = [item for item in before if _canonical(item) not in kept]
        # The same items in another order, of a list whose order matters: show all of it.
        return (_value_text(item) for item in (lost or ([] if len(before) < len(after or ()) else before)))
    return iter(() if before is None else (_value_text(before),))


def _value_text(value: Any) -> str:
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), _LONGEST_LINE)
