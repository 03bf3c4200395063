"""Redaction at capture: nothing secret, and nothing that a terminal would obey, gets past here.

Found by name (headers, members, parameters, fields), by value (`core.secret.known_secrets` in all their forms) and by
shape (tokens, keys, credentials in URLs). A marker stands in the place of each: `***` and six hexadecimal digits of a
keyed hash, equal for equal secrets within one process and useless outside of it.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from typing import Final, Literal

from ocm_tui.core.exchanges.fields import (
    colon_spans,
    equals_spans,
    form_spans,
    markup_spans,
    multipart_spans,
)
from ocm_tui.core.exchanges.json_fields import json_spans
from ocm_tui.core.exchanges.known import KnownMatcher
from ocm_tui.core.exchanges.names import header_kind
from ocm_tui.core.exchanges.shapes import shape_spans
from ocm_tui.core.exchanges.spans import Span, rewrite
from ocm_tui.core.secret import MASK, KnownSecrets, known_secrets
from ocm_tui.core.text import clean, clean_lines, decode

__all__ = ["Redactor", "session_redactor"]

_LOOK_AHEAD: Final = 4096
_LONGEST_LOOK_AHEAD: Final = 2**20
_HEADER_CAP: Final = 8192
_HARMLESS_KEPT: Final = 512
_TEXT_CAP: Final = 64 * 1024
_BINARY_TYPE: Final = re.compile(r"(?:image|audio|video|font)/(?!svg)|application/(?:zip|gzip|pdf|java-archive|x-tar)")
_CHARSET: Final = re.compile(r"charset=\"?([\w.:-]{1,40})", re.IGNORECASE)
_JSON: Final = re.compile(r'[\ufeff\s]*+[{\[]\s*+(?:["{\[\]}\d.-]|true|false|null|\Z)')
_MARKUP: Final = re.compile(r"[\ufeff\s]*+(?:<|[{\[]\s*+')")
_COOKIE: Final = re.compile(r"((?:^|;)\s*+[^=;]{1,200}=)([^;]*+)")
_COOKIE_ATTRIBUTES: Final = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "version", "comment", "priority"}
)
_CHALLENGE: Final = re.compile(r"\b(nonce|opaque|cnonce)=(\"[^\"]*\"|[^\s,]+)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,24}) +(\S.*)", re.DOTALL)
_PRINTABLE: Final = bytes(range(0x20, 0x7F)) + b"\n"
_HARMLESS_VALUES: Final = frozenset({"", "true", "false", "none", "null"})

Mode = Literal["json", "form", "loose", "header"]


class Redactor:
    """One per process: its key makes the markers comparable. Thread-safe as long as one thread redacts at a time."""

    def __init__(self, known: KnownSecrets = known_secrets, *, key: bytes | None = None) -> None:
        self._known = KnownMatcher(known)
        self._key = key or os.urandom(16)
        self._harmless: set[tuple[str, str]] = set()
        self._harmless_for = -1  # the generation of known secrets

    @property
    def look_ahead(self) -> int:
        """How much more than the cap `body` wants to see: a secret that begins before the cap must be whole in it."""
        return min(max(_LOOK_AHEAD, self._known.longest), _LONGEST_LOOK_AHEAD)

    def marker(self, secret: str) -> str:
        value = self._known.value(secret).encode("utf-8", "surrogatepass")
        return MASK + hashlib.blake2b(value, digest_size=3, key=self._key).hexdigest()

    def headers(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        self._refresh()
        return tuple(pair if pair in self._harmless else self._header_pair(*pair) for pair in pairs)

    def _refresh(self) -> None:
        """What was harmless may not be any more when there is another secret to know."""
        if self._known.refresh() != self._harmless_for or len(self._harmless) > _HARMLESS_KEPT:
            self._harmless, self._harmless_for = set(), self._known.refresh()

    def _header_pair(self, name: str, value: str) -> tuple[str, str]:
        """Most headers are the same every time, and hold nothing: those are remembered."""
        shown = name if (name, "") in self._harmless else self._line(name, 200)
        if shown == name:
            self._harmless.add((name, ""))
        pair = (shown, self._header(name, value))
        if pair == (name, value) and header_kind(name) == "plain":
            self._harmless.add(pair)
        return pair

    def url(self, url: str) -> str:
        """User and password, secret parameters of query and fragment, and everything known or recognisable."""
        self._refresh()
        if (url, "") in self._harmless:
            return url
        shown = self._line(url, _HEADER_CAP)
        if shown == url:
            self._harmless.add((url, ""))
        return shown

    def text(self, text: str) -> str:
        """Running text of several lines, such as the words of an exception."""
        return self._redacted(text, "loose", _TEXT_CAP)

    def sentence(self, text: str) -> str:
        """What somebody else's program says. `password: at least 8 characters` is a rule, not a password."""
        return self._redacted(text, "json", _TEXT_CAP)

    def body(
        self, data: bytes, content_type: str, cap: int, *, total: int | None = None, complete: bool = True
    ) -> tuple[str, bool]:
        """The first `cap` characters of a body as text, and whether something is missing.

        Only `cap + look_ahead` bytes are looked at. `total` is the size of the whole body when `data` is less than it;
        `complete` is false when the body broke off, so that its end may be the half of a secret.
        """
        window = data[: cap + self.look_ahead]
        if _is_binary(window, content_type):
            size = max(len(data), total or 0)
            return f"(binary, {size:,} bytes, {clean(content_type.partition(';')[0].strip() or 'no type', 80)})", False
        charset = _CHARSET.search(content_type)
        text = decode(window, charset[1] if charset else None)
        whole = complete and len(window) == len(data) and (total is None or total <= len(data))
        shown = self._redacted(text, _mode(text, content_type), cap, cut=not whole)
        return shown, not whole or len(text) > cap

    def _redacted(self, text: str, mode: Mode, cap: int, *, cut: bool = False) -> str:
        window = text[: cap + self.look_ahead]
        spans = self._spans(window, mode)
        if cut or len(window) < len(text):
            spans += self._known.cut_spans(window)
        shown = rewrite(window, map(self._checked, spans), self.marker, cap) if spans else window[:cap]
        return shown if _is_clean(shown) else clean_lines(shown)

    def _spans(self, text: str, mode: Mode) -> list[Span]:
        spans = [*self._known.spans(text), *shape_spans(text), *equals_spans(text)]
        if mode != "header":
            spans += json_spans(text)
        if mode == "form":
            spans += form_spans(text)
        if mode == "loose":
            spans += colon_spans(text)
            spans += markup_spans(text)
            spans += multipart_spans(text)
        return spans

    def _checked(self, span: Span) -> Span:
        """A note is made from the secret itself, so it is looked through as well."""
        return span._replace(note="") if span.note and any(self._known.spans(span.note)) else span

    def _line(self, text: str, cap: int) -> str:
        """One line: a URL, or the value of a header."""
        window = text[: cap + self.look_ahead]
        spans = self._spans(window, "header")
        if len(window) < len(text):
            spans += self._known.cut_spans(window)
        shown = rewrite(window, map(self._checked, spans), self.marker, cap) if spans else window[:cap]
        return clean(shown) + ("…" if len(text) > cap else "")

    def _header(self, name: str, value: str) -> str:
        kind, plain = header_kind(name), value.strip()
        if kind == "secret":
            return plain if plain.lower() in _HARMLESS_VALUES else self.marker(value)
        if kind == "authorization":
            scheme = _SCHEME.fullmatch(plain)
            return f"{scheme[1]} {self.marker(scheme[2])}" if scheme else self.marker(value)
        if kind == "challenge":
            value = _CHALLENGE.sub(self._masked_nonce, value)
        elif kind != "plain":
            value = _COOKIE.sub(self._masked_cookie, value)
        return self._line(value, _HEADER_CAP)

    def _masked_cookie(self, match: re.Match[str]) -> str:
        name, value = match[1].strip(" \t;=").lower(), match[2]
        attribute = name in _COOKIE_ATTRIBUTES and "=" not in value
        return match[0] if attribute or not value else match[1] + self.marker(value)

    def _masked_nonce(self, match: re.Match[str]) -> str:
        return f'{match[1]}="{self.marker(match[2])}"'


session_redactor: Final = Redactor()


def _mode(text: str, content_type: str) -> Mode:
    """The content type may lie, so the beginning of the text has a word in it."""
    kind = content_type.partition(";")[0].strip().lower()
    if _JSON.match(text) or (kind.endswith("json") and not _MARKUP.match(text)):
        return "json"
    if kind == "application/x-www-form-urlencoded":
        return "form"
    return "loose"


def _is_binary(data: bytes, content_type: str) -> bool:
    kind = content_type.lower()
    if _BINARY_TYPE.match(kind):
        return True
    head = data[:1024]
    if "charset=utf-16" in kind or "charset=utf-32" in kind:
        return False
    if b"\0" in head:
        return not _looks_like_text_type(kind)
    return kind.startswith("application/octet-stream") and "\ufffd" in decode(head[:1020])


def _looks_like_text_type(kind: str) -> bool:
    return kind.startswith("text/") or "json" in kind or "xml" in kind or "form-urlencoded" in kind


def _is_clean(text: str) -> bool:
    """Whether `clean_lines` would change nothing; much cheaper than it."""
    return text.isascii() and not text.encode().translate(None, _PRINTABLE)
