"""What stands under the log: how many of the shown exchanges went which way, and how long the last ones took."""

from collections.abc import Sequence
from itertools import islice
from math import log1p
from statistics import quantiles
from typing import Final

from textual.content import Content

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.tui.exchange_text import outcome_tone
from ocm_tui.tui.models.exchange_rows import ExchangeRows
from ocm_tui.tui.state import duration_text
from ocm_tui.tui.tones import TONES

__all__ = ["counts_content"]

_TONES: Final = {"2xx": "good", "4xx": "warn", "5xx": "bad", "error": "bad"}
_BARS: Final = "▁▂▃▄▅▆▇█"
_NEWEST: Final = 200  # for the percentiles
_MOST_BARS: Final = 40


def counts_content(rows: ExchangeRows, width: int) -> Content:
    """`2xx 97  4xx 3 ── ▁▂▁▅ 12 ms` in at most `width` cells: one bar an exchange, the newest at the right."""
    if not len(rows):
        return Content("")
    counts = [(name, count) for name, count in sorted(rows.counts.items()) if count > 0]
    parts = [Content.styled(f"{name} {count:,}", TONES[_TONES.get(name, "dim")]) for name, count in counts]
    left = Content("  ").join(parts)
    newest = list(islice(reversed(rows.exchanges), _NEWEST))
    durations = [exchange.duration_ms for exchange in newest]
    said = f" p50 {duration_text(_quantile(durations, 50))}  p95 {duration_text(_quantile(durations, 95))}"
    room = width - left.cell_length - len(said) - 4
    if room < 8:
        return left if left.cell_length <= width else Content("")
    bars = _latency_bars(newest[: min(room, _MOST_BARS)][::-1])
    return Content.assemble(left, (" ── ", TONES["dim"]), bars, (said, TONES["dim"]))


def _latency_bars(exchanges: Sequence[Exchange]) -> Content:
    """The height is the duration, of the longest one shown, so that a second is not all that can be seen beside
    milliseconds: its logarithm. The colour is how it went."""
    longest = log1p(max((exchange.duration_ms for exchange in exchanges), default=0.0)) or 1.0
    return Content("").join(
        [
            Content.styled(
                _BARS[min(int(log1p(max(exchange.duration_ms, 0.0)) / longest * len(_BARS)), len(_BARS) - 1)],
                TONES[outcome_tone(exchange) if exchange.failed else "dim"],
            )
            for exchange in exchanges
        ]
    )


def _quantile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]
