"""What the log strip shows of the traffic: rates, status classes and durations, at a constant cost per exchange."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from ocm_tui.core.exchanges.model import Exchange

__all__ = ["LiveStats"]

_SECONDS: Final = 64
_DURATIONS: Final = 512


class _Second:
    """The counts of one second; `number` is which one, so that an old one is recognised and emptied."""

    __slots__ = ("classes", "count", "number")

    def __init__(self) -> None:
        self.number = -1
        self.count = 0
        self.classes: dict[str, int] = {}


class LiveStats:
    """Counts of the last minute and durations of the last 512 exchanges. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = [_Second() for _ in range(_SECONDS)]
        self._durations: deque[float] = deque(maxlen=_DURATIONS)

    def add(self, exchange: Exchange) -> None:
        number = int(self._clock())
        second = self._seconds[number % _SECONDS]
        if second.number != number:
            second.number, second.count, second.classes = number, 0, {}
        name = "error" if exchange.error or not exchange.status else f"{exchange.status // 100}xx"
        second.count += 1
        second.classes[name] = second.classes.get(name, 0) + 1
        self._durations.append(exchange.duration_ms)

    def per_second(self, n: int = 30) -> list[int]:
        """Exchanges in each of the last `n` full seconds, oldest first; at most 63 are kept."""
        now = int(self._clock())
        return [self._count(now - back) for back in range(min(n, _SECONDS - 1), 0, -1)]

    @property
    def rate(self) -> float:
        """Exchanges per second, the mean of the last five full seconds."""
        return sum(self.per_second(5)) / 5

    def classes(self, seconds: int = 60) -> dict[str, int]:
        """Counts by `2xx`, `4xx`, … and `error` (no complete response) over about the last minute."""
        now = int(self._clock())
        counts: dict[str, int] = {}
        for second in self._seconds:
            if now - min(seconds, _SECONDS - 1) < second.number <= now:
                for name, count in second.classes.items():
                    counts[name] = counts.get(name, 0) + count
        return counts

    def percentile(self, percent: int) -> float | None:
        """Milliseconds: the nearest rank over the last 512 exchanges; None before the first."""
        if not self._durations:
            return None
        ordered = sorted(self._durations)
        return ordered[min(max(-(-len(ordered) * percent // 100), 1), len(ordered)) - 1]

    def _count(self, number: int) -> int:
        second = self._seconds[number % _SECONDS]
        return second.count if second.number == number else 0
