"""Which layer failed, whether the request may have been applied, and what to do about it."""

import asyncio
import re
import socket
import struct
from typing import Any

import pytest

from ocm_tui.core.errors import ExitCode, TransportError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http import hx
from ocm_tui.core.http.attempt import Attempt, Peer
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.failures import explain
from ocm_tui.core.http.types import HTTPClientConfig
from ocm_tui.core.secret import Secret
from tests.unit.core.http.loopback import Received, client_of, loopback, raw_server, reply, says_and_closes


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def failure_of(url: str, **settings: Any) -> tuple[TransportError, ExchangeLog]:
    async with client_of(url, **{"deadline": 20, **settings}) as (client, log):
        with pytest.raises(TransportError) as caught:
            await client.post("x", json={})
    error = caught.value
    assert error.exit_code == ExitCode.UNREACHABLE
    assert len(log) == 1
    exchange = log.snapshot()[0]
    assert exchange.id == error.exchange_id
    assert exchange.error is not None
    assert exchange.error.layer == error.layer
    assert log.in_flight == 0
    return error, log


async def test_nobody_listens() -> None:
    port = free_port()
    error, log = await failure_of(f"http://127.0.0.1:{port}")
    assert (error.layer, error.maybe_applied) == ("tcp", False)
    assert error.title == f"127.0.0.1:{port} refused the connection"
    assert "is the server running" in error.hint
    assert log.snapshot()[0].response is None


@pytest.mark.parametrize("code", [socket.EAI_NONAME, socket.EAI_AGAIN])
async def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error, _ = await failure_of("https://pf-admin.example:9999")
    assert (error.layer, error.maybe_applied) == ("dns", False)
    assert "pf-admin.example" in error.title
    assert "pf-admin.example:9999" in error.title


async def test_a_name_that_no_resolver_takes() -> None:
    async with client_of(f"http://{'a' * 70}.example") as (client, _):
        with pytest.raises(TransportError) as caught:
            await client.get("x")
    assert (caught.value.layer, caught.value.maybe_applied) == ("dns", False)


async def test_no_route(monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    async def unreachable(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", unreachable)
    error, _ = await failure_of("http://192.0.2.1:9999")
    assert (error.layer, error.maybe_applied) == ("tcp", False)
    assert "no route to its network" in error.title


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(2)
    writer.close()


@pytest.mark.parametrize("behaviour", [reset, close])
async def test_closed_without_an_answer(behaviour: Any) -> None:
    async with raw_server(behaviour) as port:
        error, _ = await failure_of(f"http://127.0.0.1:{port}")
    assert (error.layer, error.maybe_applied) == ("http", True)
    assert error.title == f"127.0.0.1:{port} closed the connection without an answer"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"220 smtp.example ESMTP\r\n\r\n", "did not answer in proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", "did not answer in proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", "did not answer in proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n", "did not answer in proper HTTP"),
        (b"\x00" * 100 + b"\r\n\r\n", "did not answer in proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "broke off in the middle"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "broke off in the middle"),
    ],
)
async def test_no_proper_http(data: bytes, words: str) -> None:
    async with loopback(says_and_closes(data)) as server:
        error, log = await failure_of(server.url)
    assert (error.layer, error.maybe_applied) == ("http", True)
    assert words in error.title
    assert len(str(error)) < 1500
    assert re.fullmatch(r"[^\x00-\x1f\x7f]*", str(error))
    assert log.snapshot()[0].error is not None


async def test_too_long_headers_are_named() -> None:
    async with loopback(says_and_closes(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000)) as server:
        error, _ = await failure_of(server.url)
    assert error.hint == "the response headers are too long"


async def test_a_secret_in_a_broken_answer_stays_unseen() -> None:
    secret = "pl4nted-s3cret-value"
    Secret(secret)
    async with loopback(says_and_closes(f"HTTP/9.9 {secret} nonsense\r\n\r\n".encode())) as server:
        error, log = await failure_of(server.url)
    assert secret not in f"{error!r} {error} {error.detail} {error.hint}"
    assert secret not in repr(log.snapshot())


async def test_a_reused_connection_that_dies_is_not_called_a_handshake() -> None:
    async def once(received: Received, writer: asyncio.StreamWriter) -> None:
        if received.target == "/first":
            writer.write(reply())
        else:
            writer.close()

    async with loopback(once) as server, client_of(server) as (client, log):
        await client.get("first")
        with pytest.raises(TransportError) as caught:
            await client.get("second")
    assert (caught.value.layer, caught.value.maybe_applied, caught.value.hint) == ("http", True, "")
    first, second = log.snapshot()
    assert (first.reused_connection, second.reused_connection) == (False, True)


@pytest.mark.parametrize("error", [hx.LocalProtocolError("x"), hx.InvalidURL("x"), hx.UnsupportedProtocol("x")])
def test_what_the_library_refuses_was_not_sent(error: Exception) -> None:
    attempt = Attempt(
        peer=Peer("http", "h", 80), stage="sending" if isinstance(error, hx.LocalProtocolError) else "queued"
    )
    failure = explain(error, attempt)
    assert (failure.layer, failure.maybe_applied) == ("http", False)


async def test_a_mocked_transport_is_explained_as_well() -> None:
    def refuse(request: hx.Request) -> hx.Response:
        raise hx.RemoteProtocolError("Server disconnected without sending a response.")

    client = UnifiedHTTPClient(
        HTTPClientConfig(base_url="https://h"), ExchangeLog(), transport=hx.MockTransport(refuse)
    )
    with pytest.raises(TransportError):
        await client.get("x")
    await client.close()


def test_an_address_of_the_sixth_version() -> None:
    assert str(Peer("http", "::1", 80)) == "[::1]:80"
