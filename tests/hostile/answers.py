"""What a server, or whatever answers in its place, can say that is not the API: with the exit code that it deserves."""

import json
from typing import Final

from tests.hostile.server import Lie
from tests.hostile.strings import MARKER, NASTY, NUMBER

__all__ = ["WRONG_ANSWERS"]

_PAGE: Final = (
    f"<html><head><title>{NASTY['title']}</title></head><body>{NASTY['clipboard']}<b>[/x]</b>"
    f"{NASTY['bidi override']}\x9b{NUMBER}m</body></html>"
).encode()
_ERROR: Final = json.dumps(
    {
        "resultId": NASTY["title"],
        "message": f"[@click=app.quit]x[/] {NASTY['colour']} {NASTY['bidi override']}",
        "developerMessage": NASTY["lines"],
        "validationErrors": [{"errorId": text, "fieldPath": text, "message": text} for text in NASTY.values()],
    }
).encode()

# Name: the answer, the exit code, and words of the one sentence.
WRONG_ANSWERS: Final[dict[str, tuple[Lie, int, str]]] = {
    "an HTML page": (Lie(200, _PAGE, content_type="text/html"), 1, "an HTML page"),
    "an HTML error page": (Lie(502, _PAGE, "Bad [/x]", "text/html"), 1, "(502)"),
    "an error of 5 MB": (Lie(500, b"\x1b]0;x\x07" * 700_000, "No"), 1, "(500)"),
    "a JSON error of 5 MB": (Lie(500, b'{"message": "' + b"\\u001b" * 800_000 + b'"}', "No"), 1, "(500)"),
    "an error with every string": (Lie(422, _ERROR), 1, ""),
    "a refusal with every string": (Lie(403, _ERROR), 4, "(403)"),
    "a 401 with every string": (Lie(401, _ERROR, headers=[("WWW-Authenticate", NASTY["title"])]), 4, "(401)"),
    "a 404 with every string": (Lie(404, _ERROR), 1, "(404)"),
    "an odd status": (Lie(799, _ERROR), 1, "799"),
    "invalid UTF-8": (Lie(200, b'{"items": [{"clientId": "\xff\xfe\xc3\x28"}]}'), 1, "not even UTF-8"),
    "truncated JSON": (Lie(200, b'{"items": [{"clientId": "orders'), 1, "breaks off"),
    "nothing": (Lie(200, b""), 1, "empty"),
    "no content": (Lie(204, b""), 1, "empty"),
    "a number": (Lie(200, b"42"), 1, "not an object"),
    "items that are none": (Lie(200, b'{"items": {"a": 1}}'), 1, "not a list of objects"),
    "items of texts": (Lie(200, b'{"items": ["orders-api", null]}'), 1, "not a list of objects"),
    "binary": (Lie(200, bytes(range(256)) * 64, content_type="application/octet-stream"), 1, "(200)"),
    "a deep abyss": (Lie(200, b"[" * 500_000), 1, "(200)"),
    "a deep abyss in an error": (Lie(422, b'{"message":' + b"[" * 200_000), 1, "(422)"),
    "deep words": (Lie(422, b'{"message": ' + b"[" * 700 + b"]" * 700 + b"}"), 1, "(422)"),
    "a deep violation": (Lie(400, b'{"validationErrors": [' + b'{"message":' * 150 + b"1" + b"}" * 150 + b"]}"), 1, ""),
    "a lone surrogate": (Lie(200, b'{"items": [{"clientId": "a\\ud800b"}]}'), 0, ""),
    "more than 4300 digits": (Lie(200, b'{"items": [{"clientId": "a", "big": ' + b"9" * 5000 + b"}]}"), 1, "(200)"),
    "a redirect": (
        Lie(302, b"", "Found", headers=[("Location", f"https://u:p@evil.example/{NASTY['title']}")]),
        1,
        "302",
    ),
    "a damaged gzip": (Lie(200, b"not gzip", headers=[("Content-Encoding", "gzip")]), 3, ""),
    "an encoding nobody knows": (Lie(200, b"{}", headers=[("Content-Encoding", NASTY["title"])]), 3, ""),
    "half an answer": (Lie(200, b'{"items": [', length=5000), 3, ""),
    "no HTTP": (Lie(raw=f"SSH-2.0-OpenSSH_9.9\r\n{NASTY['clipboard']}\r\n\r\n".encode()), 3, ""),
    "a NUL in a header": (Lie(raw=b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\n{}"), 3, ""),
    "a header without end": (Lie(raw=b"HTTP/1.1 200 OK\r\nX: " + b"\x1b" * 200_000), 3, ""),
    "a reason phrase": (Lie(raw=f"HTTP/1.1 500 \x1b]0;{MARKER}\x07\r\nContent-Length: 0\r\n\r\n".encode()), 1, "(500)"),
    "silence and a closed door": (Lie(raw=b""), 3, ""),
}
