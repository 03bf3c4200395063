"""One entry of a HAR file as an exchange. Every member may be missing, of another type, or written to do harm."""

import base64
import binascii
import json
import math
import re
import urllib.parse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, get_args

from ocm_tui.core.exchanges.export.har import OWN
from ocm_tui.core.exchanges.markers import MarkerKeeper
from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Target, Timings
from ocm_tui.core.text import clean

__all__ = ["HarReader", "NoExchange"]

_CAP: Final = 64 * 1024  # characters of a body, as the recorder keeps them
_OWN_CAP: Final = 8 * _CAP  # of our own: what makes a character visible is up to eight
_MOST_HEADERS: Final = 300
_NOTE: Final = re.compile(r"\([\w ,/.+-]{1,160}\)")  # what the recorder keeps of a body that is no text
_ADMIN_API: Final = re.compile(r"\Ahttps?://[^/?#]*(/[^?#]*)?/pf-admin-api/v\d+(?=[/?#]|\Z)", re.IGNORECASE)
_CLIENT: Final = re.compile(r"/oauth/clients/([^/?#]+)")
_TOKEN_PATH: Final = re.compile(r"/(?:token(?:\.oauth2)?|oauth2?/v?\d*/?token)(?:[?#]|\Z)")
_LAYERS: Final = (
    ("dns", ("NAME_NOT_RESOLVED", "DNS", "dns:")),
    ("proxy", ("PROXY", "TUNNEL", "proxy:")),
    ("tls", ("CERT", "SSL", "TLS", "tls:")),
    ("deadline", ("TIMED_OUT", "TIMEOUT", "deadline:")),
    ("cancelled", ("ABORTED", "BLOCKED", "cancelled:")),
    ("tcp", ("CONNECTION", "ADDRESS", "NETWORK", "INTERNET", "tcp:")),
)
_KNOWN_LAYERS: Final = frozenset({"dns", "tcp", "tls", "proxy", "deadline", "http", "cancelled"})


class NoExchange(ValueError):
    """The message says why."""


class _Body(NamedTuple):
    data: bytes
    size: int  # of the whole
    content_type: str


class HarReader:
    """Reads the entries of one file. Its redactor is its own, so that it can work in a thread beside the recorder."""

    def __init__(self) -> None:
        self._redactor = MarkerKeeper()
        self._ids: set[str] = set()

    def exchange(self, entry: Any, number: int) -> Exchange:
        """`number` counts from 1, and is the id of a foreign entry: `har-7`. NoExchange when it is none."""
        request = _mapping(_mapping(entry).get("request"))
        url, method = request.get("url"), request.get("method")
        if not isinstance(url, str) or not isinstance(method, str) or not method.strip():
            raise NoExchange("it has no request with a method and a URL")
        if not url.lower().startswith(("http://", "https://")):
            raise NoExchange(f"{clean(url.partition(':')[0], 20)} is not HTTP")
        own = _mapping(entry.get(OWN))
        shown = self._redactor.url(url)
        response = _mapping(entry.get("response"))
        status = _integer(response.get("status")) or None
        error = self._error(own, response, status)
        sent = self._request(request, _mapping(own.get("request")))
        timings = _timings(own, entry)
        return Exchange(
            id=self._id(own.get("id"), number),
            started_at=_started_at(own, entry),
            target=_target(own.get("target"), url),
            method=clean(method.strip(), 40),
            url=shown,
            path=self._path(own.get("path"), shown),
            status=status,
            duration_ms=_number(own.get("duration_ms"), timings.total),
            timings=timings,
            request=sent,
            response=self._response(response, own, status),
            error=error,
            client_id=self._word(own.get("client_id")) if own else self._client_id(url, sent),
            run_id=self._word(own.get("run_id")),
            purpose=self._word(own.get("purpose")) or "",
            attempt=max(_integer(own.get("attempt")), 1),
            http_version=clean(own["http_version"], 20)
            if isinstance(own.get("http_version"), str)
            else clean(_text(response.get("httpVersion")) or _text(request.get("httpVersion")), 20),
            reused_connection=own.get("reused_connection") is True,
        )

    def _id(self, given: Any, number: int) -> str:
        """Unique in the file, whatever it says."""
        name = clean(given, 80) if isinstance(given, str) and given.strip() else f"har-{number}"
        while name in self._ids:
            name = f"{name}-{number}"
        self._ids.add(name)
        return name

    def _path(self, given: Any, url: str) -> str:
        if isinstance(given, str) and given and (url.endswith(given) or given == "/"):
            return given
        base = _ADMIN_API.match(url)
        if base:
            return url[base.end() :] or "/"
        slash = url.find("/", url.find("://") + 3)
        return url[slash:] if slash > 0 else "/"

    def _word(self, value: Any) -> str | None:
        return clean(self._redactor.text(value), 200) if isinstance(value, str) and value else None

    def _client_id(self, url: str, sent: Message) -> str | None:
        """Whom a request to the administrative API is about."""
        base = _ADMIN_API.match(url)
        if base is None:
            return None
        found = _CLIENT.match(url, base.end())
        if found:
            return self._word(urllib.parse.unquote(found[1]))
        try:
            document = json.loads(sent.body) if sent.body else None
        except (ValueError, RecursionError):
            return None
        return self._word(_mapping(document).get("clientId"))

    def _error(self, own: Mapping[str, Any], response: Mapping[str, Any], status: int | None) -> ExchangeFailure | None:
        if own:
            match own.get("error"):
                case [str(layer), str(message)]:
                    known = layer if layer in _KNOWN_LAYERS else "http"
                    return ExchangeFailure(known, self._redactor.text(message))
            return None if status else ExchangeFailure("http", "no answer was recorded")
        words = _text(response.get("_error")) or ("" if status else _text(response.get("statusText")))
        if not words and status:
            return None
        layer = next((name for name, signs in _LAYERS if any(sign in words for sign in signs)), "http")
        return ExchangeFailure(layer, clean(self._redactor.text(words), 600) or "no answer was recorded")

    def _headers(self, message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        items = message.get("headers")
        pairs = [
            (_text(_mapping(item).get("name")), _text(_mapping(item).get("value")))
            for item in (items if isinstance(items, list) else [])[:_MOST_HEADERS]
        ]
        return self._redactor.headers([pair for pair in pairs if pair[0]])

    def _request(self, request: Mapping[str, Any], own: Mapping[str, Any]) -> Message:
        posted = _mapping(request.get("postData"))
        text = posted.get("text")
        if not isinstance(text, str):
            text = urllib.parse.urlencode(_pairs(posted.get("params")))
        data = text.encode("utf-8", "surrogatepass")
        size = _integer(request.get("bodySize"))
        return self._message(request, _Body(data, max(size, len(data)), _text(posted.get("mimeType"))), own)

    def _response(self, response: Mapping[str, Any], own: Mapping[str, Any], status: int | None) -> Message | None:
        if not status or (own and own.get("response") is None):
            return None
        content = _mapping(response.get("content"))
        data = _text(content.get("text")).encode("utf-8", "surrogatepass")
        if content.get("encoding") == "base64":
            try:
                data = base64.b64decode(data, validate=False)
            except (binascii.Error, ValueError):
                raise NoExchange("its body is no base64") from None
        wire = _integer(response.get("bodySize"))
        body = _Body(data, wire if wire >= 0 else _integer(content.get("size")), _text(content.get("mimeType")))
        return self._message(response, body, _mapping(own.get("response")))

    def _message(self, given: Mapping[str, Any], body: _Body, own: Mapping[str, Any]) -> Message:
        headers = self._headers(given)
        size = _integer(own.get("body_bytes"), body.size)
        size = size if size >= 0 else len(body.data)
        if not body.data:
            return Message(headers, "", max(size, 0), own.get("truncated") is True)
        header = next((value for name, value in headers if name.lower() == "content-type"), body.content_type)
        cap = _OWN_CAP if own else _CAP
        text = body.data.decode("utf-8", "replace")
        if own and _NOTE.fullmatch(text):
            shown, cut = self._redactor.text(text), False
        else:
            shown, cut = self._redactor.body(body.data, header.partition(";")[0], cap)
        return Message(headers, shown, size, cut or own.get("truncated") is True)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _integer(value: Any, default: int = 0) -> int:
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return int(value) if known and abs(value) < 2**53 else default


def _number(value: Any, default: float = 0.0) -> float:
    """Not negative, and finite."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if known and 0 <= value < 2**53 else default


def _pairs(value: Any) -> list[tuple[str, str]]:
    items: Sequence[Any] = value if isinstance(value, list) else []
    return [(_text(_mapping(item).get("name")), _text(_mapping(item).get("value"))) for item in items]


def _target(given: Any, url: str) -> Target:
    for known in get_args(Target):
        if given == known:
            target: Target = known
            return target
    return "token" if _TOKEN_PATH.search(url) else "server"


def _started_at(own: Mapping[str, Any], entry: Mapping[str, Any]) -> float:
    """Seconds since the epoch; 0 when the file does not say."""
    exact = _number(own.get("started_at"), -1.0)
    if 0 <= exact < 253_402_300_800:  # the year 10000
        return exact
    try:
        moment = datetime.fromisoformat(_text(entry.get("startedDateTime")))
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return max(seconds, 0.0)


def _timings(own: Mapping[str, Any], entry: Mapping[str, Any]) -> Timings:
    match own.get("timings"):
        case [connect, tls, first_byte, total]:
            return Timings(_optional(connect), _optional(tls), _optional(first_byte), _number(total))
    given = _mapping(entry.get("timings"))
    parts = {name: _optional(given.get(name)) for name in ("blocked", "dns", "connect", "ssl", "send", "wait")}
    tls = parts.pop("ssl")  # a part of `connect` already
    connect = parts["connect"]
    before = sum(value for value in parts.values() if value is not None)
    return Timings(
        connect=None if connect is None else max(connect - (tls or 0.0), 0.0),
        tls=tls,
        first_byte=before if parts["wait"] is not None else None,
        total=_number(entry.get("time"), before),
    )


def _optional(value: Any) -> float | None:
    known = _number(value, -1.0)
    return known if known >= 0 else None
