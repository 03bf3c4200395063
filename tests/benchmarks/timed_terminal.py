"""A terminal that knows when each byte came, so that the emulator's own slowness is not taken for the program's.

The emulator needs some 20 ms for a whole screen, more than the program that painted it; terminals that people use need
next to nothing. A thread takes the bytes at once and notes the time; the emulator shows them when it gets to it.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable

from tests.terminal import Terminal

__all__ = ["TimedTerminal"]

_SWITCH_SECONDS = 0.0005  # how long the emulator may keep the thread from noting the time


class TimedTerminal(Terminal):
    """As `Terminal`, for the length of a `with`; `answered` tells how soon the program did what a key asks for."""

    def __enter__(self) -> "TimedTerminal":
        self._came: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self._arrived, self._ended = 0.0, False
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_SECONDS)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *why: object) -> None:
        sys.setswitchinterval(self._interval)
        self._child.close(force=True)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._child.child_fd, 1 << 16)
            except OSError:  # the program has ended
                data = b""
            self._came.put((time.perf_counter(), data))
            if not data:
                return

    def pump(self, seconds: float = 0.02) -> bool:
        try:
            self._arrived, data = self._came.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return not self._ended
        self._ended = not data
        self._take(data)
        return not self._ended

    def answered(self, key: str, holds: Callable[[str], bool], what: str) -> float:
        """Seconds from a key to the bytes that made `holds` true of the screen."""
        while not self._came.empty():
            self.pump()
        assert not holds(self.text), f"{what} before {key!r} was pressed"
        start = time.perf_counter()
        self.key(key)
        self.until(holds, what)
        return self._arrived - start
