"""The marks that redaction leaves: finding them again, naming their places, and redacting what was redacted before."""

import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any, Final

from ocm_tui.core.exchanges.model import Message
from ocm_tui.core.exchanges.redaction import Redactor

__all__ = [
    "MARKER",
    "MarkerKeeper",
    "body_loss",
    "body_places",
    "has_marker",
    "name_before",
    "query_places",
    "text_pieces",
]

# As `Redactor.marker` makes it, with the note on a token.
MARKER: Final = re.compile(r"\*\*\*[0-9a-f]{6}(?: \(JWT[^()]{0,120}\))?")
_NAME_BEFORE: Final = re.compile(r"([\w.-]{1,60})[\"']?\s{0,4}[:=>]\s{0,4}[\"']?\Z")
_MOST: Final = 50


class MarkerKeeper(Redactor):
    """A redactor for texts that may have been redacted before: their marks stay as they are."""

    def marker(self, secret: str) -> str:
        if not secret or MARKER.fullmatch(secret.strip()):
            return secret
        inner = secret.strip('"')  # a challenge gets its quotes anew
        return inner if MARKER.fullmatch(inner) else super().marker(secret)


def has_marker(text: str) -> bool:
    return "***" in text and MARKER.search(text) is not None


def text_pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a mark; empty ones are left out."""
    position = 0
    for found in MARKER.finditer(text):
        if found.start() > position:
            yield text[position : found.start()], False
        yield found[0], True
        position = found.end()
    if position < len(text):
        yield text[position:], False


def query_places(url: str) -> list[str]:
    """The parameters, or parts, of a URL that are redacted."""
    if not has_marker(url):
        return []
    place, _, query = url.partition("?")
    found = ["a part of the path or the user"] if has_marker(place) else []
    parameters = re.split("[&;#]", query)
    return found + [urllib.parse.unquote(one.partition("=")[0]) for one in parameters if has_marker(one)]


def body_places(body: str) -> list[str]:
    """What is redacted in a body: dotted paths of JSON, names of form fields, else the word before each mark."""
    if not has_marker(body):
        return []
    try:
        found = list(dict.fromkeys(_members(json.loads(body), "")))
    except (ValueError, RecursionError):
        found = []
    return (found or list(dict.fromkeys(_named(body))))[:_MOST]


def _members(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if has_marker(value):
            yield path or "the whole body"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _members(item, f"{path}[{number}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            inner = f"{path}.{name}" if path else name
            if has_marker(name):
                yield inner
            yield from _members(item, inner)


def _named(body: str) -> Iterator[str]:
    for found in MARKER.finditer(body):
        yield (
            name_before(body[max(found.start() - 80, 0) : found.start()])
            or f"the text at character {found.start() + 1:,}"
        )


def name_before(text: str) -> str:
    """The name that stands at the end of `text`, as in `"secret":"` or `secret=`; nothing when there is none."""
    found = _NAME_BEFORE.search(text[-80:])
    return found[1] if found else ""


def body_loss(message: Message) -> str | None:
    """Why the kept body of a request is not what was sent, marks aside; None when it is."""
    if message.truncated:
        return f"{len(message.body):,} characters of {message.body_bytes:,} bytes were kept"
    if has_marker(message.body):
        return None  # what the marks stand for had another length
    if len(message.body.encode("utf-8", "replace")) != message.body_bytes:
        return "it is no plain text"
    return None
