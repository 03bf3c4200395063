"""The filter language of the log: words and `key:value` terms, all of which must hold; `-` or `not` turns one round."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.terms import TERMS, BadValue, Predicate, word_term

__all__ = ["ExchangeQuery", "parse_query"]

_TOKEN: Final = re.compile(
    r'(?P<minus>-?)(?:(?P<key>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<plain>[^\s"]*))'
)


@dataclass(frozen=True, slots=True)
class ExchangeQuery:
    """Parsed once; `matches` is called for each exchange. An empty query matches everything."""

    text: str
    predicates: tuple[Predicate, ...]

    def matches(self, exchange: Exchange) -> bool:
        return all(predicate(exchange) for predicate in self.predicates)


class _Token(NamedTuple):
    column: int  # counts from 1
    negated: bool
    key: str
    value: str
    quoted: bool


def parse_query(text: str) -> ExchangeQuery:
    """Raises UsageError that names the column for an unknown key, a value that the key does not take, an open quote."""
    predicates: list[Predicate] = []
    negated: _Token | None = None
    for token in _tokens(text):
        if token == token._replace(key="", value="not", quoted=False, negated=False):
            negated = token
            continue
        predicate = _predicate(token)
        predicates.append(_opposite(predicate) if token.negated != (negated is not None) else predicate)
        negated = None
    if negated is not None:
        raise UsageError(f"column {negated.column}: nothing follows not", hint='the word itself is written "not"')
    return ExchangeQuery(text, tuple(predicates))


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            raise UsageError(f"column {position + 1}: {text[position]} is not expected here")
        if match["quoted"] is not None and not match["end"]:
            raise UsageError(f"column {match.start('quoted')}: the quote is not closed")
        quoted = match["quoted"] is not None
        value = match["quoted"] if quoted else match["plain"]
        yield _Token(position + 1, bool(match["minus"]), match["key"] or "", value, quoted)
        position = match.end()


def _predicate(token: _Token) -> Predicate:
    if not token.key:
        if not token.value:
            raise UsageError(f"column {token.column}: a word is missing")
        return word_term(token.value)
    make = TERMS.get(token.key.lower())
    if make is None:
        raise UsageError(f"column {token.column}: unknown key {token.key}", hint=_nearest(token.key))
    try:
        return make(token.value)
    except BadValue as error:
        raise UsageError(
            f"column {token.column}: {token.value or 'nothing'} is no value for {token.key}", hint=str(error)
        ) from None


def _opposite(predicate: Predicate) -> Predicate:
    return lambda exchange: not predicate(exchange)


def _nearest(key: str) -> str:
    import difflib

    near = difflib.get_close_matches(key.lower(), TERMS, n=1)
    others = "one of " + ", ".join(TERMS) + "; text with a colon is put in quotes"
    return f"did you mean {near[0]}? {others}" if near else others
