"""Exchanges in words: what the strip, the log's table and its detail say of one."""

import json
from datetime import UTC, datetime
from typing import Literal

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.text import clean

__all__ = ["bytes_text", "clock_text", "failure_text", "outcome_tone", "size_text", "status_class", "status_text"]


def clock_text(epoch: float) -> str:
    """`12:04:31.377`, UTC."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%H:%M:%S.%f")[:-3]


def status_text(exchange: Exchange) -> str:
    if exchange.status is not None:
        return str(exchange.status)
    return exchange.error.layer.upper()[:5] if exchange.error else "–"


def status_class(exchange: Exchange) -> str:
    """`2xx` to `5xx`, or `error` when there is no complete response: as `LiveStats` counts them."""
    return "error" if exchange.error is not None or not exchange.status else f"{exchange.status // 100}xx"


def outcome_tone(exchange: Exchange) -> Literal["good", "warn", "bad"]:
    if exchange.error is not None or exchange.status is None or exchange.status >= 500:
        return "bad"
    return "warn" if exchange.status >= 400 else "good"


def size_text(exchange: Exchange) -> str:
    return bytes_text(exchange.response.body_bytes) if exchange.response else "–"


def bytes_text(count: int) -> str:
    """`312 B`, `21 kB`, `4.2 MB`."""
    if count < 1000:
        return f"{count} B"
    if count < 999_500:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1e6:.1f} MB"


def failure_text(exchange: Exchange) -> str:
    """One line: the transport's failure, or the first validation error, or the server's message.

    Cleaned again here: decoding JSON turns its harmless escapes back into what a terminal would obey.
    """
    if exchange.error is not None:
        return exchange.error.message
    if exchange.status is None or exchange.status < 400 or exchange.response is None:
        return ""
    try:
        return _said(json.loads(exchange.response.body))
    except ValueError:
        return "(not JSON)" if exchange.response.body else "(empty body)"
    except RecursionError:
        return "(JSON nested too deep to be read)"


def _said(answer: object) -> str:
    if not isinstance(answer, dict):
        return ""
    errors = answer.get("validationErrors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        field, message = errors[0].get("fieldPath"), errors[0].get("message")
        more = f" (+{len(errors) - 1} more)" if len(errors) > 1 else ""
        return clean(f"{field}: {message}{more}" if field else f"{message}{more}", 300)
    return clean(answer.get("message") or answer.get("error") or "", 300)
