"""Stretches of text that must not be seen, found by several searchers on the same original text.

Searchers only report; the text is rewritten once, from the union of what they found. So no searcher can cut a secret in
two before another one looks for it.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

__all__ = ["Span", "rewrite"]


class Span(NamedTuple):
    """`secret` is the value behind the text, decoded, for the marker; `note` is shown after the marker."""

    start: int
    end: int
    secret: str
    quote: bool = False  # the text stood without quotes in JSON, where a marker needs them
    note: str = ""


def rewrite(text: str, spans: Iterable[Span], marker: Callable[[str], str], limit: int) -> str:
    """The first `limit` characters of `text`, with a marker for each stretch; overlapping ones become one."""
    pieces: list[str] = []
    position = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.start >= limit:
            break
        if span.start >= position:
            pieces.append(text[position : span.start])
            shown = marker(span.secret) + span.note
            pieces.append(f'"{shown}"' if span.quote else shown)
        position = max(position, span.end)
    if position < limit:
        pieces.append(text[position:limit])
    return "".join(pieces)
