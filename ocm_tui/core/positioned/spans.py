"""Where the parts of one value begin and end in the text of a document: what an edit needs to leave the rest alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

from ocm_tui.core.positioned.positions import NodePath

__all__ = ["Member", "Span", "aliases_of", "span_at"]

Kind = Literal["scalar", "mapping", "sequence", "alias"]


@dataclass(slots=True)
class Member:
    """One key of a mapping. `start` and `end` are the key's."""

    start: int
    end: int
    value: "Span"


@dataclass(slots=True)
class Span:
    """Indexes into the text; the character at `end` is the first one behind. What nobody asked for has no parts.

    A block collection ends with its last value, not where the parser noticed it. `style` is that of a scalar: "" for a
    plain one, or `'`, `"`, `|`, `>`.
    """

    kind: Kind
    start: int
    end: int
    column: int  # from 0
    flow: bool = False
    style: str = ""
    anchors: frozenset[str] = frozenset()  # defined here or inside
    members: dict[str, Member] = field(default_factory=dict)
    items: "list[Span]" = field(default_factory=list)

    def leaves(self) -> "Iterator[Span]":
        if self.kind in {"scalar", "alias"}:
            yield self
        for member in self.members.values():
            yield Span("scalar", member.start, member.end, 0)
            yield from member.value.leaves()
        for item in self.items:
            yield from item.leaves()


def span_at(text: str, path: NodePath) -> Span:
    """The document's span; on the way to `path`, and below it, with its parts. The text must be one valid document."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        loader.get_event()
        loader.get_event()
        return _Spans(loader, text).value(loader.get_event(), path, wanted=True)
    finally:
        loader.dispose()


def aliases_of(text: str) -> frozenset[str]:
    """The names of the anchors that are used somewhere."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return frozenset(str(event.anchor) for event in yaml.parse(text, Loader=loader) if isinstance(event, AliasEvent))


class _Spans:
    def __init__(self, loader: Any, text: str) -> None:
        self._get = loader.get_event
        self._text = text

    def value(self, event: Any, rest: NodePath, *, wanted: bool) -> Span:
        """`rest` is what of the path is left; empty means that everything below is wanted."""
        start, column, kind_of_event = event.start_mark.index, event.start_mark.column, type(event)
        if kind_of_event is AliasEvent:
            return Span("alias", start, event.end_mark.index, column)
        anchors = frozenset([event.anchor] if event.anchor else ())
        if kind_of_event is ScalarEvent:
            style = event.style or ""
            end = self._content_end(start, event.end_mark.index) if style in {"|", ">"} else event.end_mark.index
            return Span("scalar", start, end, column, style=style, anchors=anchors)
        kind: Kind = "mapping" if kind_of_event is MappingStartEvent else "sequence"
        span = Span(kind, start, start, column, flow=bool(event.flow_style), anchors=anchors)
        if kind == "mapping":
            self._mapping(span, rest, wanted=wanted)
        else:
            self._sequence(span, rest, wanted=wanted)
        return span

    def _mapping(self, span: Span, rest: NodePath, *, wanted: bool) -> None:
        while not isinstance(key := self._get(), MappingEndEvent):
            inner = wanted and (not rest or rest[0] == key.value)
            value = self.value(self._get(), rest[1:], wanted=inner)
            if wanted and not (key.value == "<<" and not key.style):
                span.members[key.value] = Member(key.start_mark.index, key.end_mark.index, value)
            self._grow(span, value)
        self._close(span, key)

    def _sequence(self, span: Span, rest: NodePath, *, wanted: bool) -> None:
        index = 0
        while not isinstance(event := self._get(), SequenceEndEvent):
            value = self.value(event, rest[1:], wanted=wanted and (not rest or rest[0] == index))
            if wanted:
                span.items.append(value)
            self._grow(span, value)
            index += 1
        self._close(span, event)

    @staticmethod
    def _grow(span: Span, value: Span) -> None:
        span.end = max(span.end, value.end)
        if value.anchors:
            span.anchors |= value.anchors

    @staticmethod
    def _close(span: Span, event: Any) -> None:
        if span.flow:
            span.end = event.end_mark.index

    def _content_end(self, start: int, end: int) -> int:
        """Without the blank lines that follow a block scalar."""
        return start + len(self._text[start:end].rstrip())
