"""The words of the filter language, each with its place, and the error that points at one."""

import re
import unicodedata
from typing import Final, NamedTuple

from ocm_tui.core.errors import UsageError
from ocm_tui.core.text import clean

__all__ = ["QuerySyntaxError", "Token", "tokens"]

_KEY: Final = re.compile(r"([A-Za-z_]+):")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.|\\)*?)("|\Z)', re.DOTALL)
_SHOWN: Final = 100  # characters of the query beside the mark


class QuerySyntaxError(UsageError):
    """`position` counts from 0, and `length` is how many characters are meant; `detail` shows the place.

    The title names the column, counted from 1.
    """

    def __init__(self, text: str, words: str, *, position: int, length: int = 1, hint: str = "") -> None:
        self.position, self.length = position, max(length, 1)
        super().__init__(f"column {position + 1}: {words}", detail=_marked(text, position, self.length), hint=hint)


class Token(NamedTuple):
    """`kind` is term, not, -, or, ( or ). Positions count from 0; `length` is that of all of it."""

    kind: str
    text: str
    position: int
    length: int
    key: str = ""
    value: str = ""
    value_position: int = 0


def tokens(text: str) -> list[Token]:
    """Raises QuerySyntaxError for a quote that is not closed."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        token = _token(text, position)
        found.append(token)
        position += token.length
    return found


def _token(text: str, position: int) -> Token:
    sign = text[position]
    if sign in "()-":
        return Token(sign, sign, position, 1)
    key = _KEY.match(text, position)
    begin = key.end() if key else position
    if text[begin : begin + 1] == '"':
        value, end = _quoted(text, begin)
        return Token("term", text[position:end], position, end - position, key[1] if key else "", value, begin + 1)
    end = _end_of_word(text, begin)
    value = text[begin:end]
    kind = value.lower() if key is None and value.lower() in ("not", "or") else "term"
    return Token(kind, value, position, end - position, key[1] if key else "", value, begin)


def _quoted(text: str, begin: int) -> tuple[str, int]:
    match = _QUOTED.match(text, begin)
    if match is None or not match[2]:
        raise QuerySyntaxError(text, "the quote is not closed", position=begin, length=len(text) - begin)
    return match[1].replace('\\"', '"'), match.end()


def _end_of_word(text: str, begin: int) -> int:
    """Up to a blank, a quote, or a bracket that the word has not opened itself."""
    depth = 0
    for position in range(begin, len(text)):
        sign = text[position]
        if sign.isspace() or sign == '"' or (sign == ")" and depth == 0):
            return position
        depth += (sign == "(") - (sign == ")")
    return len(text)


def _marked(text: str, position: int, length: int) -> str:
    """The query, and under it a mark; of a long one the part around the place."""
    start = max(position - _SHOWN // 2, 0)
    before, rest = clean(text[start:position]), clean(text[position : start + _SHOWN])
    mark = clean(text[position : position + length])[: max(len(rest), 1)]
    return f"{before}{rest}\n{' ' * _width(before)}{'^' * max(_width(mark), 1)}"


def _width(text: str) -> int:
    """Cells of a terminal."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )
