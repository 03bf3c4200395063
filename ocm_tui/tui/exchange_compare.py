"""Two exchanges against each other: what is different of request and response, headers and bodies.

The comparison is made once. It is read as one column of minus and plus, or as two where there is room for them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, zip_longest
from typing import Final

from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, clean_lines, json_text
from ocm_tui.tui.exchange_text import outcome_tone, status_text
from ocm_tui.tui.models.text_lines import Line, Part, line
from ocm_tui.tui.side_by_side import RULE, columns
from ocm_tui.tui.state import duration_text

__all__ = ["Comparison", "compared", "is_difference"]

_CONTEXT: Final = 2
_MOST_LINES: Final = 4_000
_GOES: Final = ("- ", "bad")
_COMES: Final = ("+ ", "good")
_STAYS: Final = ("  ", "dim")
_GOES_ON: Final = {_GOES: ("  ", "bad"), _COMES: ("  ", "good"), _STAYS: _STAYS}  # below the first line of a long one
_DIFFERENT: Final = frozenset({_GOES, _COMES, _GOES_ON[_GOES], _GOES_ON[_COMES]})
# Different in every exchange: shown, but not in a colour that asks to be looked at.
_VOLATILE: Final = frozenset({"date", "age", "content-length", "etag", "x-request-id", "traceparent", "set-cookie"})


@dataclass(frozen=True, slots=True)
class _Changed:
    """What is different in this place: the lines of both, pair by pair; None where the other one has nothing."""

    pairs: tuple[tuple[str | None, str | None], ...]

    @property
    def before(self) -> list[str]:
        return [one for one, _ in self.pairs if one is not None]

    @property
    def after(self) -> list[str]:
        return [other for _, other in self.pairs if other is not None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of what is the same only the lines around a difference are in it."""

    before: Exchange
    after: Exchange
    pieces: tuple[Line | _Changed, ...]

    @property
    def differing(self) -> int:
        """How many lines are different, those of both counted."""
        return sum(len(one.before) + len(one.after) for one in self.pieces if isinstance(one, _Changed))

    def unified(self) -> list[Line]:
        """What `before` has alone stands behind a minus, what `after` has alone behind a plus."""
        lines = [_heading(_GOES, self.before), _heading(_COMES, self.after)]
        for piece in self.pieces:
            if isinstance(piece, Line):
                lines.append(piece)
            else:
                lines += (Line((_GOES, (text, _tone(_GOES, text))), hang=4) for text in piece.before)
                lines += (Line((_COMES, (text, _tone(_COMES, text))), hang=4) for text in piece.after)
        return lines

    def columns(self, width: int) -> list[Line]:
        """`before` on the left, `after` on the right; what belongs together is in one line of `width` cells."""
        lines = list(_column_heading(self.before, self.after, width))
        for piece in self.pieces:
            if isinstance(piece, _Changed):
                lines += chain.from_iterable(_row(one, other, width) for one, other in piece.pairs)
            elif piece.parts and piece.parts[0] == _STAYS:
                text = piece.text[len(_STAYS[0]) :]
                lines += _cells((_STAYS, (text, "dim")), (_STAYS, (text, "dim")), width)
            else:
                lines.append(piece)
        return lines


def compared(before: Exchange, after: Exchange) -> Comparison:
    pieces = [
        *_section("Request line", [f"{before.method} {before.url}"], [f"{after.method} {after.url}"]),
        *_messages("Request", before.request, after.request),
        *_section("Outcome", [_outcome(before)], [_outcome(after)]),
        *_messages("Response", before.response or Message(), after.response or Message()),
    ]
    return Comparison(before, after, tuple(pieces))


def is_difference(found: Line) -> bool:
    return not _DIFFERENT.isdisjoint(found.parts)


# --- one column -----------------------------------------------------------------------------------------------------


def _heading(sign: Part, exchange: Exchange) -> Line:
    """The sign stands alone: what the two are called is no difference between them."""
    status = (f" {status_text(exchange)}", outcome_tone(exchange))
    parts = ((sign[0].strip(), sign[1]), status, (f" {exchange.method} ", "strong"), (_facts(exchange), "dim"))
    return Line(parts, hang=2)


def _facts(exchange: Exchange) -> str:
    facts = [utc_text(exchange.started_at), duration_text(exchange.duration_ms), exchange.id]
    facts += [f"run {clean(exchange.run_id, 40)}"] if exchange.run_id else []
    return " · ".join(facts)


def _tone(sign: Part, text: str) -> str:
    return "dim" if text.partition(":")[0] in _VOLATILE else sign[1]


# --- two columns ----------------------------------------------------------------------------------------------------


def _column_heading(before: Exchange, after: Exchange, width: int) -> Iterator[Line]:
    first, second = ((("  ", ""), (f"{status_text(one)} {one.method}", outcome_tone(one))) for one in (before, after))
    yield from _cells(first, second, width)
    yield from _cells((("  ", ""), (_facts(before), "dim")), (("  ", ""), (_facts(after), "dim")), width)


def _row(before: str | None, after: str | None, width: int) -> Iterator[Line]:
    left = (_STAYS, ("", "dim")) if before is None else (_GOES, (before, _tone(_GOES, before)))
    right = (_STAYS, ("", "dim")) if after is None else (_COMES, (after, _tone(_COMES, after)))
    return _cells(left, right, width)


def _cells(left: tuple[Part, Part], right: tuple[Part, Part], width: int) -> Iterator[Line]:
    """Sign and text of both; a long text goes on below, still in the colour of its sign."""
    (left_sign, (one, one_tone)), (right_sign, (other, other_tone)) = left, right
    room = width - len(left_sign[0]) - len(right_sign[0])
    for number, (here, there) in enumerate(columns(one, other, room)):
        signs = (_GOES_ON.get(sign, sign) if number else sign for sign in (left_sign, right_sign))
        yield Line((next(signs), (here, one_tone), (RULE, "dim"), next(signs), (there, other_tone)))


# --- the comparison -------------------------------------------------------------------------------------------------


def _outcome(exchange: Exchange) -> str:
    error = exchange.error
    return f"no response: {error.layer}: {error.message}" if error else f"status {exchange.status}"


def _messages(name: str, before: Message, after: Message) -> Iterator[Line | _Changed]:
    yield from _section(f"{name} headers", _headers(before), _headers(after))
    yield from _section(f"{name} body", *_bodies(before, after))


def _section(title: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Line | _Changed]:
    yield line()
    if before == after:
        said = "the same" if any(before) else "none in both"
        yield line((f"{title}  ", "strong"), (said, "dim"))
        return
    yield line((title, "strong"))
    yield from _difference(before, after)


def _headers(message: Message) -> list[str]:
    """In one order for both: of the names, which is not that of the wire."""
    return sorted(f"{name.lower()}: {value}" for name, value in message.headers)


def _bodies(before: Message, after: Message) -> tuple[list[str], list[str]]:
    """JSON with its members in one order, where both are JSON that was kept whole."""
    try:
        pair = [json_text(_sorted(json.loads(one.body))) if one.body else "" for one in (before, after)]
    except (ValueError, RecursionError):
        pair = [one.body for one in (before, after)]
    one, other = (clean_lines(text).split("\n") if text else [] for text in pair)
    return one, other


def _sorted(value: object) -> object:
    return json.loads(json.dumps(value, sort_keys=True))


def _difference(before: Sequence[str], after: Sequence[str]) -> Iterator[Line | _Changed]:
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    yield from _same(before[:start], first=True)
    matcher = SequenceMatcher(None, old[:_MOST_LINES], new[:_MOST_LINES], autojunk=True)
    for _, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if old[from_old:to_old] == new[from_new:to_new]:
            yield from _same(old[from_old:to_old])
        else:
            yield _Changed(tuple(_paired(old[from_old:to_old], new[from_new:to_new])))
    if len(old) > _MOST_LINES or len(new) > _MOST_LINES:
        yield line((f"  … what comes after line {start + _MOST_LINES:,} was not compared", "warn"))
    yield from _same(before[len(before) - end :] if end else (), last=True)


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    """Lines with the same name, of a header or a member, belong together; the others as they come."""
    names, others = ([text.partition(":")[0] for text in side] for side in (before, after))
    for _, from_old, to_old, from_new, to_new in SequenceMatcher(None, names, others).get_opcodes():
        yield from zip_longest(before[from_old:to_old], after[from_new:to_new])


def _same(lines: Sequence[str], *, first: bool = False, last: bool = False) -> Iterator[Line]:
    """Lines that are in both: a few around a difference; the others are one line that says how many."""
    head, tail = 0 if first else _CONTEXT, 0 if last else _CONTEXT
    if len(lines) > head + tail + 1:
        yield from (line(_STAYS, (text, "dim")) for text in lines[:head])
        yield line((f"  … {len(lines) - head - tail:,} lines are the same", "dim"))
        lines = lines[len(lines) - tail :] if tail else ()
    yield from (line(_STAYS, (text, "dim")) for text in lines)


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many lines at the beginning are the same."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count
