"""The list: pages, filters, 100,000 clients that nobody holds, and the same clients for the same seed."""

import json
import time
from typing import Any

import httpx2
import pytest

from ocm_tui.simulator.catalogue import CATALOGUE
from ocm_tui.simulator.population import epoch
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.simulator.store import ClientStore
from tests.unit.simulator.conftest import Opener

NEW: dict[str, Any] = {"clientId": "zz-new", "name": "Brand New", "grantTypes": ["EXTENSION"]}


async def ids(http: httpx2.AsyncClient, **params: Any) -> list[str]:
    reply = await http.get("/oauth/clients", params=params)
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert body.keys() == {"items"}
    return [one["clientId"] for one in body["items"]]


def store_of(clients: int, **settings: Any) -> ClientStore:
    return Simulator(SimulatorSettings(clients=clients, **settings)).api.store


def test_the_catalogue_is_forty_clients() -> None:
    assert len(CATALOGUE) == 40
    assert len({entry.document["clientId"] for entry in CATALOGUE}) == 40
    assert SimulatorSettings().clients == 40


async def test_pages_count_from_one_and_end_short(simulate: Opener) -> None:
    async with simulate(clients=105) as (_, http):
        everything = await ids(http)
        pages = [await ids(http, page=number, numberPerPage=50) for number in range(1, 5)]
        assert [len(page) for page in pages] == [50, 50, 5, 0]
        assert [one for page in pages for one in page] == everything
        assert len(set(everything)) == 105
        assert await ids(http, numberPerPage=7) == everything[:7]
        assert await ids(http, page=1) == everything
        assert await ids(http, page=2) == []


@pytest.mark.parametrize("name", ["page", "numberPerPage"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "2147483648", "٣", "99999999999"])
async def test_a_page_that_cannot_be_is_422(http: httpx2.AsyncClient, name: str, value: str) -> None:
    reply = await http.get("/oauth/clients", params={name: value})
    assert reply.status_code == 422
    assert [one["fieldPath"] for one in reply.json()["validationErrors"]] == [name]


async def test_the_filter_compares_ids_and_names_without_case(simulate: Opener) -> None:
    async with simulate(clients=300) as (_, http):
        assert await ids(http, filter="LEGACY-S") == ["legacy-sync"]
        assert await ids(http, filter="do not TOUCH") == ["legacy-sync"]
        assert await ids(http, filter="no such client") == []
        assert await ids(http, filter=".*") == []
        assert len(await ids(http, filter="")) == 300
        paged = await ids(http, filter="api", page=2, numberPerPage=5)
        assert paged == (await ids(http, filter="api"))[5:10]


async def test_the_filter_sees_what_was_written(simulate: Opener) -> None:
    async with simulate(clients=60) as (_, http):
        old = (await ids(http))[-1]
        assert await ids(http, filter=old) == [old]
        await http.put(f"/oauth/clients/{old}", json=NEW | {"name": "Purple Rain"})
        await http.post("/oauth/clients", json=NEW)
        assert await ids(http, filter="purple rain") == [old]
        assert await ids(http, filter="BRAND new") == ["zz-new"]
        await http.delete(f"/oauth/clients/{old}")
        await http.delete("/oauth/clients/zz-new")
        assert await ids(http, filter="purple") == []
        assert await ids(http, filter="brand") == []


async def test_a_list_without_end_is_streamed(simulate: Opener) -> None:
    async with simulate(clients=2600) as (_, http):
        async with http.stream("GET", "/oauth/clients") as reply:
            body = await reply.aread()
        assert reply.headers["transfer-encoding"] == "chunked"
        assert len(json.loads(body)["items"]) == 2600
        assert (await http.get("/version")).status_code == 200


async def test_a_hundred_thousand_clients(simulate: Opener) -> None:
    async with simulate(clients=100_000) as (simulator, http):
        assert len(await ids(http, page=200, numberPerPage=500)) == 500
        assert await ids(http, page=201, numberPerPage=500) == []
        last = (await ids(http, page=100_000, numberPerPage=1))[0]
        assert last.endswith("-99999")
        assert await ids(http, filter=last) == [last]
        assert (await http.get(f"/oauth/clients/{last}")).json()["clientId"] == last
        await http.delete("/oauth/clients/orders-api")
        assert await ids(http, page=99_999, numberPerPage=1) == [last]
        assert len(simulator.api.store) == 99_999
        assert (await http.get("/oauth/clients/orders-worker-1000000")).status_code == 404


def test_no_two_of_a_hundred_thousand_are_the_same() -> None:
    population = store_of(100_000)._population
    labels = [population.labels(number) for number in range(100_000)]
    assert len({client_id for client_id, _ in labels}) == 100_000
    assert all(population.number_of(labels[number][0]) == number for number in range(0, 100_000, 997))


def test_a_page_costs_the_server_little() -> None:
    """A bound with room for a busy machine; the cost that is meant is a few milliseconds."""
    store = store_of(100_000)
    store.texts(range(500, 1000))
    spent = []
    for start in range(1000, 6000, 500):
        before = time.process_time()
        text = ",".join(store.texts(range(start, start + 500)))
        spent.append(time.process_time() - before)
    assert len(text) > 500_000
    assert min(spent) < 0.05


def test_a_generated_client_is_the_same_in_the_list_and_alone() -> None:
    store = store_of(200)
    for number in range(40, 200):
        listed = json.loads(store.texts([number])[0])
        client = store.get(listed["clientId"])
        assert client is not None
        alone = store._documents.shown(client, 0)
        for document in (listed, alone):
            document["clientAuth"].pop("encryptedSecret", None)
        assert list(alone) == list(listed)
        assert alone == listed


@pytest.mark.parametrize("version", ["11.3", "12.1", "13.1"])
async def test_every_generated_client_survives_its_own_echo(simulate: Opener, version: str) -> None:
    async with simulate(clients=120, server_version=version) as (_, http):
        for document in (await http.get("/oauth/clients")).json()["items"]:
            reply = await http.put(f"/oauth/clients/{document['clientId']}", json=document)
            assert reply.status_code == 200, reply.text
            stored = reply.json()
            for one in (stored, document):
                one.pop("modificationDate", None)
                for name in ("clientAuth", "clientAuthentication"):
                    one.get(name, {}).pop("encryptedSecret", None)
            assert stored == document


def timeless(store: ClientStore, count: int) -> list[dict[str, Any]]:
    return [json.loads(text) for text in store.texts(range(count))]


def test_the_same_seed_gives_the_same_clients() -> None:
    assert timeless(store_of(120, seed=7), 120) == timeless(store_of(120, seed=7), 120)
    assert timeless(store_of(120, seed=7), 120) != timeless(store_of(120, seed=8), 120)


def test_more_clients_do_not_change_the_first_ones() -> None:
    assert timeless(store_of(60), 60) == timeless(store_of(5000), 60)
    assert timeless(store_of(3), 3) == timeless(store_of(60), 3)


@pytest.mark.parametrize("seed", [0, 1, 29, 2**31, -5])
def test_dates_lie_in_the_past_and_in_order(seed: int) -> None:
    assert epoch(seed) < time.time() * 1000
    newest = 0
    for document in timeless(store_of(1000, seed=seed), 1000):
        if document["clientId"] == "mainframe-print":
            assert "creationDate" not in document
            continue
        created, modified = document["creationDate"], document["modificationDate"]
        changed = document.get("clientSecretChangedTime", created)
        assert "2010" < created <= changed <= modified, document["clientId"]
        newest = max(newest, int(modified[:4]))
    assert newest <= 2025


def test_some_secrets_are_years_old() -> None:
    documents = timeless(store_of(40), 40)
    legacy = next(one for one in documents if one["clientId"] == "legacy-sync")
    assert legacy["clientSecretChangedTime"] < "2022"


async def test_sorting_and_tags_of_13_1(simulate: Opener) -> None:
    async with simulate(clients=80, server_version="13.1") as (_, http):
        await http.post("/oauth/clients", json=NEW | {"tags": [{"id": "tier-1"}]})
        everything = await ids(http)
        assert await ids(http, sortBy="CLIENT_ID") == sorted(everything)
        assert await ids(http, sortBy="CLIENT_ID", sortOrder="DESC") == sorted(everything, reverse=True)
        assert await ids(http, sortOrder="DESC") == everything[::-1]
        assert (await ids(http, sortBy="MODIFIED"))[-1] == "zz-new"
        assert (await ids(http, sortBy="CREATED"))[0] == "mainframe-print"
        names = [one["name"] for one in (await http.get("/oauth/clients?sortBy=CLIENT_NAME")).json()["items"]]
        assert names == sorted(names, key=str.casefold)
        tagged = await ids(http, tagName="tier-1, pci")
        assert {"orders-api", "payments-service", "zz-new"} <= set(tagged)
        assert len(tagged) < 10
        assert await ids(http, tagName="pci", filter="orders") == []
        for name, value in (("sortBy", "AGE"), ("sortOrder", "UP")):
            reply = await http.get("/oauth/clients", params={name: value})
            assert (reply.status_code, reply.json()["validationErrors"][0]["fieldPath"]) == (422, name)


async def test_older_servers_do_not_know_how_to_sort(http: httpx2.AsyncClient) -> None:
    assert await ids(http, sortBy="AGE", tagName="pci") == await ids(http)
