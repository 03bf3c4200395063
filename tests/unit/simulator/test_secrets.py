"""Secrets: never returned, kept by their encrypted form, retained after a rotation, revoked early."""

import json
from typing import Any

import httpx2
import pytest

from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.vault import Vault
from tests.unit.simulator.conftest import Opener

URL = "/oauth/clients/orders-api"
SECRET_URL = f"{URL}/clientAuth/clientSecret"


@pytest.mark.parametrize("secret", ["", "x", "twelve-monkeys", "ключ 🔑", "\ud800", "y" * 5000, "\x00"])
def test_the_vault_reads_what_it_wrote(secret: str) -> None:
    vault = Vault(1)
    sealed = {vault.seal(secret) for _ in range(3)}
    assert len(sealed) == 3
    assert {vault.unseal(one) for one in sealed} == {secret}
    assert all(one.startswith("OBF:JWE:") and "twelve" not in one for one in sealed)


@pytest.mark.parametrize("change", ["cut", "flip", "prefix", "empty", "other key", "no base64"])
def test_the_vault_refuses_what_it_did_not_write(change: str) -> None:
    sealed = Vault(1).seal("twelve-monkeys")
    broken = {
        "cut": sealed[:-9],
        "flip": sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:],
        "prefix": sealed.removeprefix("OBF:JWE:"),
        "empty": sealed[: sealed.index("..") + 2],
        "other key": Vault(2).seal("twelve-monkeys"),
        "no base64": sealed[:-2] + "é!",
    }
    assert Vault(1).unseal(broken[change]) is None


async def works(http: httpx2.AsyncClient, simulator: Simulator, secret: str, client_id: str = "orders-api") -> bool:
    form = {"grant_type": "client_credentials"}
    reply = await http.post(simulator.token_url, data=form, auth=(client_id, secret))
    assert reply.status_code in {200, 401}
    return reply.status_code == 200


async def rotate(http: httpx2.AsyncClient, secret: str) -> dict[str, Any]:
    reply = await http.put(SECRET_URL, json={"secret": secret})
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def test_a_rotation_changes_what_works_and_when(simulator: Simulator, http: httpx2.AsyncClient) -> None:
    before = (await http.get(URL)).json()
    body = await rotate(http, "first-secret")
    assert "first-secret" not in json.dumps(body)
    assert await works(http, simulator, "first-secret")
    after = (await http.get(URL)).json()
    assert after["clientSecretChangedTime"] > before["clientSecretChangedTime"]
    assert after["modificationDate"] == after["clientSecretChangedTime"]
    assert after["creationDate"] == before["creationDate"]


async def test_the_former_secret_lives_on_for_the_retention_period(
    simulator: Simulator, http: httpx2.AsyncClient
) -> None:
    await rotate(http, "first-secret")
    body = await rotate(http, "second-secret")
    assert len(body["secondarySecrets"]) == 2
    assert body["secondarySecrets"][0].keys() == {"encryptedSecret", "expiryTime"}
    assert body["secondarySecrets"][0]["expiryTime"] > body["secondarySecrets"][1]["expiryTime"]
    assert await works(http, simulator, "first-secret")
    assert await works(http, simulator, "second-secret")
    assert len((await http.get(SECRET_URL)).json()["secondarySecrets"]) == 2


async def test_without_retention_the_former_secret_dies_at_once(simulate: Opener) -> None:
    async with simulate(secret_retention_minutes=0) as (simulator, http):
        settings = (await http.get("/oauth/authServerSettings")).json()
        assert settings["clientSecretRetentionPeriod"] == 0
        await rotate(http, "first-secret")
        assert (await rotate(http, "second-secret"))["secondarySecrets"] == []
        assert not await works(http, simulator, "first-secret")
        assert await works(http, simulator, "second-secret")


@pytest.mark.parametrize(("default", "own", "kept"), [(0, 60, 1), (60, 0, 0)])
async def test_the_client_may_override_the_retention(simulate: Opener, default: int, own: int, kept: int) -> None:
    async with simulate(secret_retention_minutes=default) as (_, http):
        document = (await http.get(URL)).json() | {
            "clientSecretRetentionPeriodType": "OVERRIDE_SERVER_DEFAULT",
            "clientSecretRetentionPeriod": own,
        }
        await http.put(URL, json=document)
        assert len((await rotate(http, "first-secret"))["secondarySecrets"]) == kept


async def test_a_repeated_rotation_retires_the_fresh_secret(http: httpx2.AsyncClient) -> None:
    await rotate(http, "first-secret")
    assert len((await rotate(http, "first-secret"))["secondarySecrets"]) == 2


async def test_the_encrypted_secret_keeps_the_secret(simulator: Simulator, http: httpx2.AsyncClient) -> None:
    await rotate(http, "first-secret")
    document = (await http.get(URL)).json()
    stored = (await http.put(URL, json=document)).json()
    assert stored["clientSecretChangedTime"] == document["clientSecretChangedTime"]
    assert len(stored["clientAuth"]["secondarySecrets"]) == 1
    assert await works(http, simulator, "first-secret")
    sealed = (await http.get(SECRET_URL)).json()
    await http.put(SECRET_URL, json=sealed)
    assert await works(http, simulator, "first-secret")


async def test_a_secret_in_the_document_rotates_too(simulator: Simulator, http: httpx2.AsyncClient) -> None:
    await rotate(http, "first-secret")
    document = (await http.get(URL)).json()
    document["clientAuth"] = {"type": "SECRET", "secret": "second-secret"}
    stored = (await http.put(URL, json=document)).json()
    assert len(stored["clientAuth"]["secondarySecrets"]) == 2
    assert await works(http, simulator, "second-secret")
    assert await works(http, simulator, "first-secret")


async def test_secondary_secrets_can_be_given_and_expire(simulator: Simulator, http: httpx2.AsyncClient) -> None:
    given = [
        {"secret": "still-good", "expiryTime": "2099-01-01T00:00:00.000Z"},
        {"secret": "long-gone", "expiryTime": "2001-01-01T00:00:00Z"},
    ]
    reply = await http.put(SECRET_URL, json={"secret": "first-secret", "secondarySecrets": given})
    expiries = [one["expiryTime"] for one in reply.json()["secondarySecrets"]]
    assert expiries[1:] == ["2099-01-01T00:00:00.000Z"]
    assert await works(http, simulator, "still-good")
    assert not await works(http, simulator, "long-gone")


async def test_former_secrets_are_revoked_early(simulate: Opener) -> None:
    async with simulate(server_version="12.3") as (simulator, http):
        await rotate(http, "first-secret")
        await rotate(http, "second-secret")
        reply = await http.delete(f"{SECRET_URL}/secondarySecrets")
        assert (reply.status_code, reply.content) == (204, b"")
        assert (await http.get(SECRET_URL)).json()["secondarySecrets"] == []
        assert not await works(http, simulator, "first-secret")
        assert await works(http, simulator, "second-secret")


async def test_older_servers_cannot_revoke_early(http: httpx2.AsyncClient) -> None:
    assert (await http.delete(f"{SECRET_URL}/secondarySecrets")).status_code == 404


@pytest.mark.parametrize("client_id", ["shop-spa", "partner-acme", "billing-batch"])
async def test_clients_without_a_secret_have_no_secret(http: httpx2.AsyncClient, client_id: str) -> None:
    url = f"/oauth/clients/{client_id}/clientAuth/clientSecret"
    for reply in (await http.get(url), await http.put(url, json={"secret": "x"})):
        assert reply.status_code == 422
        assert reply.json()["validationErrors"][0]["fieldPath"] == "clientAuth.type"


async def test_a_change_of_the_type_forgets_the_secret(http: httpx2.AsyncClient) -> None:
    document = (await http.get("/oauth/clients/reports-ui")).json()
    stored = (await http.put("/oauth/clients/reports-ui", json=document | {"clientAuth": {"type": "NONE"}})).json()
    assert stored["clientAuth"] == {"type": "NONE"}
    assert "clientSecretChangedTime" not in stored


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({}, 422, "secret"),
        ({"secret": ""}, 422, "secret"),
        ({"encryptedSecret": "OBF:JWE:made-up"}, 422, "encryptedSecret"),
        ({"secret": "x", "secondarySecrets": [{"secret": "y"}]}, 422, "secondarySecrets[0].expiryTime"),
        (
            {"secret": "x", "secondarySecrets": [{"secret": "y", "expiryTime": "soon"}]},
            422,
            "secondarySecrets[0].expiryTime",
        ),
        (
            {"secret": "x", "secondarySecrets": [{"expiryTime": "2099-01-01T00:00:00Z"}]},
            422,
            "secondarySecrets[0].secret",
        ),
        ({"secret": "x", "clientSecret": "x"}, 422, "clientSecret"),
        ({"secret": 5}, 400, None),
    ],
)
async def test_a_secret_that_cannot_be_taken(
    http: httpx2.AsyncClient, body: Any, status: int, path: str | None
) -> None:
    reply = await http.put(SECRET_URL, json=body)
    assert reply.status_code == status
    if path:
        assert path in [one["fieldPath"] for one in reply.json()["validationErrors"]]
