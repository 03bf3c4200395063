"""The history: exchanges of all sessions in one bounded file, written beside the work and never in its way."""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from ocm_tui.core.exchanges.history_file import Bounds, HistoryFile, NewerHistory, identity, set_aside
from ocm_tui.core.exchanges.history_reader import HistoryReader
from ocm_tui.core.exchanges.model import Exchange

__all__ = ["FILE_NAME", "HistoryReader", "HistoryWriter"]

_T = TypeVar("_T")

FILE_NAME: Final = "history.sqlite3"
_DAY: Final = 86_400.0
_BATCH: Final = 500
_GATHER: Final = 0.1  # seconds to wait for more before a batch is written
_PRUNE_EVERY: Final = 2_000
_FLUSH: Final = 2.0
_LOCK_PATIENCE: Final = 10.0
_LOCKED: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")


class HistoryWriter:
    """A sink for `ExchangeLog.subscribe`. It takes note of an exchange and writes it from a thread of its own.

    It never raises into its caller: when the file cannot be written, `problem` says why and nothing more is taken.
    `notice` says what else the user should know, such as that a damaged file was set aside. `close` waits two seconds
    at most. When more comes than the disk takes, the oldest of the waiting ones are dropped, and counted.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_age: float = 30 * _DAY,
        max_count: int = 200_000,
        max_bytes: int = 256 * 2**20,
        max_waiting: int = 32 * 2**20,
    ) -> None:
        self.path = path
        self.problem: str | None = None
        self.notice: str | None = None
        self.dropped = 0
        self._bounds = Bounds(max_age, max_count, max_bytes)
        self._identity: int | None = None
        self._queue = _Queue(max_waiting)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, exchange: Exchange) -> None:
        if self.problem is not None or self._closing.is_set():
            return
        self.dropped += self._queue.put(exchange)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="history", daemon=True)
            self._thread.start()

    @property
    def waiting(self) -> int:
        """Exchanges that were taken and are not written yet."""
        return len(self._queue)

    def close(self) -> None:
        """Write what is waiting, for two seconds at most. May be called twice; blocks, so call it in a thread."""
        self._closing.set()
        self._queue.something.set()
        if self._thread is not None:
            self._thread.join(_FLUSH)
            if self._thread.is_alive() and self.problem is None:
                self.problem = f"the history file {self.path} could not be finished in {_FLUSH:g} s"

    def _run(self) -> None:
        try:
            try:
                self._write()
            except sqlite3.OperationalError:
                raise  # disk full, read-only, locked: the file itself is not to blame
            except sqlite3.DatabaseError as error:
                self._begin_anew(error)
                self._write()
        except (sqlite3.Error, OSError, NewerHistory) as error:
            self.problem = f"the history file {self.path} is not written: {error}"
            self._queue.take(None)

    def _write(self) -> None:
        """Until `close`: gather for a moment, write, and prune now and then."""
        self._identity = identity(self.path)
        with closing(self._patiently(lambda: HistoryFile(self.path, self._bounds))) as file:
            self._patiently(file.prune)
            since_pruning = 0
            while True:
                self._queue.something.wait()
                self._closing.wait(_GATHER)
                self._queue.something.clear()
                while batch := self._queue.take(_BATCH):
                    since_pruning += len(batch)
                    self._patiently(partial(file.append, batch))
                if since_pruning >= _PRUNE_EVERY or (since_pruning and self._closing.is_set()):
                    self._patiently(file.prune)
                    since_pruning = 0
                if self._closing.is_set():
                    return

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        aside = set_aside(self.path, self._identity)
        if aside is not None:
            self.notice = f"the history file was not usable ({error}); it is now {aside}, and a new one was begun"

    def _patiently(self, action: Callable[[], _T]) -> _T:
        """Another process may hold the lock longer than one wait of SQLite."""
        until = time.monotonic() + _LOCK_PATIENCE
        while True:
            try:
                return action()
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith(_LOCKED) or self._closing.is_set() or time.monotonic() > until:
                    raise
            self._closing.wait(0.02)


class _Queue:
    """What waits to be written, bounded in bytes: the oldest make room."""

    def __init__(self, max_bytes: int) -> None:
        self.something = threading.Event()
        self._waiting: deque[Exchange] = deque()
        self._max_bytes, self._bytes = max_bytes, 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, exchange: Exchange) -> int:
        """Returns how many had to go."""
        gone = 0
        with self._lock:
            self._waiting.append(exchange)
            self._bytes += exchange.size
            while self._bytes > self._max_bytes and len(self._waiting) > 1:
                self._bytes -= self._waiting.popleft().size
                gone += 1
        if not self.something.is_set():
            self.something.set()
        return gone

    def take(self, count: int | None) -> list[Exchange]:
        with self._lock:
            number = len(self._waiting) if count is None else min(count, len(self._waiting))
            taken = [self._waiting.popleft() for _ in range(number)]
            self._bytes -= sum(exchange.size for exchange in taken)
        return taken
