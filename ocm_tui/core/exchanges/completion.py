"""What could come next in a filter that is being typed: keys, values of keys, and the words between terms."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ocm_tui.core.exchanges.terms import TERMS
from ocm_tui.core.text import clean

__all__ = ["Completion", "complete"]

_MOST: Final = 20
_WORDS: Final = (("not ", "turns round what follows"), ("or ", "alternatives, on both sides"))
_TERM: Final = re.compile(r"[(-]*(?:(?P<key>[A-Za-z_]+):)?(?P<begun>.*)", re.DOTALL)
_REST: Final = re.compile(r"[^\s\"()]*")
_SEVERAL: Final = frozenset({"status", "method", "target", "error"})  # keys that take values between commas
_NEEDS_QUOTES: Final = re.compile(r'[\s"()]')


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` is put in the place of `start` to `end` of the filter. `help` says what it means, in a few words."""

    text: str
    help: str
    start: int
    end: int

    def applied(self, whole: str) -> str:
        """The filter with it; the cursor goes to `start + len(text)`."""
        return whole[: self.start] + self.text + whole[self.end :]


def complete(text: str, cursor: int, known: Mapping[str, Iterable[str]] | None = None) -> list[Completion]:
    """At most 20, the likeliest first; none inside quotes. `known` are values met so far, by key: `client`, `run`."""
    cursor = max(0, min(cursor, len(text)))
    start = _start_of_term(text, cursor)
    if start is None:
        return []
    term = _TERM.match(text, start, cursor)
    if term is None:
        return []
    rest = _REST.match(text, cursor)
    end = rest.end() if rest else cursor
    if term["key"] is None:
        found = _keys(term["begun"])
        return [Completion(word, help_, term.start("begun"), end) for word, help_ in found][:_MOST]
    begun, begin = term["begun"], term.start("begun")
    if term["key"].lower() in _SEVERAL and "," in begun:
        begin += begun.rindex(",") + 1
        begun = begun.rpartition(",")[2]
    found = _values(term["key"].lower(), begun, known or {})
    return [Completion(value, help_, begin, end) for value, help_ in found if value != begun][:_MOST]


def _start_of_term(text: str, cursor: int) -> int | None:
    """None within an open quote."""
    start, quoted = 0, False
    for position in range(cursor):
        sign = text[position]
        if sign == '"' and not (quoted and text[position - 1] == "\\"):
            quoted = not quoted
            start = position + 1 if not quoted else start
        elif sign.isspace() and not quoted:
            start = position + 1
    return None if quoted else start


def _keys(begun: str) -> Iterator[tuple[str, str]]:
    lowered = begun.lower()
    for key, kind in TERMS.items():
        if key.startswith(lowered):
            yield f"{key}:", kind.help
    for word, help_ in _WORDS:
        if word.startswith(lowered):
            yield word, help_


def _values(key: str, begun: str, known: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    """Those that begin so, then those that hold it."""
    kind = TERMS.get(key)
    if kind is None:
        return
    offered = dict(kind.values) | {_written(value): "" for value in known.get(key, ()) if value == clean(value)}
    lowered = begun.lower()
    yield from ((value, help_) for value, help_ in offered.items() if value.lower().startswith(lowered))
    if len(lowered) > 1:
        yield from (
            (value, help_)
            for value, help_ in offered.items()
            if lowered in value.lower() and not value.lower().startswith(lowered)
        )


def _written(value: str) -> str:
    return '"' + value.replace('"', '\\"') + '"' if _NEEDS_QUOTES.search(value) else value
