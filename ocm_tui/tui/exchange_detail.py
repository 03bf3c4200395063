"""One exchange in full: what was sent, what came back, and where the time went."""

from typing import Final

from textual.content import Content

from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, clean_lines, ellipsis
from ocm_tui.tui.exchange_text import bytes_text, failure_text, outcome_tone, pretty_body, status_text
from ocm_tui.tui.state import duration_text
from ocm_tui.tui.tones import TONES

__all__ = ["DETAIL_TABS", "detail_content"]

DETAIL_TABS: Final = ("Response", "Request", "Timing")
_LONGEST_LINE: Final = 4000
_BAR: Final = 40


def detail_content(exchange: Exchange, tab: str) -> Content:
    if tab == "Timing":
        return _timing(exchange)
    parts = [_summary(exchange), Content("")]
    if tab == "Request":
        parts += [Content.styled(f"{exchange.method} {clean(exchange.url, 2000)}", "bold"), *_message(exchange.request)]
    elif exchange.response is not None:
        parts += [
            Content.styled(f"{exchange.http_version or 'HTTP'} {exchange.status}", "bold"),
            *_message(exchange.response),
        ]
    elif exchange.error is not None:
        parts.append(Content.styled(f"No response: {exchange.error.layer}: {exchange.error.message}", TONES["bad"]))
    return Content("\n").join(parts)


def _summary(exchange: Exchange) -> Content:
    words = [utc_text(exchange.started_at), duration_text(exchange.duration_ms), f"attempt {exchange.attempt}"]
    words += [clean(exchange.client_id, 80)] if exchange.client_id else []
    words += [f"run {clean(exchange.run_id, 40)}"] if exchange.run_id else []
    words += [exchange.purpose] if exchange.purpose else []
    head = Content.assemble(
        (status_text(exchange), TONES[outcome_tone(exchange)]), Content("  "), (" · ".join(words), TONES["dim"])
    )
    said = failure_text(exchange)
    return Content("\n").join([head, Content.styled(said, TONES[outcome_tone(exchange)])]) if said else head


def _message(message: Message) -> list[Content]:
    lines = [Content.assemble((f"{name}: ", "$accent"), Content(value)) for name, value in message.headers]
    lines.append(Content(""))
    if not message.body_bytes and not message.body:
        return [*lines, Content.styled("(no body)", TONES["dim"])]
    note = f"{bytes_text(message.body_bytes)} on the wire" + (", cut for the log" if message.truncated else "")
    lines.append(Content.styled(f"({note})", TONES["dim"]))
    body = clean_lines(pretty_body(message)).split("\n")
    return [*lines, *(Content(ellipsis(line, _LONGEST_LINE)) for line in body)]


def _timing(exchange: Exchange) -> Content:
    """A waterfall: where each phase began, and how long it took, of the whole."""
    timings = exchange.timings
    total = max(timings.total, exchange.duration_ms, 0.001)
    connect, tls = timings.connect or 0.0, timings.tls or 0.0
    phases: list[tuple[str, float, float]] = []
    if timings.connect is not None:
        phases.append(("connect", 0.0, connect))
    if timings.tls is not None:
        phases.append(("TLS", connect, tls))
    start = connect + tls
    if timings.first_byte is not None:
        phases.append(("first byte", start, max(timings.first_byte - start, 0.0)))
        phases.append(("body", timings.first_byte, max(total - timings.first_byte, 0.0)))
    lines = [_summary(exchange), Content("")]
    for name, begin, length in phases:
        left = min(int(begin / total * _BAR), _BAR - 1)
        bar = " " * left + "█" * max(round(length / total * _BAR), 1)
        lines.append(
            Content.assemble(
                (f"{name:<11}", TONES["dim"]), (f"{bar[:_BAR]:<{_BAR}}", "$accent"), f" {duration_text(length):>8}"
            )
        )
    lines.append(Content(f"{'total':<11}{'':<{_BAR}} {duration_text(total):>8}"))
    lines += [Content(""), Content("connection reused" if exchange.reused_connection else "new connection")]
    return Content("\n").join(lines)
