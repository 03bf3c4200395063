"""Create, read, replace, delete; what the server fills in, and what it never gives back."""

import re
from typing import Any

import httpx2
import pytest

from ocm_tui.simulator.server import Simulator
from tests.unit.simulator.conftest import Opener

Document = dict[str, Any]

MINIMAL: Document = {
    "clientId": "new",
    "name": "new",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "secret": "twelve-monkeys"},
}
FILLED = {
    "enabled": True,
    "redirectUris": [],
    "restrictedResponseTypes": [],
    "restrictToDefaultAccessTokenManager": False,
    "validateUsingAllEligibleAtms": False,
    "restrictScopes": False,
    "restrictedScopes": [],
    "exclusiveScopes": [],
    "authorizationDetailTypes": [],
    "refreshRolling": "SERVER_DEFAULT",
    "refreshTokenRollingIntervalType": "SERVER_DEFAULT",
    "refreshTokenRollingGracePeriodType": "SERVER_DEFAULT",
    "persistentGrantExpirationType": "SERVER_DEFAULT",
    "persistentGrantExpirationTimeUnit": "DAYS",
    "persistentGrantIdleTimeoutType": "SERVER_DEFAULT",
    "persistentGrantIdleTimeoutTimeUnit": "DAYS",
    "persistentGrantReuseType": "SERVER_DEFAULT",
    "persistentGrantReuseGrantTypes": [],
    "clientSecretRetentionPeriodType": "SERVER_DEFAULT",
    "deviceFlowSettingType": "SERVER_DEFAULT",
    "requireOfflineAccessScopeToIssueRefreshTokens": "SERVER_DEFAULT",
    "offlineAccessRequireConsentPrompt": "SERVER_DEFAULT",
    "bypassApprovalPage": False,
    "requireProofKeyForCodeExchange": False,
    "requireDpop": False,
    "oidcPolicy": {
        "grantAccessSessionRevocationApi": False,
        "grantAccessSessionSessionManagementApi": False,
        "logoutMode": "NONE",
        "pingAccessLogoutCapable": False,
        "logoutUris": [],
        "postLogoutRedirectUris": [],
        "pairwiseIdentifierUserType": False,
    },
}
ABSENT = {
    "description",
    "logoUrl",
    "defaultAccessTokenManagerRef",
    "jwksSettings",
    "cibaDeliveryMode",
    "extendedParameters",
}


def echoed(document: Document, **changes: Any) -> Document:
    return {**document, **changes}


async def test_a_new_client_comes_back_whole(http: httpx2.AsyncClient) -> None:
    created = await http.post("/oauth/clients", json=MINIMAL)
    stored = created.json()
    assert created.status_code == 201
    assert stored.items() >= FILLED.items()
    assert not ABSENT & stored.keys()
    assert stored["creationDate"] == stored["modificationDate"] == stored["clientSecretChangedTime"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stored["creationDate"])
    assert stored["clientAuth"].keys() == {"type", "encryptedSecret", "secondarySecrets"}
    assert "twelve-monkeys" not in created.text
    read = (await http.get("/oauth/clients/new")).json()
    assert read["clientAuth"].pop("encryptedSecret") != stored["clientAuth"].pop("encryptedSecret")
    assert read == stored


@pytest.mark.parametrize(
    ("storage", "version", "empty"), [("xml", "12.1", 0), ("directory", "12.1", None), ("xml", "11.3", None)]
)
async def test_grant_times_that_are_not_set(simulate: Opener, storage: str, version: str, empty: int | None) -> None:
    async with simulate(storage=storage, server_version=version) as (_, http):
        stored = (await http.post("/oauth/clients", json=MINIMAL)).json()
        listed = (await http.get("/oauth/clients", params={"filter": "new"})).json()["items"][0]
    for document in (stored, listed):
        assert document["persistentGrantExpirationTime"] == empty
        assert document["persistentGrantIdleTimeout"] == empty


async def test_a_put_replaces_everything(http: httpx2.AsyncClient) -> None:
    rich = echoed(
        MINIMAL,
        description="text",
        redirectUris=["https://a.example.com/"],
        restrictScopes=True,
        restrictedScopes=["orders:read"],
        enabled=False,
    )
    before = (await http.post("/oauth/clients", json=rich)).json()
    sent = echoed(MINIMAL, clientAuth=before["clientAuth"])
    after = (await http.put("/oauth/clients/new", json=sent)).json()
    assert "description" not in after
    assert (after["redirectUris"], after["restrictedScopes"], after["enabled"]) == ([], [], True)
    assert after["creationDate"] == before["creationDate"]
    assert after["modificationDate"] > before["modificationDate"]
    assert after["clientSecretChangedTime"] == before["clientSecretChangedTime"]


async def test_every_catalogue_client_survives_its_own_echo(http: httpx2.AsyncClient) -> None:
    listed = (await http.get("/oauth/clients")).json()["items"]
    volatile = {"modificationDate", "clientAuth"}
    for document in listed:
        reply = await http.put(f"/oauth/clients/{document['clientId']}", json=document)
        assert reply.status_code == 200, reply.text
        stored = reply.json()
        assert {k: v for k, v in stored.items() if k not in volatile} == {
            k: v for k, v in document.items() if k not in volatile
        }


async def test_the_path_wins_over_the_body(http: httpx2.AsyncClient) -> None:
    reply = await http.put("/oauth/clients/orders-api", json=echoed(MINIMAL, clientId="elsewhere"))
    assert (reply.status_code, reply.json()["clientId"]) == (200, "orders-api")
    without = {name: value for name, value in MINIMAL.items() if name != "clientId"}
    assert (await http.put("/oauth/clients/orders-api", json=without)).status_code == 200
    assert (await http.get("/oauth/clients/elsewhere")).status_code == 404


async def test_what_is_not_there_is_404_whatever_the_method(http: httpx2.AsyncClient) -> None:
    url = "/oauth/clients/junk"
    replies = [
        await http.get(url),
        await http.put(url, json=MINIMAL),
        await http.delete(url),
        await http.get(f"{url}/clientAuth/clientSecret"),
        await http.put(f"{url}/clientAuth/clientSecret", json={"secret": "x"}),
    ]
    text = "The resource with ID 'junk' is not found. Please specify a recognized resource ID."
    assert [(one.status_code, one.json()["message"]) for one in replies] == [(404, text)] * 5
    assert (await http.get(url)).status_code == 404


async def test_ids_are_decoded(http: httpx2.AsyncClient) -> None:
    client_id = "team a/app #1?%2F é"
    assert (await http.post("/oauth/clients", json=echoed(MINIMAL, clientId=client_id))).status_code == 201
    url = "/oauth/clients/team%20a%2Fapp%20%231%3F%252F%20%C3%A9"
    assert (await http.get(url)).json()["clientId"] == client_id
    assert (await http.delete(url)).status_code == 204
    assert (await http.get(url)).status_code == 404


async def test_a_deleted_client_is_gone_and_its_id_is_free(http: httpx2.AsyncClient) -> None:
    gone = await http.delete("/oauth/clients/orders-api")
    assert (gone.status_code, gone.content) == (204, b"")
    assert "content-length" not in gone.headers
    assert (await http.get("/oauth/clients/orders-api")).status_code == 404
    listed = (await http.get("/oauth/clients")).json()["items"]
    assert (len(listed), "orders-api" in {one["clientId"] for one in listed}) == (39, False)
    again = await http.post("/oauth/clients", json=echoed(MINIMAL, clientId="orders-api"))
    assert again.status_code == 201
    assert (await http.get("/oauth/clients")).json()["items"][-1]["clientId"] == "orders-api"
    assert (await http.delete("/oauth/clients/orders-api")).status_code == 204
    assert (await http.delete("/oauth/clients/orders-api")).status_code == 404


async def test_a_client_in_use_stays(http: httpx2.AsyncClient) -> None:
    reply = await http.delete("/oauth/clients/partner-acme")
    body = reply.json()
    assert (reply.status_code, body["message"]) == (422, "Resource is in use and cannot be deleted.")
    assert "partner" in body["validationErrors"][0]["message"]
    assert (await http.get("/oauth/clients/partner-acme")).status_code == 200


async def test_what_the_server_decides_is_ignored_in_a_write(http: httpx2.AsyncClient) -> None:
    theirs = {
        "creationDate": "1999-01-01T00:00:00.000Z",
        "modificationDate": "not a date",
        "clientSecretChangedTime": "x",
        "replicationStatus": "REPLICATED",
    }
    stored = (await http.post("/oauth/clients", json=echoed(MINIMAL, **theirs))).json()
    assert not {stored.get(name) for name in theirs} & set(theirs.values())


async def test_what_the_server_changes_on_its_own(http: httpx2.AsyncClient) -> None:
    sent = echoed(
        MINIMAL,
        allowAuthenticationApiInit=True,
        offlineAccessRequireConsentPrompt="YES",
        grantTypes=["CLIENT_CREDENTIALS", "CIBA", "CIBA"],
        restrictedScopes=["orders:read", "orders:read"],
        extendedParameters={"owner": {"values": []}, "regions": {"values": ["eu"]}, "costCentre": None},
        description=None,
        oidcPolicy={"policyGroup": {}},
        clientAuth={"type": "SECRET", "secret": "x", "clientCertIssuerDn": "CN=former"},
    )
    stored = (await http.post("/oauth/clients", json=sent)).json()
    assert (stored["restrictScopes"], stored["bypassApprovalPage"]) == (True, True)
    assert stored["offlineAccessRequireConsentPrompt"] == "SERVER_DEFAULT"
    assert stored["grantTypes"] == ["CLIENT_CREDENTIALS", "CIBA"]
    assert stored["restrictedScopes"] == ["orders:read"]
    assert (stored["cibaDeliveryMode"], stored["cibaPollingInterval"]) == ("POLL", 3)
    assert stored["extendedParameters"] == {"regions": {"values": ["eu"]}}
    assert "policyGroup" not in stored["oidcPolicy"]
    assert "clientCertIssuerDn" not in stored["clientAuth"]


async def test_two_changes_have_two_dates(http: httpx2.AsyncClient) -> None:
    dates = [(await http.put("/oauth/clients/orders-api", json=MINIMAL)).json()["modificationDate"] for _ in range(20)]
    assert dates == sorted(set(dates))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("enabled", "yes"),
        ("name", 5),
        ("grantTypes", "CLIENT_CREDENTIALS"),
        ("grantTypes", ["PASSWORD"]),
        ("grantTypes", [None]),
        ("redirectUris", [1]),
        ("refreshRolling", "SOMETIMES"),
        ("persistentGrantExpirationTime", "5"),
        ("persistentGrantExpirationTime", 1.5),
        ("persistentGrantExpirationTime", True),
        ("persistentGrantExpirationTime", 2**63),
        ("clientAuth", "SECRET"),
        ("clientAuth", {"type": "PASSWORD"}),
        ("clientAuth", {"secondarySecrets": [1]}),
        ("oidcPolicy", {"logoutUris": {}}),
        ("defaultAccessTokenManagerRef", "jwt"),
        ("extendedParameters", {"owner": ["x"]}),
        ("extendedParameters", ["owner"]),
    ],
)
async def test_a_wrong_type_or_value_is_400(http: httpx2.AsyncClient, path: str, value: object) -> None:
    reply = await http.post("/oauth/clients", json=echoed(MINIMAL, **{path: value}))
    assert reply.status_code == 400, reply.text
    assert path in reply.json()["developerMessage"]
    assert (await http.get("/oauth/clients/new")).status_code == 404


async def test_quirks_are_those_of_real_exports(simulate: Opener) -> None:
    async with simulate(quirks=True) as (_, http):
        stored = (await http.get("/oauth/clients/legacy-sync")).json()
        assert stored["oidcPolicy"]["policyGroup"] == {}
        assert stored["refreshTokenRollingIntervalTimeUnit"] == ""
        assert (await http.get("/oauth/clients/mobile-app")).json()["oidcPolicy"]["policyGroup"] == {"id": "customers"}
        assert (await http.put("/oauth/clients/legacy-sync", json=stored)).status_code == 200


async def test_hostile_strings_are_data(simulator: Simulator, http: httpx2.AsyncClient) -> None:
    name = "[/x][@click=app.quit]\x1b]0;t\x07 \u202e\x00 %s %(id)s 100% @@id@@ 🧨\n"
    sent = echoed(MINIMAL, name=name, description=name)
    assert (await http.post("/oauth/clients", json=sent)).json()["name"] == name
    found = (await http.get("/oauth/clients", params={"filter": "APP.QUIT"})).json()["items"]
    assert [one["description"] for one in found] == [name]
    lone = await http.post(
        "/oauth/clients",
        content=b'{"clientId":"\\ud800","name":"\\ud800","grantTypes":["EXTENSION"]}',
        headers={"Content-Type": "application/json"},
    )
    assert (lone.status_code, lone.json()["name"]) == (201, "?")
    assert (await http.get("/oauth/clients")).status_code == 200
