"""Plain data as YAML in the style of a hand-written inventory: short things on one line, quotes only where needed."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.positioned.compose import plain_scalar

__all__ = ["block", "flow", "inline", "literal"]

_WIDTH: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z0-9_/.+~^$(][^\n]*")
# What a text in quotes cannot hold as it is: controls, YAML's own line separators, what JSON leaves to others.
_ESCAPED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def scalar(value: Any) -> str:
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    return json.dumps(value)


def flow(value: Any) -> str:
    """On one line, wherever it stands."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(name)}: {flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def inline(value: Any, column: int, newline: str) -> str:
    """What follows `key:`, its blank included; `column` is the key's, from 0. Short collections go on the same line."""
    text = flow(value)
    if not isinstance(value, Mapping | list) or not value or column + len(text) <= _WIDTH:
        return f" {text}"
    inner = column + 2
    return newline + " " * inner + block(value, inner, newline)


def block(value: Any, column: int, newline: str) -> str:
    """A mapping or list over several lines; the first begins at `column` already."""
    separator = newline + " " * column
    if isinstance(value, Mapping):
        return separator.join(f"{scalar(name)}:{inline(inner, column, newline)}" for name, inner in value.items())
    return separator.join(f"- {_item(item, column + 2, newline)}" for item in value)


def literal(value: str, column: int, newline: str) -> str | None:
    """A text of several lines as `|`, its lines beginning at `column`; None when that would not keep it as it is."""
    body = value.removesuffix("\n")
    lines = body.split("\n")
    clean = all(line == line.rstrip() and line.isprintable() for line in lines)
    if not clean or not lines[0] or lines[0][0] == " " or not lines[-1]:
        return None
    indent = newline + " " * column
    return ("|" if value.endswith("\n") else "|-") + "".join(indent + line if line else newline for line in lines)


def _item(item: Any, column: int, newline: str) -> str:
    text = flow(item)
    return text if not isinstance(item, Mapping) or column + len(text) <= _WIDTH else block(item, column, newline)


def _is_plain(text: str) -> bool:
    """Whether it can do without quotes everywhere, in brackets too."""
    return (
        bool(_PLAIN.fullmatch(text))
        and isinstance(plain_scalar(text), str)
        and text.isprintable()
        and text == text.strip()
        and text not in {"---", "..."}
        and not any(sign in text for sign in (": ", " #", ",", "[", "]", "{", "}"))
        and text[-1] != ":"
    )


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
