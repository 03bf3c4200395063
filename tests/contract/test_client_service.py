"""The client service over the real HTTP client and the simulator: it looks before it writes."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from ocm_tui.core.clients.changes import updated
from ocm_tui.core.clients.difference import same
from ocm_tui.core.clients.documents import displayable, new_document
from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Conflict, Forbidden, NotFound, OcmError, Refused, TransportError, Unclear, UsageError
from ocm_tui.core.secret import Secret
from tests.contract.openapi import needs_contract, request_problems
from tests.contract.servers import Bench, bench

OLD, NEW = "planted-client-secret-old", "planted-client-secret-new"


async def made(it: Bench, **fields: Any) -> ClientDocument:
    document = new_document("orders-new", secret=Secret(OLD))
    return await it.service.create(ClientDocument({**document, **fields}))


async def test_creating_looks_first() -> None:
    async with bench(clients=1) as it:
        created = await made(it, description="new")
        assert created["description"] == "new"
        assert it.stored("orders-new").secret == OLD
        with pytest.raises(Conflict, match="exists already") as caught:
            await made(it)
        assert isinstance(caught.value.theirs, dict)
        assert caught.value.theirs["description"] == "new"
        assert len(it.sent("POST")) == 1


async def test_a_document_that_no_server_takes_is_not_sent() -> None:
    async with bench(clients=1) as it:
        with pytest.raises(UsageError, match="enabled is true or false"):
            await made(it, enabled="yes")
        with pytest.raises(UsageError, match="masked"):
            await it.service.create(ClientDocument(displayable(new_document("x", secret=Secret(NEW)))))
        assert not it.simulator.requests


@pytest.mark.parametrize(("version", "sent"), [("12.1", False), ("13.1", True)])
async def test_fields_are_gated_by_the_servers_own_version(version: str, sent: bool) -> None:
    async with bench(clients=0, server_version=version) as it:
        if sent:
            assert (await made(it, tags=[{"id": "a"}]))["tags"] == [{"id": "a"}]
            return
        with pytest.raises(UsageError, match=r"tags needs version 13\.1, and the server is 12\.1\.0\.4"):
            await made(it, tags=[{"id": "a"}])
        created = await made(it)
        with pytest.raises(UsageError, match="lockoutMaxMaliciousActions"):
            await it.service.update(created, with_value(created, "lockoutMaxMaliciousActions", 3))
        assert not it.sent("PUT")
        assert len(it.sent("POST")) == 1


async def test_an_update_puts_once_and_returns_what_is_stored() -> None:
    async with bench(clients=1) as it:
        created = await made(it)
        stored = await it.service.update(created, with_value(created, "description", "new"))
        assert updated(created, stored).title == "~ orders-new: update, 1 field"
        assert it.stored("orders-new").document["description"] == "new"
        assert it.stored("orders-new").secret == OLD
        assert len(it.sent("PUT")) == 1


async def test_an_update_that_changes_nothing_puts_nothing() -> None:
    async with bench(clients=1, quirks=True, server_version="13.1", storage="directory") as it:
        created = await made(it, redirectUris=["https://a", "https://b"])
        respelled = {**created, "redirectUris": ["https://b", "https://a"], "logoUrl": "", "description": None}
        current = await it.service.update(created, ClientDocument(respelled))
        assert current["clientId"] == "orders-new"
        assert same(await it.service.update(created, ClientDocument(displayable(created))), current)
        assert not it.sent("PUT")


async def test_a_printed_document_can_be_edited_and_given_back() -> None:
    async with bench(clients=1, server_version="13.1") as it:
        created = await made(it)
        edited = {**displayable(created), "description": "edited"}
        await it.service.update(created, ClientDocument(edited))
        assert it.stored("orders-new").document["description"] == "edited"
        assert it.stored("orders-new").secret == OLD


@pytest.mark.parametrize("version", ["11.3", "12.1", "13.1"])
async def test_the_authentication_method_can_be_switched(version: str) -> None:
    async with bench(clients=1, server_version=version) as it:
        client = await made(it, grantTypes=["AUTHORIZATION_CODE"], redirectUris=["https://a/cb"])
        client = await it.service.update(client, with_value(client, "clientAuth.type", "NONE"))
        assert it.stored("orders-new").secret is None
        edited = with_value(with_value(client, "clientAuth.type", "SECRET"), "clientAuth.secret", Secret(NEW))
        client = await it.service.update(client, edited)
        assert it.stored("orders-new").secret == NEW
        client = await it.service.update(client, with_value(client, "clientAuth.type", "CLIENT_SECRET_JWT"))
        assert it.stored("orders-new").secret == NEW
        assert client["clientAuth"]["type"] == "CLIENT_SECRET_JWT"
        assert "planted" not in repr(it.log.snapshot())


async def test_an_update_refuses_what_changed_meanwhile() -> None:
    async with bench(clients=1) as it:
        mine = await made(it)
        theirs = await it.service.update(mine, with_value(mine, "description", "theirs"))
        with pytest.raises(Conflict, match="was changed on the server meanwhile") as caught:
            await it.service.update(mine, with_value(mine, "description", "mine"))
        assert isinstance(caught.value.theirs, dict)
        assert caught.value.theirs["description"] == "theirs"
        assert it.stored("orders-new").document["description"] == "theirs"
        await it.server.delete("orders-new")
        with pytest.raises(Conflict, match="is gone"):
            await it.service.update(theirs, with_value(theirs, "description", "mine"))


async def test_without_dates_the_fields_decide() -> None:
    async with bench(clients=1) as it:
        mine = await made(it)
        undated = with_value(mine, "modificationDate", None)
        await it.service.update(undated, with_value(undated, "description", "mine"))
        with pytest.raises(Conflict):
            await it.service.update(undated, with_value(undated, "description", "mine again"))


async def test_the_client_id_never_changes() -> None:
    async with bench(clients=1) as it:
        client = await made(it)
        with pytest.raises(UsageError, match="never changes"):
            await it.service.update(client, ClientDocument({**client, "clientId": "other"}))
        assert not it.sent("PUT")


async def test_enabling_and_disabling() -> None:
    async with bench(clients=1) as it:
        await made(it)
        assert (await it.service.set_enabled("orders-new", False))["enabled"] is False
        assert (await it.service.set_enabled("orders-new", False))["enabled"] is False
        assert (await it.service.set_enabled("orders-new", True))["enabled"] is True
        assert len(it.sent("PUT")) == 2
        with pytest.raises(NotFound):
            await it.service.set_enabled("nobody", False)


async def test_deleting_what_was_seen() -> None:
    async with bench(clients=1) as it:
        seen = await made(it)
        await it.service.set_enabled("orders-new", False)
        with pytest.raises(Conflict, match="changed on the server"):
            await it.service.delete("orders-new", seen)
        assert it.stored("orders-new") is not None
        await it.service.delete("orders-new", await it.service.get("orders-new"))
        assert it.stored("orders-new") is None
        for look in (None, seen):
            with pytest.raises(NotFound):
                await it.service.delete("orders-new", look)


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({}, 1440),
        ({"clientSecretRetentionPeriodType": "OVERRIDE_SERVER_DEFAULT", "clientSecretRetentionPeriod": 0}, 0),
        ({"clientSecretRetentionPeriodType": "OVERRIDE_SERVER_DEFAULT", "clientSecretRetentionPeriod": 60}, 60),
    ],
)
async def test_rotating_says_how_long_the_former_secret_works(fields: dict[str, Any], minutes: int) -> None:
    async with bench(clients=1, secret_retention_minutes=1440) as it:
        before = await made(it, **fields)
        rotated = await it.service.rotate_secret("orders-new", Secret(NEW))
        assert rotated.retention_minutes == minutes
        assert rotated.changed_at > before["clientSecretChangedTime"]
        stored = it.stored("orders-new")
        assert stored.secret == NEW
        assert [secret for secret, _ in stored.former] == ([OLD] if minutes else [])
        assert len(it.sent("PUT")) == 1
        assert "planted" not in repr(it.log.snapshot())


async def test_rotating_without_the_servers_settings() -> None:
    faults = "500@GET/oauth/authServerSettings=100%,500@GET/oauth/clients/orders-new=100%*1"
    async with bench(clients=1, faults=faults) as it:
        it.simulator._service.faults.items[1].left = 0
        await made(it)
        rotated = await it.service.rotate_secret("orders-new", Secret(NEW))
        assert rotated.retention_minutes is None
        assert it.stored("orders-new").secret == NEW


async def test_a_client_without_a_secret_has_none_to_rotate() -> None:
    async with bench(clients=1) as it:
        document = new_document(
            "public", grant_types=["AUTHORIZATION_CODE"], redirect_uris=["https://a"], auth_type="NONE"
        )
        await it.service.create(document)
        with pytest.raises(UsageError, match="signs in with NONE"):
            await it.service.rotate_secret("public", Secret(NEW))
        assert not it.sent("PUT")


@pytest.mark.parametrize(("fault", "worked"), [("reset-before", False), ("reset-after", True), ("503", False)])
async def test_rotating_with_a_lost_end_reports_what_is_in_force(fault: str, worked: bool) -> None:
    async with bench(clients=1, faults=f"{fault}@PUT=100%*1") as it:
        await made(it)
        if worked:
            assert (await it.service.rotate_secret("orders-new", Secret(NEW))).changed_at
        else:
            with pytest.raises(Unclear, match="was not set"):
                await it.service.rotate_secret("orders-new", Secret(NEW))
        assert it.stored("orders-new").secret == (NEW if worked else OLD)
        assert len(it.sent("PUT")) == 1


async def test_when_looking_fails_the_write_certainly_did_not_happen() -> None:
    async with bench(clients=1, faults="lost-answer@GET/oauth/clients=100%") as it:
        document = new_document("orders-new", secret=Secret(NEW))
        for write in (
            it.service.create(document),
            it.service.update(document, with_value(document, "description", "x")),
            it.service.set_enabled("orders-new", False),
            it.service.delete("orders-new", document),
            it.service.rotate_secret("orders-new", Secret(NEW)),
        ):
            with pytest.raises(TransportError) as caught:
                await write
            assert not caught.value.maybe_applied
        assert not [*it.sent("POST"), *it.sent("PUT"), *it.sent("DELETE")]


@pytest.mark.parametrize(
    "policy", [WritePolicy(read_only=True), WritePolicy(protected=True), WritePolicy(account_may_write=False)]
)
async def test_no_write_gets_past_the_policy(policy: WritePolicy) -> None:
    async with bench(clients=3, policy=policy) as it:
        documents = [document async for page in it.service.pages() for document in page.documents]
        first, name = documents[0], documents[0]["clientId"]
        before = len(it.simulator.requests)
        for write in (
            it.service.create(new_document("x", secret=Secret(NEW))),
            it.service.update(first, with_value(first, "description", "x")),
            it.service.set_enabled(name, False),
            it.service.delete(name),
            it.service.delete(name, first),
            it.service.rotate_secret(name, Secret(NEW)),
        ):
            with pytest.raises(Refused):
                await write
        assert len(it.simulator.requests) == before


async def test_rights_are_learned_from_the_probe_and_from_a_403() -> None:
    async with bench(clients=3, auditor=True) as it:
        with pytest.raises(Forbidden):
            await it.service.create(new_document("x", secret=Secret(NEW)))
        assert it.service.policy.account_may_write is False
        with pytest.raises(Refused, match="account may only read"):
            await it.service.create(new_document("x", secret=Secret(NEW)))
        assert len(it.sent("POST")) == 1
    async with bench(clients=3, auditor=True) as it:
        assert await it.service.probe_rights() is False
        assert "account" in (it.service.policy.why_not() or "")
    async with bench(clients=3) as it:
        assert await it.service.probe_rights() is True
        assert it.service.policy.why_not() is None
    async with bench(clients=3, faults="503@DELETE=100%") as it:
        assert await it.service.probe_rights() is None
        assert it.service.policy.account_may_write is None


async def test_a_forbidden_reading_teaches_nothing_about_writing() -> None:
    async with bench(clients=3, password="wrong") as it:
        with pytest.raises(OcmError):
            await it.service.get("x")
        assert it.service.policy.account_may_write is None


async def test_choices_are_read_once_and_failures_again() -> None:
    async with bench(clients=0, faults="500@GET/oauth/openIdConnect/policies=100%*1") as it:
        choices = await it.service.choices()
        assert isinstance(choices.oidc_policies, OcmError)
        assert not isinstance(choices.token_managers, OcmError)
        assert choices.of("token_managers") is choices.token_managers
        again, _ = await asyncio.gather(it.service.choices(), it.service.choices())
        assert not isinstance(again.oidc_policies, OcmError)
        assert again.scopes is choices.scopes
        assert len(it.simulator.requests) == 5
        fresh = await it.service.refresh_choices()
        assert fresh.scopes == choices.scopes
        assert len(it.simulator.requests) == 9


async def test_connecting_and_listing() -> None:
    async with bench(clients=12) as it:
        assert (await it.service.connect()).parsed == (12, 1)
        async with aclosing(it.service.pages(page_size=5)) as pages:
            sizes = [len(page.documents) async for page in pages]
        assert sizes == [5, 5, 2]


@needs_contract
def test_the_contract_helper_refuses_what_it_should() -> None:
    good = {"clientId": "a", "name": "a", "grantTypes": ["IMPLICIT"]}
    assert request_problems("POST", "/oauth/clients", {}, good) == []
    for wrong in ({**good, "future": 1}, {**good, "logoUrl": None}, {**good, "clientAuth": {"x": 1}}, {"name": "a"}):
        assert request_problems("POST", "/oauth/clients", {}, wrong)
    assert request_problems("GET", "/oauth/clients", {"page": "x"}, None)
    assert request_problems("GET", "/oauth/clients", {"size": "1"}, None)
    assert request_problems("GET", "/oauth/nothing", {}, None)
    assert request_problems("GET", "/oauth/clients", {}, good)
    assert request_problems("PUT", "/oauth/clients/a", {}, None)
