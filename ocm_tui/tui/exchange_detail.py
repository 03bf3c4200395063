"""One exchange in full, as lines to read: what was sent, what came back, where the time went, and the wire."""

from collections.abc import Sequence
from typing import Final

from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, clean_lines
from ocm_tui.tui.exchange_text import bytes_text, failure_text, outcome_tone, status_text
from ocm_tui.tui.json_lines import body_lines
from ocm_tui.tui.models.text_lines import Line, line, words
from ocm_tui.tui.state import duration_text
from ocm_tui.tui.timing_lines import timing_lines

__all__ = ["DETAIL_TABS", "DIAGNOSIS", "detail_lines", "summary_lines"]

DIAGNOSIS: Final = "Diagnosis"
DETAIL_TABS: Final = ("Response", "Request", "Timing", DIAGNOSIS, "Raw")


def detail_lines(
    exchange: Exchange, tab: str, width: int, *, others: Sequence[float] = (), hint: Sequence[Line] = ()
) -> list[Line]:
    """The lines of every tab but the diagnosis. `others`: what the same call took at other times, in milliseconds;
    `hint` stands below the summary."""
    if tab == "Raw":
        return _raw(exchange)
    lines = [*summary_lines(exchange), *hint, line()]
    if tab == "Timing":
        return [*lines, *timing_lines(exchange, width, others)]
    if tab == "Request":
        return [*lines, line((f"{exchange.method} {clean(exchange.url, 2000)}", "strong")), *_message(exchange.request)]
    if exchange.response is not None:
        lines.append(line((f"{exchange.http_version or 'HTTP'} {exchange.status}", "strong")))
        lines += _message(exchange.response)
    elif exchange.error is not None:
        lines.append(words((f"No response: {exchange.error.layer}: {exchange.error.message}", "bad")))
    return lines


def summary_lines(exchange: Exchange) -> list[Line]:
    """How it went and what it was about; under it what the server, or the transport, says."""
    facts = [utc_text(exchange.started_at), duration_text(exchange.duration_ms), f"attempt {exchange.attempt}"]
    facts += [clean(exchange.client_id, 80)] if exchange.client_id else []
    facts += [f"run {clean(exchange.run_id, 40)}"] if exchange.run_id else []
    facts += [clean(exchange.purpose, 80)] if exchange.purpose else []
    tone = outcome_tone(exchange)
    head = words((status_text(exchange), tone), "  ", (" · ".join(facts), "dim"), hang=5)
    said = failure_text(exchange)
    return [head, words((said, tone))] if said else [head]


def _message(message: Message) -> list[Line]:
    lines = [Line(((f"{name}: ", "name"), (value, "")), hang=2) for name, value in message.headers]
    lines.append(line())
    if not message.body_bytes and not message.body:
        return [*lines, line(("(no body)", "dim"))]
    note = f"{bytes_text(message.body_bytes)} on the wire" + (", cut for the log" if message.truncated else "")
    return [*lines, line((f"({note})", "dim")), *body_lines(message)]


def _raw(exchange: Exchange) -> list[Line]:
    """As on the wire, secrets left out: nothing indented, nothing decoded."""
    version = exchange.http_version or "HTTP/1.1"
    lines = [line((f"{exchange.method} {clean(exchange.path, 2000)} {version}", "strong"))]
    lines += _wire(exchange.request)
    lines += [line(), line(("─" * 20, "dim")), line()]
    if exchange.response is None:
        error = exchange.error
        return [*lines, words((f"no response: {error.layer}: {error.message}" if error else "no response", "bad"))]
    return [*lines, line((f"{version} {exchange.status}", "strong")), *_wire(exchange.response)]


def _wire(message: Message) -> list[Line]:
    lines = [line(f"{name}: {value}") for name, value in message.headers]
    if message.body:
        lines += [line(), *(line(text) for text in clean_lines(message.body).split("\n"))]
    if message.truncated:
        lines.append(line((f"(cut for the log: {bytes_text(message.body_bytes)} on the wire)", "dim")))
    return lines
