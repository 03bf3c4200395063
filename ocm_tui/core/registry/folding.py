"""Upper and lower case, alike in every database: each has rules of its own, which go by its version and its locale.

Letter by letter, so that a text keeps its length: `ß` is no `ss`. A letter beyond ASCII never becomes one of ASCII, so
that plain words are looked for in plain ways.
"""

from functools import cache
from typing import Final

__all__ = ["folded", "translation"]

_LETTERS: Final = 0x1E944  # behind the last letter that has two cases


def folded(text: str) -> str:
    """The one spelling of a text that all its spellings in upper and lower case have."""
    return text.lower() if text.isascii() else text.translate(_table())


def translation(word: str) -> tuple[str, str]:
    """What a text in lower-case ASCII has still to go through before the folded `word` can be looked for in it: the
    letters of the first text, each to become the one at its place in the second. Only those that matter to the word."""
    others = [(other, letter) for letter in sorted(set(word)) for other in _others().get(letter, "")]
    return "".join(other for other, _ in others), "".join(letter for _, letter in others)


@cache
def _table() -> dict[int, str]:
    return {code: fold for code in range(_LETTERS) if (fold := _fold(chr(code))) != chr(code)}


@cache
def _others() -> dict[str, str]:
    """By folded letter beyond ASCII: the letters that become it."""
    found: dict[str, str] = {}
    for code, letter in _table().items():
        if code > 127:
            found[letter] = found.get(letter, "") + chr(code)
    return found


def _fold(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    for fold in (letter.casefold(), letter.lower()):
        if len(fold) == 1 and not fold.isascii():
            return fold
    return letter
