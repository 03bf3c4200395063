"""Two exchanges beside each other, as lines: what is different of request and response, headers and bodies."""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, clean_lines, json_text
from ocm_tui.tui.exchange_text import outcome_tone, status_text
from ocm_tui.tui.models.text_lines import Line, line
from ocm_tui.tui.state import duration_text

__all__ = ["compare_lines", "is_difference"]

_CONTEXT: Final = 2
_MOST_LINES: Final = 4_000
_GOES: Final = ("- ", "bad")
_COMES: Final = ("+ ", "good")
# Different in every exchange: shown, but not in a colour that asks to be looked at.
_VOLATILE: Final = frozenset({"date", "age", "content-length", "etag", "x-request-id", "traceparent", "set-cookie"})


def compare_lines(before: Exchange, after: Exchange) -> list[Line]:
    """What `before` has alone stands behind a minus, what `after` has alone behind a plus."""
    lines = [*_heading(_GOES, before), *_heading(_COMES, after)]
    lines += _section("Request line", [f"{before.method} {before.url}"], [f"{after.method} {after.url}"])
    lines += _messages("Request", before.request, after.request)
    lines += _section("Outcome", [_outcome(before)], [_outcome(after)])
    lines += _messages("Response", before.response or Message(), after.response or Message())
    return lines


def is_difference(found: Line) -> bool:
    return bool(found.parts) and found.parts[0] in (_GOES, _COMES)


def _heading(sign: tuple[str, str], exchange: Exchange) -> Iterator[Line]:
    facts = [utc_text(exchange.started_at), duration_text(exchange.duration_ms), exchange.id]
    facts += [f"run {clean(exchange.run_id, 40)}"] if exchange.run_id else []
    status = (status_text(exchange), outcome_tone(exchange))
    yield Line(
        ((sign[0].strip() + " ", sign[1]), status, (f" {exchange.method} ", "strong"), (" · ".join(facts), "dim")),
        hang=2,
    )


def _outcome(exchange: Exchange) -> str:
    error = exchange.error
    return f"no response: {error.layer}: {error.message}" if error else f"status {exchange.status}"


def _messages(name: str, before: Message, after: Message) -> Iterator[Line]:
    yield from _section(f"{name} headers", _headers(before), _headers(after))
    yield from _section(f"{name} body", *_bodies(before, after))


def _section(title: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
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


def _difference(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    yield from _same(before[:start], first=True)
    matcher = SequenceMatcher(None, old[:_MOST_LINES], new[:_MOST_LINES], autojunk=True)
    for _, from_old, to_old, from_new, to_new in matcher.get_opcodes():
        if old[from_old:to_old] == new[from_new:to_new]:
            yield from _same(old[from_old:to_old])
        else:
            yield from (_changed(_GOES, text) for text in old[from_old:to_old])
            yield from (_changed(_COMES, text) for text in new[from_new:to_new])
    if len(old) > _MOST_LINES or len(new) > _MOST_LINES:
        yield line((f"  … what comes after line {start + _MOST_LINES:,} was not compared", "warn"))
    yield from _same(before[len(before) - end :] if end else (), last=True)


def _changed(sign: tuple[str, str], text: str) -> Line:
    volatile = text.partition(":")[0] in _VOLATILE
    return Line((sign, (text, "dim" if volatile else sign[1])), hang=4)


def _same(lines: Sequence[str], *, first: bool = False, last: bool = False) -> Iterator[Line]:
    """Lines that are in both: a few around a difference; the others are one line that says how many."""
    head, tail = 0 if first else _CONTEXT, 0 if last else _CONTEXT
    if len(lines) > head + tail + 1:
        yield from (line((f"  {text}", "dim")) for text in lines[:head])
        yield line((f"  … {len(lines) - head - tail:,} lines are the same", "dim"))
        lines = lines[len(lines) - tail :] if tail else ()
    yield from (line((f"  {text}", "dim")) for text in lines)


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many lines at the beginning are the same."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count
