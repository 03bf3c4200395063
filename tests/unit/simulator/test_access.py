"""Who gets in, and what else a request needs before an operation looks at it."""

import base64

import httpx2
import pytest

from ocm_tui.simulator.server import Simulator
from tests.unit.simulator.conftest import Opener

MINIMAL = {
    "clientId": "new",
    "name": "new",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "secret": "twelve-monkeys"},
}
UNRECOGNISED = {"resultId": "invalid_credentials", "message": "The credentials you provided were not recognized."}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Basic",
        "Basic not base64",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"ocm-administrator:wrong").decode(),
        "Bearer never-issued",
        "Bearer",
        "Negotiate abc",
    ],
)
async def test_strangers_get_401_with_the_known_body(simulator: Simulator, authorization: str | None) -> None:
    headers = {"X-XSRF-Header": "PingFederate"} | ({"Authorization": authorization} if authorization else {})
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        reply = await stranger.get(f"{simulator.base_url}/version", headers=headers)
    assert (reply.status_code, reply.json()) == (401, UNRECOGNISED)


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_without_the_xsrf_header_nothing_happens(simulator: Simulator, value: str | None, method: str) -> None:
    headers = {} if value is None else {"X-XSRF-Header": value}
    async with httpx2.AsyncClient(auth=(simulator.username, simulator.password), trust_env=False) as http:
        reply = await http.request(method, f"{simulator.base_url}/oauth/clients", headers=headers)
    assert reply.status_code == 403


async def test_the_xsrf_header_may_hold_anything(simulator: Simulator) -> None:
    async with httpx2.AsyncClient(auth=(simulator.username, simulator.password), trust_env=False) as http:
        reply = await http.get(f"{simulator.base_url}/version", headers={"X-XSRF-Header": "1"})
    assert reply.status_code == 200


async def test_the_auditor_reads_and_does_not_write(simulator: Simulator, http: httpx2.AsyncClient) -> None:
    http.auth = httpx2.BasicAuth(simulator.auditor_username, simulator.auditor_password)
    assert (await http.get("/oauth/clients/orders-api")).status_code == 200
    writes = [
        await http.post("/oauth/clients", json=MINIMAL),
        await http.put("/oauth/clients/orders-api", json=MINIMAL),
        await http.put("/oauth/clients/orders-api/clientAuth/clientSecret", json={"secret": "x"}),
        await http.delete("/oauth/clients/orders-api"),
        await http.post("/cluster/replicate"),
    ]
    assert [one.status_code for one in writes] == [403] * 5
    assert writes[0].json()["resultId"] == "forbidden"
    assert (await http.get("/oauth/clients/new")).status_code == 404


@pytest.mark.parametrize(("scope", "may_write"), [("pf-admin-api", True), ("", True), ("pf-admin-api:read", False)])
async def test_a_token_for_the_admin_api_opens_it(
    simulator: Simulator, http: httpx2.AsyncClient, scope: str, may_write: bool
) -> None:
    form = {"grant_type": "client_credentials", "scope": scope}
    pair = (simulator.api_client_id, simulator.api_client_secret)
    issued = await http.post(simulator.token_url, data=form, auth=pair)
    http._auth = None
    http.headers["Authorization"] = f"Bearer {issued.json()['access_token']}"
    assert (await http.get("/version")).status_code == 200
    assert (await http.delete("/oauth/clients/dev-playground")).status_code == (204 if may_write else 403)


async def test_a_token_for_something_else_does_not_open_the_admin_api(
    simulator: Simulator, http: httpx2.AsyncClient
) -> None:
    await http.put("/oauth/clients/orders-api/clientAuth/clientSecret", json={"secret": "known-to-the-test"})
    form = {"grant_type": "client_credentials", "scope": "orders:read"}
    issued = await http.post(simulator.token_url, data=form, auth=("orders-api", "known-to-the-test"))
    http._auth = None
    http.headers["Authorization"] = f"Bearer {issued.json()['access_token']}"
    assert (await http.get("/version")).status_code == 401


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", None])
async def test_a_write_that_is_not_json_is_415(http: httpx2.AsyncClient, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    reply = await http.post("/oauth/clients", content=b"{}", headers=headers)
    assert reply.status_code == 415


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"clientId": NaN}', b"\xff\xfe{}", b"[" * 100_000, b'"text"', b"[]", b"null", b"1"]
)
async def test_a_body_that_cannot_be_read_is_400(http: httpx2.AsyncClient, body: bytes) -> None:
    reply = await http.post("/oauth/clients", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400


async def test_paths_that_are_not_there(simulator: Simulator, http: httpx2.AsyncClient) -> None:
    inside = await http.get("/no/such/thing")
    outside = await http.get(f"{simulator.origin}/pf-ws/rest/oauth/clients")
    assert (inside.status_code, inside.json()["resultId"]) == (404, "resource_not_found")
    assert (outside.status_code, outside.headers["content-type"]) == (404, "text/html;charset=utf-8")


async def test_methods_that_are_not_there(http: httpx2.AsyncClient) -> None:
    reply = await http.patch("/oauth/clients/orders-api", json={})
    assert (reply.status_code, reply.headers["allow"]) == (405, "DELETE, GET, PUT")
    assert (await http.head("/version")).status_code == 405


async def test_the_request_log_knows_no_credentials(simulate: Opener) -> None:
    async with simulate(request_log=3) as (simulator, http):
        await http.get("/oauth/clients", params={"page": 1, "filter": "orders&"})
        await http.post("/oauth/clients", json=MINIMAL)
        first, second = simulator.requests
        assert (first.method, first.path, first.status) == ("GET", "/pf-admin-api/v1/oauth/clients", 200)
        assert first.query == "page=1&filter=orders%26"
        assert dict(first.headers)["authorization"] == "Basic ***"
        assert (second.method, second.status) == ("POST", 201)
        assert b"twelve-monkeys" in second.body
        assert "twelve-monkeys" not in repr(second)
        assert simulator.password not in repr(simulator.requests)
        for _ in range(5):
            await http.get("/version")
        assert len(simulator.requests) == 3
