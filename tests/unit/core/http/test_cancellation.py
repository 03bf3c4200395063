import asyncio
import random

import pytest

from tests.unit.core.http.loopback import Received, client_of, loopback, reply

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


async def in_three_steps(_: Received, writer: asyncio.StreamWriter) -> None:
    """Slow enough that a cancellation can fall anywhere: before the head, between head and body, within the body."""
    for piece in (HEAD, b"12345", b"67890"):
        await asyncio.sleep(0.002)
        writer.write(piece)
        await writer.drain()


async def test_two_hundred_cancellations_lose_no_connection() -> None:
    chance = random.Random(7)
    async with loopback(in_three_steps) as server, client_of(server, max_connections=3) as (client, log):
        for _ in range(20):
            tasks = [asyncio.create_task(client.get("x")) for _ in range(10)]
            await asyncio.sleep(chance.uniform(0, 0.012))
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(end, asyncio.CancelledError) or not isinstance(end, BaseException) for end in ends)
        replies = await asyncio.gather(*(client.get("x", deadline=20) for _ in range(9)))
        assert [answer.body for answer in replies] == [b"1234567890"] * 9
        assert server.open <= 3
    assert log.in_flight == 0
    cancelled = [exchange.error for exchange in log.snapshot() if exchange.error is not None]
    assert cancelled
    assert {error.layer for error in cancelled} == {"cancelled"}
    assert {exchange.status for exchange in log.snapshot()} == {None, 200}


async def test_a_cancellation_is_not_swallowed_and_is_recorded_once() -> None:
    async def silent(_: Received, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with loopback(silent) as server, client_of(server) as (client, log):
        task = asyncio.create_task(client.get("x"))
        await server.arrived.wait()
        assert log.in_flight == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(log) == 1
    exchange = log.snapshot()[0]
    assert exchange.error is not None
    assert exchange.error.layer == "cancelled"
    assert exchange.error.message.startswith("cancelled here after 0.")


async def test_a_timeout_of_the_caller_is_the_callers() -> None:
    async def stall(_: Received, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with loopback(stall) as server, client_of(server) as (client, log):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.get("x")
    exchange = log.snapshot()[0]
    assert exchange.error is not None
    assert exchange.error.layer == "cancelled"


async def test_cancelling_while_others_wait_for_the_first_connection() -> None:
    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(reply())

    async with loopback(answer) as server, client_of(server, max_connections=1) as (client, _):
        first = asyncio.create_task(client.get("a"))
        others = [asyncio.create_task(client.get("b")) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        replies = await asyncio.gather(*others)
        assert [other.status for other in replies] == [200] * 3
        with pytest.raises(asyncio.CancelledError):
            await first
