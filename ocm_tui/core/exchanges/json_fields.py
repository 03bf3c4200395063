"""Secret members of JSON: at any nesting, and also when the text is cut, invalid, or JSON inside a JSON string.

A scanner, not a parser: a name is what stands between two quotes before a colon. Whatever stands on the left of it can
be broken.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from ocm_tui.core.exchanges.names import is_code_name, is_secret_name
from ocm_tui.core.exchanges.spans import Span

__all__ = ["json_spans"]

# The look-ahead keeps the engine from swallowing the quote with which the next name may begin.
_NAMES: Final = re.compile(r'"(?=([^"]{1,120}+)"\s*+:)')
_MEMBERS: Final = re.compile(r'"(?=([^"]{1,120}+)"\s*+:\s*+)')
_COLON: Final = re.compile(r'"\s*+:\s*+')
_STRING: Final = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)', re.DOTALL)
_LITERAL: Final = re.compile(r"[^\s,}\]\"\\]++")
_BRACKETS: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
_EMPTY: Final = re.compile(r"\{\s*+\}|\[\s*+\]")
_ESCAPES: Final = re.compile(r"\\++$")
# Error codes: `NotAuthenticated`, `invalid_client`, `404`.
_ERROR_CODE: Final = re.compile(r"[A-Za-z]+(?:[_.][A-Za-z]+)*|\d{1,6}")
_HARMLESS: Final = frozenset({"null", "true", "false"})


def json_spans(text: str) -> Iterator[Span]:
    """The values of secret members; strings without their quotes, everything else whole. Empty ones stay."""
    if not any(_is_secret(name) for name in set(_NAMES.findall(text))):
        return
    covered = 0
    for match in _MEMBERS.finditer(text):
        name = match[1]
        if match.start() < covered or not _is_secret(name):
            continue
        colon = _COLON.match(text, match.end(1))
        span = _value(text, colon.end(), _level(name)) if colon else None
        if span is None or (is_code_name(name) and _ERROR_CODE.fullmatch(span.secret)):
            continue
        covered = span.end
        yield span


def _is_secret(name: str) -> bool:
    return is_secret_name(name) or is_code_name(name)


def _level(name: str) -> str:
    """The backslashes before the closing quote of the name: JSON inside a JSON string has one, inside that three."""
    escapes = _ESCAPES.search(name)
    return escapes[0] if escapes else ""


def _value(text: str, start: int, level: str) -> Span | None:
    if level:
        return _escaped_value(text, start, level)
    first = text[start : start + 1]
    if first == '"':
        match = _STRING.match(text, start)
        return Span(*match.span(1), _decoded(match[1])) if match and match[1] else None
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
        end = re.compile(r'(?<!\\)"').search(text, start)
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
