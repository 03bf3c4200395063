"""Pauses that grow, differ by chance, and end at once when all is to stop."""

import asyncio
from collections.abc import Callable
from typing import Final

__all__ = ["Backoff"]

_LONGEST: Final = 10.0


class Backoff:
    """`first` in seconds; each pause is about twice the one before, ten seconds at most."""

    def __init__(self, first: float, *, chance: Callable[[], float]) -> None:
        self._first, self._chance = first, chance
        self._times = 0

    def reset(self) -> None:
        self._times = 0

    async def wait(self, stop: asyncio.Event) -> None:
        seconds = min(self._first * 2 ** min(self._times, 20), _LONGEST) * (0.5 + self._chance())
        self._times += 1
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            return
