"""Where the time of an exchange went: a waterfall, and what the same call usually takes."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, NamedTuple

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.tui.models.text_lines import Line, line, words
from ocm_tui.tui.state import duration_text

__all__ = ["timing_lines"]

_NAME: Final = 11
_TOOK: Final = 9
_SHARE: Final = 6
_EIGHTHS: Final = "▏▎▍▌▋▊▉█"
_SLOW: Final = 3.0  # times the usual, from which on it is worth a colour


class _Phase(NamedTuple):
    name: str
    begin: float  # milliseconds from the start
    took: float
    meaning: str


def timing_lines(exchange: Exchange, width: int, others: Sequence[float] = ()) -> list[Line]:
    """`others` are the milliseconds of other exchanges of the same call."""
    total = max(exchange.timings.total, exchange.duration_ms, 0.001)
    bar = max(min(width - _NAME - _TOOK - _SHARE, 80), 10)
    lines = [line((" " * _NAME + f"{'0':<{bar - 8}}{duration_text(total):>8}", "dim"))]
    phases = list(_phases(exchange, total))
    slowest = max(phases, key=lambda phase: phase.took, default=None)
    for phase in phases:
        tone = "warn" if phase is slowest and len(phases) > 1 else "name"
        lines.append(
            line(
                (f"{phase.name:<{_NAME}}", "dim"),
                (_bar(phase, total, bar), tone),
                f"{duration_text(phase.took):>{_TOOK}}",
                (f"{100 * phase.took / total:>{_SHARE - 2}.0f} %", "dim"),
            )
        )
    lines.append(line(f"{'total':<{_NAME}}{'':<{bar}}{duration_text(total):>{_TOOK}}"))
    lines.append(line())
    lines.append(line(_connection(exchange)))
    if slowest is not None:
        lines.append(words(f"Most of it: {slowest.name} – {slowest.meaning}."))
    lines += _usual(total, others)
    return lines


def _phases(exchange: Exchange, total: float) -> Iterator[_Phase]:
    timings = exchange.timings
    connected = 0.0
    if timings.connect is not None:
        yield _Phase("connect", 0.0, timings.connect, "the name was looked up and the connection made")
        connected = timings.connect
    if timings.tls is not None:
        yield _Phase("TLS", connected, timings.tls, "the handshake, with certificates in both directions")
        connected += timings.tls
    if timings.first_byte is not None:
        wait = max(timings.first_byte - connected, 0.0)
        yield _Phase("first byte", connected, wait, "the request was sent and the server worked on it")
        yield _Phase("body", timings.first_byte, max(total - timings.first_byte, 0.0), "the answer was read")
    elif total > connected:
        yield _Phase("no answer", connected, total - connected, "nothing came back in this time")


def _bar(phase: _Phase, total: float, width: int) -> str:
    """From its beginning to its end in eighths of a cell; what is too short for one is still seen."""
    start = min(int(phase.begin / total * width), width - 1)
    eighths = max(round(phase.took / total * width * 8), 1)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest - 1] if rest else "")
    return f"{' ' * start}{drawn}"[:width].ljust(width)


def _connection(exchange: Exchange) -> str:
    reused = "connection reused" if exchange.reused_connection else "new connection"
    return " · ".join([reused, *([exchange.http_version] if exchange.http_version else [])])


def _usual(total: float, others: Sequence[float]) -> list[Line]:
    if not others:
        return []
    usual = max(median(others), 0.001)
    times = total / usual
    compared = f"{times:.1f} times as long" if times >= 1.05 else "no longer than that"
    return [
        line(
            f"The same call usually takes {duration_text(usual)} (median of {len(others):,}); this one took ",
            (compared, "warn" if times >= _SLOW else ""),
            ".",
        )._replace(prose=True)
    ]
