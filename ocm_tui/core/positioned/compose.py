"""From the parser's events to nodes with positions; what a plain document would not hold is refused on the way.

Scalars are read as SafeLoader reads them, with three exceptions that YAML 1.2 dropped as well: dates, sexagesimal
numbers (`1:30`) and `=` stay text.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.problems import shown_key

__all__ = ["DEFAULT_LIMITS", "Limits", "Node", "Scalar", "compose", "has_half_character", "plain_scalar", "too_many"]

Scalar = str | int | float | bool | None

_TEXT_TAG: Final = "tag:yaml.org,2002:str"
_ALLOWED_TAGS: Final = {None, "!", _TEXT_TAG, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_RESOLVER: Final[Any] = yaml.resolver.Resolver()


@dataclass(frozen=True, slots=True)
class Limits:
    """`nodes` counts what an alias stands for again at each alias: a small file cannot unfold into a large one."""

    max_bytes: int = 1 << 20
    nodes: int = 200_000
    depth: int = 64
    aliases: int = 1_000


DEFAULT_LIMITS: Final = Limits()


@dataclass(slots=True)
class Node:
    """A value and where it starts. `keys` are the positions of a mapping's keys.

    `size` counts the nodes and `height` the levels of what is here, with what aliases stand for.
    """

    value: "Scalar | dict[str, Node] | list[Node]"
    line: int
    column: int
    written: str = ""
    size: int = 1
    height: int = 0
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)

    def plain(self) -> Any:
        """Fresh dicts and lists; what an alias stands for is copied."""
        match self.value:
            case dict():
                return {key: node.plain() for key, node in self.value.items()}
            case list():
                return [node.plain() for node in self.value]
            case _:
                return self.value


def compose(events: Iterator[Event], path: Path, limits: Limits) -> Node:
    """The one document of `events`; a null node for none. The parser's yaml.MarkedYAMLError comes through."""
    return _Composer(events, path, limits).document()


class _Composer:
    """From parser events to nodes. Events are taken one by one, so a refusal stops the parser where it stands."""

    def __init__(self, events: Iterator[Event], path: Path, limits: Limits) -> None:
        self._events = events
        self._path = path
        self._limits = limits
        self._anchors: dict[str, Node] = {}
        self._open: set[str] = set()
        self._nodes = self._aliases = 0

    def document(self) -> Node:
        next(self._events)
        event = next(self._events)
        if not isinstance(event, DocumentStartEvent):
            return Node(None, 1, 1)
        root = self._node(next(self._events), 0)
        next(self._events)
        event = next(self._events)
        if isinstance(event, DocumentStartEvent):
            self._refuse(event, "a second document starts here; the file must hold one", "remove the line `---`")
        return root

    def _node(self, event: Event, depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        assert isinstance(event, ScalarEvent | CollectionStartEvent)
        if event.tag not in _ALLOWED_TAGS:
            self._refuse(event, "a tag (`!…`) cannot be used here", "quote the value if it starts with `!`")
        self._count(event, 1)
        self._descend(event, depth)
        if event.anchor:
            self._open.add(event.anchor)
        node = self._scalar(event) if isinstance(event, ScalarEvent) else self._collection(event, depth)
        if event.anchor:
            self._open.discard(event.anchor)
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: ScalarEvent) -> Node:
        self._refuse_surrogates(event)
        implicit = event.implicit[0] and event.tag is None
        value = plain_scalar(event.value) if implicit else event.value
        return Node(value, *_position(event), written=event.value)

    def _collection(self, event: CollectionStartEvent, depth: int) -> Node:
        return self._mapping(event, depth) if isinstance(event, MappingStartEvent) else self._sequence(event, depth)

    def _sequence(self, start: CollectionStartEvent, depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        node = Node(items, *_position(start))
        _measure(node, items)
        return node

    def _mapping(self, start: MappingStartEvent, depth: int) -> Node:
        members: dict[str, Node] = {}
        node = Node(members, *_position(start))
        merged: list[Node] = []
        while not isinstance(event := next(self._events), MappingEndEvent):
            if isinstance(event, ScalarEvent) and event.value == "<<" and event.implicit[0]:
                merged += self._merged(event, self._node(next(self._events), depth + 1))
                continue
            key = self._key(event)
            if key in members:
                first = node.keys[key]
                self._refuse(event, f"the key {shown_key(key)} is there twice; the first is in line {first[0]}")
            node.keys[key] = _position(event)
            members[key] = self._node(next(self._events), depth + 1)
        for source in merged:
            assert isinstance(source.value, dict)
            for key, value in source.value.items():
                if key not in members:
                    members[key], node.keys[key] = value, source.keys[key]
        _measure(node, members.values())
        return node

    def _merged(self, event: Event, node: Node) -> list[Node]:
        sources = node.value if isinstance(node.value, list) else [node]
        if not all(isinstance(source.value, dict) for source in sources):
            self._refuse(event, "`<<` takes a mapping, or a list of mappings")
        return sources

    def _key(self, event: Event) -> str:
        if not isinstance(event, ScalarEvent):
            self._refuse(event, "a key must be text, not a list, a mapping or an alias")
        value = event.value
        if event.tag not in _ALLOWED_TAGS:
            self._refuse(event, "a tag (`!…`) cannot be used here")
        self._count(event, 1)
        self._refuse_surrogates(event)
        if event.implicit[0] and event.tag is None and not isinstance(plain_scalar(value), str):
            kind = "nothing" if not value else f"{shown_key(value)}, which YAML reads as {_kind(value)}"
            self._refuse(event, f"a key must be text, and this is {kind}", "put the key in quotes")
        return value

    def _refuse_surrogates(self, event: ScalarEvent) -> None:
        if has_half_character(event.value):
            self._refuse(event, "a `\\u` sequence that is half of a character", "write `\\U` and eight digits")

    def _alias(self, event: AliasEvent, depth: int) -> Node:
        name = event.anchor or ""
        if name in self._open:
            self._refuse(event, "an alias (`*…`) inside of what it stands for would never end")
        if name not in self._anchors:
            self._refuse(event, "an alias (`*…`) stands for nothing", "quote the value if it starts with `*`")
        self._aliases += 1
        if self._aliases > self._limits.aliases:
            self._refuse(event, f"more than {self._limits.aliases} aliases (`*…`)")
        node = self._anchors[name]
        self._count(event, node.size)
        self._descend(event, depth + node.height)
        line, column = _position(event)
        return replace(node, line=line, column=column)

    def _descend(self, event: Event, depth: int) -> None:
        if depth > self._limits.depth:
            self._refuse(event, f"nested more than {self._limits.depth} levels deep")

    def _count(self, event: Event, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._limits.nodes:
            self._refuse(event, too_many(self._limits))

    def _refuse(self, event: Event, message: str, hint: str = "") -> NoReturn:
        line, column = _position(event)
        raise ConfigError(message, path=self._path, line=line, column=column, hint=hint)


def _measure(node: Node, children: Collection[Node]) -> None:
    node.size = 1 + sum(child.size for child in children)
    node.height = 1 + max((child.height for child in children), default=0)


def _position(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None
    return mark.line + 1, mark.column + 1


def _kind(text: str) -> str:
    value = plain_scalar(text)
    return "yes or no" if isinstance(value, bool) else "null" if value is None else "a number"


def has_half_character(text: str) -> bool:
    """Whether an escape sequence made a lone surrogate, which no output could encode."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def too_many(limits: Limits) -> str:
    return f"more than {limits.nodes} values, counting what aliases stand for"


def plain_scalar(text: str) -> Scalar:
    """What an unquoted scalar without a tag means."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    match tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return text.lower() in {"yes", "true", "on"}
        case "int" if ":" not in text:
            return _integer(text)
        case "float" if ":" not in text:
            return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        case _:
            return text


def _integer(text: str) -> int | str:
    """As YAML 1.1 has it: 0x, 0b, a leading 0 for octal, underscores. What no computer would count with stays text."""
    digits = text.replace("_", "")
    sign, digits = (-1, digits[1:]) if digits[0] == "-" else (1, digits.removeprefix("+"))
    base = {"0x": 16, "0b": 2}.get(digits[:2], 8 if digits[0] == "0" and len(digits) > 1 else 10)
    try:
        return sign * int(digits, base)
    except ValueError:
        return text
