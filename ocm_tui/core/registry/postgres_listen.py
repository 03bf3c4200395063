"""The database tells when rows changed. A wake-up may be lost with its connection: a new one begins with a wake-up."""

import asyncio
import random
from collections.abc import AsyncGenerator
from typing import Any, Final

from ocm_tui.core.registry.errors import DatabaseFailed
from ocm_tui.core.registry.postgres_errors import translated
from ocm_tui.core.registry.postgres_pool import Database

__all__ = ["listened"]

_FIRST_PAUSE: Final = 0.25  # seconds before trying to connect again
_LONGEST_PAUSE: Final = 10.0
_ALIVE: Final = 15.0  # seconds of silence after which the connection is asked whether it is there


async def listened(database: Database, channel: str) -> AsyncGenerator[None, None]:
    """Goes on while the database is away. RegistryDenied ends it: this account will not be let in later either."""
    failures = 0
    while True:
        listener = _Listener(channel)
        try:
            await listener.begin(database)
            failures = 0
            while await listener.heard():
                yield
        except DatabaseFailed:
            await asyncio.sleep(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures) * random.uniform(0.8, 1.2))  # noqa: S311
            failures = min(failures + 1, 10)
        finally:
            listener.end()


class _Listener:
    """One connection. What comes while nobody waits is one wake-up."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._address = ""
        self._connection: Any = None
        self._something = asyncio.Event()

    async def begin(self, database: Database) -> None:
        self._address = database.address
        self._connection = await database.alone()
        self._connection.add_termination_listener(self._wake)
        with translated(self._address):
            await self._connection.add_listener(self._channel, self._wake)
        self._wake()

    def _wake(self, *_: object) -> None:
        self._something.set()

    async def heard(self) -> bool:
        """Waits for a wake-up; false when the connection is lost."""
        while not self._something.is_set():
            try:
                async with asyncio.timeout(_ALIVE):
                    await self._something.wait()
            except TimeoutError:
                with translated(self._address):
                    await self._connection.execute("SELECT 1", timeout=5.0)
        self._something.clear()
        return not self._connection.is_closed()

    def end(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
