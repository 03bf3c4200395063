"""The server port over the real HTTP client and the simulator: every operation, and every way it can be refused."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from ocm_tui.core.clients.difference import difference, same
from ocm_tui.core.clients.documents import new_document
from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.pingfederate import PingFederate
from ocm_tui.core.errors import (
    Forbidden,
    NotFound,
    TransportError,
    Unauthorised,
    UsageError,
    ValidationFailed,
)
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from tests.contract.servers import Bench, bench

HOUSES = [
    {"server_version": version, "storage": storage, "quirks": quirks}
    for version in ("11.3", "12.1", "13.1")
    for storage, quirks in (("xml", False), ("directory", True))
]
ODD_IDS = ["a/b", "a%2Fb", "100%", "two words", "ünïcode-日本", "?x=1#y", "...", "a+b", "..;", "\\", "a\tb", "x" * 400]


def secret() -> Secret:
    return Secret("planted-client-secret-0001")


async def every(server: PingFederate, query: str = "", page_size: int = 500) -> list[ClientDocument]:
    return [document async for page in server.pages(query, page_size=page_size) for document in page.documents]


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: "-".join(map(str, house.values())))
async def test_the_life_of_a_client(house: dict[str, Any]) -> None:
    async with bench(clients=5, **house) as it:
        info = await it.server.info()
        assert info.version.startswith(house["server_version"])
        created = await it.server.create(new_document("orders-new", secret=secret()))
        assert created["clientAuth"]["type"] == "SECRET"
        assert "planted" not in json.dumps(created)
        assert it.stored("orders-new").secret == secret().reveal()

        read = await it.server.get("orders-new")
        assert same(created, read)
        stored = await it.server.replace("orders-new", with_value(read, "description", "changed"))
        assert [change.path for change in difference(read, stored)] == ["description"]
        assert it.stored("orders-new").secret == secret().reveal()

        await it.server.set_secret("orders-new", Secret("planted-client-secret-0002"))
        assert it.stored("orders-new").secret == "planted-client-secret-0002"

        await it.server.delete("orders-new")
        with pytest.raises(NotFound) as caught:
            await it.server.get("orders-new")
        assert caught.value.title == "client orders-new does not exist on the server (404)"
        with pytest.raises(NotFound):
            await it.server.delete("orders-new")
        with pytest.raises(NotFound):
            await it.server.replace("orders-new", read)
        assert "planted" not in repr(it.log.snapshot())


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: "-".join(map(str, house.values())))
async def test_every_client_survives_being_put_back(house: dict[str, Any]) -> None:
    """Lenient when reading, strict when writing: nothing is refused, and nothing is lost or gained."""
    async with bench(clients=60, **house) as it:
        for before in await every(it.server):
            secret_before = it.stored(before["clientId"]).secret
            after = await it.server.replace(before["clientId"], before)
            assert difference(before, after) == []
            assert it.stored(before["clientId"]).secret == secret_before


async def test_unknown_fields_of_a_newer_server_survive() -> None:
    async with bench(clients=0, server_version="13.1") as it:
        document = {**new_document("orders-new", secret=secret()), "tags": [{"id": "blue"}]}
        created = await it.server.create(ClientDocument(document))
        assert created["tags"] == [{"id": "blue"}]
        stored = await it.server.replace("orders-new", with_value(created, "description", "x"))
        assert stored["tags"] == [{"id": "blue"}]
        assert stored["clientAuthentication"]["clientSecret"] == {"enabled": True}


@pytest.mark.parametrize("page_size", [1, 7, 40, 41, 500])
async def test_pages_hold_every_client_once_and_in_order(page_size: int) -> None:
    async with bench(clients=40) as it:
        whole = [document["clientId"] for document in await every(it.server)]
        assert len(whole) == 40
        assert [document["clientId"] for document in await every(it.server, page_size=page_size)] == whole


async def test_the_second_page_waits_until_the_first_was_taken() -> None:
    async with bench(clients=40) as it:
        async with aclosing(it.server.pages(page_size=10)) as pages:
            first = await anext(pages)
            assert len(first.documents) == 10
            await it.server.info()
            assert it.sent("GET") == ["/oauth/clients", "/version"]
        assert it.log.in_flight == 0


async def test_leaving_early_leaves_nothing_under_way() -> None:
    async with bench(clients=40, latency_ms=5.0) as it:
        async with aclosing(it.server.pages(page_size=2)) as pages:
            await anext(pages)
            await anext(pages)
        assert it.log.in_flight == 0
        await it.server.info()  # the connections are still good


async def test_a_filter_is_the_servers() -> None:
    async with bench(clients=40) as it:
        some = (await every(it.server))[3]["clientId"]
        found = await every(it.server, query=some[1:].upper())
        assert some in [document["clientId"] for document in found]
        assert 0 < len(found) < 40
        assert await every(it.server, query="no such client & nothing=1") == []


@pytest.mark.parametrize("client_id", ODD_IDS)
async def test_any_id_is_one_segment_of_the_path(client_id: str) -> None:
    async with bench(clients=3) as it:
        created = await it.server.create(new_document(client_id, secret=secret()))
        assert created["clientId"] == client_id
        assert (await it.server.get(client_id))["clientId"] == client_id
        await it.server.set_secret(client_id, Secret("planted-client-secret-0002"))
        assert it.stored(client_id).secret == "planted-client-secret-0002"
        await it.server.delete(client_id)
        assert it.stored(client_id) is None
        assert len(await every(it.server)) == 3


@pytest.mark.parametrize("client_id", ["", " ", ".", "..", "\ud800"])
async def test_an_id_that_cannot_be_addressed_is_refused_before_anything_is_sent(client_id: str) -> None:
    async with bench(clients=3) as it:
        for call in (it.server.get, it.server.delete):
            with pytest.raises(UsageError):
                await call(client_id)
        with pytest.raises(UsageError):
            await it.server.set_secret(client_id, secret())
        assert not it.simulator.requests


async def test_what_forms_offer() -> None:
    async with bench(clients=0) as it:
        managers = await it.server.token_managers()
        assert {"jwt", "opaque"} <= {choice.id for choice in managers}
        assert all(choice.label for choice in managers)
        scopes = [choice.id for choice in await it.server.scopes()]
        assert "openid" in scopes
        assert len(set(scopes)) == len(scopes) > 20
        assert "audit:read" in {choice.id for choice in await it.server.exclusive_scopes()}
        assert "default" in {choice.id for choice in await it.server.oidc_policies()}


@pytest.mark.parametrize("minutes", [0, 1440])
async def test_the_servers_retention(minutes: int) -> None:
    async with bench(clients=0, secret_retention_minutes=minutes) as it:
        assert await it.server.secret_retention_minutes() == minutes


async def test_a_duplicate_and_a_wrong_document_name_their_fields() -> None:
    async with bench(clients=0) as it:
        await it.server.create(new_document("orders-new", secret=secret()))
        with pytest.raises(ValidationFailed) as caught:
            await it.server.create(new_document("orders-new", secret=secret()))
        assert [violation.field_path for violation in caught.value.violations] == ["clientId"]
        wrong = {**new_document("other", auth_type="NONE"), "restrictedScopes": ["nonsense"], "restrictScopes": True}
        with pytest.raises(ValidationFailed) as caught:
            await it.server.create(ClientDocument(wrong))
        paths = {violation.field_path for violation in caught.value.violations}
        assert paths == {"clientAuth.type", "restrictedScopes[0]"}
        assert "(+1 more)" in caught.value.title
        assert it.stored("other") is None


async def test_a_client_in_use_is_not_deleted() -> None:
    async with bench(clients=60) as it:
        with pytest.raises(ValidationFailed, match="referenced by"):
            await it.server.delete("partner-acme")
        assert it.stored("partner-acme") is not None


async def test_an_auditor_reads_and_may_not_write() -> None:
    async with bench(clients=10, auditor=True) as it:
        assert await it.server.may_write() is False
        documents = await every(it.server)
        assert len(documents) == 10
        name = documents[0]["clientId"]
        for writing in (
            it.server.delete(name),
            it.server.replace(name, documents[0]),
            it.server.create(new_document("x", secret=secret())),
            it.server.set_secret(name, secret()),
        ):
            with pytest.raises(Forbidden) as caught:
                await writing
            assert "X-XSRF-Header" in caught.value.hint
        assert len(await every(it.server)) == 10


async def test_the_probe_changes_nothing_and_tells_an_administrator() -> None:
    async with bench(clients=10) as it:
        assert await it.server.may_write() is True
        assert len(await every(it.server)) == 10
        (path,) = it.sent("DELETE")
        assert path.startswith("/oauth/clients/ocm-tui-rights-probe-")


@pytest.mark.parametrize("fault", ["503", "html", "429", "500", "lost-answer"])
async def test_the_probe_does_not_guess(fault: str) -> None:
    async with bench(clients=1, faults=f"{fault}@DELETE=100%") as it:
        assert await it.server.may_write() is None


async def test_a_wrong_password() -> None:
    async with bench(clients=1, password="not-the-password") as it:
        with pytest.raises(Unauthorised, match="credentials"):
            await it.server.info()


async def test_a_wrong_path_and_a_dead_host() -> None:
    async with bench(clients=1) as it:
        port = it.simulator.port
        config = HTTPClientConfig(
            base_url=f"{it.simulator.origin}/wrong/v1",
            auth=BasicAuth(it.simulator.username, Secret(it.simulator.password)),
            trust_env=False,
        )
        async with UnifiedHTTPClient(config, ExchangeLog()) as http:
            with pytest.raises(NotFound) as caught:
                await PingFederate(http).get("orders-api")
        assert "base_url" in caught.value.hint
        assert "nothing answers" in caught.value.title
        it.simulator._log.clear()  # these requests were wrong on purpose
    config = HTTPClientConfig(base_url=f"http://127.0.0.1:{port}/x", trust_env=False)
    async with UnifiedHTTPClient(config, ExchangeLog()) as http:
        with pytest.raises(TransportError) as dead:
            await PingFederate(http).info()
    assert dead.value.layer == "tcp"


async def test_cancelling_a_long_read_ends_it() -> None:
    async with bench(clients=1, faults="stall@/oauth/clients=100%") as it:
        reading = asyncio.create_task(every(it.server))
        while not it.log.in_flight:  # noqa: ASYNC110  # the log has no event for it
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert it.log.in_flight == 0
        await it.server.info()


async def test_every_call_says_what_it_is_about() -> None:
    async with bench(clients=1) as it:
        await life_of(it)
        exchanges = it.log.snapshot()
        assert all(exchange.purpose for exchange in exchanges)
        about = {exchange.client_id for exchange in exchanges if "/oauth/clients/orders-new" in exchange.path}
        assert about == {"orders-new"}
        assert "planted" not in repr(exchanges)


async def life_of(it: Bench) -> None:
    await it.server.info()
    await every(it.server)
    created = await it.server.create(new_document("orders-new", secret=secret()))
    await it.server.replace("orders-new", created)
    await it.server.set_secret("orders-new", secret())
    await it.server.delete("orders-new")
