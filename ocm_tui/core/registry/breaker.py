"""A cache that fails again and again is left alone for a while, so that nobody waits for it."""

import random
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Literal

__all__ = ["Breaker", "BreakerState"]

BreakerState = Literal["closed", "open", "half-open"]

_FAILURES: Final = 5
_WITHIN: Final = 10.0  # seconds
_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 30.0


class Breaker:
    """closed: calls go through. open: none does, until a pause is over that doubles each time. half-open: one probe.

    `since` is when the present state began, on `clock`.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._failures: deque[float] = deque(maxlen=_FAILURES)
        self._openings = 0
        self._until = 0.0
        self.state: BreakerState = "closed"
        self.since = clock()

    @property
    def is_closed(self) -> bool:
        return self.state == "closed"

    @property
    def is_probe_due(self) -> bool:
        return self.state == "open" and self._clock() >= self._until

    def failed(self) -> None:
        """A call did not come back in time. The fifth within ten seconds opens."""
        now = self._clock()
        self._failures.append(now)
        if self.is_closed and len(self._failures) == _FAILURES and now - self._failures[0] <= _WITHIN:
            self.open()

    def open(self) -> None:
        """For two seconds, four, eight … thirty at most; a fifth more or less, so that not all come back at once."""
        pause = min(_FIRST_PAUSE * 2.0**self._openings, _LONGEST_PAUSE) * (0.8 + 0.4 * self._chance())
        self._openings = min(self._openings + 1, 10)
        self._until = self._clock() + pause
        self._failures.clear()
        self._enter("open")

    def begin_probe(self) -> None:
        self._enter("half-open")

    def close(self) -> None:
        """The probe came back, and what was missed meanwhile is made up for."""
        self._openings = 0
        self._failures.clear()
        self._enter("closed")

    def _enter(self, state: BreakerState) -> None:
        self.state = state
        self.since = self._clock()
