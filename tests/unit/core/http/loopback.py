"""A real server on loopback whose every byte is under the test's control, and clients for it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import HTTPClientConfig

Respond = Callable[["Received", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Received:
    method: str
    target: str
    headers: dict[str, str]  # lower-case names
    body: bytes


@dataclass(slots=True)
class Loopback:
    """`received` in order; `connections` counts the accepted ones; `open` is how many there are now."""

    port: int = 0
    scheme: str = "http"
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)  # the first request is here

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


def reply(status: int = 200, body: bytes = b"{}", content_type: str = "application/json", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Any", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(data: bytes) -> Respond:
    """Answers every request with these bytes."""

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return respond


def says_and_closes(data: bytes) -> Respond:
    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return respond


async def never(_: Received, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def loopback(respond: Respond, tls: ssl.SSLContext | None = None) -> AsyncIterator[Loopback]:
    server, tasks = Loopback(scheme="https" if tls else "http"), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        server.open += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while not writer.is_closing():
                    request = await _read(reader)
                    server.received.append(request)
                    server.arrived.set()
                    await respond(request, writer)
                    await writer.drain()
        finally:
            server.open -= 1
            tasks.discard(task)
            writer.transport.abort()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def raw_server(
    connected: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A server that need not speak HTTP; yields its port."""
    tasks = set[asyncio.Task[None]]()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await connected(reader, writer)
        writer.transport.abort()

    listener = await asyncio.start_server(run, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def client_of(server: Loopback | str, **settings: Any) -> AsyncIterator[tuple[UnifiedHTTPClient, ExchangeLog]]:
    log = ExchangeLog(session="test")
    url = server if isinstance(server, str) else server.url
    async with UnifiedHTTPClient(HTTPClientConfig(base_url=url, **{"trust_env": False, **settings}), log) as client:
        yield client, log


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)
