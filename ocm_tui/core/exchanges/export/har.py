"""HAR 1.2: what browsers and proxies read. What HAR has no member for stands in `_ocm`, so that nothing is lost.

The specification lets custom members begin with an underscore, and has no failed request: its response is then one
with status 0, as browsers write it.
"""

import urllib.parse
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final

from ocm_tui import __version__
from ocm_tui.core.exchanges.markers import MarkerKeeper
from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, json_text

__all__ = ["OWN", "har_text", "status_words"]

OWN: Final = "_ocm"
_UNKNOWN: Final = -1
_COMMENT: Final = (
    "Secrets were left out when this was recorded: *** and six digits stand for one. "
    "Within one session the same digits stand for the same secret."
)


def har_text(exchanges: Sequence[Exchange]) -> str:
    redactor = MarkerKeeper()  # one: to get to know all secrets of the process takes longer than an exchange
    log = {
        "version": "1.2",
        "creator": {"name": "ocm-tui", "version": __version__, "comment": _COMMENT},
        "entries": [_entry(exchange, redactor) for exchange in exchanges],
    }
    return json_text({"log": log}) + "\n"


def status_words(status: int) -> str:
    """The reason phrase of a known status, else nothing."""
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _entry(exchange: Exchange, redactor: MarkerKeeper) -> dict[str, Any]:
    return {
        "startedDateTime": utc_text(exchange.started_at),
        "time": max(exchange.duration_ms, 0.0),
        "request": _request(exchange, redactor),
        "response": _response(exchange),
        "cache": {},
        "timings": _timings(exchange),
        OWN: _own(exchange),
    }


def _request(exchange: Exchange, redactor: MarkerKeeper) -> dict[str, Any]:
    message = exchange.request
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.http_version or "HTTP/1.1",
        "cookies": [dict(zip(("name", "value"), pair, strict=True)) for pair in _cookie_pairs(message)],
        "headers": _headers(message),
        "queryString": _query(exchange.url, redactor),
        "headersSize": _UNKNOWN,
        "bodySize": message.body_bytes,
    }
    if message.body or message.body_bytes:
        request["postData"] = {"mimeType": message.header("Content-Type") or "", "text": message.body}
        if message.truncated:
            request["postData"]["comment"] = _cut(message)
    return request


def _response(exchange: Exchange) -> dict[str, Any]:
    message = exchange.response
    if message is None:
        words = exchange.error.message if exchange.error else ""
        content: dict[str, Any] = {"size": 0, "mimeType": "x-unknown"}
        message, version, size = Message(), "", _UNKNOWN
    else:
        words, version, size = status_words(exchange.status or 0), exchange.http_version or "HTTP/1.1", _UNKNOWN
        content = {"size": message.body_bytes, "mimeType": message.header("Content-Type") or "x-unknown"}
        content["text"] = message.body
        size = message.body_bytes
        if message.truncated:
            content["comment"] = _cut(message)
        elif message.header("Content-Encoding"):
            content["size"] = len(message.body.encode("utf-8", "replace"))
    return {
        "status": exchange.status or 0,
        "statusText": words,
        "httpVersion": version,
        "cookies": list(_set_cookies(message)),
        "headers": _headers(message),
        "content": content,
        "redirectURL": message.header("Location") or "",
        "headersSize": _UNKNOWN,
        "bodySize": size,
        **({"_error": f"{exchange.error.layer}: {exchange.error.message}"} if exchange.error else {}),
    }


def _timings(exchange: Exchange) -> dict[str, float]:
    """HAR's `connect` includes the handshake, and its parts add up to `time`. Resolving is within our `connect`."""
    timings, total = exchange.timings, max(exchange.duration_ms, 0.0)
    handshake = timings.tls or 0.0
    connect = (timings.connect or 0.0) + handshake
    waited = max((total if timings.first_byte is None else timings.first_byte) - connect, 0.0)
    return {
        "blocked": _UNKNOWN,
        "dns": _UNKNOWN,
        "connect": _UNKNOWN if timings.connect is None else connect,
        "ssl": _UNKNOWN if timings.tls is None else handshake,
        "send": 0,
        "wait": min(waited, total),
        "receive": max(total - (timings.first_byte or total), 0.0),
    }


def _own(exchange: Exchange) -> dict[str, Any]:
    timings, response, error = exchange.timings, exchange.response, exchange.error
    return {
        "id": exchange.id,
        "started_at": exchange.started_at,
        "target": exchange.target,
        "path": exchange.path,
        "status": exchange.status,
        "duration_ms": exchange.duration_ms,
        "timings": [timings.connect, timings.tls, timings.first_byte, timings.total],
        "request": {"body_bytes": exchange.request.body_bytes, "truncated": exchange.request.truncated},
        "response": response and {"body_bytes": response.body_bytes, "truncated": response.truncated},
        "error": error and [error.layer, error.message],
        "client_id": exchange.client_id,
        "run_id": exchange.run_id,
        "purpose": exchange.purpose,
        "attempt": exchange.attempt,
        "http_version": exchange.http_version,
        "reused_connection": exchange.reused_connection,
    }


def _headers(message: Message) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in message.headers]


def _query(url: str, redactor: MarkerKeeper) -> list[dict[str, str]]:
    """Decoded, as readers expect it. Decoding may uncover what the escapes hid, so it is redacted once more."""
    query = url.partition("#")[0].partition("?")[2]
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    return [{"name": clean(redactor.text(name)), "value": clean(redactor.text(value))} for name, value in pairs]


def _cookie_pairs(message: Message) -> Iterator[tuple[str, str]]:
    for name, value in message.headers:
        if name.lower() == "cookie":
            for part in value.split(";"):
                cookie, _, content = part.strip().partition("=")
                if cookie:
                    yield cookie, content


def _set_cookies(message: Message) -> Iterator[dict[str, Any]]:
    """`Expires` stays in the header: HAR wants it as another kind of date."""
    for name, value in message.headers:
        if name.lower() != "set-cookie":
            continue
        first, *attributes = value.split(";")
        cookie, _, content = first.strip().partition("=")
        found: dict[str, Any] = {"name": cookie, "value": content}
        for attribute in attributes:
            key, _, setting = attribute.strip().partition("=")
            match key.lower():
                case "path" | "domain" as known:
                    found[known] = setting
                case "httponly":
                    found["httpOnly"] = True
                case "secure":
                    found["secure"] = True
        if cookie:
            yield found


def _cut(message: Message) -> str:
    return f"cut: {len(message.body):,} characters of {message.body_bytes:,} bytes were kept"
