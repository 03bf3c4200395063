"""What a client is declared by: the defaults, its template, itself, and what each of these says for one environment.

A later layer wins: mappings merge member by member, a list replaces the list before it, and null removes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ocm_tui.core.positioned.marked import PositionedDocument
from ocm_tui.core.positioned.positions import NodePath
from ocm_tui.core.positioned.problems import Place

__all__ = ["SPECIAL", "Layer", "Origins", "fields_of_layer", "folded", "split_dotted"]

# Members that are the inventory's own; every other one is a field of the server's.
SPECIAL: Final = ("template", "secret", "registry", "allow", "environments")

_INDEX: Final = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Layer:
    """`label` says whose it is: `defaults`, `template web`, or the client id."""

    document: PositionedDocument = field(repr=False)
    path: NodePath
    data: Mapping[str, Any] = field(repr=False)
    label: str

    def place(self, *inner: str | int, key: bool = False) -> Place:
        return self.document.place((*self.path, *inner), key=key)

    def overlay(self, environment: str) -> "Layer | None":
        environments = self.data.get("environments")
        data = environments.get(environment) if isinstance(environments, Mapping) else None
        if not isinstance(data, Mapping):
            return None
        return Layer(self.document, (*self.path, "environments", environment), data, self.label)

    def with_overlay(self, environment: str) -> tuple["Layer", ...]:
        """What it says, and what it says for the environment."""
        overlay = self.overlay(environment) if "environments" in self.data else None
        return (self,) if overlay is None else (self, overlay)


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the fields of one client stand: in its own layers or in those that it shares, the last word first."""

    own: Sequence[Layer]
    shared: Sequence[Layer]

    def where(self, dotted: str) -> Place:
        """Of a value that nobody declared: the nearest thing above it in the client itself."""
        return self._place(dotted, (*self.own, *self.shared))

    def in_client(self, dotted: str) -> Place:
        """As `where`, but never in the defaults or a template: who reads it must learn which client is meant."""
        return self._place(dotted, self.own)

    def _place(self, dotted: str, layers: Sequence[Layer]) -> Place:
        for layer in layers:
            path, complete = _found(layer.data, dotted)
            if complete:
                return layer.place(*path)
        client = self.own[-1]
        return client.place(*_found(client.data, dotted)[0])


def fields_of_layer(layer: Layer) -> dict[str, Any]:
    return {name: value for name, value in layer.data.items() if name not in SPECIAL}


def folded(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A new mapping that shares what is unchanged. An object that lost its last member by null is gone as well."""
    result = dict(base)
    for name, value in over.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            before = result.get(name)
            result[name] = folded(before if isinstance(before, dict) else {}, value)
            if value and not result[name]:
                del result[name]
        else:
            result[name] = value
    return result


def split_dotted(data: Any, dotted: str) -> NodePath:
    """`a.b[0]` as keys and indexes. A key of `data` may hold dots itself; what is not in `data` is split at each."""
    parts: list[str | int] = []
    rest = dotted
    while rest:
        if index := _INDEX.match(rest):
            part: str | int = int(index[1])
            rest = rest[index.end() :]
        else:
            part = _key(data, rest)
            rest = rest[len(part) :]
        parts.append(part)
        data = _child(data, part)
        rest = rest.removeprefix(".")
    return tuple(parts)


def _key(data: Any, rest: str) -> str:
    names: Iterable[str] = data if isinstance(data, Mapping) else ()
    whole = [
        name for name in names if name and rest.startswith(name) and rest[len(name) : len(name) + 1] in ("", ".", "[")
    ]
    return max(whole, key=len) if whole else re.split(r"\.|(?<=.)\[", rest, maxsplit=1)[0] or rest


def _found(data: Any, dotted: str) -> tuple[NodePath, bool]:
    """As much of the path as is there, and whether that is all of it."""
    path = split_dotted(data, dotted)
    for depth, part in enumerate(path):
        if not (
            (isinstance(data, Mapping) and part in data)
            or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        ):
            return path[:depth], False
        data = data[part]  # type: ignore[index]
    return path, True


def _child(data: Any, part: str | int) -> Any:
    if isinstance(data, Mapping):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
