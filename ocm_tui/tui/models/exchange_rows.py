"""The log's rows: the exchanges that match the filter, oldest first, as many as the log itself keeps."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import ExchangeQuery, parse_query
from ocm_tui.tui.exchange_text import clock_text, failure_text, outcome_tone, size_text, status_class, status_text
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

_NEWEST: Final = 2_000


class ExchangeRows:
    """A `RowSource` that takes new exchanges only when asked to: a paused view holds still.

    `counts` are the shown ones by status class, kept up to date as they come and go.
    """

    def __init__(self) -> None:
        self.query: ExchangeQuery = parse_query("")
        self.counts: Counter[str] = Counter()
        self.log: ExchangeLog | None = None
        self._taken = 0
        self._rows: list[Exchange] = []
        self._places: dict[str, int] = {}  # counted from the first row that ever was: `_gone` of them are not any more
        self._gone = 0

    def watch_log(self, log: ExchangeLog) -> None:
        self.log = log
        self._begin_anew()

    @property
    def total(self) -> int:
        return len(self.log) if self.log is not None else 0

    @property
    def waiting(self) -> int:
        """New exchanges that a paused view has not taken."""
        return self.log.revision - self._taken if self.log is not None else 0

    def take_new(self) -> bool:
        """Take what has come since the last time; whether the view changed."""
        log = self.log
        if log is None or log.revision == self._taken:
            return False
        news = log.since(self._taken)
        self._taken = log.revision
        matching = [exchange for exchange in news if self.query.matches(exchange)]
        for exchange in matching:
            self._places[exchange.id] = self._gone + len(self._rows)
            self._rows.append(exchange)
        self.counts.update(map(status_class, matching))
        return self._forget(len(log)) or bool(matching)

    def set_query(self, query: ExchangeQuery) -> None:
        """Applies to all that the log holds, new ones included; one that narrows the last looks at its rows only."""
        if not query.narrows(self.query):
            self.query = query
            self._begin_anew()
            return
        self.take_new()
        self.query = query
        self._rows = [exchange for exchange in self._rows if query.matches(exchange)]
        self._gone = 0
        self._places = {exchange.id: place for place, exchange in enumerate(self._rows)}
        self.counts = Counter(map(status_class, self._rows))

    def values_met(self) -> dict[str, list[str]]:
        """The clients and runs of the newest exchanges, the newest first: what a filter may ask for."""
        newest = list(islice(self.newest_first(), _NEWEST))
        return {
            "client": list(dict.fromkeys(one.client_id for one in newest if one.client_id)),
            "run": list(dict.fromkeys(one.run_id for one in newest if one.run_id)),
        }

    def _begin_anew(self) -> None:
        self._taken, self._gone, self._rows, self._places = 0, 0, [], {}
        self.counts.clear()
        self.take_new()

    def _forget(self, held: int) -> bool:
        """Keep no more than the log does, so that a flood cannot fill the memory by way of the view."""
        extra = len(self._rows) - held
        if extra <= 0:
            return False
        for exchange in islice(self._rows, extra):
            if self._places.get(exchange.id, self._gone) < self._gone + extra:
                self._places.pop(exchange.id, None)
        self.counts.subtract(map(status_class, self._rows[:extra]))
        del self._rows[:extra]
        self._gone += extra
        return True

    def get(self, key: str | None) -> Exchange | None:
        place = self.position(key) if key is not None else None
        return self._rows[place] if place is not None else None

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """All that are shown, oldest first; not to be changed."""
        return self._rows

    def newest_first(self) -> Iterator[Exchange]:
        """Of the whole log, whatever the filter."""
        return reversed(self.log.snapshot()) if self.log is not None else iter(())

    # RowSource

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, position: int) -> str:
        return self._rows[position].id

    def position(self, key: str) -> int | None:
        place = self._places.get(key)
        return place - self._gone if place is not None else None

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
