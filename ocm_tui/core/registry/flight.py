"""Many who want the same at the same time wait for one who gets it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


@dataclass(slots=True)
class _Flight(Generic[_V]):
    task: asyncio.Task[_V]
    waiting: int = 0


class SingleFlight(Generic[_K, _V]):
    """One call a key. Who stops waiting stops only their own waiting; with the last one the call is cancelled."""

    def __init__(self) -> None:
        self._flights: dict[_K, _Flight[_V]] = {}

    async def do(self, key: _K, make: Callable[[], Awaitable[_V]]) -> _V:
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(_awaited(make)))
            flight.task.add_done_callback(lambda _: self._landed(key, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._landed(key, flight)
                flight.task.cancel()

    def is_flying(self, key: _K) -> bool:
        """Whether who asks now would share a call."""
        return key in self._flights

    def forget(self, key: _K) -> None:
        """Whoever asks from now on gets a call of their own: what is under way may not know the newest."""
        self._flights.pop(key, None)

    def _landed(self, key: _K, flight: _Flight[_V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # somebody has seen it, or nobody waits any more


async def _awaited(make: Callable[[], Awaitable[_V]]) -> _V:
    return await make()
