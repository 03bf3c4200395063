"""Exchanges as one line of JSON and back, exactly: for the history file."""

import json
from typing import Any, Final

from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Timings

__all__ = ["decoded", "encoded"]

_PLAIN = (
    *("id", "started_at", "target", "method", "url", "path", "status", "duration_ms", "client_id", "run_id", "purpose"),
    *("attempt", "http_version", "reused_connection"),
)


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


def encoded(exchange: Exchange) -> str:
    document: dict[str, Any] = {name: getattr(exchange, name) for name in _PLAIN}
    timings, error = exchange.timings, exchange.error
    document["timings"] = [timings.connect, timings.tls, timings.first_byte, timings.total]
    document["request"] = _message(exchange.request)
    document["response"] = _message(exchange.response) if exchange.response else None
    document["error"] = [error.layer, error.message] if error else None
    return _ENCODER.encode(document)


def decoded(text: str) -> Exchange:
    """Raises ValueError, KeyError or TypeError for what `encoded` has not written."""
    document = json.loads(text)
    response, error = document["response"], document["error"]
    return Exchange(
        **{name: document[name] for name in _PLAIN},
        timings=Timings(*document["timings"]),
        request=_read(document["request"]),
        response=_read(response) if response else None,
        error=ExchangeFailure(*error) if error else None,
    )


def _message(message: Message) -> list[Any]:
    return [message.headers, message.body, message.body_bytes, message.truncated]


def _read(parts: list[Any]) -> Message:
    headers, body, size, truncated = parts
    return Message(tuple((name, value) for name, value in headers), body, size, truncated)
