import asyncio
import time
from typing import Any

import pytest

from ocm_tui.core.errors import TransportError
from ocm_tui.core.http.types import PhaseTimeouts
from tests.unit.core.http.loopback import Received, client_of, loopback, never, raw_server, reply, says

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"


async def drip_body(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    await _drip(writer)


async def drip_headers(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    await _drip(writer)


async def _drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("respond", "stage"),
    [
        (drip_body, "the response had begun and was not complete"),
        (drip_headers, "sent, no response yet"),
        (never, "sent, no response yet"),
    ],
)
async def test_no_drip_and_no_silence_outlives_the_deadline(respond: Any, stage: str) -> None:
    async with loopback(respond) as server, client_of(server, deadline=0.25) as (client, log):
        started = time.monotonic()
        with pytest.raises(TransportError, match=rf"127\.0\.0\.1:{server.port} gave no complete answer") as caught:
            await client.get("x")
        took = time.monotonic() - started
    assert 0.2 < took < 2
    error = caught.value
    assert (error.layer, error.maybe_applied, error.detail) == ("deadline", True, stage)
    exchange = log.snapshot()[0]
    assert exchange.id == error.exchange_id
    assert exchange.error is not None
    assert exchange.error.layer == "deadline"
    assert 200 < exchange.duration_ms < 2000
    assert log.in_flight == 0


async def test_a_call_may_have_another_deadline() -> None:
    async with loopback(never) as server, client_of(server, deadline=60) as (client, _):
        with pytest.raises(TransportError, match=r"within 0\.1 s"):
            await client.get("x", deadline=0.1)


async def test_waiting_for_a_connection_counts_and_nothing_was_sent() -> None:
    async with loopback(never) as server, client_of(server, max_connections=1, deadline=60) as (client, log):
        first = asyncio.create_task(client.get("x"))
        await server.arrived.wait()
        with pytest.raises(TransportError, match="gave no complete answer") as caught:
            await client.post("y", deadline=0.1)
        assert (caught.value.layer, caught.value.maybe_applied) == ("deadline", False)
        assert "waiting for a free connection" in caught.value.detail
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    assert len(server.received) == 1
    assert len(log) == 2


async def test_phases_have_timeouts_of_their_own() -> None:
    timeouts = PhaseTimeouts(read=0.1, pool=0.1)
    async with loopback(never) as server, client_of(server, timeouts=timeouts, max_connections=1) as (client, log):
        first = asyncio.create_task(client.get("x"))
        await server.arrived.wait()
        with pytest.raises(TransportError, match=r"no connection .* became free in time") as pool:
            await client.get("y")
        with pytest.raises(TransportError, match="was silent for too long") as read:
            await first
    assert (pool.value.layer, pool.value.maybe_applied) == ("deadline", False)
    assert (read.value.layer, read.value.maybe_applied) == ("deadline", True)
    assert len(log) == 2


async def test_a_port_that_accepts_and_never_shakes_hands() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    timeouts = PhaseTimeouts(connect=0.1)
    async with raw_server(silent) as port, client_of(f"https://127.0.0.1:{port}", timeouts=timeouts) as (client, _):
        with pytest.raises(TransportError, match="did not finish the TLS handshake in time") as caught:
            await client.get("x")
    assert (caught.value.layer, caught.value.maybe_applied) == ("tls", False)


async def test_the_deadline_leaves_the_pool_whole() -> None:
    stuck = True

    async def respond(received: Received, writer: asyncio.StreamWriter) -> None:
        if stuck:
            await never(received, writer)
        writer.write(reply())

    async with loopback(respond) as server, client_of(server, max_connections=2) as (client, log):
        for _ in range(6):
            with pytest.raises(TransportError):
                await client.get("x", deadline=0.02)
        stuck = False
        replies = await asyncio.gather(*(client.get("x", deadline=10) for _ in range(6)))
    assert [answer.status for answer in replies] == [200] * 6
    assert log.in_flight == 0


async def test_a_deadline_that_is_over_before_it_begins() -> None:
    async with loopback(says(reply())) as server, client_of(server) as (client, _):
        with pytest.raises(TransportError) as caught:
            await client.post("x", deadline=0)
    assert (caught.value.layer, caught.value.maybe_applied) == ("deadline", False)
    assert server.received == []
