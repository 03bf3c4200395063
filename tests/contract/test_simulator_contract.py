"""Every reply of the simulator is one that the server's own API document allows.

The document describes 12.1; replies of other releases may hold properties that it does not know, which it permits. It
lies beside the project, not in it.
"""

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import RELEASES, SimulatorSettings

DOCUMENT = Path(__file__).resolve().parents[2].parent / "shared/contract/pingfederate-admin-api.openapi.yaml"

pytestmark = pytest.mark.skipif(not DOCUMENT.is_file(), reason=f"the API document is not there: {DOCUMENT}")

MINIMAL: dict[str, Any] = {
    "clientId": "new",
    "name": "new",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "secret": "twelve-monkeys"},
}
SECRET = "/oauth/clients/{id}/clientAuth/clientSecret"
READS = [
    ("/version", {}),
    ("/extendedProperties", {}),
    ("/oauth/accessTokenManagers", {}),
    ("/oauth/accessTokenManagers/settings", {}),
    ("/oauth/accessTokenManagers/descriptors", {}),
    ("/oauth/accessTokenManagers/descriptors/{id}", {"id": "junk"}),
    ("/oauth/accessTokenManagers/{id}", {"id": "partner"}),
    ("/oauth/accessTokenManagers/{id}", {"id": "junk"}),
    ("/oauth/authServerSettings", {}),
    ("/oauth/authServerSettings/scopes/commonScopes", {}),
    ("/oauth/authServerSettings/scopes/commonScopes/{name}", {"name": "orders:read"}),
    ("/oauth/authServerSettings/scopes/commonScopes/{name}", {"name": "junk"}),
    ("/oauth/authServerSettings/scopes/exclusiveScopes", {}),
    ("/oauth/authServerSettings/scopes/exclusiveScopes/{name}", {"name": "audit:read"}),
    ("/oauth/authServerSettings/scopes/commonScopeGroups", {}),
    ("/oauth/authServerSettings/scopes/commonScopeGroups/{name}", {"name": "contact"}),
    ("/oauth/authServerSettings/scopes/exclusiveScopeGroups", {}),
    ("/oauth/authServerSettings/scopes/exclusiveScopeGroups/{name}", {"name": "partners"}),
    ("/oauth/openIdConnect/policies", {}),
    ("/oauth/openIdConnect/policies/{id}", {"id": "customers"}),
    ("/oauth/openIdConnect/settings", {}),
    ("/oauth/authorizationDetailTypes", {}),
    ("/oauth/authorizationDetailTypes/{id}", {"id": "payment-initiation"}),
    ("/oauth/clients", {}),
    ("/oauth/clients/{id}", {"id": "customer-portal"}),
    ("/oauth/clients/{id}", {"id": "junk"}),
    (SECRET, {"id": "orders-api"}),
    (SECRET, {"id": "shop-spa"}),
    (SECRET, {"id": "junk"}),
    ("/cluster/status", {}),
    ("/cluster/settings", {}),
    ("/cluster/adminNode/status", {}),
]


FORMATS = FormatChecker([])


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def converted(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: references moved, discriminators dropped, `nullable` as a type of its own."""
    if isinstance(node, list):
        return [converted(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: converted(value) for name, value in node.items() if name not in {"discriminator", "example", "xml"}}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/components/schemas/", "#/$defs/")
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


class Contract:
    """Checks replies; `seen` are the operations and statuses that were checked."""

    def __init__(self) -> None:
        document = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._paths = document["paths"]
        self._schemas = converted(document["components"]["schemas"])
        self.seen: set[tuple[str, str, int]] = set()

    def check(self, method: str, template: str, reply: httpx2.Response, *, nulls: bool = False) -> None:
        where = f"{method} {template} {reply.status_code}"
        responses = self._paths[template][method.lower()]["responses"]
        assert str(reply.status_code) in responses, f"{where} is not declared: {reply.text[:300]}"
        self.seen.add((method, template, reply.status_code))
        if reply.status_code == 204:
            assert reply.content == b""
            return
        media = (responses[str(reply.status_code)].get("content") or {}).get("application/json")
        if media is None:
            return
        assert reply.headers["content-type"] == "application/json;charset=utf-8"
        schema = {**converted(media["schema"]), "$defs": self._schemas}
        body = without_nulls(reply.json()) if nulls else reply.json()
        found = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(body)
        errors = [f"{error.json_path}: {error.message}" for error in found]
        assert not errors, f"{where}: {errors[:5]}"

    def known_properties(self, schema: str) -> set[str]:
        return set(self._schemas[schema]["properties"])


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


@pytest.fixture
async def open_server() -> AsyncIterator[Callable[..., Any]]:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:

        async def opened(**settings: Any) -> httpx2.AsyncClient:
            simulator = await stack.enter_async_context(Simulator(SimulatorSettings(**settings)))
            client = httpx2.AsyncClient(
                base_url=simulator.base_url,
                auth=(simulator.username, simulator.password),
                headers={"X-XSRF-Header": "PingFederate"},
                trust_env=False,
                timeout=20,
            )
            return await stack.enter_async_context(client)

        yield opened


@pytest.mark.parametrize("cluster", [False, True])
async def test_every_read(contract: Contract, open_server: Callable[..., Any], cluster: bool) -> None:
    http = await open_server(cluster=cluster, clients=240)
    for template, values in READS:
        contract.check("GET", template, await http.get(template.format(**values)))
    bad_page = {"page": "x"}
    for template in ("/oauth/clients", "/oauth/authServerSettings/scopes/commonScopes"):
        contract.check("GET", template, await http.get(template, params=bad_page))


async def test_every_write(contract: Contract, open_server: Callable[..., Any]) -> None:
    http = await open_server(cluster=True)
    clients, one = "/oauth/clients", "/oauth/clients/{id}"
    contract.check("POST", clients, await http.post(clients, json=MINIMAL))
    contract.check("POST", clients, await http.post(clients, json=MINIMAL))
    contract.check("POST", clients, await http.post(clients, json=MINIMAL | {"enabled": "x"}))
    contract.check("POST", clients, await http.post(clients, json={"colour": "red"}))
    contract.check("PUT", one, await http.put("/oauth/clients/new", json=MINIMAL))
    contract.check("PUT", one, await http.put("/oauth/clients/new", json=MINIMAL | {"name": ""}))
    contract.check("PUT", one, await http.put("/oauth/clients/new", json=[]))
    contract.check("PUT", one, await http.put("/oauth/clients/junk", json=MINIMAL))
    for secret in ("first", "second"):
        url = SECRET.format(id="new")
        contract.check("PUT", SECRET, await http.put(url, json={"secret": secret}))
    contract.check("PUT", SECRET, await http.put(SECRET.format(id="new"), json={}))
    contract.check("PUT", SECRET, await http.put(SECRET.format(id="new"), json={"secret": 1}))
    contract.check("PUT", SECRET, await http.put(SECRET.format(id="junk"), json={"secret": "x"}))
    contract.check("GET", one, await http.get("/oauth/clients/new"))
    contract.check("DELETE", one, await http.delete("/oauth/clients/partner-acme"))
    contract.check("DELETE", one, await http.delete("/oauth/clients/new"))
    contract.check("DELETE", one, await http.delete("/oauth/clients/new"))
    contract.check("GET", "/cluster/status", await http.get("/cluster/status"))
    contract.check("POST", "/cluster/replicate", await http.post("/cluster/replicate"))
    declared = {
        ("POST", clients): {201, 400, 422},
        ("PUT", one): {200, 400, 404, 422},
        ("DELETE", one): {204, 404, 422},
        ("PUT", SECRET): {200, 400, 404, 422},
    }
    for (method, template), statuses in declared.items():
        assert {seen[2] for seen in contract.seen if seen[:2] == (method, template)} >= statuses


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("storage", ["xml", "directory"])
async def test_clients_of_every_release_and_storage(
    contract: Contract, open_server: Callable[..., Any], release: tuple[int, int], storage: str
) -> None:
    """The nulls of directory storage, and of 11.3, are the one thing that the document does not allow."""
    http = await open_server(server_version=RELEASES[release], storage=storage, clients=150)
    nulls = storage == "directory" or release < (12, 0)
    reply = await http.get("/oauth/clients")
    contract.check("GET", "/oauth/clients", reply, nulls=nulls)
    assert ("null" in reply.text) is nulls
    contract.check("POST", "/oauth/clients", await http.post("/oauth/clients", json=MINIMAL), nulls=nulls)


async def test_the_release_of_the_document_has_exactly_its_properties(
    contract: Contract, open_server: Callable[..., Any]
) -> None:
    http = await open_server(server_version="12.1")
    items = (await http.get("/oauth/clients")).json()["items"]
    assert {name for one in items for name in one} <= contract.known_properties("Client")
    assert {name for one in items for name in one["oidcPolicy"]} <= contract.known_properties("ClientOIDCPolicy")
    assert {name for one in items for name in one["clientAuth"]} <= contract.known_properties("ClientAuth")


async def test_the_release_of_the_document_takes_every_property_of_it(
    contract: Contract, open_server: Callable[..., Any]
) -> None:
    http = await open_server(server_version="12.1")
    sent = dict.fromkeys(contract.known_properties("Client")) | MINIMAL
    sent["oidcPolicy"] = dict.fromkeys(contract.known_properties("ClientOIDCPolicy"))
    sent["clientAuth"] = dict.fromkeys(contract.known_properties("ClientAuth")) | MINIMAL["clientAuth"]
    reply = await http.post("/oauth/clients", content=json.dumps(sent), headers={"Content-Type": "application/json"})
    assert reply.status_code == 201, reply.text


def test_the_check_itself_finds_faults(contract: Contract) -> None:
    json_type = {"Content-Type": "application/json;charset=utf-8"}
    late = {"clientId": "x", "name": "x", "grantTypes": [], "creationDate": "yesterday"}
    for body in (
        {"items": [late]},
        {"items": [{"clientId": 1}]},
        {"items": [{"clientId": "x", "name": "x", "grantTypes": ["NO"]}]},
    ):
        with pytest.raises(AssertionError, match="GET /oauth/clients 200"):
            contract.check("GET", "/oauth/clients", httpx2.Response(200, json=body, headers=json_type))
    with pytest.raises(AssertionError, match="not declared"):
        contract.check("GET", "/oauth/clients", httpx2.Response(418))
