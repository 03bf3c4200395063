"""The beginning of a body that could not be used, safe to show: what it looks like tells who answered."""

from typing import Final
from urllib.parse import urlsplit

from ocm_tui.core.exchanges.redaction import session_redactor
from ocm_tui.core.http.types import Reply
from ocm_tui.core.text import clean

__all__ = ["body_kind", "excerpt", "without_credentials"]

_SHOWN: Final = 240


def body_kind(reply: Reply) -> str:
    """A few words about a body that is not the expected JSON."""
    body = reply.body
    if not body.strip():
        return "empty"
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or "html" in (reply.header("Content-Type") or "").lower():
        return "an HTML page"
    if start.startswith(b"<"):
        return "XML"
    try:
        body.decode()
    except UnicodeDecodeError:
        return "not even UTF-8"
    return "JSON that is damaged or breaks off" if start.startswith((b"{", b"[")) else "other text"


def excerpt(reply: Reply) -> str:
    """The first characters, on one line, redacted and cleaned."""
    shown, cut = session_redactor.body(reply.body, reply.header("Content-Type") or "", _SHOWN)
    return clean(" ".join(shown.split())) + ("…" if cut else "")


def without_credentials(url: str) -> str:
    """An address without user, query and fragment: that is where credentials hide."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address that cannot be read"
    return clean(session_redactor.url(f"{parts.scheme}://{host}{parts.path}" if host else parts.path), 200)
