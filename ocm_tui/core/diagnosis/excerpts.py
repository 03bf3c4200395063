"""Exact pieces of an exchange, as evidence: what is quoted stands in the exchange letter by letter."""

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # where the decoder itself reads a string
from typing import Any, Final

from ocm_tui.core.exchanges.model import Message

__all__ = ["LONGEST", "cut", "header_line", "line_with", "member", "path_parts", "value_at"]

LONGEST: Final = 300

Path = tuple[str | int, ...]

_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_EXTENDED: Final = "extendedParameters"


def cut(text: str) -> str:
    """The beginning: without an ellipsis, so that it is still an excerpt."""
    return text[:LONGEST].rstrip()


def header_line(message: Message | None, name: str) -> str | None:
    """`Name: value`, or None."""
    wanted = name.lower()
    for key, value in message.headers if message is not None else ():
        if key.lower() == wanted:
            return cut(f"{key}: {value}")
    return None


def line_with(text: str, word: str) -> str | None:
    """The line of `text` that holds `word` (any case), cut around it."""
    at = text.lower().find(word.lower()) if word else -1
    if at < 0:
        return None
    start = max(text.rfind("\n", 0, at) + 1, at - LONGEST // 2)
    end = text.find("\n", at)
    return cut(text[start : end if end >= 0 else None].strip())


def path_parts(path: str) -> Path:
    """`restrictedScopes[0]` as ("restrictedScopes", 0). An extended parameter's name may hold dots."""
    if path.startswith(f"{_EXTENDED}."):
        name = path[len(_EXTENDED) + 1 :]
        inner = re.fullmatch(r"(.+)\.values(?:\[(\d{1,6})\])?", name)
        if inner is None:
            return _EXTENDED, name
        return _EXTENDED, inner[1], "values", *((int(inner[2]),) if inner[2] else ())
    return tuple(name or int(index) for name, index in _PART.findall(path))


def value_at(document: Any, path: str) -> Any:
    """What stands at `path`; None when nothing does."""
    value = document
    for part in path_parts(path):
        if isinstance(part, str):
            value = value.get(part) if isinstance(value, dict) else None
        else:
            value = value[part] if isinstance(value, list) and part < len(value) else None
    return value


def member(text: str, path: str) -> str | None:
    """The raw text of the member (with its name) or list item at `path` in a JSON text, cut; None if there is none."""
    try:
        span = _find(text, path_parts(path))
    except (ValueError, IndexError, RecursionError):  # not JSON, or JSON that breaks off
        return None
    return cut(text[slice(*span)]) if span else None


def _find(text: str, path: Path) -> tuple[int, int] | None:
    at = start = _skip(text, 0)
    for part in path:
        found = _in_object(text, at, part) if isinstance(part, str) else _in_list(text, at, part)
        if found is None:
            return None
        start, at = found
    return start, json.JSONDecoder().raw_decode(text, at)[1]


def _in_object(text: str, at: int, name: str) -> tuple[int, int] | None:
    """Where the member begins, and where its value does."""
    if text[at] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, after = scanstring(text, at + 1)
        value = _skip(text, _skip(text, after) + 1)
        if key == name:
            return at, value
        at = _next(text, value)
    return None


def _in_list(text: str, at: int, index: int) -> tuple[int, int] | None:
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        if text[at] == "]":
            return None
        at = _next(text, at)
    return None if text[at] == "]" else (at, at)


def _next(text: str, value: int) -> int:
    """Behind the value that begins here, and behind its comma."""
    at = _skip(text, json.JSONDecoder().raw_decode(text, value)[1])
    return _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
