"""A payload as units that can be left out one by one, and trial payloads made of some of them.

What every client must have is never left out: a harmless value takes its place. The throwaway client is disabled as
long as the payload does not say otherwise, and its secret is generated and told to nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ocm_tui.core.clients.documents import READ_ONLY
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.diagnosis.minimise.failure import Failure
from ocm_tui.core.diagnosis.minimise.needs import group_of, needs_of
from ocm_tui.core.exchanges.markers import has_marker
from ocm_tui.core.secret import MASK, Secret

__all__ = ["ABSENT", "Anatomy", "Chosen", "Unit"]

Chosen = frozenset[int]  # indexes of units
Path = tuple[str, ...]


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()
_GENERATED: Final = object()  # a secret of our own stands here

_OBJECTS: Final = frozenset({"clientAuth", "oidcPolicy", "jwksSettings", "extendedParameters"})
_NOT_TRIED: Final = READ_ONLY | {"clientId"}
_SECRETS: Final = frozenset({"secret", "encryptedSecret"})


@dataclass(frozen=True, slots=True)
class Unit:
    """Fields that are tried together, by their paths. `needs` are the units that have to be in the same trial."""

    values: Mapping[Path, Any]
    needs: Chosen = frozenset()

    @property
    def replaceable(self) -> bool:
        """Whether leaving it out leaves a harmless value in its place, and not nothing."""
        return any(_harmless(path) is not ABSENT for path in self.values)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(".".join(path) for path in self.values if path != ("clientAuth", "secret") or len(self.values) < 2)

    def only_list(self) -> list[Any] | None:
        """The items when the unit is one field that holds several."""
        values = list(self.values.values())
        return values[0] if len(values) == 1 and isinstance(values[0], list) and len(values[0]) > 1 else None


@dataclass(slots=True)
class Anatomy:
    """`unknown` are fields whose values the log does not hold: no trial can have them."""

    units: list[Unit]
    unknown: tuple[str, ...]
    _needed_by: dict[int, set[int]] = field(default_factory=dict)

    @staticmethod
    def of(document: Mapping[str, Any]) -> "Anatomy":
        known, unknown = _told_apart(dict(_leaves(document)))
        groups: dict[str, dict[Path, Any]] = {}
        for path, value in known.items():
            groups.setdefault(group_of(".".join(path)), {})[path] = value
        kept = [values for values in groups.values() if any(_harmless(one) != values[one] for one in values)]
        ordered = _needed_first(kept)
        place = _places(ordered)
        units = [Unit(values, frozenset(_needs(values, place)) - {index}) for index, values in enumerate(ordered)]
        anatomy = Anatomy(units, tuple(sorted(unknown)))
        for index, unit in enumerate(units):
            for need in unit.needs:
                anatomy._needed_by.setdefault(need, set()).add(index)
        return anatomy

    @property
    def everything(self) -> Chosen:
        return frozenset(range(len(self.units)))

    def closed(self, chosen: Iterable[int]) -> Chosen:
        """With all that these need."""
        found, waiting = set(chosen), list(chosen)
        while waiting:
            more = self.units[waiting.pop()].needs - found
            found |= more
            waiting += more
        return frozenset(found)

    def without(self, chosen: Chosen, gone: Iterable[int]) -> Chosen:
        """Less these, and less what cannot be without them."""
        left, waiting = set(chosen), list(gone)
        while waiting:
            index = waiting.pop()
            if index in left:
                left.discard(index)
                waiting += self._needed_by.get(index, ())
        return frozenset(left)

    def hinted_first(self, chosen: Chosen, failure: Failure) -> tuple[list[int], int]:
        """In the order of the payload, but those first that the server named; and how many these are."""
        named = [index for index in sorted(chosen) if any(map(failure.names, self.units[index].names))]
        return [*named, *sorted(chosen - set(named))], len(named)

    def fields(self, chosen: Iterable[int]) -> tuple[str, ...]:
        return tuple(name for index in sorted(chosen) for name in self.units[index].names)

    def payload(
        self, chosen: Chosen, client_id: str, secret: Secret, instead: Mapping[Path, Any] | None = None
    ) -> ClientDocument:
        """`instead` has other values for some paths; ABSENT leaves one out."""
        document: dict[str, Any] = _neutral(client_id)
        for index in sorted(chosen):
            for path, value in self.units[index].values.items():
                _put(document, path, (instead or {}).get(path, value))
        return ClientDocument(_filled(document, secret))


def _neutral(client_id: str) -> dict[str, Any]:
    """The smallest client that every server takes."""
    return {
        "clientId": client_id,
        "name": client_id,
        "enabled": False,
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET", "secret": _GENERATED},
    }


def _leaves(document: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The fields, with those that a client must have and this one has not."""
    for name in ("name", "grantTypes"):
        if name not in document:
            yield (name,), ABSENT
    if document.get("clientAuth") in (None, {}):
        yield ("clientAuth",), ABSENT
    for name, value in document.items():
        if name in _NOT_TRIED or (name == "clientAuth" and value in (None, {})):
            continue
        if name == "clientAuth" and isinstance(value, Mapping):
            yield from _authentication(value)
        elif name in _OBJECTS and isinstance(value, Mapping) and value:
            for inner, part in value.items():
                yield (name, inner), part
        else:
            yield (name,), _own_secrets(value) if name == "clientAuthentication" else value


def _authentication(auth: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """A secret is never tried itself: whether there was one is what counts."""
    yield ("clientAuth", "type"), auth.get("type", ABSENT)
    had = any(auth.get(name) for name in _SECRETS)
    yield ("clientAuth", "secret"), _GENERATED if had else ABSENT
    for name, value in auth.items():
        if name not in _SECRETS and name != "type":
            yield ("clientAuth", name), _own_secrets(value)


def _own_secrets(value: Any) -> Any:
    """With a generated secret in the place of each, encrypted ones too: they are of no use to another client."""
    if isinstance(value, Mapping):
        kept = {name: _own_secrets(inner) for name, inner in value.items() if name not in _SECRETS}
        return {**kept, "secret": _GENERATED} if any(value.get(name) for name in _SECRETS) else kept
    return [_own_secrets(item) for item in value] if isinstance(value, list) else value


def _told_apart(leaves: Mapping[Path, Any]) -> tuple[dict[Path, Any], list[str]]:
    unknown = [path for path, value in leaves.items() if _is_masked(value)]
    return {path: value for path, value in leaves.items() if path not in unknown}, list(map(".".join, unknown))


def _is_masked(value: Any) -> bool:
    if isinstance(value, str):
        return value == MASK or has_marker(value)
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(_is_masked(name) or _is_masked(inner) for name, inner in value.items())
    return isinstance(value, list) and any(map(_is_masked, value))


def _harmless(path: Path) -> Any:
    """What stands there when the unit is left out."""
    value: Any = _neutral("")
    for name in path:
        value = value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value


def _places(groups: Sequence[Mapping[Path, Any]]) -> dict[str, int]:
    return {".".join(path): index for index, values in enumerate(groups) for path in values}


def _needed_first(groups: Sequence[Mapping[Path, Any]]) -> list[Mapping[Path, Any]]:
    """A field before those that need it: when both are in a failing trial, the search meets the first one first."""
    place, done, ordered = _places(groups), set[int](), list[Mapping[Path, Any]]()

    def add(index: int) -> None:
        if index not in done:
            done.add(index)
            for need in sorted(set(_needs(groups[index], place))):
                add(need)
            ordered.append(groups[index])

    for index in range(len(groups)):
        add(index)
    return ordered


def _needs(values: Mapping[Path, Any], place: Mapping[str, int]) -> Iterator[int]:
    for path, value in values.items():
        for need in needs_of(".".join(path), value):
            yield from (index for name, index in place.items() if name == need or name.startswith(f"{need}."))


def _put(document: dict[str, Any], path: Path, value: Any) -> None:
    node = document
    for name in path[:-1]:
        inner = node.get(name)
        node[name] = node = dict(inner) if isinstance(inner, Mapping) else {}
    if value is ABSENT:
        node.pop(path[-1], None)
    else:
        node[path[-1]] = value


def _filled(value: Any, secret: Secret) -> Any:
    if value is _GENERATED:
        return secret
    if isinstance(value, Mapping):
        return {name: _filled(inner, secret) for name, inner in value.items()}
    return (
        [_filled(item, secret) for item in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else value
    )
