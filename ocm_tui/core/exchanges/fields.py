"""Secret fields of queries, forms, multipart and markup, and `name=value` or `name: value` in running text."""

import re
import urllib.parse
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ocm_tui.core.exchanges.names import is_code_name, is_secret_name
from ocm_tui.core.exchanges.spans import Span

__all__ = ["assignment_spans", "form_spans", "markup_spans", "multipart_spans", "query_spans"]

# `?`, `&`, `;`, `#` and `=`: as they are, escaped by a JSON encoder, or percent-encoded once or more (a URL inside a
# parameter). A name is found by itself, so that no value before it can swallow it.
_QUERY: Final = re.compile(
    r"(?:[?&;#]|%(?:25)*(?:3[fF]|26|23)|\\u0026)(?=([\w.~\[\]-]{1,100}?)(=|%(?:25)*3[dD]|\\u003d)())"
)
_VALUE: Final = re.compile(r"(?:(?!\\u0026)[^&\s\"'<>#])++")
_FORM: Final = re.compile(r"(?:^|[&\n])([^=&\n]{1,200}+)=([^&\r\n]*+)")
_PART: Final = re.compile(
    r"content-disposition:[^\r\n]*?name=\"?([^\";\r\n]{1,200}+)\"?[^\r\n]*+(?:\r?\n[^\r\n]++)*+\r?\n\r?\n(.*?)(?=\r?\n--|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_EQUALS: Final = re.compile(
    r"(?<![\w.%-])([\w.-]{2,80}+)[\"'`\\]{0,2}\s?(?:=>|=)\s?(?:\\?\"([^\"\\]*+)|'([^']*+)|([^\s,;&\"'<>)\]}\\]++))"
)
_COLON: Final = re.compile(
    r"(?<![\w.%-])([\w.-]{2,80}+)[\"'`]?\s?:\s{0,2}(?:\"([^\"]*+)|'([^']*+)|([^\s,;&\"'<>)\]}\\]++))"
)
_ELEMENT: Final = re.compile(r"<(?:[\w.-]{1,60}:)?([\w.-]{2,80})(?:\s[^<>]{0,500})?>([^<]++)")
_INPUT: Final = re.compile(
    r"\bname\s?=\s?[\"']?([\w.-]{2,80}+)[\"']?[^<>]{0,300}?\bvalue\s?=\s?(?:\"([^\"]*+)|'([^']*+))", re.IGNORECASE
)


def query_spans(text: str) -> Iterator[Span]:
    """Parameters of URLs, wherever a URL stands."""
    if "=" not in text and "%" not in text and "\\" not in text:
        return
    for match in _QUERY.finditer(text):
        if _is_parameter(match[1]):
            value = _value_pattern(match[2]).match(text, match.start(3))
            if value:
                yield Span(*value.span(), _unquoted(value[0]))


@lru_cache(16)
def _value_pattern(equals: str) -> re.Pattern[str]:
    """What was encoded as often as its `=` ends at a `&` or `#` that was, too."""
    if not equals.startswith("%"):
        return _VALUE
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


def assignment_spans(text: str, *, colons: bool) -> Iterator[Span]:
    """`password=…`, `'password': '…'`; with `colons` also `password: …` (not for JSON, which is scanned by itself)."""
    if "=" in text:
        yield from _assigned(text, _EQUALS)
    if colons and ":" in text:
        yield from _assigned(text, _COLON)


def markup_spans(text: str) -> Iterator[Span]:
    """Elements of XML and HTML, and the fields of HTML forms."""
    if "<" not in text:
        return
    for match in _ELEMENT.finditer(text):
        if is_secret_name(match[1]):
            yield Span(*match.span(2), match[2])
    for match in _INPUT.finditer(text):
        group = 2 if match[2] is not None else 3
        if match[group] and is_secret_name(match[1]):
            yield Span(*match.span(group), match[group])


def _assigned(text: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if is_secret_name(match[1]):
            group = next((number for number in (2, 3, 4) if match[number]), None)
            if group is not None:
                yield Span(*match.span(group), match[group])


def _is_parameter(name: str) -> bool:
    return is_secret_name(name) or is_code_name(name)


def _unquoted(value: str) -> str:
    return urllib.parse.unquote_plus(value) if "%" in value or "+" in value else value
