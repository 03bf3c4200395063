"""A server knows what its release knows, shows nothing else, and takes nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.simulator.schema import CLIENT, Field
from ocm_tui.simulator.settings import RELEASES, Release, SimulatorSettings, release_of
from tests.unit.simulator.conftest import Opener

MINIMAL = {
    "clientId": "new",
    "name": "new",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "secret": "twelve-monkeys"},
}
SINCE: dict[str, tuple[Release, Any]] = {
    "replicationStatus": ((12, 0), "REPLICATED"),
    "oidcPolicy.postLogoutRedirectUris": ((12, 0), []),
    "refreshTokenRollingIntervalTimeUnit": ((12, 1), "HOURS"),
    "enableCookielessAuthenticationApi": ((12, 1), True),
    "requireOfflineAccessScopeToIssueRefreshTokens": ((12, 1), "NO"),
    "offlineAccessRequireConsentPrompt": ((12, 1), "NO"),
    "lockoutMaxMaliciousActionsType": ((12, 2), "DO_NOT_LOCKOUT"),
    "lockoutMaxMaliciousActions": ((12, 2), 0),
    "oidcPolicy.userInfoResponseSigningAlgorithm": ((12, 2), "RS256"),
    "tags": ((13, 1), [{"id": "x"}]),
    "allowExclusiveScopes": ((13, 1), []),
    "dpopProofSettings": ((13, 1), {"proofLifetime": 5}),
    "clientAuthentication": ((13, 1), {"clientSecret": {"enabled": True}}),
}


def paths(document: Mapping[str, Any]) -> Iterator[str]:
    for name, value in document.items():
        yield name
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in value)


def since(path: str) -> Release:
    head, _, tail = path.partition(".")
    field: Field = CLIENT[head]
    return max(field.since, (field.members or {})[tail].since) if tail and field.members else field.since


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("path", SINCE)
async def test_fields_are_taken_from_their_release_on(simulate: Opener, release: Release, path: str) -> None:
    first, value = SINCE[path]
    head, _, tail = path.partition(".")
    sent = MINIMAL | {head: {tail: value} if tail else value}
    async with simulate(clients=0, server_version=RELEASES[release]) as (_, http):
        reply = await http.post("/oauth/clients", json=sent)
    if release >= first:
        assert reply.status_code == 201, reply.text
    else:
        errors = reply.json()["validationErrors"]
        assert (reply.status_code, [one["fieldPath"] for one in errors]) == (422, [path])


@pytest.mark.parametrize("release", RELEASES)
async def test_only_fields_of_the_release_are_shown(simulate: Opener, release: Release) -> None:
    async with simulate(clients=50, server_version=RELEASES[release]) as (_, http):
        items = (await http.get("/oauth/clients")).json()["items"]
    shown = {path for document in items for path in paths(document) if not path.startswith("extendedParameters.")}
    assert {
        path for path in shown if path.split(".")[0] != "defaultAccessTokenManagerRef" and since(path) > release
    } == set()
    filled = {name for name, field in CLIENT.items() if field.filled is not None and field.since <= release}
    assert filled <= shown


async def test_a_property_that_nobody_knows_is_named(simulate: Opener) -> None:
    async with simulate() as (_, http):
        sent = MINIMAL | {"colour": "red", "oidcPolicy": {"shade": 1}, "name": ""}
        errors = (await http.post("/oauth/clients", json=sent)).json()["validationErrors"]
    assert [one["fieldPath"] for one in errors] == ["colour", "oidcPolicy.shade", "name"]


@pytest.mark.parametrize("version", ["11.3", "12.0"])
async def test_links_carry_their_address_before_12_0(simulate: Opener, version: str) -> None:
    async with simulate(clients=60, server_version=version) as (simulator, http):
        document = (await http.get("/oauth/clients/customer-portal")).json()
        manager = (await http.get("/oauth/accessTokenManagers/partner")).json()
        generated = (await http.get("/oauth/clients")).json()["items"][-1]
        rewritten = await http.put("/oauth/clients/customer-portal", json=document)
    base = simulator.base_url
    locations = [
        document["defaultAccessTokenManagerRef"].get("location"),
        document["oidcPolicy"]["policyGroup"].get("location"),
        manager["accessControlSettings"]["allowedClients"][0].get("location"),
    ]
    assert rewritten.status_code == 200
    if version == "12.0":
        assert locations == [None] * 3
        return
    assert locations == [
        f"{base}/oauth/accessTokenManagers/jwt",
        f"{base}/oauth/openIdConnect/policies/customers",
        f"{base}/oauth/clients/partner-acme",
    ]
    assert generated["defaultAccessTokenManagerRef"]["location"].startswith(base)


@pytest.mark.parametrize(
    ("version", "statuses"),
    [("11.3", [404, 404, 404]), ("12.0", [403, 404, 404]), ("12.1", [403, 403, 404]), ("12.3", [403, 403, 204])],
)
async def test_operations_appear_with_their_release(simulate: Opener, version: str, statuses: list[int]) -> None:
    async with simulate(server_version=version) as (_, http):
        replies = [
            await http.get("/cluster/settings"),
            await http.get("/cluster/adminNode/status"),
            await http.delete("/oauth/clients/orders-api/clientAuth/clientSecret/secondarySecrets"),
        ]
    assert [one.status_code for one in replies] == statuses


@pytest.mark.parametrize(
    ("asked", "told"),
    [("12.1", "12.1.0.4"), ("13.1.0.5", "13.1.0.5"), ("12.3.7", "12.3.0.0"), ("11.3.4.2", "11.3.4.2")],
)
async def test_the_version_is_told(simulate: Opener, asked: str, told: str) -> None:
    async with simulate(clients=0, server_version=asked) as (_, http):
        assert (await http.get("/version")).json() == {"version": told}


@pytest.mark.parametrize("version", ["", "12", "12.9", "10.0.0.1", "12.1.0.4.5", "latest", "12.1\n", "١٢.١"])
def test_unknown_versions_are_refused(version: str) -> None:
    with pytest.raises(UsageError, match="unknown server version"):
        release_of(version)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"port": -1}, "port -1"),
        ({"port": 65536}, "port 65536"),
        ({"clients": -1}, "-1 clients"),
        ({"clients": 1_000_001}, "1000001 clients"),
        ({"latency_ms": -1.0}, "latency of -1.0"),
        ({"latency_ms": float("nan")}, "latency of nan"),
        ({"latency_ms": float("inf")}, "latency of inf"),
        ({"storage": "tape"}, "unknown storage tape"),
        ({"server_version": "9.9"}, "unknown server version"),
        ({"secret_retention_minutes": -1}, "secret retention"),
    ],
)
def test_settings_that_make_no_sense_are_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        SimulatorSettings(**change).check()


async def test_several_ways_to_authenticate_in_13_1(simulate: Opener) -> None:
    async with simulate(server_version="13.1") as (_, http):
        document = (await http.get("/oauth/clients/orders-api")).json()
        assert document["clientAuthentication"]["clientSecret"] == {"enabled": True}
        assert document["clientAuthentication"]["encryptedSecret"].startswith("OBF:JWE:")
        both = document["clientAuthentication"] | {
            "certificate": {"enabled": True, "clientCertIssuerDn": "CN=a", "clientCertSubjectDn": "CN=b"}
        }
        stored = (await http.put("/oauth/clients/orders-api", json=document | {"clientAuthentication": both})).json()
        again = (await http.put("/oauth/clients/orders-api", json=stored)).json()
        for one in (stored, again):
            assert one["clientAuthentication"]["certificate"] == both["certificate"]
            assert one["clientAuth"]["type"] == "SECRET"
        changed = again | {"clientAuth": {"type": "NONE"}, "grantTypes": ["EXTENSION"]}
        changed = (await http.put("/oauth/clients/orders-api", json=changed)).json()
        assert changed["clientAuthentication"] == {"none": {"enabled": True}}
        alone = {name: value for name, value in again.items() if name != "clientAuth"}
        alone["clientAuthentication"] = {"secret": "new-secret", "clientSecret": {"enabled": True}}
        restored = (await http.put("/oauth/clients/orders-api", json=alone)).json()
        assert restored["clientAuth"]["type"] == "SECRET"
        assert "new-secret" not in str(restored)
