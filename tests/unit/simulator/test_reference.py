"""What the API shows beside clients: choices for forms, settings, the cluster."""

import httpx2
import pytest

from tests.unit.simulator.conftest import Opener

SCOPES = "/oauth/authServerSettings/scopes"


async def test_scopes_are_paged_filtered_sorted_and_counted(http: httpx2.AsyncClient) -> None:
    everything = (await http.get(f"{SCOPES}/commonScopes")).json()
    names = [one["name"] for one in everything["items"]]
    assert everything["totalItems"] == len(names) == len(set(names))
    assert names == sorted(names)
    page = (await http.get(f"{SCOPES}/commonScopes", params={"page": 2, "numberPerPage": 5})).json()
    assert ([one["name"] for one in page["items"]], page["totalItems"]) == (names[5:10], len(names))
    found = (await http.get(f"{SCOPES}/commonScopes", params={"filter": "ORDERS", "sortOrder": "DESC"})).json()
    assert ([one["name"] for one in found["items"]], found["totalItems"]) == (["orders:write", "orders:read"], 2)


@pytest.mark.parametrize(("value", "there"), [("true", True), ("false", False), ("", False)])
async def test_openid_is_added_on_request(http: httpx2.AsyncClient, value: str, there: bool) -> None:
    body = (await http.get(f"{SCOPES}/commonScopes", params={"includeDefaultOpenId": value})).json()
    assert ("openid" in {one["name"] for one in body["items"]}) is there


@pytest.mark.parametrize("name", ["commonScopes", "exclusiveScopes", "commonScopeGroups", "exclusiveScopeGroups"])
async def test_every_scope_can_be_read_alone(http: httpx2.AsyncClient, name: str) -> None:
    listed = (await http.get(f"{SCOPES}/{name}")).json()["items"]
    assert listed
    for one in listed:
        assert (await http.get(f"{SCOPES}/{name}/{one['name'].replace('*', '%2A')}")).json() == one
    assert (await http.get(f"{SCOPES}/{name}/junk")).status_code == 404
    assert (await http.get(f"{SCOPES}/{name}", params={"sortOrder": "UP"})).status_code == 422
    assert (await http.get(f"{SCOPES}/{name}", params={"page": "x"})).status_code == 422


async def test_the_settings_hold_the_same_scopes(http: httpx2.AsyncClient) -> None:
    settings = (await http.get("/oauth/authServerSettings")).json()
    for name, path in (
        ("scopes", "commonScopes"),
        ("exclusiveScopes", "exclusiveScopes"),
        ("scopeGroups", "commonScopeGroups"),
        ("exclusiveScopeGroups", "exclusiveScopeGroups"),
    ):
        listed = (await http.get(f"{SCOPES}/{path}")).json()["items"]
        assert sorted(settings[name], key=lambda one: one["name"]) == listed
    assert settings["clientSecretRetentionPeriod"] == 1440


@pytest.mark.parametrize(
    "path",
    [
        "/oauth/accessTokenManagers",
        "/oauth/accessTokenManagers/descriptors",
        "/oauth/openIdConnect/policies",
        "/oauth/authorizationDetailTypes",
        "/oauth/cibaServerPolicy/requestPolicies",
        "/oauth/tokenExchange/processor/policies",
    ],
)
async def test_lists_of_choices(http: httpx2.AsyncClient, path: str) -> None:
    body = (await http.get(path)).json()
    assert body["items"]
    for one in body["items"]:
        assert (await http.get(f"{path}/{one['id']}")).json() == one
    assert (await http.get(f"{path}/junk")).status_code == 404


async def test_references_between_documents_hold(http: httpx2.AsyncClient) -> None:
    managers = {one["id"]: one for one in (await http.get("/oauth/accessTokenManagers")).json()["items"]}
    descriptors = {one["id"] for one in (await http.get("/oauth/accessTokenManagers/descriptors")).json()["items"]}
    policies = (await http.get("/oauth/openIdConnect/policies")).json()["items"]
    default = (await http.get("/oauth/accessTokenManagers/settings")).json()["defaultAccessTokenManagerRef"]["id"]
    openid = (await http.get("/oauth/openIdConnect/settings")).json()
    assert default in managers
    assert {one["pluginDescriptorRef"]["id"] for one in managers.values()} <= descriptors
    assert {one["accessTokenManagerRef"]["id"] for one in policies} <= managers.keys()
    assert openid["defaultPolicyRef"]["id"] in {one["id"] for one in policies}
    allowed = [link["id"] for one in managers.values() for link in one["accessControlSettings"]["allowedClients"]]
    assert allowed
    for client_id in allowed:
        assert (await http.get(f"/oauth/clients/{client_id}")).status_code == 200


async def test_a_standalone_server_refuses_cluster_calls(http: httpx2.AsyncClient) -> None:
    replies = [
        await http.get("/cluster/status"),
        await http.post("/cluster/replicate"),
        await http.get("/cluster/settings"),
        await http.get("/cluster/adminNode/status"),
    ]
    assert [one.status_code for one in replies] == [403] * 4


async def test_a_cluster_is_behind_until_it_is_replicated(simulate: Opener) -> None:
    async with simulate(cluster=True) as (_, http):
        before = (await http.get("/cluster/status")).json()
        await http.get("/oauth/clients")
        await http.delete("/oauth/clients/partner-acme")  # refused: nothing has changed
        assert (await http.get("/cluster/status")).json() == before
        assert before["replicationRequired"] is False
        await http.delete("/oauth/clients/dev-playground")
        behind = (await http.get("/cluster/status")).json()
        assert behind["replicationRequired"] is True
        assert behind["lastConfigUpdateTime"] > behind["lastReplicationTime"]
        assert [one["replicationStatus"] for one in behind["nodes"]] == ["SUCCEEDED", "OUT_OF_DATE", "OUT_OF_DATE"]
        replicated = await http.post("/cluster/replicate")
        assert (replicated.status_code, replicated.json()["resultId"]) == (200, "success")
        after = (await http.get("/cluster/status")).json()
        assert (after["replicationRequired"], {one["replicationStatus"] for one in after["nodes"]}) == (
            False,
            {"SUCCEEDED"},
        )
        assert (await http.get("/cluster/settings")).json()["replicateClientsOnSave"] is False
        assert (await http.get("/cluster/adminNode/status")).json()["consoleRole"] == "ACTIVE"
