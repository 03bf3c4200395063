"""TLS against real servers with certificates made for the test."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ocm_tui.core.errors import TransportError
from ocm_tui.core.http.attempt import Peer
from ocm_tui.core.http.tls_failures import describe_tls
from ocm_tui.core.http.types import TLSSettings
from ocm_tui.core.secret import Secret
from tests.unit.core.http.authority import Authority, server_context
from tests.unit.core.http.loopback import client_of, loopback, raw_server, reply, says


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def failure_with(context: ssl.SSLContext, **settings: Any) -> TransportError:
    async with loopback(says(reply()), context) as server, client_of(server, deadline=20, **settings) as (client, log):
        with pytest.raises(TransportError) as caught:
            await client.get("x")
        assert f"127.0.0.1:{server.port}" in caught.value.title
        error = log.snapshot()[0].error
        assert error is not None
        assert error.layer == caught.value.layer == "tls"
        assert server.received == [] or caught.value.maybe_applied
    return caught.value


@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_a_trusted_server_and_its_timings(authority: Authority, version: str) -> None:
    context = server_context(authority.issue(), version=version)
    tls = TLSSettings(ca_file=authority.file)
    async with loopback(says(reply()), context) as server, client_of(server, tls=tls) as (client, log):
        await client.get("x")
        await client.get("x")
    first, second = log.snapshot()
    assert first.timings.connect is not None
    assert first.timings.tls is not None
    assert first.timings.first_byte is not None
    assert 0 < first.timings.connect < first.timings.first_byte
    assert 0 < first.timings.tls < first.timings.first_byte <= first.timings.total
    assert not first.reused_connection
    assert (second.timings.connect, second.timings.tls, second.reused_connection) == (None, None, True)


async def test_verification_can_be_switched_off(authority: Authority) -> None:
    context = server_context(authority.issue(hosts=("elsewhere.example",), ends=timedelta(hours=-1)))
    blind = TLSSettings(verify=False)
    async with loopback(says(reply()), context) as server, client_of(server, tls=blind) as (client, _):
        assert (await client.get("x")).ok


@pytest.mark.parametrize(
    ("issued", "words", "hint"),
    [
        ({"ends": timedelta(hours=-1)}, "has expired", "renewed"),
        ({"begins": timedelta(hours=1)}, "not valid yet", "clocks"),
        ({"hosts": ("elsewhere.example",)}, "for another address", "127.0.0.1"),
    ],
)
async def test_a_certificate_that_does_not_fit(
    authority: Authority, issued: dict[str, Any], words: str, hint: str
) -> None:
    error = await failure_with(server_context(authority.issue(**issued)), tls=TLSSettings(ca_file=authority.file))
    assert words in error.title
    assert hint in error.hint
    assert not error.maybe_applied


async def test_another_name(authority: Authority) -> None:
    context = server_context(authority.issue(hosts=("elsewhere.example",)))
    async with loopback(says(reply()), context) as server:
        url, tls = f"https://localhost:{server.port}", TLSSettings(ca_file=authority.file)
        async with client_of(url, tls=tls) as (client, _):
            with pytest.raises(TransportError, match="for another name") as caught:
                await client.get("x")
    assert "localhost" in caught.value.hint


async def test_an_unknown_authority(authority: Authority, tmp_path: Path) -> None:
    context = server_context(authority.issue())
    without = await failure_with(context)
    assert "is not trusted" in without.title
    assert "tls.ca_file" in without.hint
    other = Authority(tmp_path, "Other Authority")
    wrong = await failure_with(context, tls=TLSSettings(ca_file=other.file))
    assert wrong.hint == f"{other.file} (tls.ca_file) does not hold that authority"


async def test_an_image_without_any_authorities(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = SimpleNamespace(cafile=None, capath=None, openssl_cafile="/nowhere", openssl_capath="/nowhere")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nothing)
    error = await failure_with(server_context(authority.issue()))
    assert error.hint == "this system has no CA certificates: install ca-certificates, or set tls.ca_file"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("shown", ["none", "of another authority"])
async def test_a_client_certificate_is_demanded(authority: Authority, tmp_path: Path, version: str, shown: str) -> None:
    context = server_context(authority.issue(), clients=authority, version=version)
    tls = TLSSettings(ca_file=authority.file)
    if shown != "none":
        mine = Authority(tmp_path, "Other Authority").issue("mine")
        tls = TLSSettings(ca_file=authority.file, client_cert=mine.certificate, client_key=mine.key)
    for _ in range(5):  # with TLS 1.3 it is a race which of three exceptions comes
        error = await failure_with(context, tls=tls)
        assert "refused" in error.title
        assert ("mine.crt" if shown != "none" else "set tls.client_cert") in error.hint


@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_a_client_certificate_is_accepted(authority: Authority, version: str) -> None:
    context = server_context(authority.issue(), clients=authority, version=version)
    mine = authority.issue("mine", password=b"open sesame")
    tls = TLSSettings(
        ca_file=authority.file,
        client_cert=mine.certificate,
        client_key=mine.key,
        client_key_password=Secret("open sesame"),
    )
    async with loopback(says(reply()), context) as server, client_of(server, tls=tls) as (client, _):
        assert (await client.get("x")).ok


async def test_tls_to_a_plain_port() -> None:
    async def complain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(reply(400, b"what is this?"))
        await writer.drain()

    async with raw_server(complain) as port, client_of(f"https://127.0.0.1:{port}") as (client, _):
        with pytest.raises(TransportError, match="does not speak TLS on this port") as caught:
            await client.get("x")
    assert caught.value.hint == f"is the port meant for plain HTTP? use http://127.0.0.1:{port} in base_url"
    assert (caught.value.layer, caught.value.maybe_applied) == ("tls", False)


async def test_plain_http_to_a_tls_port(authority: Authority) -> None:
    async with (
        loopback(says(reply()), server_context(authority.issue())) as server,
        client_of(f"http://127.0.0.1:{server.port}") as (client, _),
    ):
        with pytest.raises(TransportError) as caught:
            await client.get("x")
    assert caught.value.layer == "http"
    assert f"use https://127.0.0.1:{server.port}" in caught.value.hint


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "refused the TLS connection: certificate required"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "refused the TLS connection: handshake failure"),
        ("TLSV1_ALERT_UNKNOWN_CA", "refused the TLS connection: unknown ca"),
        ("TLSV1_UNRECOGNIZED_NAME", "has no certificate for this name"),
        ("UNEXPECTED_EOF_WHILE_READING", "client certificate refused?"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "speaks no TLS version that is safe"),
        ("SOMETHING_ELSE", "failed in the TLS connection: something else"),
        ("", "failed in the TLS connection: words"),
    ],
)
def test_reasons(reason: str, words: str) -> None:
    error = ssl.SSLError(1, "words (_ssl.c:1006)")
    error.reason = reason
    assert words in describe_tls(error, Peer("https", "h", 443))[0]


async def test_closed_in_the_handshake() -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.close()

    async with raw_server(close) as port, client_of(f"https://127.0.0.1:{port}") as (client, _):
        with pytest.raises(TransportError, match="client certificate refused") as caught:
            await client.get("x")
    assert (caught.value.layer, caught.value.maybe_applied) == ("tls", False)
