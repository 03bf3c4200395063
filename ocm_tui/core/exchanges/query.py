"""The filter language of the log.

    orders status:4xx -method:GET (path:/oauth/clients/* or error:tls) since:15m body:"already in use"

Words and `key:value` terms must all hold; `or` stands between alternatives, brackets around them; `-` or `not` turns
round what follows. Quotes hold blanks and colons together, and make words of `not` and `or`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ocm_tui.core.exchanges.history_conditions import Condition, all_of, any_of, opposite
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query_tokens import QuerySyntaxError, Token, tokens
from ocm_tui.core.exchanges.terms import TERMS, BadValue, Predicate, word_test

__all__ = ["ExchangeQuery", "QuerySyntaxError", "parse_query"]

_DEEPEST: Final = 40
_PARTIAL: Final = ("", "body")  # keys whose longer values match less


@dataclass(frozen=True, slots=True)
class _Part:
    """A parsed piece. `name` is equal for equal pieces: of a plain term it is `(key, value)`."""

    name: tuple[object, ...]
    matches: Predicate
    condition: Condition | None

    def implies(self, other: "_Part") -> bool:
        if self.name == other.name:
            return True
        match self.name, other.name:
            case (str(key), str(mine)), (str(same), str(theirs)) if key == same and key in _PARTIAL:
                return theirs in mine
        return False


@dataclass(frozen=True, slots=True)
class ExchangeQuery:
    """Parsed once; `matches` is called for each exchange. An empty query matches everything."""

    text: str
    parts: tuple[_Part, ...]  # all of which must hold

    def matches(self, exchange: Exchange) -> bool:
        return all(part.matches(exchange) for part in self.parts)

    def narrows(self, other: "ExchangeQuery") -> bool:
        """Whether everything that this one matches is matched by `other` too, as far as their words tell."""
        return all(any(mine.implies(theirs) for mine in self.parts) for theirs in other.parts)

    @property
    def conditions(self) -> list[Condition]:
        """What the history can check by itself; all of it holds for whatever matches."""
        return [part.condition for part in self.parts if part.condition is not None]


def parse_query(text: str) -> ExchangeQuery:
    """Raises QuerySyntaxError, which names and marks the place: an unknown key, a value, a quote, a bracket."""
    return ExchangeQuery(text, tuple(_Parser(text).parse()))


class _Parser:
    """By descent: alternatives, of sequences, of what may be turned round."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._opened: list[Token] = []

    def parse(self) -> list[_Part]:
        parts = self._alternatives(first=True)
        if self._next < len(self._tokens):
            raise self._error(
                "this bracket closes nothing", self._tokens[self._next], "text with brackets is put in quotes"
            )
        return parts

    def _alternatives(self, *, first: bool = False) -> list[_Part]:
        """The parts of one sequence, or the one part that several sequences are."""
        found = [self._sequence(empty=first)]
        while self._at("or"):
            self._next += 1
            found.append(self._sequence(empty=False))
            if not found[0]:
                break
        if len(found) == 1:
            return found[0]
        return [_either([_all(parts) for parts in found])]

    def _sequence(self, *, empty: bool) -> list[_Part]:
        parts: list[_Part] = []
        while self._next < len(self._tokens) and self._kind not in ("or", ")"):
            parts.append(self._turned())
        if not parts and (not empty or self._at("or")):
            raise self._missing()
        return parts

    def _turned(self) -> _Part:
        turns = 0
        last: Token | None = None
        while self._at("not", "-"):
            last = self._tokens[self._next]
            turns += 1
            self._next += 1
        if last is not None and (self._next == len(self._tokens) or self._kind in ("or", ")")):
            raise self._error(f"nothing follows {last.text}", last, f'the sign itself is written "{last.text}"')
        part = self._bracketed() if self._at("(") else self._term()
        return _turned_round(part) if turns % 2 else part

    def _bracketed(self) -> _Part:
        opening = self._tokens[self._next]
        self._opened.append(opening)
        if len(self._opened) > _DEEPEST:
            raise self._error("the brackets are nested too deeply", opening)
        self._next += 1
        parts = self._alternatives()
        if not self._at(")"):
            raise self._error("this bracket is not closed", opening, "text with brackets is put in quotes")
        self._next += 1
        self._opened.pop()
        return _all(parts)

    def _term(self) -> _Part:
        token = self._tokens[self._next]
        self._next += 1
        if not token.key:
            if not token.value:
                raise self._error("a word is missing", token)
            test = word_test(token.value)
            return _Part(("", token.value.casefold()), test.matches, test.condition)
        kind = TERMS.get(token.key.lower())
        if kind is None:
            raise self._error(f"unknown key {token.key}", token, _nearest(token.key), length=len(token.key))
        try:
            test = kind.make(token.value)
        except BadValue as error:
            raise self._bad_value(token, error) from None
        name = (token.key.lower(), token.value.casefold() if kind.casefolded else token.value)
        return _Part(name, test.matches, test.condition)

    def _bad_value(self, token: Token, error: BadValue) -> QuerySyntaxError:
        """Marks the value, or that one of several; the key when there is none."""
        position, length = token.value_position + error.start, error.length
        bad = token.value[error.start :] if length is None else token.value[error.start : error.start + length]
        if not token.value:
            position, bad = token.position, f"{token.key}:"
        words = f"{bad if token.value and bad else 'nothing'} is no value for {token.key}"
        return QuerySyntaxError(self._text, words, position=position, length=len(bad), hint=str(error))

    @property
    def _kind(self) -> str:
        return self._tokens[self._next].kind

    def _at(self, *kinds: str) -> bool:
        return self._next < len(self._tokens) and self._kind in kinds

    def _missing(self) -> QuerySyntaxError:
        """Nothing stands where a term must be: before or behind an `or`, or between brackets."""
        before = self._tokens[self._next - 1] if self._next else None
        if before is not None and before.kind == "or":
            return self._error("nothing follows or", before, 'the word itself is written "or"')
        if before is not None and before.kind == "(" and not self._at("or"):
            return self._error("there is nothing in the brackets", before)
        return self._error("nothing stands before or", self._tokens[self._next], 'the word itself is written "or"')

    def _error(self, words: str, token: Token, hint: str = "", *, length: int | None = None) -> QuerySyntaxError:
        length = token.length if length is None else length
        return QuerySyntaxError(self._text, words, position=token.position, length=length, hint=hint)


def _all(parts: Sequence[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    tests = [part.matches for part in parts]
    return _Part(
        ("all", *(part.name for part in parts)),
        lambda exchange: all(test(exchange) for test in tests),
        all_of([part.condition for part in parts]),
    )


def _either(parts: Sequence[_Part]) -> _Part:
    tests = [part.matches for part in parts]
    return _Part(
        ("either", *(part.name for part in parts)),
        lambda exchange: any(test(exchange) for test in tests),
        any_of([part.condition for part in parts]),
    )


def _turned_round(part: _Part) -> _Part:
    matches = part.matches
    return _Part(("not", part.name), lambda exchange: not matches(exchange), opposite(part.condition))


def _nearest(key: str) -> str:
    import difflib

    near = difflib.get_close_matches(key.lower(), TERMS, n=1)
    others = "one of " + ", ".join(TERMS) + "; text with a colon is put in quotes"
    return f"did you mean {near[0]}? {others}" if near else others
