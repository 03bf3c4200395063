"""Long YAML documents: plain data at once, and positions as plain numbers that nobody touches until one is asked for.

A position is the number of its value (or key) in the order of the file, so nothing but the data's own shape is needed
to find it. That holds as long as the text stands for itself. A document with an anchor, a merge key or anything that
is refused goes the exact way of `parse_yaml` instead: same data, same positions, same refusals, more time and memory.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import yaml
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.compose import Limits, Scalar, has_half_character, plain_scalar, too_many
from ocm_tui.core.positioned.positions import NodePath, checked_text, dotted, parse_yaml, read_text, syntax_error
from ocm_tui.core.positioned.problems import Place

__all__ = ["Marked", "PositionedDocument", "parse_long_yaml", "read_long_yaml"]

_LINE: Final = 32  # bits of a mark that hold the column
_COLUMN: Final = (1 << _LINE) - 1
_INDEXED_DEPTH: Final = 2  # nothing near the top has to be counted along again and again
_ABSENT: Final = object()


class PositionedDocument(Protocol):
    """What `Positioned` and `Marked` have in common."""

    @property
    def path(self) -> Path: ...

    @property
    def data(self) -> Any: ...

    def where(self, path: NodePath = ()) -> tuple[int, int]: ...

    def where_key(self, path: NodePath) -> tuple[int, int]: ...

    def place(self, path: NodePath = (), *, key: bool = False) -> Place: ...


@dataclass(frozen=True, slots=True)
class Marked:
    """As `Positioned`, without nodes. `data` must stay as it is: positions are counted along it."""

    path: Path
    data: Any = field(repr=False)
    marks: "array[int]" = field(repr=False)  # line << 32 | column, of every key and value in the order of the file
    parts: dict[int, "array[int]"] = field(
        repr=False
    )  # of what is near the top, by number: its items' or keys' numbers

    def where(self, path: NodePath = ()) -> tuple[int, int]:
        """(line, column) of the value at `path`, from 1; of the nearest key above it, if there is no such value."""
        key, value, complete = self._find(path)
        return self._position(value if complete else key)

    def where_key(self, path: NodePath) -> tuple[int, int]:
        """(line, column) of the key (or list item) that `path` ends in; the nearest above it, if there is none."""
        return self._position(self._find(path)[0])

    def place(self, path: NodePath = (), *, key: bool = False) -> Place:
        line, column = self.where_key(path) if key else self.where(path)
        return Place(self.path, line, column, dotted(path))

    def _position(self, number: int) -> tuple[int, int]:
        mark = self.marks[number]
        return (mark >> _LINE) + 1, (mark & _COLUMN) + 1

    def _find(self, path: NodePath) -> tuple[int, int, bool]:
        """The numbers of the last key and value on the way, and whether all of the way is there."""
        node, key, value = self.data, 0, 0
        for part in path:
            if isinstance(node, dict) and isinstance(part, str) and part in node:
                known = self.parts.get(value)
                key = known[list(node).index(part)] if known else _number_of_key(node, part, value)
                value = key + 1
            elif isinstance(node, list) and isinstance(part, int) and 0 <= part < len(node):
                known = self.parts.get(value)
                key = value = known[part] if known else value + 1 + sum(map(_size, node[:part]))
            else:
                return key, value, False
            node = node[part]
        return key, value, True


def read_long_yaml(path: Path, limits: Limits) -> PositionedDocument:
    """The one document in the file. ConfigError with path, line and column for whatever is wrong with it."""
    return parse_long_yaml(read_text(path, limits.max_bytes)[0], path, limits)


def parse_long_yaml(text: str, path: Path, limits: Limits) -> PositionedDocument:
    """As `read_long_yaml`, of text; `path` is only named in errors."""
    text = checked_text(text, path)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    reader = _Reader(loader.get_event, limits)
    try:
        data = reader.document()
    except _NotPlain:
        return parse_yaml(text, path, limits=limits)
    except _TooMany as stop:
        raise ConfigError(too_many(limits), path=path, line=stop.line, column=stop.column) from None
    except yaml.YAMLError as error:
        raise syntax_error(error, text, path) from None
    finally:
        loader.dispose()
    return Marked(path, data, reader.marks, reader.parts)


class _NotPlain(Exception):
    """This document needs the exact way."""


class _TooMany(Exception):
    """Refused here already: the exact way would first take the memory that the limit is there to save."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        mark = event.start_mark
        assert mark is not None
        self.line, self.column = mark.line + 1, mark.column + 1


class _Reader:
    """Events to data in one pass. What an unquoted text means is found out once, and equal ones become one object."""

    def __init__(self, get_event: Callable[[], Event], limits: Limits) -> None:
        self._get = get_event
        self._limits = limits
        self._resolved: dict[str, Any] = {}
        self.marks = array("Q")
        self.parts: dict[int, array[int]] = {}

    def document(self) -> Any:
        self._get()
        event = self._get()
        if type(event) is not DocumentStartEvent:
            raise _NotPlain  # an empty one has no position of its own
        event = self._get()
        data = self._value(event, type(event), 0)
        if type(self._get()) is not DocumentEndEvent or type(self._get()) is not StreamEndEvent:
            raise _NotPlain
        return data

    def _value(self, event: Any, kind: type[Event], depth: int) -> Any:
        if depth > self._limits.depth:
            raise _NotPlain
        if kind is ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                raise _NotPlain
            self._mark(event)
            return self._plain(event.value) if event.implicit[0] else _whole(event.value)
        if kind not in (MappingStartEvent, SequenceStartEvent) or event.anchor is not None or event.tag is not None:
            raise _NotPlain
        self._mark(event)
        return self._mapping(depth + 1) if kind is MappingStartEvent else self._sequence(depth + 1)

    def _mapping(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        numbers = array("Q") if depth <= _INDEXED_DEPTH else None
        number = len(self.marks) - 1
        get, value = self._get, self._value
        while True:
            event: Any = get()
            kind = type(event)
            if kind is MappingEndEvent:
                if numbers:
                    self.parts[number] = numbers
                return members
            if kind is not ScalarEvent or event.anchor is not None or event.tag is not None:
                raise _NotPlain
            key = self._plain(event.value) if event.implicit[0] else _whole(event.value)
            if type(key) is not str or key in members or (key == "<<" and event.implicit[0]):
                raise _NotPlain
            if numbers is not None:
                numbers.append(len(self.marks))
            self._mark(event)
            following = get()
            members[key] = value(following, type(following), depth)

    def _sequence(self, depth: int) -> list[Any]:
        items: list[Any] = []
        numbers = array("Q") if depth <= _INDEXED_DEPTH else None
        number = len(self.marks) - 1
        get, value = self._get, self._value
        while True:
            event = get()
            kind = type(event)
            if kind is SequenceEndEvent:
                if numbers:
                    self.parts[number] = numbers
                return items
            if numbers is not None:
                numbers.append(len(self.marks))
            items.append(value(event, kind, depth))

    def _mark(self, event: Event) -> None:
        mark: Any = event.start_mark
        self.marks.append(mark.line << _LINE | mark.column)
        if len(self.marks) > self._limits.nodes:
            raise _TooMany(event)

    def _plain(self, text: str) -> Scalar:
        value: Scalar = self._resolved.get(text, _ABSENT)
        if value is _ABSENT:
            value = self._resolved[text] = plain_scalar(text)
        return value


def _whole(text: str) -> str:
    """Only a quoted text can hold half of a character."""
    if has_half_character(text):
        raise _NotPlain
    return text


def _number_of_key(node: dict[str, Any], key: str, number: int) -> int:
    number += 1
    for name, value in node.items():
        if name == key:
            return number
        number += 1 + _size(value)
    raise KeyError(key)


def _size(value: Any) -> int:
    """How many keys and values stand there."""
    if isinstance(value, dict):
        return 1 + len(value) + sum(map(_size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    return 1
