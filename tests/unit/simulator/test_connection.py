"""HTTP on the wire: connections that live, requests that are none, TLS, and an end that leaves nothing."""

import asyncio
import base64
import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ocm_tui.core.errors import UsageError
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.simulator.wire import Answer, Request
from tests.unit.simulator.conftest import Opener

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def wire(simulator: Simulator) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def head(simulator: Simulator, method: str = "GET", path: str = "/version", *more: str) -> bytes:
    pair = base64.b64encode(f"{simulator.username}:{simulator.password}".encode()).decode()
    lines = (f"{method} /pf-admin-api/v1{path} HTTP/1.1", "Host: x", f"Authorization: Basic {pair}", "X-XSRF-Header: 1")
    return "\r\n".join((*lines, *more, "", "")).encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    text = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next((int(line.split(":")[1]) for line in text.split("\r\n") if line.startswith("content-length")), 0)
    return int(text.split()[1]), await reader.readexactly(length)


async def test_one_connection_serves_many_requests(simulate: Opener) -> None:
    async with simulate() as (simulator, _), wire(simulator) as (reader, writer):
        for _ in range(5):
            writer.write(head(simulator))
            assert await answer(reader) == (200, b'{"version":"12.1.0.4"}')


async def test_requests_sent_ahead_are_answered_in_order(simulate: Opener) -> None:
    async with simulate() as (simulator, _), wire(simulator) as (reader, writer):
        writer.write(head(simulator) + head(simulator, path="/no") + head(simulator, path="/cluster/status"))
        assert [(await answer(reader))[0] for _ in range(3)] == [200, 404, 403]


async def test_a_body_may_come_in_pieces_and_after_an_invitation(simulate: Opener) -> None:
    async with simulate() as (simulator, _), wire(simulator) as (reader, writer):
        more = ("Content-Type: application/json", "Transfer-Encoding: chunked", "Expect: 100-continue")
        writer.write(head(simulator, "POST", "/oauth/clients", *more))
        assert await answer(reader) == (100, b"")
        writer.write(b'1e\r\n{"clientId":"x","grantTypes":[\r\n')
        await writer.drain()
        writer.write(b'18\r\n"EXTENSION"],"name":"x"}\r\n0\r\n\r\n')
        assert (await answer(reader))[0] == 201


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 300_000, 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    ],
)
async def test_what_is_not_http_gets_an_answer_and_the_door(simulate: Opener, sent: bytes, status: int) -> None:
    async with simulate() as (simulator, http), wire(simulator) as (reader, writer):
        writer.write(sent)
        assert (await answer(reader))[0] == status
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await reader.readexactly(1)
        assert (await http.get("/version")).status_code == 200


async def test_a_body_without_end_is_refused(simulate: Opener) -> None:
    async with simulate() as (simulator, _), wire(simulator) as (reader, writer):
        writer.write(head(simulator, "POST", "/oauth/clients", "Content-Length: 20000000"))
        writer.write(b" " * 17_000_000)
        assert (await answer(reader))[0] == 413


async def test_leaving_in_the_middle_hurts_nobody(simulate: Opener) -> None:
    async with simulate(clients=5000, latency_ms=20) as (simulator, http):
        for sent in (b"", b"GET /", head(simulator)[:-2], head(simulator), head(simulator, path="/oauth/clients")):
            async with wire(simulator) as (_, writer):
                writer.write(sent)
                await writer.drain()
        assert (await http.get("/version")).status_code == 200


async def test_small_answers_are_not_held_back(simulate: Opener) -> None:
    async with simulate() as (simulator, _), wire(simulator) as (reader, writer):
        writer.write(head(simulator))
        await answer(reader)
        transports = [task.get_coro().cr_frame.f_locals["self"]._writer for task in simulator._connections]  # type: ignore[union-attr]
        options = [
            one.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in transports
        ]
        assert options == [1]


async def test_it_ends_with_connections_open_and_nothing_stays() -> None:
    before = asyncio.all_tasks()
    simulator = Simulator(SimulatorSettings(faults="drip@/oauth/clients=100%"))
    async with simulator:
        idle = await asyncio.open_connection("127.0.0.1", simulator.port)
        busy = await asyncio.open_connection("127.0.0.1", simulator.port)
        idle[1].write(head(simulator))
        await answer(idle[0])
        busy[1].write(head(simulator, path="/oauth/clients"))
        await busy[0].readexactly(10)
        assert len(simulator._connections) == 2
    assert asyncio.all_tasks() == before
    assert not simulator._connections
    for reader, writer in (idle, busy):
        with suppress(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 20)
        writer.close()
        with suppress(ConnectionResetError):
            await writer.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", simulator.port)


async def test_a_port_that_is_taken_is_a_usage_error() -> None:
    async with Simulator() as first:
        with pytest.raises(UsageError, match=f"port {first.port} cannot be used"):
            await Simulator(SimulatorSettings(port=first.port)).start()
    async with Simulator(SimulatorSettings(port=first.port)) as second:
        assert second.port == first.port


async def test_a_defect_of_the_simulator_comes_to_light(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(request: Request) -> Answer:
        raise ZeroDivisionError(request.method)

    simulator = Simulator()
    await simulator.start()
    simulator._service.answer = broken
    async with httpx2.AsyncClient(trust_env=False) as http:
        with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
            await http.get(simulator.base_url)
    with pytest.raises(ZeroDivisionError):
        await simulator.__aexit__(None, None, None)
    assert "ZeroDivisionError: GET" in capsys.readouterr().err


async def test_many_clients_at_once(simulate: Opener) -> None:
    async with simulate(clients=2000) as (_, http):
        pages = [http.get("/oauth/clients", params={"page": page, "numberPerPage": 100}) for page in range(1, 21)]
        replies = await asyncio.gather(*pages)
    assert len({one["clientId"] for reply in replies for one in reply.json()["items"]}) == 2000


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of 127.0.0.1 in one file, good for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("faults", ["", "reset-after=100%", "stall=100%"])
async def test_https_and_its_faults(certificate: Path, faults: str) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with Simulator(SimulatorSettings(faults=faults), ssl_context=server) as simulator:
        assert simulator.base_url.startswith("https://127.0.0.1:")
        assert simulator.announcement()["token_url"].startswith("https://127.0.0.1:")
        auth, headers = (simulator.username, simulator.password), {"X-XSRF-Header": "1"}
        async with httpx2.AsyncClient(
            verify=trusting, auth=auth, headers=headers, timeout=0.5, trust_env=False
        ) as http:
            if not faults:
                assert (await http.get(f"{simulator.base_url}/version")).status_code == 200
                return
            with pytest.raises(httpx2.TransportError):
                await http.get(f"{simulator.base_url}/version")


async def test_it_ends_in_the_middle_of_a_handshake(certificate: Path) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    async with Simulator(ssl_context=server) as simulator, wire(simulator) as (reader, writer):
        writer.write(b"\x16\x03")
        async with wire(simulator) as (_, other):
            other.write(b"no TLS")
        await asyncio.wait_for(simulator.stop(), 20)
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 20) == b""


async def test_a_stranger_to_tls_does_not_stop_it(certificate: Path) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    async with Simulator(ssl_context=server) as simulator, wire(simulator) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert not (await reader.read()).startswith(b"HTTP")
        trusting = ssl.create_default_context(cafile=str(certificate))
        async with httpx2.AsyncClient(verify=trusting, trust_env=False) as http:
            assert (await http.get(f"{simulator.base_url}/version")).status_code == 401
