"""Exchanges for people. Capture has redacted and cleaned every string in them."""

import json
from collections.abc import Sequence

from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, clean_lines, json_text
from ocm_tui.headless.formats.text import GREEN, RED, YELLOW, table

__all__ = ["exchange_text", "exchanges_table"]


def exchanges_table(exchanges: Sequence[Exchange], *, color: bool) -> str:
    """In the order given. Times are UTC."""
    rows = [
        (
            _state(exchange),
            utc_text(exchange.started_at),
            clean(exchange.method, 20),
            clean(exchange.path, 100),
            f"{exchange.duration_ms:.0f} ms",
            str(exchange.response.body_bytes) if exchange.response else "",
            clean(exchange.id, 60),
        )
        for exchange in exchanges
    ]
    return table(
        ("Status", "Started", "Method", "Path", "Duration", "Bytes", "Id"),
        rows,
        right=(4, 5),
        paints=[_paint(exchange) for exchange in exchanges],
        color=color,
    )


def exchange_text(exchange: Exchange) -> str:
    head = [
        f"{exchange.method} {exchange.url}",
        f"id        {exchange.id}",
        f"started   {utc_text(exchange.started_at)}",
        f"result    {_result(exchange)}",
        f"duration  {_timings(exchange)}",
    ]
    about = {"client": exchange.client_id, "run": exchange.run_id, "purpose": exchange.purpose}
    head += [f"{name:<9} {value}" for name, value in about.items() if value]
    if exchange.attempt > 1:
        head.append(f"attempt   {exchange.attempt}")
    parts = ["\n".join(map(clean, head)), *_message("request", exchange.request)]
    if exchange.response is not None:
        parts += _message("response", exchange.response)
    return "\n\n".join(parts) + "\n"


def _message(name: str, message: Message) -> list[str]:
    cut = ", cut here" if message.truncated else ""
    headers = "\n".join(clean(f"  {header}: {value}") for header, value in message.headers)
    title = f"{name}, {message.body_bytes} bytes{cut}"
    parts = [f"{title}\n{headers}" if headers else title]
    if message.body:
        parts.append("\n".join(f"  {line}" for line in clean_lines(_pretty(message.body)).splitlines()))
    return parts


def _pretty(body: str) -> str:
    """JSON with a line for each member; a body that is cut, or something else, as it is."""
    if not body.lstrip().startswith(("{", "[")):
        return body
    try:
        return json_text(json.loads(body))
    except (ValueError, RecursionError):
        return body


def _state(exchange: Exchange) -> str:
    if exchange.status is None:
        return f"■ {clean(exchange.error.layer, 20) if exchange.error else 'failed'}"
    return f"{'▲' if exchange.failed else '●'} {exchange.status}"


def _paint(exchange: Exchange) -> str:
    if exchange.status is None or exchange.status >= 500:
        return RED
    return YELLOW if exchange.failed else GREEN


def _result(exchange: Exchange) -> str:
    status = [f"HTTP {exchange.status}"] if exchange.status is not None else []
    error = [f"{exchange.error.layer}: {exchange.error.message}"] if exchange.error else []
    return ", ".join([*status, *error]) or "no answer"


def _timings(exchange: Exchange) -> str:
    timings = exchange.timings
    phases = {"connect": timings.connect, "tls": timings.tls, "first byte": timings.first_byte}
    known = [f"{name} {value:.1f} ms" for name, value in phases.items() if value is not None]
    reused = ["reused connection"] if exchange.reused_connection else []
    details = ", ".join([*known, *reused])
    return f"{exchange.duration_ms:.1f} ms ({details})" if details else f"{exchange.duration_ms:.1f} ms"
