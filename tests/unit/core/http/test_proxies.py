import asyncio
import base64
from typing import Any

import pytest

from ocm_tui.core.errors import ConfigError, TransportError
from ocm_tui.core.http.proxies import proxy_for
from ocm_tui.core.secret import known_secrets
from tests.unit.core.http.loopback import client_of, loopback, raw_server, reply, says
from tests.unit.core.http.test_failures import free_port

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("variables", "scheme", "host", "expected"),
    [
        ({}, "https", "pf.example", None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "https", "pf.example", "http://proxy:3128"),
        ({"HTTPS_PROXY": "proxy:3128"}, "https", "pf.example", "http://proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http", "pf.example", None),
        ({"all_proxy": "http://proxy:1"}, "http", "pf.example", "http://proxy:1"),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "pf.example"}, "https", "pf.example", None),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": ".example"}, "https", "pf.example", None),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "pf.example:1"}, "https", "pf.example", "http://proxy:1"),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "*"}, "https", "pf.example", None),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "x, 10.0.0.0/8,bad/8"}, "https", "10.1.2.3", None),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "10.0.0.0/8"}, "https", "11.1.2.3", "http://proxy:1"),
        ({"ALL_PROXY": "http://proxy:1"}, "https", "localhost", None),
        ({"ALL_PROXY": "http://proxy:1"}, "https", "127.0.0.2", None),
        ({"ALL_PROXY": "http://proxy:1"}, "https", "::1", None),
    ],
)
def test_which_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], scheme: str, host: str, expected: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(scheme, host, 9999) == expected


def test_an_unknown_kind_of_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy:1080")
    with pytest.raises(ConfigError, match="socks5") as caught:
        proxy_for("https", "pf.example", 443)
    assert "NO_PROXY=pf.example" in caught.value.hint


def test_the_credentials_of_a_proxy_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:proxy%2Fpassword@proxy:3128")
    assert proxy_for("https", "pf.example", 443)
    assert {"proxy/password", base64.b64encode(b"user:proxy/password").decode()} <= known_secrets.forms


async def test_plain_http_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with loopback(says(reply())) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:proxy-password@127.0.0.1:{proxy.port}")
        async with client_of("http://pf.example", trust_env=True) as (client, log):
            await client.get("x")
            await client.get("x")
    assert proxy.received[0].target == "http://pf.example/x"
    assert "proxy-authorization" in proxy.received[0].headers
    assert "proxy-password" not in repr(log.snapshot())
    assert [exchange.reused_connection for exchange in log.snapshot()] == [False, True]


async def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    async with client_of("https://pf.example", trust_env=True) as (client, log):
        with pytest.raises(TransportError, match=rf"the proxy 127\.0\.0\.1:{port} refused the connection") as caught:
            await client.get("x")
    assert (caught.value.layer, caught.value.maybe_applied) == ("proxy", False)
    assert "NO_PROXY=pf.example" in caught.value.hint
    error = log.snapshot()[0].error
    assert error is not None
    assert error.layer == "proxy"


async def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    async with loopback(says(reply(407, b""))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with client_of("https://pf.example:9999", trust_env=True) as (client, _):
            with pytest.raises(TransportError, match=r"does not connect to pf\.example:9999: 407") as caught:
                await client.post("x", json={})
    assert (caught.value.layer, caught.value.maybe_applied) == ("proxy", False)
    assert [(request.method, request.target) for request in proxy.received] == [("CONNECT", "pf.example:9999")]


async def test_a_tunnel_to_something_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 what is this?\r\n\r\n")
        await writer.drain()

    async with raw_server(tunnel) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        async with client_of("https://pf.example:9999", trust_env=True) as (client, _):
            with pytest.raises(TransportError, match=r"pf\.example:9999 does not speak TLS") as caught:
                await client.get("x")
    assert (caught.value.layer, caught.value.maybe_applied) == ("tls", False)


async def test_the_environment_counts_only_when_it_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    settings: dict[str, Any] = {"trust_env": False, "deadline": 20}
    async with client_of(f"http://127.0.0.1:{free_port()}", **settings) as (client, _):
        with pytest.raises(TransportError) as caught:
            await client.get("x")
    assert caught.value.layer == "tcp"
