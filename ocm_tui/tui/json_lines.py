"""Bodies as lines to read: JSON indented and foldable, its end missing or not; forms by field; the rest as it is."""

import json
import re
import urllib.parse
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from ocm_tui.core.exchanges.model import Message
from ocm_tui.core.text import clean, clean_lines, json_text
from ocm_tui.tui.models.text_lines import Line, Part, line

__all__ = ["body_lines", "json_lines"]

_TOKEN: Final = re.compile(
    r'[ \t\r\n]*(?:(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<word>-?\d[\d.eE+-]*+|true|false|null)|(?P<sign>[][{},:]))',
    re.DOTALL,
)
_INDENT: Final = 2
_DEEPEST: Final = 60  # cells of indent: nesting is endless, the screen is not
_BRACKETS: Final = {"{": "}", "[": "]"}
_CUT: Final = "… cut for the log"
_MOST_LINES: Final = 20_000


class _Open(NamedTuple):
    """A bracket that is not closed yet: the line it ends, and how many members came before it."""

    at: int
    sign: str


def body_lines(message: Message) -> Sequence[Line]:
    body = message.body
    found = json_lines(body, cut=message.truncated)
    if found is not None:
        return found
    kind = (message.header("content-type") or "").lower()
    if "x-www-form-urlencoded" in kind and "=" in body:
        return list(_form_lines(body))
    lines = [line(text) for text in clean_lines(body).split("\n")[:_MOST_LINES]]
    return [*lines, line((_CUT, "dim"))] if message.truncated else lines


def _form_lines(body: str) -> Iterator[Line]:
    for field in body.split("&"):
        name, _, value = (clean(urllib.parse.unquote_plus(part)) for part in field.partition("="))
        yield Line(((name, "name"), (" = ", "dim"), (value, "")), hang=_INDENT)


@lru_cache(2)  # the request and the response that are looked at: tabs and widths change more often than they do
def json_lines(body: str, *, cut: bool = False) -> tuple[Line, ...] | None:
    """None when it is no JSON. Read token by token: what was sent stays as it was sent, and its end may be missing."""
    if body.lstrip()[:1] not in ("{", "["):
        return None
    writer = _Writer()
    position = 0
    while match := _TOKEN.match(body, position):
        position = match.end()
        if not writer.take(match.lastgroup or "", match[match.lastgroup or ""]):
            return None
        if len(writer.lines) > _MOST_LINES:
            return writer.finish(["… and more: y copies all of it"])
    rest = body[position:].strip()
    if (rest or writer.is_open) and not cut:
        return None
    return writer.finish([*([clean(rest)] if rest else []), *([_CUT] if cut else [])])


class _Writer:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._parts: list[Part] = []
        self._open: list[_Open] = []
        self._members: list[int] = []
        self._before = ""

    @property
    def is_open(self) -> bool:
        return bool(self._open)

    def take(self, kind: str, token: str) -> bool:
        """False when the token cannot stand here."""
        if kind == "sign":
            done = self._sign(token)
        else:
            done = self._before not in ("value", "]", "}")
            is_name = kind == "text" and bool(self._open) and self._open[-1].sign == "{" and self._before in "{,"
            tone = "name" if is_name else "" if kind == "text" else "value"
            self._put(_readable(token) if kind == "text" else token, tone)
        self._before = token if kind == "sign" else "value"
        return done

    def _sign(self, sign: str) -> bool:
        if sign in "{[":
            self._put(sign, "dim")
            self._flush()
            self._open.append(_Open(len(self.lines) - 1, sign))
            self._members.append(0)
        elif sign in "}]":
            return self._close(sign)
        elif sign == ",":
            if not self._open:
                return False
            self._parts.append((",", "dim"))
            self._members[-1] += 1
            self._flush()
        else:
            self._parts.append((": ", "dim"))
        return True

    def _close(self, sign: str) -> bool:
        if not self._open or _BRACKETS[self._open[-1].sign] != sign:
            return False
        self._flush()
        opened, members = self._open.pop(), self._members.pop()
        if opened.at == len(self.lines) - 1:  # nothing between them
            self._parts = [*self.lines.pop().parts, (sign, "dim")]
            return True
        self._hide(opened, members + 1, len(self.lines) - opened.at)
        self._put(sign, "dim")
        return True

    def _hide(self, opened: _Open, members: int, hides: int) -> None:
        folded = ((f" … {members:,} ", "dim"), (_BRACKETS[opened.sign], "dim"))
        self.lines[opened.at] = self.lines[opened.at]._replace(hides=hides, folded=folded)

    def finish(self, notes: list[str]) -> tuple[Line, ...]:
        self._flush()
        self.lines += [line((note, "dim")) for note in notes]
        while self._open:  # it was cut: they go on to the end
            opened, members = self._open.pop(), self._members.pop()
            if len(self.lines) - 1 > opened.at:
                self._hide(opened, members + 1, len(self.lines) - 1 - opened.at)
        return tuple(self.lines)

    def _put(self, text: str, tone: str) -> None:
        if not self._parts:
            self._parts = [(" " * self._indent, "")]
        self._parts.append((text, tone))

    def _flush(self) -> None:
        if self._parts:
            self.lines.append(Line(tuple(self._parts), hang=self._indent + _INDENT))
            self._parts = []

    @property
    def _indent(self) -> int:
        return min(len(self._open) * _INDENT, _DEEPEST)


def _readable(token: str) -> str:
    """Letters that were escaped without need are shown as they read; what a terminal would obey stays an escape."""
    if "\\u" in token:
        try:
            return json_text(json.loads(token), indent=None)
        except ValueError:
            pass
    return clean(token)
