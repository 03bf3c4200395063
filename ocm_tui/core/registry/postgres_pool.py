"""Connections to the registry's Postgres: few, opened on first use, each call with a time limit."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.errors import RegistryDenied
from ocm_tui.core.registry.postgres_errors import translated

__all__ = ["Database", "address_of"]

# A console must not keep others waiting: neither with a long statement, nor with a lock, nor with a forgotten
# transaction. What is known to take longer says so (`writing(seconds=…)`).
_SETTINGS: Final = {
    "application_name": "ocm-tui",
    "statement_timeout": "3s",
    "lock_timeout": "500ms",
    "idle_in_transaction_session_timeout": "10s",
    "TimeZone": "UTC",
}
_CONNECT_SECONDS: Final = 3.0


class Database:
    """One pool for one event loop. `write` false asks the server for read-only transactions; what really keeps an
    account from writing are its rights. `patience` (seconds) for one answer is more than the server's own limit for a
    statement: what the server says is clearer than our silence."""

    def __init__(self, dsn: str, *, write: bool = True, patience: float = 5.0, most: int = 4) -> None:
        self.address = address_of(dsn)
        self._dsn, self._write, self._patience, self._most = dsn, write, patience, most
        self._opening = asyncio.Lock()
        self.pool: Any = None  # asyncpg.Pool

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Any, None]:
        """A connection; each statement is a transaction of its own."""
        with translated(self.address):
            pool = await self._open()
            connection = await _understood(pool.acquire(timeout=self._patience))
            try:
                yield connection
            finally:
                await _give_back(pool, connection)

    @asynccontextmanager
    async def writing(self, *, seconds: float | None = None) -> AsyncGenerator[Any, None]:
        """A connection in a transaction: committed at the end, rolled back when something is raised.

        `seconds` is the limit for one statement, and for waiting for a lock, where the usual ones are too short.
        """
        if not self._write:
            raise RegistryDenied(f"the registry's database at {self.address} was opened for reading only")
        async with self.reading() as connection, connection.transaction():
            if seconds is not None:
                limit = int(seconds * 1000)
                await connection.execute(f"SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {limit}")
            yield connection

    async def alone(self) -> Any:
        """A connection outside the pool, for who listens. The caller closes it."""
        with translated(self.address):
            import asyncpg

            settings = {**_SETTINGS, "application_name": "ocm-tui listener"}
            return await _understood(asyncpg.connect(self._dsn, timeout=_CONNECT_SECONDS, server_settings=settings))

    async def close(self) -> None:
        pool, self.pool = self.pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(1.0):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def _open(self) -> Any:
        async with self._opening:
            if self.pool is None:
                import asyncpg

                settings = dict(_SETTINGS)
                if not self._write:
                    settings["default_transaction_read_only"] = "on"
                self.pool = await asyncpg.create_pool(
                    self._dsn, min_size=0, max_size=self._most, timeout=_CONNECT_SECONDS,
                    command_timeout=self._patience, server_settings=settings, reset=_left_clean,
                )  # fmt: skip
            return self.pool


async def _left_clean(_connection: Any) -> None:
    """Nobody changes a session of the pool for longer than a transaction: that saves a round trip for each call."""


async def _understood(connecting: Awaitable[Any]) -> Any:
    """The driver quotes a URL that it cannot read, password and all."""
    try:
        return await connecting
    except ValueError as error:
        raise UsageError(
            f"the registry's database URL is not understood: {type(error).__name__}",
            hint="postgresql://USER@HOST:5432/DATABASE",
        ) from None


async def _give_back(pool: Any, connection: Any) -> None:
    """A connection that does not answer any more is dropped rather than waited for."""
    try:
        await pool.release(connection, timeout=1.0)
    except (TimeoutError, OSError):
        connection.terminate()


def address_of(dsn: str) -> str:
    """`host:port/database`, without user and password."""
    try:
        parts = urlsplit(dsn)
        if "@" in parts.path + parts.fragment:  # a password that was not encoded ended the host early
            return "postgresql"
        host = ",".join(one.rpartition("@")[2] for one in parts.netloc.rpartition("@")[2].split(",") if one)
        options = parse_qs(parts.query)
        host = host or options.get("host", ["localhost"])[0]
        return f"{host}/{unquote(parts.path.removeprefix('/')) or options.get('dbname', [''])[0]}".rstrip("/")
    except ValueError:
        return "postgresql"
