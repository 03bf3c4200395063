"""Work that goes on whoever looks, and ends in good order when it is stopped."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

__all__ = ["StoppableTask"]

T = TypeVar("T")


class StoppableTask(Generic[T]):
    """`stop` is asked once: a second cancel would tear what is in flight. `close` waits for the end."""

    def __init__(self, work: Coroutine[Any, Any, T], *, name: str) -> None:
        self.stopping = False
        self._task = asyncio.create_task(work, name=name)

    @property
    def active(self) -> bool:
        return not self._task.done()

    async def result(self) -> T:
        """Who stops waiting does not stop the work."""
        return await asyncio.shield(self._task)

    def stop(self) -> None:
        """Nothing new starts; what is in flight ends."""
        if self.active and not self.stopping:
            self.stopping = True
            self._task.cancel()

    async def close(self) -> None:
        self.stop()
        await asyncio.wait([self._task])
