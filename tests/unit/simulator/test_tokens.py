"""The token endpoint: what it issues, to whom, and how it says no."""

import base64
import json
from typing import Any

import httpx2
import pytest

from ocm_tui.simulator.server import Simulator

FORM = {"grant_type": "client_credentials"}
PAIR = ("orders-api", "twelve: monkeys+%")


@pytest.fixture
async def token(simulator: Simulator, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """A client for the token endpoint; the secret of `orders-api` is known."""
    await http.put("/oauth/clients/orders-api/clientAuth/clientSecret", json={"secret": PAIR[1]})
    http._auth = None
    del http.headers["X-XSRF-Header"]
    http.base_url = simulator.origin
    return http


async def ask(http: httpx2.AsyncClient, pair: tuple[str, str] | None = None, /, **form: str) -> httpx2.Response:
    auth = httpx2.BasicAuth(*pair) if pair else httpx2.Auth()
    return await http.post("/as/token.oauth2", data=form or FORM, auth=auth)


async def test_a_machine_gets_a_token_by_basic_or_post(token: httpx2.AsyncClient) -> None:
    basic = await ask(token, PAIR, **FORM, scope="orders:read orders:write")
    post = await ask(token, client_id=PAIR[0], client_secret=PAIR[1], **FORM)
    encoded = await ask(token, ("orders-api", "twelve%3A+monkeys%2B%25"))
    assert [one.status_code for one in (basic, post, encoded)] == [200, 200, 200]
    body = basic.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3599, "orders:read orders:write")
    assert basic.headers["cache-control"] == "no-cache, no-store"
    assert "scope" not in post.json()
    assert body["access_token"] != post.json()["access_token"]


async def test_the_token_manager_decides_what_a_token_looks_like(
    simulator: Simulator, token: httpx2.AsyncClient
) -> None:
    header, claims, signature = (await ask(token, PAIR, **FORM, scope="orders:read")).json()["access_token"].split(".")
    decoded: list[Any] = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]
    assert decoded[0]["alg"] == "RS256"
    assert (decoded[1]["client_id"], decoded[1]["scope"], decoded[1]["iss"]) == (
        "orders-api",
        "orders:read",
        simulator.origin,
    )
    assert decoded[1]["exp"] - decoded[1]["iat"] == 3600
    assert len(signature) > 300
    client = simulator.api.store.get("reports-export")
    assert client is not None
    assert client.secret is not None
    opaque = (await ask(token, ("reports-export", client.secret))).json()
    assert "." not in opaque["access_token"]
    assert opaque["expires_in"] == 7199


async def no(reply: httpx2.Response, error: str, status: int = 400) -> None:
    body = reply.json()
    assert (reply.status_code, body["error"]) == (status, error)
    assert body.keys() == {"error", "error_description"}


async def test_refusals(simulator: Simulator, token: httpx2.AsyncClient) -> None:
    await no(await ask(token, PAIR, scope="x"), "invalid_request")
    await no(await ask(token, PAIR, grant_type=""), "invalid_request")
    await no(await ask(token, PAIR, grant_type="mind_reading"), "unsupported_grant_type")
    await no(await ask(token, PAIR, grant_type="password"), "unauthorized_client")
    await no(await ask(token, PAIR, **FORM, scope="orders:read billing:read"), "invalid_scope")
    await no(await ask(token, PAIR, **FORM, client_id=PAIR[0], client_secret=PAIR[1]), "invalid_request")
    wrong = await ask(token, ("orders-api", "wrong"))
    await no(wrong, "invalid_client", 401)
    assert wrong.headers["www-authenticate"].startswith("Basic ")
    posted = await ask(token, client_id="orders-api", client_secret="wrong", **FORM)
    await no(posted, "invalid_client", 401)
    assert "www-authenticate" not in posted.headers
    await no(await ask(token), "invalid_client", 401)
    await no(await ask(token, ("no-such-client", "x")), "invalid_client", 401)
    await no(await ask(token, ("telemetry-collector", "x")), "invalid_client", 401)
    await no(await ask(token, client_id="shop-spa", **FORM), "unauthorized_client")
    await no(await ask(token, ("partner-acme", "x")), "invalid_client", 401)


async def test_a_disabled_client_gets_nothing(simulator: Simulator, token: httpx2.AsyncClient) -> None:
    client = simulator.api.store.get("telemetry-collector")
    assert client is not None
    assert client.secret is not None
    await no(await ask(token, ("telemetry-collector", client.secret)), "invalid_client", 401)
    client.document["enabled"] = True
    simulator.api.store.put(client)
    assert (await ask(token, ("telemetry-collector", client.secret))).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        (b'{"grant_type":"client_credentials"}', "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
    ],
)
async def test_forms_that_are_none(token: httpx2.AsyncClient, content: bytes, kind: str) -> None:
    await no(await token.post("/as/token.oauth2", content=content, headers={"Content-Type": kind}), "invalid_request")


async def test_only_post(token: httpx2.AsyncClient) -> None:
    reply = await token.get("/as/token.oauth2")
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


async def test_the_api_client_may_do_nothing_else(simulator: Simulator, token: httpx2.AsyncClient) -> None:
    pair = (simulator.api_client_id, simulator.api_client_secret)
    await no(await ask(token, pair, **FORM, scope="orders:read"), "invalid_scope")
    await no(await ask(token, pair, grant_type="password"), "unauthorized_client")
    assert (await ask(token, client_id=pair[0], client_secret=pair[1], **FORM)).json()["scope"] == "pf-admin-api"


async def test_an_exclusive_scope_needs_its_client(simulator: Simulator, token: httpx2.AsyncClient) -> None:
    client = simulator.api.store.get("audit-exporter")
    assert client is not None
    assert client.secret is not None
    pair = ("audit-exporter", client.secret)
    assert (await ask(token, pair, **FORM, scope="audit:read")).status_code == 200
    await no(await ask(token, PAIR, **FORM, scope="audit:read"), "invalid_scope")
    group = simulator.api.store.get("stock-service")
    assert group is not None
    assert group.secret is not None
    assert (await ask(token, ("stock-service", group.secret), **FORM, scope="stock:read")).status_code == 200
