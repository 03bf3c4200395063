import asyncio
import base64
import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Message
from ocm_tui.core.http import hx
from ocm_tui.core.http.attempt import EXTENSION, Attempt, Peer
from ocm_tui.core.http.recording import BODY_CAP, RecordingTransport
from ocm_tui.core.http.types import BasicAuth
from ocm_tui.core.secret import Secret
from tests.unit.core.http.loopback import client_of, loopback, reply, says

PASSWORD = "p@ss/wörd-for-recording"


class Answers(hx.AsyncBaseTransport):
    """At once, and without reading the request."""

    def __init__(self, status: int) -> None:
        self._status = status

    async def handle_async_request(self, request: hx.Request) -> hx.Response:
        return hx.Response(self._status)


async def closed(response: hx.Response) -> None:
    assert isinstance(response.stream, hx.AsyncByteStream)
    await response.stream.aclose()


async def test_everything_about_an_exchange() -> None:
    body = json.dumps({"clientId": "a", "clientAuth": {"secret": "s3cret-of-client"}}).encode()
    auth = BasicAuth("ocm", Secret(PASSWORD))
    before = time.time()
    async with (
        loopback(says(reply(201, body, X_Echo=f"pw={PASSWORD.encode().decode('latin-1')}"))) as server,
        client_of(f"{server.url}/pf-admin-api/v1", auth=auth) as (client, log),
    ):
        await client.post("oauth/clients", json=json.loads(body), params={"client_secret": "s3cret-of-client"})
    exchange = log.snapshot()[0]
    assert exchange.id == "test-1"
    assert before <= exchange.started_at <= time.time()
    assert (exchange.method, exchange.status, exchange.target, exchange.attempt) == ("POST", 201, "server", 1)
    assert exchange.url.startswith(f"{server.url}/pf-admin-api/v1/oauth/clients?client_secret=***")
    assert exchange.path.startswith("/oauth/clients?client_secret=***")
    assert (exchange.http_version, exchange.reused_connection, exchange.error) == ("HTTP/1.1", False, None)
    assert exchange.timings.total == exchange.duration_ms > 0
    assert exchange.timings.connect is not None
    assert exchange.timings.first_byte is not None
    assert exchange.timings.connect < exchange.timings.first_byte <= exchange.timings.total
    request, response = exchange.request, exchange.response
    assert response is not None
    sent = json.dumps(json.loads(body), separators=(",", ":"))
    assert (request.body_bytes, response.body_bytes) == (len(sent), len(body))
    masked = json.loads(request.body)["clientAuth"]["secret"]
    assert masked == json.loads(response.body)["clientAuth"]["secret"]
    assert masked in exchange.url
    assert request.header("host") == f"127.0.0.1:{server.port}"
    shown = repr(exchange)
    for planted in (PASSWORD, "s3cret-of-client", base64.b64encode(f"ocm:{PASSWORD}".encode()).decode()):
        assert planted not in shown


async def test_bodies_are_capped_after_redaction() -> None:
    """A known secret and a named one, wherever the cap cuts them."""
    known = Secret("known-secret-across-the-cap").reveal()
    for before in range(BODY_CAP - 60, BODY_CAP + 5, 3):
        body = f'{{"pad": "{"x" * before}", "note": "{known}", "password": "named-secret"}}'.encode()
        async with loopback(says(reply(body=body))) as server, client_of(server) as (client, log):
            await client.get("x")
        response = log.snapshot()[0].response
        assert response is not None
        assert response.truncated
        assert BODY_CAP - 40 <= len(response.body) <= BODY_CAP + 10
        for secret in (known, "named-secret"):
            assert not any(secret[:size] in response.body[-80:] for size in range(6, len(secret)))


async def test_a_compressed_body_is_readable_in_the_log_and_capped() -> None:
    body = gzip.compress(json.dumps([{"client_secret": "zipped-secret", "n": n} for n in range(5000)]).encode())
    async with loopback(says(reply(body=body, Content_Encoding="gzip"))) as server, client_of(server) as (client, log):
        await client.get("x")
    response = log.snapshot()[0].response
    assert response is not None
    assert (response.body_bytes, response.truncated) == (len(body), True)
    assert response.body.startswith('[{"client_secret": "***')
    assert "zipped" not in response.body
    assert len(response.body) < BODY_CAP * 1.1


async def test_in_flight_is_what_is_under_way() -> None:
    go_on = asyncio.Event()

    async def wait(_: Any, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        writer.write(reply())

    async with loopback(wait) as server, client_of(server, max_connections=2) as (client, log):
        tasks = [asyncio.create_task(client.get("x")) for _ in range(5)]
        await server.arrived.wait()
        assert log.in_flight == 5
        go_on.set()
        await asyncio.gather(*tasks)
        assert (log.in_flight, len(log)) == (0, 5)


async def test_a_transport_without_an_attempt_and_a_streamed_request() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"secret"

    log = ExchangeLog()
    transport = RecordingTransport(Answers(204), log)
    response = await transport.handle_async_request(hx.Request("PUT", "https://h/a?b=c", content=pieces()))
    for _ in range(2):
        await closed(response)
    assert len(log) == 1
    exchange = log.snapshot()[0]
    assert (exchange.url, exchange.path, exchange.request.body) == ("https://h/a?b=c", "/a?b=c", "(streamed)")


async def test_the_path_is_below_the_base() -> None:
    log = ExchangeLog()
    transport = RecordingTransport(Answers(204), log, base_path="/a/b/")
    for path in ("/a/b/c", "/a/b", "/a/bc", "/"):
        response = await transport.handle_async_request(hx.Request("GET", f"https://h{path}"))
        await closed(response)
    assert [exchange.path for exchange in log.snapshot()] == ["/c", "/", "/a/bc", "/"]


async def test_the_attempt_comes_with_the_request() -> None:
    log, attempt = ExchangeLog(), Attempt(peer=Peer("https", "h", 443), number=3)
    transport = RecordingTransport(Answers(204), log)
    response = await transport.handle_async_request(hx.Request("GET", "https://h/", extensions={EXTENSION: attempt}))
    await closed(response)
    assert (log.snapshot()[0].attempt, log.snapshot()[0].id) == (3, attempt.exchange_id)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
async def test_the_end_of_the_program_is_recorded_too(error: BaseException) -> None:
    def end(_: hx.Request) -> hx.Response:
        raise error

    log = ExchangeLog()
    transport = RecordingTransport(hx.MockTransport(end), log)
    with pytest.raises(type(error)):
        await transport.handle_async_request(hx.Request("GET", "https://h/"))
    failure = log.snapshot()[0].error
    assert failure is not None
    assert failure.layer == "cancelled"
    assert log.in_flight == 0


async def test_hostile_headers_are_harmless_text() -> None:
    data = b"HTTP/1.1 200 OK\r\nX-Evil: \x1b]0;title\x07[/x] \xe2\x80\xaeabc\r\nContent-Length: 0\r\n\r\n"
    async with loopback(says(data)) as server, client_of(server) as (client, log):
        await client.get("x")
    response = log.snapshot()[0].response
    assert isinstance(response, Message)
    shown = response.header("X-Evil") or ""
    assert "[/x]" in shown
    assert not any(sign in shown for sign in "\x1b\x07\u202e\x80")
