"""Token requests over the real HTTP client: at the simulator's token endpoint, and at servers that answer otherwise."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ocm_tui.core.clients.documents import new_document
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.token_test import AuthMethod, TokenRequest, TokenTest, refuse_untestable, request_token
from ocm_tui.core.errors import ApiError, OcmError, TransportError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.types import TLSSettings
from ocm_tui.core.secret import LONG, Secret, known_secrets
from ocm_tui.core.session import ServerTarget
from tests.contract.servers import Bench, bench, http_answer, raw_server

SECRET = "planted-client-secret-0001"
ODD_SECRET = "plänted &%+: secret/0002"
TOKEN = "planted-access-token-0001"


@asynccontextmanager
async def with_client(client_id: str = "orders-new", secret: str = SECRET) -> AsyncIterator[Bench]:
    async with bench(clients=3) as it:
        document: dict[str, Any] = dict(new_document(client_id, secret=Secret(secret)))
        document |= {"restrictScopes": True, "restrictedScopes": ["orders:read", "orders:write"]}
        await it.server.create(ClientDocument(document))
        yield it


async def ask(
    it: Bench, secret: str, *scopes: str, client_id: str = "orders-new", auth: AuthMethod = "basic"
) -> TokenTest:
    target = ServerTarget(it.simulator.base_url, "", TLSSettings(), 20.0, it.simulator.token_url)
    return await request_token(target, it.log, TokenRequest(client_id, Secret(secret), scopes, auth))


@pytest.mark.parametrize("auth", ["basic", "post"])
@pytest.mark.parametrize(("client_id", "secret"), [("orders-new", SECRET), ("a:b ü", ODD_SECRET)])
async def test_a_token_is_issued_and_nothing_secret_is_kept(auth: AuthMethod, client_id: str, secret: str) -> None:
    async with with_client(client_id, secret) as it:
        test = await ask(it, secret, "orders:read", client_id=client_id, auth=auth)
        assert test.passed
        assert (test.token_type, test.granted, test.not_granted) == ("Bearer", ("orders:read",), ())
        assert test.expires_in
        assert test.token is not None
        assert test.token.claims["client_id"] == client_id
        (exchange,) = [one for one in it.log.snapshot() if one.target == "token"]
        assert (exchange.id, exchange.client_id) == (test.exchange_id, client_id)
        sent = [one for one in it.simulator.requests if one.path.endswith("token.oauth2")]
        assert len(sent) == 1
        assert ("authorization" in {name.lower() for name, _ in sent[0].headers}) == (auth == "basic")
        kept = json.dumps([one.as_json() for one in it.log.snapshot()]) + repr(test)
        assert known_secrets.scrub(kept, shortest=LONG) == kept
        assert "access_token" in kept


@pytest.mark.parametrize(
    ("secret", "scopes", "code", "words"),
    [
        ("another-client-secret", (), "invalid_client", "secret the one in force"),
        (SECRET, ("orders:read", "nonsense"), "invalid_scope", "restrictedScopes"),
    ],
)
async def test_refusals_are_explained(secret: str, scopes: tuple[str, ...], code: str, words: str) -> None:
    async with with_client() as it:
        test = await ask(it, secret, *scopes)
        assert not test.passed
        assert test.refusal is not None
        assert test.refusal.code == code
        assert words in test.refusal.hint
        assert test.refusal.description


async def test_a_client_without_the_grant_and_a_disabled_one() -> None:
    async with with_client() as it:
        document = dict(await it.server.get("orders-new"))
        grants = ["REFRESH_TOKEN", "RESOURCE_OWNER_CREDENTIALS"]
        await it.server.replace("orders-new", ClientDocument({**document, "grantTypes": grants}))
        test = await ask(it, SECRET)
        assert test.refusal is not None
        assert (test.refusal.code, test.refusal.hint) == (
            "unauthorized_client",
            "add CLIENT_CREDENTIALS to its grantTypes",
        )
        await it.server.replace("orders-new", ClientDocument({**document, "enabled": False}))
        test = await ask(it, SECRET)
        assert test.refusal is not None
        assert "enabled?" in test.refusal.hint


async def answered(answer: bytes, *scopes: str) -> TokenTest:
    async with raw_server(lambda _: answer) as (seen, _):
        target = ServerTarget("", "", TLSSettings(), 20.0, f"{seen.base_url}/token")
        try:
            return await request_token(target, ExchangeLog(), TokenRequest("orders", Secret(SECRET), scopes))
        finally:
            assert len(seen.requests) == 1


@pytest.mark.parametrize(
    ("answer", "scopes", "granted", "passed"),
    [
        ({"scope": "a b"}, ("a", "b"), ("a", "b"), True),
        ({"scope": "a"}, ("a", "b"), ("a",), False),
        ({"scope": "a b"}, (), ("a", "b"), True),
        ({}, ("a",), None, True),
        ({"scope": 5}, ("a",), None, True),
        ({"scope": ""}, ("a",), (), False),
    ],
)
async def test_scopes(answer: Any, scopes: tuple[str, ...], granted: tuple[str, ...] | None, passed: bool) -> None:
    test = await answered(http_answer(200, {"access_token": TOKEN, "token_type": "Bearer", **answer}), *scopes)
    assert (test.granted, test.passed) == (granted, passed)
    assert test.token is not None
    assert (test.token.kind, test.token.length) == ("opaque", len(TOKEN))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(300, 300), ("300", 300), (299.9, 299), (None, None), (-1, None), (True, None), ("soon", None), (1e300, None)],
)
async def test_lifetimes(value: Any, seconds: int | None) -> None:
    assert (await answered(http_answer(200, {"access_token": TOKEN, "expires_in": value}))).expires_in == seconds


async def test_an_error_code_that_nobody_knows() -> None:
    test = await answered(http_answer(400, {"error": "odd\x1b[2J", "error_description": f"it said {SECRET}"}))
    assert test.refusal is not None
    assert "\x1b" not in test.refusal.code
    assert "code of its own" in test.refusal.explanation


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"", TransportError, ""),
        (http_answer(503, b"<html>busy</html>"), TransportError, "HTTP 503"),
        (http_answer(500, {"error": "server_error"}), TransportError, "HTTP 500"),
        (http_answer(404, b"<html>nothing here</html>"), ApiError, "HTTP 404"),
        (http_answer(200, b"<html>sign in</html>"), ApiError, "HTTP 200"),
        (http_answer(200, {"accessToken": TOKEN}), ApiError, "HTTP 200"),
        (http_answer(200, {"access_token": {"a": TOKEN}}), ApiError, "HTTP 200"),
        (http_answer(200, b"[" * 50000), ApiError, "HTTP 200"),
        (http_answer(429, b"", "Retry-After: 7"), ApiError, "HTTP 429"),
        (http_answer(302, b"", "Location: https://elsewhere.example.com"), ApiError, "HTTP 302"),
    ],
)
async def test_what_is_no_token_endpoint(answer: bytes, kind: type[OcmError], words: str) -> None:
    with pytest.raises(kind) as caught:
        await answered(answer)
    assert words in caught.value.title
    assert "planted" not in f"{caught.value.title} {caught.value.detail} {caught.value.hint}"


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        (None, "public client"),
        ({"type": "NONE"}, "public client"),
        ({"type": "CERTIFICATE"}, "client certificate"),
        ({"type": "PRIVATE_KEY_JWT"}, "private key"),
        ({"type": "CLIENT_SECRET_JWT"}, "signs its requests"),
        ({"type": "ODD\x1b"}, "signs in with ODD"),
    ],
)
def test_other_ways_of_authentication_are_not_tested(auth: Any, words: str) -> None:
    with pytest.raises(OcmError, match=words) as caught:
        refuse_untestable({"clientId": "orders", "clientAuth": auth})
    assert "\x1b" not in caught.value.title
    refuse_untestable({"clientId": "orders", "clientAuth": {"type": "SECRET"}})
