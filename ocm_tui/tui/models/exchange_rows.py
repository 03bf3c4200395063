"""The log's rows: the exchanges that match the filter, oldest first, as many as the log itself keeps."""

from collections.abc import Sequence
from typing import Final

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import ExchangeQuery, parse_query
from ocm_tui.tui.exchange_text import clock_text, failure_text, outcome_tone, size_text, status_text
from ocm_tui.tui.state import duration_text
from ocm_tui.tui.widgets.row_table import Cell, Column

__all__ = ["EXCHANGE_COLUMNS", "ExchangeRows"]

EXCHANGE_COLUMNS: Final = (
    Column("Time", 12),
    Column("Method", 6),
    Column("Status", 6, align="right"),
    Column("Path", 18, share=3),
    Column("Took", 8, align="right", needs=56),
    Column("Size", 8, align="right", needs=70),
    Column("What it says", 12, share=3, needs=84),
)


class ExchangeRows:
    """A `RowSource` that takes new exchanges only when asked to: a paused view holds still."""

    def __init__(self) -> None:
        self.query: ExchangeQuery = parse_query("")
        self._log: ExchangeLog | None = None
        self._taken = 0
        self._rows: list[Exchange] = []
        self._places: dict[str, int] = {}

    def watch_log(self, log: ExchangeLog) -> None:
        self._log, self._taken, self._rows = log, 0, []
        self.take_new()

    @property
    def total(self) -> int:
        return len(self._log) if self._log is not None else 0

    @property
    def waiting(self) -> int:
        """New exchanges that a paused view has not taken."""
        return self._log.revision - self._taken if self._log is not None else 0

    def take_new(self) -> bool:
        """Take what has come since the last time; whether the view changed."""
        log = self._log
        if log is None or log.revision == self._taken:
            return False
        news = log.since(self._taken)
        self._taken = log.revision
        matching = [exchange for exchange in news if self.query.matches(exchange)]
        for exchange in matching:
            self._places[exchange.id] = len(self._rows)
            self._rows.append(exchange)
        return self._forget(len(log)) or bool(matching)

    def set_query(self, query: ExchangeQuery) -> None:
        """Applies to all that the log holds, new ones included."""
        self.query, self._taken, self._rows, self._places = query, 0, [], {}
        self.take_new()

    def _forget(self, held: int) -> bool:
        """Keep no more than the log does, so that a flood cannot fill the memory by way of the view."""
        extra = len(self._rows) - held
        if extra <= 0:
            return False
        del self._rows[:extra]
        self._places = {exchange.id: place for place, exchange in enumerate(self._rows)}
        return True

    def get(self, key: str | None) -> Exchange | None:
        place = self._places.get(key) if key is not None else None
        return self._rows[place] if place is not None else None

    # RowSource

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, position: int) -> str:
        return self._rows[position].id

    def position(self, key: str) -> int | None:
        return self._places.get(key)

    def cells(self, position: int) -> Sequence[Cell]:
        exchange = self._rows[position]
        tone = outcome_tone(exchange)
        return (
            Cell(clock_text(exchange.started_at), "dim"),
            Cell(exchange.method),
            Cell(status_text(exchange), tone),
            Cell(exchange.path),
            Cell(duration_text(exchange.duration_ms), "dim"),
            Cell(size_text(exchange), "dim"),
            Cell(failure_text(exchange) or exchange.purpose, tone if exchange.failed else "dim"),
        )
