"""The demo's inventory: every client of it could be created, and only those differ that are meant to."""

from typing import Any

import httpx2
import yaml

from ocm_tui.simulator.inventory import demo_inventory

KEYS_OF_THE_INVENTORY = {"template", "secret", "registry"}
DRIFTED = {
    "orders-ui": {"redirectUris"},
    "marketing-mailer": {"name", "restrictedScopes"},
    "telemetry-collector": {"enabled"},
    "pricing-engine": {"defaultAccessTokenManagerRef"},
    "data-warehouse": {"restrictedScopes"},
}
MISSING = {"returns-portal", "notifications-worker", "partner-hooli"}


def declared() -> dict[str, dict[str, Any]]:
    """Client id to document: defaults, then the template, then the client's own fields."""
    inventory = yaml.safe_load(demo_inventory())
    assert inventory.keys() == {"version", "defaults", "templates", "clients"}
    assert inventory["version"] == 1
    documents = {}
    for client in inventory["clients"]:
        template = inventory["templates"][client["template"]] if "template" in client else {}
        merged = inventory["defaults"] | template | client
        document = {name: value for name, value in merged.items() if name not in KEYS_OF_THE_INVENTORY}
        documents[client["clientId"]] = {"name": client["clientId"], **document}
    assert len(documents) == len(inventory["clients"])
    return documents


def comparable(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def differences(wanted: dict[str, Any], stored: dict[str, Any]) -> set[str]:
    """Declared fields that are stored otherwise; of an object only the declared members count."""
    found = set()
    for name, value in wanted.items():
        actual = stored.get(name)
        if isinstance(value, dict) and isinstance(actual, dict):
            actual = {key: actual.get(key) for key in value}
        if comparable(value) != comparable(actual):
            found.add(name)
    return found


async def test_only_what_is_meant_to_differs(http: httpx2.AsyncClient) -> None:
    stored = {one["clientId"]: one for one in (await http.get("/oauth/clients")).json()["items"]}
    documents = declared()
    assert 23 <= len(documents) <= 28
    assert documents.keys() - stored.keys() == MISSING
    found = {name: differences(one, stored[name]) for name, one in documents.items() if name in stored}
    assert {name: fields for name, fields in found.items() if fields} == DRIFTED


async def test_every_declared_client_is_one_that_the_server_takes(http: httpx2.AsyncClient) -> None:
    for client_id, document in declared().items():
        needs_secret = document["clientAuth"]["type"] in {"SECRET", "CLIENT_SECRET_JWT"}
        secret = {"secret": "twelve-monkeys"} if needs_secret else {}
        sent = document | {"clientId": f"copy-{client_id}", "clientAuth": document["clientAuth"] | secret}
        reply = await http.post("/oauth/clients", json=sent)
        assert reply.status_code == 201, reply.text


def test_what_is_missing_needs_no_secret() -> None:
    assert {declared()[name]["clientAuth"]["type"] for name in MISSING} == {"NONE", "PRIVATE_KEY_JWT", "CERTIFICATE"}
