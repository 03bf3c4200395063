import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ocm_tui.core.errors import ConfigError, TransportError, UsageError
from ocm_tui.core.http.certificates import server_certificate
from ocm_tui.core.http.types import TLSSettings
from tests.unit.core.http.authority import Authority, server_context
from tests.unit.core.http.loopback import loopback, raw_server, reply, says


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.parametrize("verify", [True, False])
async def test_what_the_server_shows(authority: Authority, verify: bool) -> None:
    context = server_context(authority.issue("pf-admin", ends=timedelta(days=20, hours=1)))
    async with loopback(says(reply()), context) as server:
        tls = TLSSettings(ca_file=authority.file) if verify else TLSSettings(verify=False)
        seen = await server_certificate(f"{server.url}/pf-admin-api/v1", tls, 20)
    assert (seen.subject, seen.issuer, seen.days_left) == ("CN=pf-admin", "CN=Test Authority", 20)
    assert abs(seen.not_after - datetime.now(UTC) - timedelta(days=20, hours=1)) < timedelta(minutes=5)
    assert server.received == []


async def test_an_expired_one(authority: Authority) -> None:
    async with loopback(says(reply()), server_context(authority.issue(ends=timedelta(days=-3, hours=-1)))) as server:
        with pytest.raises(TransportError, match="has expired") as caught:
            await server_certificate(server.url, TLSSettings(ca_file=authority.file), 20)
        assert caught.value.layer == "tls"
        assert (await server_certificate(server.url, TLSSettings(verify=False), 20)).days_left == -4


async def test_a_server_that_wants_a_certificate_of_ours_still_shows_its_own(authority: Authority) -> None:
    context = server_context(authority.issue(), clients=authority, version="1.3")
    async with loopback(says(reply()), context) as server:
        seen = await server_certificate(server.url, TLSSettings(ca_file=authority.file), 20)
    assert seen.subject == "CN=server"


async def test_nobody_there_and_a_silent_port() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(silent) as port:
        with pytest.raises(TransportError, match=r"within 0\.1 s") as caught:
            await server_certificate(f"https://127.0.0.1:{port}", TLSSettings(verify=False), 0.1)
        assert (caught.value.layer, caught.value.detail) == ("deadline", "still in the TLS handshake")
    with pytest.raises(TransportError, match="refused the connection") as caught:
        await server_certificate(f"https://127.0.0.1:{port}", TLSSettings(verify=False), 20)
    assert caught.value.layer == "tcp"


async def test_a_port_without_tls() -> None:
    async def complain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(reply(400))
        await writer.drain()

    async with raw_server(complain) as port:
        with pytest.raises(TransportError, match="does not speak TLS"):
            await server_certificate(f"https://127.0.0.1:{port}", TLSSettings(), 20)


async def test_what_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="plain HTTP"):
        await server_certificate("http://127.0.0.1:1", TLSSettings())
    with pytest.raises(ConfigError, match="cannot be read"):
        await server_certificate("https://127.0.0.1:1", TLSSettings(ca_file=tmp_path / "none.pem"))
