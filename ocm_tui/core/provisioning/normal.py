"""The normal form of a client document: one spelling for each meaning, so that comparing is one `==`.

Two documents mean the same when their normal forms are equal. It says what `clients.difference` says, many times as
fast, and is stricter in one thing: a value beside SERVER_DEFAULT means nothing, whatever it is.
"""

import json
import marshal
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ocm_tui.core.clients.documents import READ_ONLY, without_link_locations
from ocm_tui.core.clients.fields import FIELDS, FieldSpec, absence_counts
from ocm_tui.core.clients.fields.paths import EXTENDED
from ocm_tui.core.clients.meaning import DROPPED_BY_SERVER, RULED_BY_DEFAULT, WRITE_ONLY

__all__ = ["Normal", "canonical", "means_nothing", "normal", "place_of"]


class Normal(NamedTuple):
    """What a document says about the fields that an inventory decides about, by path, and what else is in it.

    `common` is what many clients say alike (switches, numbers, grants, scopes), in objects that they share, and
    `digest` stands for it; `own` is what tells clients apart. All values are hashable. `extra` are the members that
    the table does not know, as they stand: they are the server's, unless an inventory names them. Identity, dates,
    secrets and write-only fields are nowhere.
    """

    common: tuple[Mapping[str, Any], ...]
    digest: str
    own: dict[str, Any]
    extra: dict[str, Any]

    @property
    def owned(self) -> dict[str, Any]:
        """A value for each known field that says something."""
        owned: dict[str, Any] = {}
        for part in self.common:
            owned |= part
        return owned | self.own

    def says_what(self, other: "Normal") -> bool:
        """Whether both say the same about every known field."""
        return self.digest == other.digest and self.own == other.own


class _Member(NamedTuple):
    """`scalar` is the type of a single value, and `absent` are those that say as much as nothing."""

    path: str
    kind: str
    scalar: type | None
    absent: tuple[Any, ...]
    members: "dict[str, _Member]"


_UNCOMPARED: Final = frozenset({"clientId", *READ_ONLY, *WRITE_ONLY})
_RULERS: Final = {**DROPPED_BY_SERVER, **RULED_BY_DEFAULT}
# Servers with directory storage show null where others show 0.
_ZERO_IS_ABSENT: Final = frozenset({"persistentGrantExpirationTime", "persistentGrantIdleTimeout"})
_SCALARS: Final = {"bool": bool, "integer": int, **dict.fromkeys(("text", "long_text", "enum", "reference"), str)}
_EMPTY: Final = {bool: (), int: (), str: ("",)}
_ONLY_TEXTS: Final = {str}
_NO_TEXT: Final = {""}
_NUMBERS: Final = frozenset({bool, int, float})  # whose 0 is not nothing
_MOST_LAYOUTS: Final = 256
_MOST_COMBINATIONS: Final = 4096
_BYTES: Final = 16
_ORDER: Final = {spec.path: place for place, spec in enumerate(FIELDS)}


def normal(document: Mapping[str, Any]) -> Normal:
    """RecursionError for what is nested too deep to be a client."""
    layout = _layout_of(document)
    extra: dict[str, Any] = {name: document[name] for name in layout.unknown}
    own: dict[str, Any] = {}
    _read({name: document[name] for name in layout.own}, _MEMBERS, own, extra)
    common, digest = layout.switches.read(document, extra)
    policy, more = layout.policy.read(document, extra)
    for path, ruler in _RULED:
        if path in own and ruler.rules(own if ruler.path in own else common):
            del own[path]
    return Normal((common, policy), digest + more, own, extra)


def means_nothing(path: str, owned: Mapping[str, Any]) -> bool:
    """Whether the field at `path` has no effect in a document with these other values."""
    return path in _RULERS and _RULERS[path].rules(owned)


def place_of(path: str) -> int:
    """Of a path of a normal form in the order of the field table; unknown ones are last."""
    whole = EXTENDED[:-1] if path.startswith(EXTENDED) else path
    return _ORDER.get(whole, len(_ORDER))


def canonical(value: Any) -> str | None:
    """Any JSON value as one text, the same for every spelling; None when nothing is in it."""
    meaning = _meaning(without_link_locations(value))
    return None if meaning is None else json.dumps(meaning, sort_keys=True, default=str)


class _Group:
    """Members that many clients have alike: looked at as a whole, once for each combination of values.

    To look at fifty members of each client of a long list is most of the work of a plan.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._values = itemgetter(*names) if names else None
        self._met: dict[bytes, tuple[Mapping[str, Any], str]] = {}

    def read(self, document: Mapping[str, Any], extra: dict[str, Any]) -> tuple[Mapping[str, Any], str]:
        """What they say, and a digest of it. Members that nobody knows are added to `extra`."""
        if self._values is None:
            return _NOTHING_SAID
        try:
            # As bytes, because True and 1 are one key of a dict, and here they are two.
            values = marshal.dumps(self._values(document), 2)
        except ValueError:  # nested deeper than any client, or no JSON
            return self._read(document, extra)
        met = self._met.get(values)
        if met is not None:
            return met
        strange: dict[str, Any] = {}
        met = self._read(document, strange)
        if strange:
            extra.update(strange)
        elif len(self._met) < _MOST_COMBINATIONS:
            self._met[values] = met
        return met

    def _read(self, document: Mapping[str, Any], extra: dict[str, Any]) -> tuple[Mapping[str, Any], str]:
        said: dict[str, Any] = {}
        _read({name: document[name] for name in self._names}, _MEMBERS, said, extra)
        said = {path: value for path, value in said.items() if not means_nothing(path, said)}
        return said, _digest(said)


def _digest(said: Mapping[str, Any]) -> str:
    """The same in every process and version: it goes into fingerprints."""
    return blake2b(repr(sorted(said.items())).encode(errors="surrogatepass"), digest_size=_BYTES).hexdigest()


class _Layout:
    """Documents with the same names in the same order: a server writes few kinds of them."""

    def __init__(self, names: Iterable[str]) -> None:
        known = {name: _MEMBERS[name] for name in names if name in _MEMBERS}
        self.unknown = [name for name in names if name not in _MEMBERS]
        switches = [name for name, member in known.items() if _is_common(name, member)]
        self.switches = _Group(switches)
        self.policy = _Group([name for name in known if name == "oidcPolicy"])
        grouped = {*switches, "oidcPolicy"}
        self.own = [name for name, member in known.items() if name not in grouped and member.kind != "ignored"]


def _is_common(name: str, member: _Member) -> bool:
    link = member.kind == "object" and member.members.keys() == {"id", "location"}
    return link or member.kind in {"bool", "enum", "integer"} or (member.kind == "set" and name != "redirectUris")


def _layout_of(document: Mapping[str, Any]) -> _Layout:
    names = tuple(document)
    layout = _LAYOUTS.get(names)
    if layout is None:
        layout = _Layout(names)
        if len(_LAYOUTS) < _MOST_LAYOUTS:
            _LAYOUTS[names] = layout
    return layout


def _read(
    node: Mapping[str, Any], members: Mapping[str, _Member], owned: dict[str, Any], extra: dict[str, Any], at: str = ""
) -> None:
    for name, value in node.items():
        member = members.get(name)
        if member is None:
            extra[at + name] = value
            continue
        path, kind, scalar, absent, inner = member
        if type(value) is scalar:
            if value not in absent:
                owned[path] = value
        elif inner and isinstance(value, dict):
            _read(value, inner, owned, extra, f"{path}.")
        elif value or type(value) in _NUMBERS:
            _keep(owned, path, kind, value)


def _keep(owned: dict[str, Any], path: str, kind: str, value: Any) -> None:
    """Sets, mappings, and values of a type that the table does not expect: those equal only themselves."""
    if kind == "ignored":
        return
    kept: Any
    if kind == "set" and isinstance(value, list):
        kept = _set_of(value)
    elif kind == "list" and isinstance(value, list):
        kept = tuple(sorted({text for item in value if (text := canonical(item)) is not None}))
    elif path == "extendedParameters" and isinstance(value, Mapping):
        for name, one in value.items():
            if (parameter := _parameter(one)) is not None:
                owned[EXTENDED + name] = parameter
        return
    else:
        text = canonical(value)
        kept = ("?", text) if text is not None else ()
    if kept:
        owned[path] = kept


def _set_of(items: list[Any]) -> tuple[str, ...]:
    if set(map(type, items)) == _ONLY_TEXTS:
        return tuple(sorted({*items} - _NO_TEXT)) if len(items) > 1 or "" in items else (items[0],)
    texts = sorted({text for item in items if (text := canonical(item)) is not None})
    return ("?", *texts) if texts else ()


def _parameter(value: Any) -> Any:
    """Its values in any order; None for one without values, which a server drops."""
    if isinstance(value, Mapping) and value.keys() == {"values"} and isinstance(value["values"], list):
        return _set_of(value["values"]) or None
    text = canonical(value)
    return None if text is None else ("?", text)


def _meaning(value: Any) -> Any:
    """Without what means nothing, encrypted secrets, and former secrets: those come and go by themselves."""
    if isinstance(value, Mapping):
        inner = {
            name: _meaning(part)
            for name, part in value.items()
            if name not in {"secret", "encryptedSecret", "secondarySecrets"}
        }
        return {name: part for name, part in inner.items() if part is not None} or None
    if isinstance(value, list):
        return [part for item in value if (part := _meaning(item)) is not None] or None
    return None if value == "" else value


def _members() -> dict[str, _Member]:
    """The field table as the tree that a document is."""
    tree: dict[str, _Member] = {}
    for spec in FIELDS:
        if not absence_counts(spec.path):
            continue
        *parents, last = spec.path.split(".")
        node, at = tree, ""
        for name in parents:
            at = f"{at}.{name}" if at else name
            node = node.setdefault(name, _Member(at, "object", None, (), {})).members
        node[last] = _member(spec)
        if spec.kind == "reference":
            node["location"] = _ignored(f"{at}.location")
    return tree


def _member(spec: FieldSpec) -> _Member:
    if spec.secret or spec.read_only or spec.path in _UNCOMPARED:
        return _ignored(spec.path)
    scalar = _SCALARS.get(spec.kind)
    if scalar is None:
        return _Member(spec.path, spec.kind, None, (), {})
    zero = (0,) if spec.path in _ZERO_IS_ABSENT else ()
    return _Member(spec.path, spec.kind, scalar, (spec.fill, *_EMPTY[scalar], *zero), {})


def _ignored(path: str) -> _Member:
    return _Member(path, "ignored", None, (), {})


_NOTHING_SAID: Final[tuple[Mapping[str, Any], str]] = ({}, _digest({}))
_MEMBERS: Final = _members()
_LAYOUTS: Final[dict[tuple[str, ...], _Layout]] = {}
# Of what is not common: all others are ruled within their group.
_RULED: Final = tuple(
    (path, ruler) for path, ruler in _RULERS.items() if not _is_common(path, _MEMBERS.get(path, _ignored(path)))
)
