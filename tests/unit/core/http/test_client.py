import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ocm_tui import __version__
from ocm_tui.core.errors import TransportError, UsageError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import RequestContext
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import HTTP, BasicAuth, BearerAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from tests.unit.core.http.loopback import client_of, loopback, never, reply, says


async def test_a_get_and_its_reply() -> None:
    async with loopback(says(reply(200, b'{"a": 1}', X_Odd="one"))) as server, client_of(server) as (client, log):
        answer = await client.get("oauth/clients", params={"page": 2, "filter": "a b&c"})
    assert (answer.status, answer.ok, answer.body) == (200, True, b'{"a": 1}')
    assert answer.header("x-odd") == "one"
    assert answer.duration_ms > 0
    assert log.get(answer.exchange_id) is log.snapshot()[0]
    received = server.received[0]
    assert (received.method, received.target) == ("GET", "/oauth/clients?page=2&filter=a%20b%26c")
    assert received.headers["user-agent"] == f"ocm-tui/{__version__}"
    assert received.headers["host"] == f"127.0.0.1:{server.port}"
    assert "content-type" not in received.headers


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_json_is_sent_compact_and_in_utf_8(method: str) -> None:
    async with loopback(says(reply(201))) as server, client_of(server) as (client, _):
        call = client.post if method == "POST" else client.put
        assert (await call("x", json={"name": "Zoë", "list": [1, None]})).status == 201
    received = server.received[0]
    assert received.method == method
    assert received.body == '{"name":"Zoë","list":[1,null]}'.encode()
    assert received.headers["content-type"] == "application/json"


async def test_content_is_sent_as_it_is_and_delete_has_none() -> None:
    async with loopback(says(reply(204, b""))) as server, client_of(server) as (client, _):
        await client.post("token", content=b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"})
        await client.delete("oauth/clients/a%2Fb")
    form, deletion = server.received
    assert (form.body, form.headers["content-type"]) == (b"a=b", "application/x-www-form-urlencoded")
    assert (deletion.method, deletion.target, deletion.body) == ("DELETE", "/oauth/clients/a%2Fb", b"")


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (BasicAuth("zoë", Secret("pass:wörd-1")), "Basic " + base64.b64encode("zoë:pass:wörd-1".encode()).decode()),
        (BearerAuth(Secret("token-123456")), "Bearer token-123456"),
        (None, None),
    ],
)
async def test_authentication(auth: BasicAuth | BearerAuth | None, expected: str | None) -> None:
    async with loopback(says(reply())) as server, client_of(server, auth=auth) as (client, log):
        await client.get("x")
    assert server.received[0].headers.get("authorization") == expected
    if expected:
        shown = log.snapshot()[0].request.header("Authorization")
        assert shown is not None
        assert expected.split()[1] not in shown
        assert shown.startswith(expected.split()[0] + " ***")


async def test_headers_of_a_call_win_over_the_configured_ones_and_those_over_the_defaults() -> None:
    headers: Mapping[str, str] = {"X-A": "configured", "x-b": "configured", "user-agent": "mine"}
    async with loopback(says(reply())) as server, client_of(server, headers=headers) as (client, _):
        await client.get("x", headers={"x-a": "call", "Authorization": "Bearer other"})
    received = server.received[0].headers
    assert (received["x-a"], received["x-b"], received["user-agent"]) == ("call", "configured", "mine")
    assert received["authorization"] == "Bearer other"


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X\n": "a"}, {"X": "a\0"}, {"": "a"}, {"Ö": "a"}])
async def test_a_header_that_would_break_out_of_its_line_is_not_sent(headers: dict[str, str]) -> None:
    async with loopback(says(reply())) as server, client_of(server) as (client, _):
        with pytest.raises(UsageError, match="header"):
            await client.get("x", headers=headers)
    assert server.received == []


@pytest.mark.parametrize(
    "url",
    ["http://elsewhere.example/x", "//elsewhere.example/x", "../x", "a/../../x", "a/%2E%2e/x", "a/.", "a b", "a\\b"],
)
async def test_credentials_never_go_to_another_place(url: str) -> None:
    async with loopback(says(reply())) as server, client_of(f"{server.url}/pf-admin-api/v1") as (client, log):
        with pytest.raises(UsageError):
            await client.get(url)
    assert server.received == []
    assert len(log) == 0


@pytest.mark.parametrize("body", [float("nan"), {1, 2}, {"a": object()}])
async def test_what_is_no_json_is_a_usage_error(body: Any) -> None:
    async with loopback(says(reply())) as server, client_of(server) as (client, _):
        with pytest.raises(UsageError, match="not JSON"):
            await client.post("x", json=body)
    assert server.received == []


async def test_a_lone_surrogate_is_sent_as_an_escape() -> None:
    async with loopback(says(reply())) as server, client_of(server) as (client, _):
        await client.post("x", json={"a": "\ud800"})
    assert json.loads(server.received[0].body) == {"a": "\ud800"}


async def test_a_redirect_and_a_server_error_are_just_replies() -> None:
    respond = says(reply(302, b"", Location="https://elsewhere.example/"))
    async with loopback(respond) as server, client_of(server) as (client, _):
        answer = await client.get("x")
    assert (answer.status, answer.ok, answer.header("location")) == (302, False, "https://elsewhere.example/")
    async with loopback(says(reply(503, b"<html>", "text/html"))) as server, client_of(server) as (client, log):
        assert (await client.get("x")).status == 503
    assert len(server.received) == 1
    assert log.snapshot()[0].error is None


async def test_repeated_headers_and_their_case_are_kept() -> None:
    data = b"HTTP/1.1 200 OK\r\nSet-COOKIE: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n"
    async with loopback(says(data)) as server, client_of(server) as (client, _):
        answer = await client.get("x")
        await client.get("x")
    assert answer.headers == (("Set-COOKIE", "a=1"), ("set-cookie", "b=2"), ("Content-Length", "0"))
    assert "cookie" not in server.received[1].headers


async def test_the_context_travels_into_the_exchange() -> None:
    context = RequestContext(client_id="orders-api", run_id="r1", purpose="test")
    async with loopback(says(reply())) as server, client_of(server, target="token") as (client, log):
        await client.get("x", context=context)
    exchange = log.snapshot()[0]
    assert (exchange.client_id, exchange.run_id, exchange.purpose) == ("orders-api", "r1", "test")
    assert exchange.target == "token"


async def test_connections_are_kept_and_bounded() -> None:
    most = 0

    async def respond(_: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        most = max(most, server.open)
        writer.write(reply())

    async with loopback(respond) as server, client_of(server, max_connections=3) as (client, _):
        await asyncio.gather(*(client.get("x") for _ in range(40)))
    assert most <= 3
    assert server.connections <= 3


async def test_close_twice_and_no_use_after_it() -> None:
    async with loopback(says(reply())) as server, client_of(server) as (client, log):
        await client.get("x")
        await client.close()
        await client.close()
        with pytest.raises(TransportError, match="closed here") as caught:
            await client.get("x")
    assert not caught.value.maybe_applied
    assert len(log) == 1


async def test_closing_ends_a_request_that_is_under_way() -> None:
    async with loopback(never) as server, client_of(server, deadline=20) as (client, log):
        task = asyncio.create_task(client.get("x"))
        await server.arrived.wait()
        await client.close()
        with pytest.raises(TransportError) as caught:
            await task
    assert caught.value.maybe_applied
    assert log.in_flight == 0
    assert len(log) == 1


async def test_it_is_the_port() -> None:
    http: HTTP = UnifiedHTTPClient(HTTPClientConfig(base_url="http://127.0.0.1:1/a/"), ExchangeLog())
    assert http.base_url == "http://127.0.0.1:1/a"
    await http.close()
