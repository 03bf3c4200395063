"""Closing a listener for good."""

import asyncio
from typing import Final

__all__ = ["stop_accepting"]

_TURNS: Final = 5  # of the loop: what it takes to hand over a connection, to refuse it, and to close its socket


async def stop_accepting(server: asyncio.Server) -> None:
    """Close the door. A connection on its way through it is handed over first: asyncio would forget to close it."""
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
