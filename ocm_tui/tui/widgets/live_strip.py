"""The live log, in sight from every pane: the last exchanges, the rate, and how they went.

It polls the log's change counter; no message is sent for an exchange, so a flood of them costs nothing but the paint.
"""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from ocm_tui.core.text import ellipsis
from ocm_tui.tui.state import duration_text
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.exchanges.model import Exchange

__all__ = ["LiveStrip", "sparkline"]

_POLL_SECONDS = 0.1
_BARS = "▁▂▃▄▅▆▇█"


class LiveStrip(Widget):
    DEFAULT_CSS = """
    LiveStrip { height: 5; border: round $border-plain; border-title-color: $foreground-dim; padding: 0 1; }
    """

    class Opened(Message):
        """The strip was clicked: the reader wants the whole log."""

    def __init__(self, *, explains: str = "") -> None:
        """`explains` is the key that explains the newest failure there, if there is one."""
        super().__init__()
        self._explains = explains
        self._log: ExchangeLog | None = None
        self._seen = (-1, -1)
        self._ticks = 0

    def watch_log(self, log: "ExchangeLog") -> None:
        self._log = log
        self._seen = (-1, -1)

    def on_mount(self) -> None:
        self.border_title = Content("Live")
        self.set_interval(_POLL_SECONDS, self._poll)

    def on_click(self) -> None:
        self.post_message(self.Opened())

    def _poll(self) -> None:
        if self._log is None or not self.is_on_screen:
            return
        self._ticks += 1
        seen = (self._log.revision, self._log.in_flight)
        if seen != self._seen:
            self._seen = seen
            self.refresh()
        if self._ticks % 5 == 0:
            self.border_title = self._title(self._log)

    def _title(self, log: "ExchangeLog") -> Content:
        stats = log.stats
        counts = stats.classes()
        total = sum(counts.values())
        parts = [f"Live ── {stats.rate:.0f}/s {sparkline(stats.per_second(12))}"]
        if total:
            shares = [f"{name} {100 * count / total:.0f} %" for name, count in counts.items() if count]
            parts.append("  ".join(shares))
            median, tail = stats.percentile(50), stats.percentile(95)
            if median is not None and tail is not None:
                parts.append(f"p50 {duration_text(median)}  p95 {duration_text(tail)}")
        if log.in_flight:
            parts.append(f"{log.in_flight} in flight")
        return Content(ellipsis(" ── ".join(parts), max(self.size.width - 2, 10)))

    def render(self) -> Content:
        if self._log is None or not len(self._log):
            return Content.styled("No requests yet.", TONES["dim"])
        newest = self._log.since(0, self.content_size.height)
        failed = next((exchange for exchange in reversed(newest) if exchange.failed), None) if self._explains else None
        return Content("\n").join([self._line(exchange, explained=exchange is failed) for exchange in newest])

    def _line(self, exchange: "Exchange", *, explained: bool) -> Content:
        from ocm_tui.tui.exchange_text import clock_text, failure_text, outcome_tone, size_text, status_text

        width = self.content_size.width
        path_width = max(min(width - 56, 60), 18)
        tone = outcome_tone(exchange)
        path = ellipsis(exchange.path, path_width).ljust(path_width)
        parts = [
            Content.styled(f"{clock_text(exchange.started_at)} ", TONES["dim"]),
            Content(f"{exchange.method:<6} {path} "),
            Content.styled(f"{status_text(exchange):>5} ", TONES[tone]),
            Content.styled(f"{duration_text(exchange.duration_ms):>8} {size_text(exchange):>8}", TONES["dim"]),
        ]
        failure = failure_text(exchange)
        if failure:
            parts.append(Content.styled(f"  {failure}", TONES[tone]))
        line = Content("").join(parts)
        if not explained:
            return line[:width]
        way = Content.assemble((" → ", TONES["dim"]), (self._explains, TONES["key"]), (" explains", TONES["dim"]))
        return Content("").join([line[: max(width - way.cell_length, 0)], way])


def sparkline(values: list[int]) -> str:
    """One bar a value, scaled to the largest; zero is the lowest bar."""
    top = max(values, default=0)
    if not top:
        return _BARS[0] * len(values)
    return "".join(_BARS[min(value * (len(_BARS) - 1) // top + (value > 0), len(_BARS) - 1)] for value in values)
