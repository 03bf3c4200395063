"""Secret members of JSON: at any nesting, and also when the text is cut, invalid, or JSON inside a JSON string.

A scanner, not a parser: a name is what stands between two quotes before a colon. Whatever stands on the left of it can
be broken.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from ocm_tui.core.exchanges.names import is_code_name, is_secret_name
from ocm_tui.core.exchanges.spans import Span

__all__ = ["json_spans"]

# The look-ahead keeps the engine from swallowing the quote with which the next name may begin.
_NAMES: Final = re.compile(r'"(?=([^"]{1,120}+)"\s*+:)')
# Group 2 is where the value begins, group 3 the inside of a string.
_MEMBER: Final = r'"(?=({name})"\s*+:\s*+()(?:"([^"\\]*+(?:\\.[^"\\]*+)*+))?)'
_SHORT: Final = 64  # documents of one kind have the same names: their verdict is remembered
_FEW: Final = 32  # more names than that in one text are matched one by one
_LITERAL: Final = re.compile(r"[^\s,}\]\"\\]++")
_BRACKETS: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_ANY_MEMBER: Final = re.compile(_MEMBER.replace("{name}", '[^"]{1,120}+'), re.DOTALL)
_EMPTY: Final = re.compile(r"\{\s*+\}|\[\s*+\]")
_ESCAPES: Final = re.compile(r"\\++$")
# Error codes: `NotAuthenticated`, `invalid_client`, `404`.
_ERROR_CODE: Final = re.compile(r"[A-Za-z]+(?:[_.][A-Za-z]+)*|\d{1,6}")
_UNESCAPED_QUOTE: Final = re.compile(r'(?<!\\)"')
_HARMLESS: Final = frozenset({"null", "true", "false"})


def json_spans(text: str) -> Iterator[Span]:
    """The values of secret members; strings without their quotes, everything else whole. Empty ones stay."""
    found = _NAMES.findall(text)
    names = _secret_names(tuple(found)) if len(found) <= _SHORT else _secret_names.__wrapped__(set(found))
    if not names:
        return
    covered = 0
    members = _members(names) if len(names) <= _FEW else _ANY_MEMBER
    for match in members.finditer(text):
        name, inner = match[1], match[3]
        if match.start() < covered or name not in names:
            continue
        if inner is None:
            span = _value(text, match.start(2), _level(name))
        else:
            span = Span(*match.span(3), _decoded(inner)) if inner else None
        if span is None or (is_code_name(name) and _ERROR_CODE.fullmatch(span.secret)):
            continue
        covered = span.end
        yield span


@lru_cache(256)
def _secret_names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if is_secret_name(name) or is_code_name(name))


@lru_cache(64)
def _members(names: frozenset[str]) -> re.Pattern[str]:
    return re.compile(_MEMBER.replace("{name}", "|".join(map(re.escape, sorted(names)))), re.DOTALL)


def _level(name: str) -> str:
    """The backslashes before the closing quote of the name: JSON inside a JSON string has one, inside that three."""
    escapes = _ESCAPES.search(name)
    return escapes[0] if escapes else ""


def _value(text: str, start: int, level: str) -> Span | None:
    if level:
        return _escaped_value(text, start, level)
    first = text[start : start + 1]
    if first in ("{", "["):
        if _EMPTY.match(text, start):
            return None
        end = _closing(text, start)
        return Span(start, end, text[start:end], quote=True)
    literal = _LITERAL.match(text, start)
    if literal is None or literal[0] in _HARMLESS:
        return None
    return Span(*literal.span(), literal[0], quote=True)


def _escaped_value(text: str, start: int, level: str) -> Span | None:
    """Up to the next quote of the same level; what is no string goes up to the end of the string around it."""
    opening = level + '"'
    if not text.startswith(opening, start):
        literal = _LITERAL.match(text, start)
        if literal and literal[0][0] not in "{[":
            return None if literal[0] in _HARMLESS else Span(*literal.span(), literal[0])
        end = _UNESCAPED_QUOTE.search(text, start)
        stop = end.start() if end else len(text)
        return Span(start, stop, text[start:stop]) if stop > start else None
    begin = start + len(opening)
    closing = re.compile(r"(?<!\\)" + re.escape(opening)).search(text, begin)
    stop = closing.start() if closing else len(text)
    return Span(begin, stop, text[begin:stop]) if stop > begin else None


def _closing(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; the end of the text when there is none."""
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        if match[0] in "{[":
            depth += 1
        elif match[0] in "}]":
            depth -= 1
            if depth == 0:
                return match.end()
    return len(text)


def _decoded(inner: str) -> str:
    """The string behind its escapes, so that equal secrets get equal markers."""
    if "\\" not in inner:
        return inner
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner
