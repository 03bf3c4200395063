"""Words for a POSIX shell that mean themselves, whoever wrote them; and variables in the place of redacted secrets."""

import re
import shlex
from typing import Final

from ocm_tui.core.exchanges.markers import name_before, text_pieces
from ocm_tui.core.text import clean_lines

__all__ = ["Variables", "comment"]

_PIECE: Final = 1000  # characters: a terminal without line editing takes 4095 bytes a line
_NOT_A_NAME: Final = re.compile(r"[^A-Z0-9]+")
_NOT_IN_A_COMMENT: Final = re.compile(r"[^A-Za-z0-9 .,:/=_-]")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Variables:
    """The variables of one script: one for each secret, named after the place where it was first met.

    Marks can be compared within one session only; a session is the beginning of an exchange's id. A login differs from
    session to session by its mark, but hardly in fact: the first one of each session has the same names, and so on.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._logins: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self._login_names: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        self._taken: set[str] = set()

    def of(self, session: str, mark: str, place: str) -> str:
        """The name of the variable that stands for this mark."""
        key = (session, mark[:9])  # without the note on a token
        if key not in self._names:
            self._names[key] = self._free((_name(place),))[0]
        return self._names[key]

    def of_login(self, session: str, mark: str, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The names for one login that consists of `parts`, such as user and password."""
        marks = self._logins.setdefault((session, parts), [])
        if mark not in marks:
            marks.append(mark)
        names = self._login_names.setdefault(parts, [])
        if len(names) < len(marks):
            names.append(self._free(parts))
        return names[marks.index(mark)]

    def quoted(self, text: str, session: str, place: str, used: dict[str, None]) -> str:
        """One word of shell that yields `text`, with variables for its marks; their names are added to `used`."""
        words, before = [], ""
        for piece, is_mark in text_pieces(clean_lines(text)):
            if is_mark:
                name = self.of(session, piece, name_before(before) or place)
                used[name] = None
                words.append(f'"${{{name}}}"')
            else:
                words.append(_plain(piece))
            before = piece
        return "".join(words) or "''"

    def _free(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """`names`, with the same number behind each of them when one is taken."""
        found, number = names, 1
        while not self._taken.isdisjoint(found):
            number += 1
            found = tuple(f"{name}_{number}" for name in names)
        self._taken.update(found)
        return found


def comment(words: str) -> str:
    """A comment line that also does nothing in a shell that takes it for a command, as zsh does on its prompt."""
    return "# " + _NOT_IN_A_COMMENT.sub("_", words)


def _name(place: str) -> str:
    plain = _NOT_A_NAME.sub("_", _HUMP.sub("_", place).upper())[:40].strip("_")
    return f"OCM_{plain or 'SECRET'}"


def _plain(text: str) -> str:
    if len(text) <= _PIECE:
        return shlex.quote(text)
    pieces = (text[start : start + _PIECE].replace("'", "'\"'\"'") for start in range(0, len(text), _PIECE))
    return "\\\n".join(f"'{piece}'" for piece in pieces)
