"""The sockets below the HTTP library: which address is taken, what is sent together, and how an end is told."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from ocm_tui.core.http import hx
from ocm_tui.core.http.sockets import AsyncioBackend

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(b"<" + data + b">")
        await writer.drain()


def resolving(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Any name is these addresses, in this order."""

    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in hosts]
        return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for family, one in zip(families, hosts, strict=True)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


async def test_what_is_written_leaves_together() -> None:
    async with listening(echo) as port:
        stream = await AsyncioBackend().connect_tcp("127.0.0.1", port)
        await stream.write(b"head")
        await stream.write(b"body")
        assert await stream.read(100) == b"<headbody>"
        assert not stream.get_extra_info("is_readable")
        await stream.aclose()


@pytest.mark.parametrize("size", [100, 70_000, 3_000_000])
async def test_large_bodies_in_both_directions(size: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received = await reader.readexactly(size)
        writer.write(received)
        await writer.drain()

    async with listening(answer) as port:
        stream = await AsyncioBackend().connect_tcp("127.0.0.1", port, timeout=30)
        for start in range(0, size, 50_000):
            await stream.write(b"x" * min(50_000, size - start), timeout=30)
        received = b""
        while data := await stream.read(65536, timeout=30):
            received += data
        assert received == b"x" * size
        assert stream.get_extra_info("is_readable")  # the other side has ended it
        await stream.aclose()


@pytest.mark.parametrize("dead", ["127.0.0.2", "192.0.2.1"])  # nobody listens; nobody is there
async def test_another_address_of_the_host_is_tried(monkeypatch: pytest.MonkeyPatch, dead: str) -> None:
    async with listening(echo) as port:
        resolving(monkeypatch, dead, "127.0.0.1")
        stream = await AsyncioBackend().connect_tcp("pf.example.com", port, timeout=30)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
        await stream.aclose()


async def test_when_no_address_answers_the_first_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    resolving(monkeypatch, "127.0.0.2", "127.0.0.3")
    with pytest.raises(hx.core.ConnectError) as caught:
        await AsyncioBackend().connect_tcp("pf.example.com", port, timeout=30)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


async def test_a_cancelled_attempt_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unclosed one would be a warning, and so an error."""
    resolving(monkeypatch, "192.0.2.1", "192.0.2.2")
    task = asyncio.create_task(AsyncioBackend().connect_tcp("pf.example.com", 9999))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, hx.core.ConnectError)):
        await task


async def test_timeouts_are_told_apart() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(silent) as port:
        stream = await AsyncioBackend().connect_tcp("127.0.0.1", port)
        with pytest.raises(hx.core.ReadTimeout):
            await stream.read(100, timeout=0.01)
        await stream.aclose()


async def test_a_reset_is_an_error_and_an_end_is_none() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    for serve, error in ((reset, hx.core.ReadError), (end, None)):
        async with listening(serve) as port:
            stream = await AsyncioBackend().connect_tcp("127.0.0.1", port)
            await stream.write(b"x")
            if error is None:
                assert await stream.read(100) == b""
            else:
                with pytest.raises(error):
                    await stream.read(100)
                await stream.write(b"more")
                with pytest.raises(error):
                    await stream.read(100)
            await stream.aclose()


async def test_an_answer_that_comes_before_the_request_was_read() -> None:
    """As from a server that finds the request too large: it answers, closes, and never reads the rest."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"too large")
        await writer.drain()

    async with listening(refuse) as port:
        stream = await AsyncioBackend().connect_tcp("127.0.0.1", port)
        await stream.write(b"x")
        assert await stream.read(100) == b"too large"
        assert await stream.read(100) == b""
        await stream.write(b"the rest")
        assert await stream.read(100) == b""
        await stream.aclose()
