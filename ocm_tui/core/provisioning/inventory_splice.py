"""The text of an edited mapping: what did not change keeps every byte, comments and layout included.

Collections are rebuilt from pieces of the old text. A piece of a block collection reaches to the end of its line, so
that a comment behind a value goes where the value goes; comment lines above one stay, whatever happens to it.
"""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.positioned.spans import Span
from ocm_tui.core.provisioning.inventory_text import block, flow, inline, literal, scalar

__all__ = ["Splicer", "plainly_equal"]

_ABSENT: Final = object()
# New fields go before these, which stand last in a client.
_LAST: Final = ("allow", "secret", "registry", "environments")
_BLANK: Final = " \t\r\n"


def plainly_equal(one: Any, other: Any) -> bool:
    """As `==`, but true is not 1, and 1 is not 1.0."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(plainly_equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(plainly_equal, one, other))
    return type(one) is type(other) and bool(one == other)


class Splicer:
    """Edits of one text. `used` are the anchors that aliases elsewhere need. UsageError for what cannot be kept."""

    def __init__(self, text: str, used: frozenset[str]) -> None:
        self._text = text
        self._used = used
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def end_of_line(self, index: int) -> int:
        end = self._text.find("\n", index)
        end = len(self._text) if end < 0 else end
        return end - 1 if end > index and self._text[end - 1] == "\r" else end

    def region(self, span: Span) -> tuple[int, int]:
        """What `mapping` and `sequence` give a new text for: to the end of the line, if it is not in brackets."""
        return span.start, span.end if span.flow else self.end_of_line(span.end)

    def mapping(self, span: Span, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """The new text of `region(span)`. Keys that `<<` brought are no text here: they are said again, or nulled."""
        merged_away = {name: None for name in old if name not in new and name not in span.members}
        wanted = {**new, **merged_away}
        return self._flow_mapping(span, old, wanted) if span.flow else self._block_mapping(span, old, wanted)

    def without_item(self, span: Span, index: int) -> str:
        """The new text of a sequence's region."""
        self._refuse_needed(span.items[index])
        if len(span.items) == 1:
            return "[]" + self._text[span.end : self.region(span)[1]]
        keep = [number for number in range(len(span.items)) if number != index]
        return self._flow_items(span, keep, []) if span.flow else self._block_items(span, keep, [])

    def with_item(self, span: Span, item: Mapping[str, Any]) -> str:
        """The new text of a sequence's region, with one more at its end."""
        keep = list(range(len(span.items)))
        if span.flow:
            return self._flow_items(span, keep, [(len(keep), flow(item))])
        return self._block_items(span, keep, [(len(keep), block(item, span.column + 2, self.newline))])

    # Block collections

    def _block_mapping(self, span: Span, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        pieces: list[str] = []
        position = span.start
        names = list(span.members)
        added = [
            name for name in new if name not in span.members and not plainly_equal(new[name], old.get(name, _ABSENT))
        ]
        after = self._last_field([name for name in names if name in new])
        for name in names:
            member = span.members[name]
            lead = self._text[position : member.start]
            position = self.end_of_line(max(member.end, member.value.end))
            if name not in new:
                self._refuse_needed(member.value)
                pieces.append(_comments(lead))
                continue
            pieces += [lead, self._member(span, name, old[name], new[name], position)]
            if name == after:
                pieces += [self._new_member(span, other, new[other]) for other in added]
        text = "".join(pieces)
        return text if names[0] in new else text.lstrip(_BLANK)

    @staticmethod
    def _last_field(names: list[str]) -> str:
        fields = [name for name in names if name not in _LAST]
        return (fields or names)[-1]

    def _new_member(self, span: Span, name: str, value: Any) -> str:
        return f"{self.newline}{' ' * span.column}{scalar(name)}:{inline(value, span.column, self.newline)}"

    def _member(self, span: Span, name: str, old: Any, new: Any, end: int) -> str:
        """From its key to the end of its line."""
        member = span.members[name]
        if plainly_equal(old, new):
            return self._text[member.start : end]
        value = member.value
        rebuilt = self._rebuilt(value, old, new)
        if rebuilt is not None:
            return self._text[member.start : value.start] + rebuilt + self._text[self.region(value)[1] : end]
        colon = self._colon(member.end)
        between, tail = self._text[colon : value.start], self._text[value.end : end]
        self._refuse_needed(value)
        self._refuse_comments(value)
        if "#" in between:
            raise UsageError(f"a comment stands between {name} and its value", hint="edit the file by hand")
        fresh = inline(new, span.column, self.newline)
        if tail.strip(_BLANK) and self.newline in fresh:
            fresh = f" {flow(new)}"  # the comment behind the value stays in its line
        return self._text[member.start : colon] + self._in_style(value, new, fresh) + tail

    def _in_style(self, value: Span, new: Any, fresh: str) -> str:
        """A text of several lines that was written as such stays one."""
        if isinstance(new, str) and value.style in {"|", ">"} and "\n" in new:
            lines = self._text[value.start : value.end].split("\n")[1:]
            first = next((line for line in lines if line.strip()), "")
            if several := literal(new, len(first) - len(first.lstrip(" ")), self.newline):
                return f" {several}"
        return fresh

    def _colon(self, key_end: int) -> int:
        """Behind the colon of a key."""
        rest = self._text[key_end:].lstrip(" \t")
        if not rest.startswith(":"):
            raise UsageError("a key with `?` cannot be edited", hint="write it as `key: value`")
        return len(self._text) - len(rest) + 1

    def _rebuilt(self, span: Span, old: Any, new: Any) -> str | None:
        """The new text of the region from pieces of the old; None when it has to be written anew."""
        if isinstance(old, dict) and isinstance(new, dict) and span.kind == "mapping" and old and new:
            return self.mapping(span, old, new) if self._keeps_one(span, new) else None
        if isinstance(old, list) and isinstance(new, list) and span.kind == "sequence" and old and new:
            return self._sequence(span, old, new)
        return None

    @staticmethod
    def _keeps_one(span: Span, new: Mapping[str, Any]) -> bool:
        return any(name in new for name in span.members)

    def _sequence(self, span: Span, old: list[Any], new: list[Any]) -> str | None:
        texts = [item for item in (*old, *new) if not isinstance(item, str)]
        if texts or len(set(old)) != len(old) or len(set(new)) != len(new):
            return None
        kept = [item for item in new if item in old]
        if not kept or kept != [item for item in old if item in new]:
            return None
        for index, item in enumerate(old):
            if item not in new:
                self._refuse_needed(span.items[index])
        keep = [index for index, item in enumerate(old) if item in new]
        # Each new item goes behind the kept one that it follows, `before` counts these.
        added = [
            (sum(other in old for other in new[:place]), scalar(item))
            for place, item in enumerate(new)
            if item not in old
        ]
        return self._flow_items(span, keep, added) if span.flow else self._block_items(span, keep, added)

    def _block_items(self, span: Span, keep: list[int], added: list[tuple[int, str]]) -> str:
        """`added`: how many of the kept ones stand before it, and its text."""
        dash = f"{self.newline}{' ' * span.column}- "
        blank = self._separation(span)
        pieces = [f"{dash}{text}" for before, text in added if before == 0]
        position, count = span.start, 0
        for index, item in enumerate(span.items):
            lead = self._text[position : item.start]
            position = self.end_of_line(max(item.start, item.end))
            if index not in keep:
                pieces.append(_comments(lead))
                continue
            if index == 0 and pieces:
                lead = dash
            pieces += [lead, self._text[item.start : position]]
            count += 1
            pieces += [f"{blank}{dash}{text}" for before, text in added if before == count]
        text = "".join(pieces)
        return text.lstrip(_BLANK)

    def _separation(self, span: Span) -> str:
        """A blank line, if the items are kept apart by one."""
        if len(span.items) < 2:
            return ""
        between = self._text[span.items[-2].end : span.items[-1].start].replace("\r\n", "\n")
        return self.newline if "\n\n" in between else ""

    # Collections in brackets

    def _flow_mapping(self, span: Span, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        kept: list[tuple[str, str]] = []
        position = span.start
        for name, member in span.members.items():
            lead = self._text[position : member.start]
            position = max(member.end, member.value.end)
            if name in new:
                kept.append((lead, self._flow_member(member.start, name, span, old, new)))
            else:
                self._refuse_needed(member.value)
                self._refuse_comment(lead)
        missing = [name for name in new if name not in span.members]
        added = [
            f"{scalar(name)}: {flow(new[name])}"
            for name in missing
            if not plainly_equal(new[name], old.get(name, _ABSENT))
        ]
        return self._in_brackets(span, kept, position, added)

    def _flow_member(self, start: int, name: str, span: Span, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        value = span.members[name].value
        end = max(span.members[name].end, value.end)
        if plainly_equal(old[name], new[name]):
            return self._text[start:end]
        rebuilt = self._rebuilt(value, old[name], new[name])
        if rebuilt is not None:
            return self._text[start : value.start] + rebuilt
        self._refuse_needed(value)
        self._refuse_comments(value)
        return f"{self._text[start : self._colon(span.members[name].end)]} {flow(new[name])}"

    def _flow_items(self, span: Span, keep: list[int], added: list[tuple[int, str]]) -> str:
        kept: list[tuple[str, str]] = []
        position, count = span.start, 0
        first = self._text[span.start : span.items[0].start] if span.items else "["
        for before, text in added:
            if before == 0:
                kept.append((", " if kept else first, text))
        for index, item in enumerate(span.items):
            lead = self._text[position : item.start]
            position = item.end
            if index not in keep:
                self._refuse_comment(lead)
                continue
            kept.append((", " if kept and index == 0 else lead, self._text[item.start : item.end]))
            count += 1
            kept += [(", ", text) for before, text in added if before == count]
        return self._in_brackets(span, kept, position, [])

    def _in_brackets(self, span: Span, kept: list[tuple[str, str]], position: int, added: list[str]) -> str:
        opening = self._text[span.start]
        closing = self._text[position : span.end]
        if opening not in "[{":
            raise UsageError(
                "a collection with an anchor or without brackets cannot be edited", hint="edit the file by hand"
            )
        if not span.members and not span.items:
            closing = closing.lstrip("[{")
        parts: list[str] = []
        for number, (lead, text) in enumerate([*kept, *((", ", text) for text in added)]):
            parts += [lead if number or lead.startswith(opening) else opening, text]
        return "".join(parts or [opening]) + closing

    # What must not be lost

    def _refuse_needed(self, span: Span) -> None:
        needed = span.anchors & self._used
        if needed:
            name = min(needed)
            hint = "give the others their own value first"
            raise UsageError(f"the value is named `&{name}`, and `*{name}` elsewhere stands for it", hint=hint)

    def _refuse_comments(self, span: Span) -> None:
        position = span.start
        for leaf in sorted(span.leaves(), key=lambda leaf: leaf.start):
            self._refuse_comment(self._text[position : leaf.start])
            position = max(position, leaf.end)
        self._refuse_comment(self._text[position : span.end])
        if span.style in {"|", ">"}:
            self._refuse_comment(self._text[span.start : span.end].split("\n", 1)[0])

    @staticmethod
    def _refuse_comment(text: str) -> None:
        if "#" in text:
            raise UsageError("a comment inside of what changes would be lost", hint="move the comment above the field")


def _comments(lead: str) -> str:
    """Of what stands before something that goes: the comment lines, but not the line break and indentation for it."""
    kept = lead[: lead.rindex("\n")].rstrip("\r") if "\n" in lead else ""
    return kept if "#" in kept else ""
