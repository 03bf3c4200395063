"""Secret fields of queries, forms, multipart and markup, and `name=value` or `name: value` in running text."""

import re
import urllib.parse
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from ocm_tui.core.exchanges.names import is_code_name, is_secret_name
from ocm_tui.core.exchanges.spans import Span

__all__ = ["colon_spans", "equals_spans", "form_spans", "markup_spans", "multipart_spans"]

# Read backwards from a `=`: perhaps a blank and quotes, the name, and what stands before it.
_NAME: Final = re.compile(r"(\s?[\"'`\\]{0,2})([\w.~\[\]-]{1,100}+)(.?)", re.DOTALL)
_NAME_WINDOW: Final = 110
# Behind the `%` of an escape: `?`, `&`, `;` and `#`, encoded once or more (a URL inside a parameter).
_ENCODED_SEPARATOR: Final = re.compile(r"(?:25)*(?:3[fF]|26|3[bB]|23)")
_ENCODED_EQUALS: Final = re.compile(r"%(?:25)*3[dD]|\\u003d")
_PARAMETER: Final = re.compile(r"(?:(?!\\u0026)[^&\s\"'<>#])++")
# The inside of quotes: escaped ones, and in single quotes doubled ones, do not end it.
_IN_DOUBLE: Final = r"((?:[^\"\\]|\\[\s\S])*+)"
_IN_SINGLE: Final = r"((?:[^'\\]|\\[\s\S]|'')*+)"
_BARE: Final = r"([^\s,;&\"'<>)\]}\\]++)"
_ASSIGNED: Final = re.compile(rf">?\s?(?:\\\"([^\"\\]*+)|\"{_IN_DOUBLE}|'{_IN_SINGLE}|{_BARE})")
_COLON: Final = re.compile(
    rf"(?<![\w.%-])([\w.-]{{2,80}}+)[\"'`]?\s?:\s{{0,2}}(?:\"{_IN_DOUBLE}|'{_IN_SINGLE}|{_BARE})"
)
_FORM: Final = re.compile(r"(?:^|[&\n])([^=&\n]{1,200}+)=([^&\r\n]*+)")
_PART: Final = re.compile(
    r"content-disposition:[^\r\n]*?name=\"?([^\";\r\n]{1,200}+)\"?[^\r\n]*+(?:\r?\n[^\r\n]++)*+\r?\n\r?\n(.*?)(?=\r?\n--|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_ELEMENT: Final = re.compile(r"<(?:[\w.-]{1,60}:)?([\w.-]{2,80})(?:\s[^<>]{0,500})?>([^<]++)")
_INPUT: Final = re.compile(
    r"\bname\s?=\s?[\"']?([\w.-]{2,80}+)[\"']?[^<>]{0,300}?\bvalue\s?=\s?(?:\"([^\"]*+)|'([^']*+))", re.IGNORECASE
)


def equals_spans(text: str) -> Iterator[Span]:
    """`name=value`: the parameters of URLs, wherever a URL stands, and assignments in running text."""
    yield from _valued(text, _plain_equals(text))
    if "%" in text or "\\u003" in text:
        yield from _valued(text, (match.span() for match in _ENCODED_EQUALS.finditer(text)))


def _plain_equals(text: str) -> Iterator[tuple[int, int]]:
    position = text.find("=")
    while position >= 0:
        yield position, position + 1
        position = text.find("=", position + 1)


def _valued(text: str, signs: Iterable[tuple[int, int]]) -> Iterator[Span]:
    covered = 0
    for start, end in signs:
        if start < covered:
            continue
        before = _NAME.match(text[max(start - _NAME_WINDOW, 0) : start][::-1])
        span = _span_of(text, start, end, before) if before else None
        if span is not None:
            covered = span.end
            yield span


def _span_of(text: str, start: int, end: int, before: re.Match[str]) -> Span | None:
    name, separated = _name(before[2][::-1], before[3])
    if separated and not before[1] and (is_secret_name(name) or is_code_name(name)):
        value = _parameter(text[start:end]).match(text, end)
        return Span(*value.span(), _unquoted(value[0])) if value else None
    if end - start == 1 and is_secret_name(name):
        return _group_span(_ASSIGNED.match(text, end), (1, 2, 3, 4))
    return None


def _name(name: str, lead: str) -> tuple[str, bool]:
    """The name without the rest of an escape before it, and whether a separator of parameters stands before it."""
    if lead == "%":
        separator = _ENCODED_SEPARATOR.match(name)
        return (name[separator.end() :], True) if separator else (name, False)
    if lead == "\\" and name.startswith("u0026"):
        return name[5:], True
    return name, lead != "" and lead in "?&;#"


@lru_cache(16)
def _parameter(equals: str) -> re.Pattern[str]:
    """What was encoded as often as its `=` ends at a `&` or `#` that was, too."""
    if not equals.startswith("%"):
        return _PARAMETER
    level = re.escape(equals[:-2])
    return re.compile(rf"(?:(?!{level}26|{level}23|\\u0026)[^&\s\"'<>#])++")


def form_spans(text: str) -> Iterator[Span]:
    """A whole body of `application/x-www-form-urlencoded`."""
    for match in _FORM.finditer(text):
        if match[2] and _is_parameter(urllib.parse.unquote_plus(match[1])):
            yield Span(*match.span(2), _unquoted(match[2]))


def multipart_spans(text: str) -> Iterator[Span]:
    if "ontent-" not in text:
        return
    for match in _PART.finditer(text):
        if match[2] and _is_parameter(match[1]):
            yield Span(*match.span(2), match[2])


def colon_spans(text: str) -> Iterator[Span]:
    """`password: …`, `'password': '…'` in running text; not for JSON, which has a scanner of its own."""
    if ":" not in text:
        return
    for match in _COLON.finditer(text):
        span = _group_span(match, (2, 3, 4)) if is_secret_name(match[1]) else None
        if span is not None:
            yield span


def markup_spans(text: str) -> Iterator[Span]:
    """Elements of XML and HTML, and the fields of HTML forms."""
    if "<" not in text:
        return
    for match in _ELEMENT.finditer(text):
        if is_secret_name(match[1]):
            yield Span(*match.span(2), match[2])
    for match in _INPUT.finditer(text):
        span = _group_span(match, (2, 3)) if is_secret_name(match[1]) else None
        if span is not None:
            yield span


def _group_span(match: re.Match[str] | None, groups: tuple[int, ...]) -> Span | None:
    """The first group that holds something."""
    for number in groups:
        if match is not None and match[number]:
            return Span(*match.span(number), match[number])
    return None


def _is_parameter(name: str) -> bool:
    return is_secret_name(name) or is_code_name(name)


def _unquoted(value: str) -> str:
    return urllib.parse.unquote_plus(value) if "%" in value or "+" in value else value
