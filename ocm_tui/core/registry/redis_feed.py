"""The live feed of the cache's keys, by server-assisted tracking in broadcast mode: no configuration of the server, and
nothing that it would have to remember.

Two connections: one that listens, and one that asked for its keys to be sent there. When either goes, the feed begins
anew, with the word that everything may have changed meanwhile.
"""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, Final

from ocm_tui.core.registry.errors import CacheUnreachable
from ocm_tui.core.registry.ports import CacheChange
from ocm_tui.core.registry.redis_connect import address_of, connect, translated

__all__ = ["fed"]

_CHANNEL: Final = "__redis__:invalidate"
_FIRST_PAUSE: Final = 0.25  # seconds before trying to connect again
_LONGEST_PAUSE: Final = 10.0
_ALIVE: Final = 5.0
_ANSWER: Final = 2.0  # seconds for an answer


async def fed(url: str, *, alive: float = _ALIVE) -> AsyncGenerator[CacheChange, None]:
    """Goes on while the cache is away. RegistryDenied and RegistryError end it: the server will not do it later.

    `alive` is the silence in seconds after which both connections are asked whether they are there.
    """
    failures = 0
    while True:
        tracking = _Tracking(url)
        try:
            await tracking.begin()
            failures = 0
            yield CacheChange(None)
            while True:
                for key in await tracking.next(alive):
                    yield CacheChange(key)
        except CacheUnreachable:
            await asyncio.sleep(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures) * random.uniform(0.8, 1.2))  # noqa: S311
            failures = min(failures + 1, 10)
        finally:
            await tracking.end()


class _Tracking:
    """The two connections. With protocol 2 the keys come as messages of a channel, which the library hands over as
    they are."""

    def __init__(self, url: str) -> None:
        self._address = address_of(url)
        self._client = connect(url, seconds=None, most=2, protocol=2, socket_connect_timeout=_ANSWER)
        self._listener: Any = self._client.pubsub()  # its types are half written
        self._tracker: Any = self._client.client()  # keeps its connection, which the server's tracking is bound to

    async def begin(self) -> None:
        async with translated(self._address, 2 * _ANSWER):
            await self._listener.connect()
            await self._listener.connection.send_command("CLIENT", "ID")
            number = await self._listener.connection.read_response()
            await self._listener.subscribe(_CHANNEL)
            await self._listener.get_message(timeout=_ANSWER)  # subscribed: from here on nothing is missed
            await self._tracker.execute_command(
                *("CLIENT", "TRACKING", "ON", "REDIRECT", number, "BCAST", "PREFIX", "client:")
            )

    async def next(self, alive: float) -> list[str | None]:
        """Keys that changed, None for all; empty after a while without. CacheUnreachable when a connection is lost."""
        async with translated(self._address, alive + 2 * _ANSWER):
            message = await self._listener.get_message(timeout=alive)
            if message is None:
                await self._tracker.ping()
                await self._listener.ping()
                message = await self._listener.get_message(timeout=_ANSWER)
                if message is None:
                    raise TimeoutError("the feed fell silent")
        return _keys(message["data"]) if message["type"] == "message" else []

    async def end(self) -> None:
        with suppress(Exception):  # whatever state the connections are in, they are not used again
            async with asyncio.timeout(_ANSWER):
                await self._listener.aclose()
                await self._tracker.aclose()
                await self._client.aclose(close_connection_pool=True)


def _keys(data: Any) -> list[str | None]:
    """None instead of keys is a flush."""
    if data is None:
        return [None]
    return [key.decode(errors="replace") for key in data]
