"""Sockets for the HTTP library, on asyncio alone: what each request costs here, it costs at every one of thousands.

The library's own backend goes through a second framework, and sends the head and the body of a request one by one:
two calls of the system, two packets, and a server that wakes up for half a request. Here both leave together. What can
go wrong is raised as the library's own errors, with its cause.
"""

import asyncio
import select
import ssl
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final

from ocm_tui.core.http import hx
from ocm_tui.core.http.connecting import connected_socket

__all__ = ["AsyncioBackend"]

_SENT_TOGETHER: Final = 64 * 1024  # bytes: what is less waits for the rest of its request
_MOST_UNREAD: Final = 512 * 1024  # bytes: the other side waits until they were read

# What the library calls it, and what asyncio calls it.
_TRANSPORTS_NAMES: Final = {
    "ssl_object": "ssl_object",
    "client_addr": "sockname",
    "server_addr": "peername",
    "socket": "socket",
}


class _As:
    """What the system raises becomes the library's errors. It holds nothing of its own: one for all at once."""

    def __init__(self, on_timeout: type[Exception], otherwise: type[Exception]) -> None:
        self._on_timeout, self._otherwise = on_timeout, otherwise

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, TimeoutError):
            # The system's own timeout of a connection is an error of it, and has a number.
            raise (self._otherwise if error.errno is not None else self._on_timeout)(str(error)) from error
        if isinstance(error, OSError | EOFError):  # errors of TLS among them
            raise self._otherwise(str(error)) from error


_CONNECTING: Final = _As(hx.core.ConnectTimeout, hx.core.ConnectError)
_READING: Final = _As(hx.core.ReadTimeout, hx.core.ReadError)
_WRITING: Final = _As(hx.core.WriteTimeout, hx.core.WriteError)


class AsyncioBackend(hx.core.AsyncNetworkBackend):
    """For TCP, with TLS or without it."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[hx.core.SOCKET_OPTION] | None = None,
    ) -> hx.core.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        with _CONNECTING:
            async with asyncio.timeout(timeout):
                connected = await connected_socket(host, port, local_address)
                _, protocol = await loop.create_connection(_Connection, sock=connected)
        for option in socket_options or ():
            protocol.transport.get_extra_info("socket").setsockopt(*option)
        return _Stream(protocol)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Connection(asyncio.Protocol):
    """What has come and was not read yet, and whether there is an end. One reader and one writer at a time."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.received = bytearray()
        self.ended = False
        self.error: Exception | None = None
        self.writable = asyncio.Event()
        self.writable.set()
        self._reader: asyncio.Future[None] | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        if len(self.received) > _MOST_UNREAD and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended, self.error = True, self.error or exc
        self.writable.set()
        self._wake()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    async def something(self) -> None:
        """Wait until there is something to read, or an end."""
        if not self.received and not self.ended:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None

    def taken(self, most: int) -> bytes:
        data = bytes(self.received[:most])
        del self.received[:most]
        if self._paused and not self.received:
            self._paused = False
            self.transport.resume_reading()
        return data

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class _Stream(hx.core.AsyncNetworkStream):
    """`write` only takes note of little: it leaves with the next `read`, when the request is complete."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._write_timeout: float | None = None
        self._poll: select.poll | None = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent.append(buffer)
        self._unsent_bytes += len(buffer)
        self._write_timeout = timeout
        if self._unsent_bytes > _SENT_TOGETHER:
            await self._send()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        connection = self._connection
        if self._unsent:
            # A server may answer, close, and not read the rest: its answer is read all the same.
            with suppress(hx.core.WriteError):
                await self._send()
        if not connection.received:
            with _READING:
                async with asyncio.timeout(timeout):
                    await connection.something()
                if not connection.received and connection.error is not None:
                    raise connection.error
        return connection.taken(max_bytes)

    async def _send(self) -> None:
        connection = self._connection
        data = self._unsent[0] if len(self._unsent) == 1 else b"".join(self._unsent)
        self._unsent, self._unsent_bytes = [], 0
        with _WRITING:
            if connection.error is not None:
                raise connection.error
            connection.transport.write(data)
            if not connection.writable.is_set():
                async with asyncio.timeout(self._write_timeout):
                    await connection.writable.wait()

    async def aclose(self) -> None:
        self._connection.transport.abort()
        await asyncio.sleep(0)  # the socket is closed in the loop's next turn

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> hx.core.AsyncNetworkStream:
        connection, loop = self._connection, asyncio.get_running_loop()
        try:
            with _CONNECTING:
                async with asyncio.timeout(timeout):
                    transport = await loop.start_tls(
                        connection.transport, connection, ssl_context, server_hostname=server_hostname
                    )
        except BaseException:
            await self.aclose()
            raise
        assert transport is not None
        connection.transport = transport
        return _Stream(connection)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked of every idle connection, at the beginning and the end of each request
            return self._is_readable()
        name = _TRANSPORTS_NAMES.get(info)
        return self._connection.transport.get_extra_info(name) if name else None

    def _is_readable(self) -> bool:
        """Of an idle connection: the other side has ended it. The system is asked, as the loop may not know it yet."""
        connection = self._connection
        if connection.received or connection.ended or connection.transport.is_closing():
            return True
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(connection.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(self._poll.poll(0))
