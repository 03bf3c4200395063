"""What counters that run since a server's start say about the time between two looks."""

from collections.abc import Mapping

__all__ = ["Counters"]


class Counters:
    """`now` against `before`, taken `seconds` ago. After a restart of the server, when a counter went back, and at the
    first look, nothing is said (None)."""

    def __init__(self, now: Mapping[str, int], before: Mapping[str, int], seconds: float | None) -> None:
        self._now, self._before, self._seconds = now, before, seconds

    def grown(self, name: str) -> int | None:
        if name not in self._now or name not in self._before or self._now[name] < self._before[name]:
            return None
        return self._now[name] - self._before[name]

    def per_second(self, name: str) -> float | None:
        grown = self.grown(name)
        return None if grown is None or not self._seconds else round(grown / self._seconds, 3)

    def share(self, good: str, bad: str) -> float | None:
        """Of `good` in both; None when neither grew."""
        goods, bads = self.grown(good), self.grown(bad)
        if goods is None or bads is None or not goods + bads:
            return None
        return round(goods / (goods + bads), 4)
