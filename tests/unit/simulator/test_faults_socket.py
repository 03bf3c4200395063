"""Every kind of fault as the other side of the socket sees it, and whether the server did its work."""

import asyncio
import json

import httpx2
import pytest

from ocm_tui.simulator.server import Simulator
from tests.unit.simulator.conftest import Opener, admin_client

NEW = {
    "clientId": "new",
    "name": "new",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "secret": "twelve-monkeys"},
}


async def raw(simulator: Simulator, method: str = "GET", path: str = "/version") -> tuple[bytes, BaseException | None]:
    """All bytes until the connection ends, and how it ended."""
    request = httpx2.Request(
        method,
        simulator.base_url + path,
        headers={"X-XSRF-Header": "1", "Connection": "close"},
    )
    request = next(httpx2.BasicAuth(simulator.username, simulator.password).auth_flow(request))
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    received, error = b"", None
    try:
        writer.write(f"{method} {request.url.raw_path.decode()} HTTP/1.1\r\n{head}\r\n".encode())
        while data := await reader.read(4096):
            received += data
    except OSError as caught:
        error = caught
    finally:
        writer.close()
        try:
            await writer.wait_closed()
        except OSError as caught:
            error = error or caught
    return received, error


async def exists(simulator: Simulator) -> bool:
    async with admin_client(simulator) as http:
        return (await http.get("/oauth/clients/new")).status_code == 200


@pytest.mark.parametrize(("kind", "worked"), [("reset-before", False), ("reset-after", True)])
async def test_resets_are_resets(simulate: Opener, kind: str, worked: bool) -> None:
    async with simulate(faults=f"{kind}=100%*1,{kind}@POST=100%*1") as (simulator, http):
        received, error = await raw(simulator)
        assert (received, type(error)) == (b"", ConnectionResetError)
        with pytest.raises(httpx2.ReadError):
            await http.post("/oauth/clients", json=NEW)
        assert await exists(simulator) is worked
        assert (simulator.requests[0].fault, simulator.requests[0].status) == (kind, None)


async def test_a_lost_answer_is_an_orderly_end_after_the_work(simulate: Opener) -> None:
    async with simulate(faults="lost-answer=100%*1,lost-answer@POST=100%*1") as (simulator, http):
        assert await raw(simulator) == (b"", None)
        with pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"):
            await http.post("/oauth/clients", json=NEW)
        assert await exists(simulator)


async def test_a_stall_says_nothing_after_the_work(simulate: Opener) -> None:
    async with simulate(faults="stall@POST=100%") as (simulator, http):
        with pytest.raises(httpx2.ReadTimeout):
            await http.post("/oauth/clients", json=NEW, timeout=0.3)
        assert await exists(simulator)


async def test_a_server_stops_while_it_stalls(simulate: Opener) -> None:
    async with simulate(faults="stall=100%") as (simulator, http):
        arrived = asyncio.Event()
        simulator._service.record = lambda _: arrived.set()
        waiting = asyncio.ensure_future(http.get("/version"))
        await arrived.wait()
        await simulator.stop()
        with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
            await waiting


async def test_a_drip_comes_byte_by_byte(simulate: Opener) -> None:
    async with simulate(faults="drip=100%") as (_, http), http.stream("GET", "/version") as reply:
        received = []
        async for piece in reply.aiter_raw():
            received.append(piece)
            if len(received) == 3:
                break
        assert b'{"version":"12.1.0.4"}'.startswith(b"".join(received))
        assert len(b"".join(received)) < 22


async def test_a_drip_ends_and_the_connection_lives(simulate: Opener) -> None:
    async with simulate(faults="drip@/oauth/clients=100%", clients=0) as (_, http):
        assert (await http.get("/oauth/clients")).json() == {"items": []}
        assert (await http.get("/version")).status_code == 200


async def test_a_truncated_answer_breaks_its_promise(simulate: Opener) -> None:
    async with simulate(faults="truncate=100%") as (simulator, http):
        received, error = await raw(simulator)
        head, _, body = received.partition(b"\r\n\r\n")
        assert error is None
        assert b"Content-Length: 22" in head
        assert body == b'{"version":'
        with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
            await http.get("/version")


@pytest.mark.parametrize("kind", ["cut-json", "badutf8"])
async def test_well_framed_answers_that_cannot_be_read(simulate: Opener, kind: str) -> None:
    async with simulate(faults=f"{kind}=100%") as (_, http):
        reply = await http.get("/version")
        again = await http.get("/version")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json;charset=utf-8")
    assert again.content == reply.content
    with pytest.raises(ValueError, match=r"."):
        json.loads(reply.content)
    if kind == "badutf8":
        with pytest.raises(UnicodeDecodeError):
            reply.content.decode()


@pytest.mark.parametrize("kind", ["429", "500", "502", "503", "504", "html", "big-error"])
async def test_answers_instead_of_work(simulate: Opener, kind: str) -> None:
    async with simulate(faults=f"{kind}@POST=100%") as (simulator, http):
        reply = await http.post("/oauth/clients", json=NEW)
        assert reply.status_code == {"html": 502, "big-error": 500}.get(kind) or int(kind)
        assert reply.headers.get("retry-after") == ("1" if kind in {"429", "503"} else None)
        assert not await exists(simulator)
    if kind == "html":
        assert reply.headers["content-type"] == "text/html"
        assert reply.text.startswith("<!DOCTYPE html>")
    else:
        assert set(reply.json()) == {"resultId", "message"}
    assert (len(reply.content) > 5_000_000) is (kind == "big-error")


async def test_faults_reach_the_token_endpoint_and_long_lists(simulate: Opener) -> None:
    faults = "503@/as/token.oauth2=100%,truncate@/oauth/clients=100%"
    async with simulate(faults=faults, clients=1500) as (simulator, http):
        assert (await http.post(simulator.token_url)).status_code == 503
        with pytest.raises(httpx2.RemoteProtocolError):
            await http.get("/oauth/clients")


async def test_the_same_requests_meet_the_same_faults(simulate: Opener) -> None:
    seen = []
    for _ in range(2):
        async with simulate(faults="500=30%,503=30%", seed=5) as (_, http):
            seen.append([(await http.get("/version")).status_code for _ in range(40)])
    assert seen[0] == seen[1]
    assert set(seen[0]) == {200, 500, 503}


async def test_latency_delays_every_answer(simulate: Opener) -> None:
    async with simulate(latency_ms=120) as (_, http):
        loop = asyncio.get_running_loop()
        started = loop.time()
        await http.get("/version")
        await http.get("/nowhere")
        assert loop.time() - started >= 0.24
