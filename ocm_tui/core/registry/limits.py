"""A time limit around what a driver does, out of which a cancellation always comes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

__all__ = ["within"]


@asynccontextmanager
async def within(seconds: float) -> AsyncGenerator[None, None]:
    """TimeoutError after `seconds`, as `asyncio.timeout`.

    The Redis library sends with `asyncio.wait_for`, which before Python 3.12 keeps a cancellation for itself when it
    comes in the same moment as the answer: the task would go on as if nobody had cancelled it. Here it is delivered.
    """
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()
    try:
        async with asyncio.timeout(seconds):
            yield
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError
