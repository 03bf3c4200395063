"""Strings from outside, made safe to show.

Names, error bodies, headers and file contents are written by others. A terminal obeys ESC, OSC and C1 bytes inside
them, and bidirectional or zero-width characters make one identifier look like another. `clean` turns each of them
into a visible mark, so that what is on the screen is what is in the data.
"""

import re
from typing import Any, Final

__all__ = ["clean", "clean_lines", "decode", "ellipsis", "json_text"]

# C0 (tab and newline included: the caller decides about lines), DEL, C1, every format character that reorders, hides
# or joins text, line separators, lone surrogates, and noncharacters that some terminals render as nothing.
_UNSAFE_RANGES: Final = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_UNSAFE: Final = re.compile(f"[{_UNSAFE_RANGES}]")
_UNSAFE_BUT_LINES: Final = re.compile(f"(?![\n\t])[{_UNSAFE_RANGES}]")


def _mark(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures: ␀ … ␛ … ␟
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"⟨{code:X}⟩"


def clean(text: object, limit: int | None = None) -> str:
    """One line of safe text: every control, format and direction character becomes a visible mark.

    `limit` is in characters; what is longer is cut before it is examined, and ends in an ellipsis.
    """
    value = text if isinstance(text, str) else str(text)
    if limit is not None and len(value) > limit:
        value = value[: max(limit - 1, 0)] + "…"
    if value.isascii() and value.isprintable():
        return value
    return _UNSAFE.sub(_mark, value)


def clean_lines(text: object, limit: int | None = None) -> str:
    """Safe text of several lines: newlines stay, tabs become spaces, carriage returns before newlines go."""
    value = text if isinstance(text, str) else str(text)
    if limit is not None and len(value) > limit:
        value = value[: max(limit - 1, 0)] + "…"
    return _UNSAFE_BUT_LINES.sub(_mark, value.replace("\r\n", "\n")).expandtabs(4)


def decode(data: bytes, charset: str | None = None) -> str:
    """Bytes from the wire as text; what is not valid in the charset becomes U+FFFD, never an exception."""
    try:
        return data.decode(charset or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", errors="replace")


def ellipsis(text: str, width: int) -> str:
    """At most `width` characters; the end goes, because the beginning tells identifiers apart."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def tail(text: str, width: int) -> str:
    """At most `width` characters; the beginning goes, because the end tells paths apart."""
    return text if len(text) <= width else "…" + text[len(text) - max(width - 1, 0) :]


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """JSON that is safe to print: readable letters stay, what a terminal would obey becomes an escape."""
    import json

    def escape(match: re.Match[str]) -> str:
        code = ord(match[0])
        if code > 0xFFFF:
            code -= 0x10000
            return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
        return f"\\u{code:04x}"

    return _UNSAFE_BUT_LINES.sub(escape, json.dumps(value, ensure_ascii=False, indent=indent))
