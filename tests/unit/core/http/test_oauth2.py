"""Tokens from the simulator's own token endpoint, and from endpoints that behave badly."""

from collections.abc import Mapping
from typing import Any

import pytest

from ocm_tui.core.errors import TransportError, Unauthorised
from ocm_tui.core.exchanges.model import RequestContext
from ocm_tui.core.http.oauth2 import AuthorisedHTTP, OAuth2ClientCredentials, TokenSource
from ocm_tui.core.http.types import Reply
from ocm_tui.core.secret import Secret

CREDENTIALS = OAuth2ClientCredentials("https://as.example.com/token", "ocm", Secret("the-client-secret-1"), ("admin",))


class Scripted:
    """An `HTTP` that gives the prepared replies, and remembers what it was asked."""

    base_url = "https://pf.example.com"

    def __init__(self, *replies: tuple[int, bytes]) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, str, Mapping[str, str], bytes | None]] = []
        self.closed = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> Reply:
        self.asked.append((method, url, headers or {}, content))
        status, body = self.replies.pop(0)
        return Reply(status, (), body, f"x-{len(self.asked)}", 1.0)

    async def close(self) -> None:
        self.closed = True


def token_reply(value: str, seconds: int = 3600) -> tuple[int, bytes]:
    return 200, f'{{"access_token": "{value}", "token_type": "Bearer", "expires_in": {seconds}}}'.encode()


async def test_one_token_serves_many_calls() -> None:
    endpoint, server = Scripted(token_reply("first-token-1")), Scripted((200, b"{}"), (200, b"{}"))
    http = AuthorisedHTTP(server, TokenSource(endpoint, CREDENTIALS))
    await http.request("GET", "/version")
    await http.request("GET", "/version", headers={"X-XSRF-Header": "PingFederate"})
    assert [asked[2]["Authorization"] for asked in server.asked] == ["Bearer first-token-1"] * 2
    assert len(endpoint.asked) == 1
    assert endpoint.asked[0][3] == b"grant_type=client_credentials&scope=admin"
    await http.close()
    assert endpoint.closed
    assert server.closed


async def test_a_token_is_renewed_before_it_ends() -> None:
    now = 1000.0
    endpoint = Scripted(token_reply("first-token-1", 100), token_reply("second-token-2", 100))
    tokens = TokenSource(endpoint, CREDENTIALS, clock=lambda: now)
    first = await tokens.token()
    now += 69
    assert await tokens.token() == first
    now += 2
    assert (await tokens.token()).reveal() == "second-token-2"


async def test_a_401_is_answered_with_one_fresh_token_and_no_more() -> None:
    endpoint = Scripted(token_reply("first-token-1"), token_reply("second-token-2"))
    server = Scripted((401, b"{}"), (401, b"{}"))
    reply = await AuthorisedHTTP(server, TokenSource(endpoint, CREDENTIALS)).request("PUT", "/oauth/clients/a", json={})
    assert reply.status == 401
    assert [asked[2]["Authorization"] for asked in server.asked] == ["Bearer first-token-1", "Bearer second-token-2"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (401, b'{"error": "invalid_client"}', Unauthorised, "invalid_client"),
        (400, b'{"error": "invalid_scope", "error_description": "no such scope"}', Unauthorised, "invalid_scope"),
        (403, b"<html>no</html>", Unauthorised, "HTTP 403"),
        (503, b"", TransportError, "HTTP 503"),
        (200, b"<html>", TransportError, "no access token"),
        (200, b'{"access_token": 5}', TransportError, "no access token"),
        (200, b"[]", TransportError, "no access token"),
    ],
)
async def test_refusals_name_the_endpoint_and_the_code(
    status: int, body: bytes, kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says) as raised:
        await TokenSource(Scripted((status, body)), CREDENTIALS).token()
    assert "https://as.example.com/token" in str(raised.value)
    assert "the-client-secret-1" not in repr(raised.value)
