"""One list of nasty strings, for every place that shows what others wrote.

What a terminal would obey carries `MARKER` or `NUMBER`, so that its way through can be searched for in raw bytes.
"""

import base64
import re
from collections.abc import Mapping
from typing import Final

from ocm_tui.core.text import clean_lines

__all__ = ["HUGE", "MARKER", "NASTY", "NASTY_HEADERS", "NUMBER", "WIRE_SAFE", "escape_leaks", "unsafe_in"]

MARKER: Final = "PWNED7f3a"
NUMBER: Final = "7331"
_CLIPBOARD: Final = base64.b64encode(MARKER.encode()).decode()

_MARKUP: Final = {
    "closing tag": "[/x]",
    "colour tag": f"[red]{MARKER}[/red]",
    "live link": "[@click=app.quit]x[/]",
    "live link, quoted": "[@click=\"app.exit('now')\"]x[/]",
    "link tag": f"[link=https://evil.example/{MARKER}]x[/link]",
    "unbalanced bracket": "half [ of",
    "only a bracket": "[",
    "closing nothing": "[/]",
    "nested tags": "[[bold]x[/bold]]",
    "escaped tag": "\\[red]x",
    "trailing backslash": "ends in \\",
    "theme variable": "$error $primary ${env:HOME} %(x)s {0} {self} %s",
}
_TERMINAL: Final = {
    "lone escape": f"a\x1b{MARKER}",
    "colour": f"\x1b[{NUMBER};31m{MARKER}\x1b[0m",
    "cursor": f"\x1b[{NUMBER};1H\x1b[2J{MARKER}",
    "mode": f"\x1b[?{NUMBER}h\x1b[?1049l\x1bc",
    "title": f"\x1b]0;{MARKER}\x07",
    "hyperlink": f"\x1b]8;;https://evil.example/{MARKER}\x1b\\text\x1b]8;;\x1b\\",
    "clipboard": f"\x1b]52;c;{_CLIPBOARD}\x07",
    "clipboard, unterminated": f"\x1b]52;c;{_CLIPBOARD}",
    "device control": f"\x1bP{MARKER}\x1b\\\x1b_{MARKER}\x1b\\\x1b^{MARKER}\x1b\\",
    "C1 CSI": f"\x9b{NUMBER};31m{MARKER}",
    "C1 OSC": f"\x9d0;{MARKER}\x9c",
    "all of C0": "".join(map(chr, range(0x20))),
    "all of C1": "".join(map(chr, range(0x7F, 0xA0))),
    "NUL": "before\x00after",
    "DEL and backspace": "visible\x7f\x7f\x08\x08\x08",
    "carriage return": "harmless\rHIDDEN",
    "lines": "one\r\ntwo\nthree\u2028four\u2029five\x85six",
    "tabs": "\ta\t\tb\t",
    "bell": "\x07" * 20,
}
_LETTERS: Final = {
    "bidi override": "user\u202egpj.exe\u202c",
    "bidi isolate": "\u2066abc\u2069\u200f\u061cdef",
    "zero width": "or\u200bders\u200d-\ufeffapi\u2060\u00ad",
    "invisible letters": "a\u115f\u1160\u3164\uffa0\u17b4b",
    "tag characters": "a\U000e0041\U000e0042\U000e007f",
    "variation selectors": "a\ufe0f\ufe0e\U000e0100",
    "combining flood": "Z" + "\u0301\u0489\u20dd" * 60,
    "only combining": "\u0301" * 30,
    "wide": "漢字かな" * 30,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽" * 10,
    "right to left": "שלום العربية",
    "ligature": "\ufdfd" * 20,
    "private use": "\ue000\uf8ff\U0010fffd",
    "not a character": "\uffff\ufffe\U0001ffff",
    "lone surrogates": "\ud800 \udfff \udc80",
    "homograph": "оrders-арі",
}
_WORDS: Final = {
    "empty": "",
    "spaces": "   ",
    "blank lines": "\n\n\n",
    "dots": "../..",
    "one dot": ".",
    "two dots": "..",
    "encoded slash": "a%2F..%2fb%00%0d%0a",
    "URL parts": "a/b?c=d#e&f;g",
    "shell": f"$(touch {MARKER}) `id` ; rm -rf ~ | & > < !",
    "quotes": "\"double\" 'single' `back` «guillemets»",
    "query words": 'is:disabled grant:code "open -minus status:5xx',
    "HTML": f"<script>alert('{MARKER}')</script><b>&amp;</b>",
    "SQL": "'; DROP TABLE exchanges; --",
    "format": "%n%s%d{}{0.__class__}",
    "line of dashes": "-" * 300,
    "leading dash": "--yes",
    "word null": "null",
    "word false": "false",
    "digits that are none": "²³¹ ٤٢ Ⅷ",
    "many digits": "9" * 5000,
    "CSV formula": "=HYPERLINK(A1)",
}
HUGE: Final = f"\x1b]0;{MARKER}\x07[/x]" + "A" * 2**20

NASTY: Final[Mapping[str, str]] = _MARKUP | _TERMINAL | _LETTERS | _WORDS

# What can stand in a header or a reason phrase without breaking the framing.
WIRE_SAFE: Final[Mapping[str, str]] = {
    name: text for name, text in NASTY.items() if text.strip() and not re.search(r"[\x00\r\n]|[^\x00-\xff]", text)
}

NASTY_HEADERS: Final = (
    ("X-!#$%&'*+-.^_`|~", "a name made of all that a name may hold"),
    *((f"X-Nasty-{number}", text) for number, text in enumerate(WIRE_SAFE.values())),
)


def unsafe_in(text: str) -> list[str]:
    """The characters that must not reach a terminal, as `core.text` sees them; lines may end in newlines."""
    return sorted({f"U+{ord(character):04X}" for character in set(text) if clean_lines(character) != character})


def escape_leaks(raw: bytes) -> list[bytes]:
    """Sequences in a terminal's raw bytes that came from the data, and characters that the program never writes."""
    number, marker, clipboard = NUMBER.encode(), MARKER.encode(), _CLIPBOARD.encode()
    found = [
        match[0]
        for match in re.finditer(rb"\x1b[\]P_^X][^\x07\x1b]{0,400}|\x1b\[[0-9;:?<=>]{0,40}.|\x1b[^\[\]P_^X]", raw)
        if number in match[0] or marker in match[0] or clipboard in match[0] or match[0] == b"\x1bc"
    ]
    found += [match[0] for match in re.finditer(rb"\x1b" + marker, raw)]
    text = raw.decode("utf-8", "replace")
    # ESC, and what ends or begins its sequences, is the program's own business: it was looked at above.
    own = set("\x1b\x07\r\n\x0f\x0e\ufffd")
    return found + [name.encode() for name in unsafe_in("".join(set(text) - own))]
