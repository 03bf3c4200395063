"""The log: the last exchanges in memory, bounded in number and bytes."""

import base64
import os
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final

from ocm_tui.core.exchanges.model import Exchange, ExchangeSink
from ocm_tui.core.exchanges.stats import LiveStats

__all__ = ["ExchangeLog"]

_MEBIBYTE: Final = 2**20


class ExchangeLog:
    """A ring of exchanges, oldest first. It belongs to one event loop; nothing here blocks or raises.

    `revision` counts every exchange ever appended: who remembers it can ask later what is new. Sinks are called with
    each exchange at once, so they must only take note of it.
    """

    def __init__(
        self,
        *,
        session: str | None = None,
        max_count: int = 10_000,
        max_bytes: int = 48 * _MEBIBYTE,
        stats: LiveStats | None = None,
    ) -> None:
        self.session = session or base64.b32encode(os.urandom(5)).decode().lower()
        self.stats = stats or LiveStats()
        self.revision = 0
        self.bytes_held = 0
        self.in_flight = 0
        self._max_count, self._max_bytes = max_count, max_bytes
        self._held: deque[Exchange] = deque()
        self._by_id: dict[str, Exchange] = {}
        self._sinks: tuple[ExchangeSink, ...] = ()
        self._last_number = 0

    def __len__(self) -> int:
        return len(self._held)

    @property
    def dropped(self) -> int:
        """How many exchanges the bounds have pushed out."""
        return self.revision - len(self._held)

    def next_id(self) -> str:
        """`SESSION-N`, unique across processes because the session is random."""
        self._last_number += 1
        return f"{self.session}-{self._last_number}"

    def enter(self) -> None:
        """A request is on its way."""
        self.in_flight += 1

    def leave(self) -> None:
        self.in_flight -= 1

    def append(self, exchange: Exchange) -> None:
        self._held.append(exchange)
        self._by_id[exchange.id] = exchange
        self.bytes_held += exchange.size
        self.revision += 1
        while len(self._held) > self._max_count or (self.bytes_held > self._max_bytes and len(self._held) > 1):
            self._drop_oldest()
        self.stats.add(exchange)
        for sink in self._sinks:
            sink(exchange)

    def since(self, revision: int, limit: int | None = None) -> list[Exchange]:
        """What was appended after `revision` and is still held, oldest first; `limit` keeps the newest of them."""
        wanted = min(self.revision - revision, len(self._held))
        if limit is not None:
            wanted = min(wanted, limit)
        newest = list(islice(reversed(self._held), max(wanted, 0)))
        newest.reverse()
        return newest

    def snapshot(self) -> list[Exchange]:
        return list(self._held)

    def get(self, exchange_id: str) -> Exchange | None:
        return self._by_id.get(exchange_id)

    def subscribe(self, sink: ExchangeSink) -> Callable[[], None]:
        """Call `sink` with each new exchange; the returned function ends that, and may be called twice."""
        self._sinks = (*self._sinks, sink)

        def unsubscribe() -> None:
            self._sinks = tuple(other for other in self._sinks if other is not sink)

        return unsubscribe

    def _drop_oldest(self) -> None:
        oldest = self._held.popleft()
        self.bytes_held -= oldest.size
        if self._by_id.get(oldest.id) is oldest:
            del self._by_id[oldest.id]
