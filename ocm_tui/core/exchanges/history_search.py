"""One search of the history beside the work: what it finds is there at once, and it ends when nobody waits for it."""

import asyncio
import threading
from contextlib import closing

from ocm_tui.core.exchanges.history_reader import HistoryReader
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import ExchangeQuery

__all__ = ["HistorySearch"]


class HistorySearch:
    """The newest `limit` that match; all of them with None. `run` once, from an event loop; look at any time."""

    def __init__(self, reader: HistoryReader, query: ExchangeQuery | None, limit: int | None) -> None:
        self.share = 0.0  # of the history that was looked through
        self.complete = False
        self._reader, self._query, self._limit = reader, query, limit
        self._found: list[Exchange] = []
        self._stopped = threading.Event()

    @property
    def count(self) -> int:
        return len(self._found)

    @property
    def found(self) -> list[Exchange]:
        """What there is so far, oldest first: the newest that match, without a gap."""
        return self._found[::-1]

    async def run(self) -> None:
        """Raises OcmError for a history that cannot be read. Cancelled, it keeps what it has found."""
        try:
            await asyncio.to_thread(self._read)
        finally:
            self._stopped.set()  # a thread cannot be cancelled: it looks for this

    def _read(self) -> None:
        try:
            with closing(self._reader.newest(self._query, watch=self._watch)) as matching:
                while self._limit is None or len(self._found) < self._limit:
                    self._go_on()
                    exchange = next(matching, None)
                    if exchange is None:
                        break
                    self._found.append(exchange)
        except _Stopped:
            return
        self.share, self.complete = 1.0, True

    def _watch(self, share: float) -> None:
        self._go_on()
        self.share = share

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise _Stopped


class _Stopped(Exception):
    """Nobody waits any more."""
