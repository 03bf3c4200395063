"""Answers that the administrative API never gives: of proxies, of cut lines, of servers that ignore paging."""

from typing import Any

import pytest

from ocm_tui.core.clients.pingfederate import PingFederate
from ocm_tui.core.errors import ApiError, TransportError
from tests.contract.servers import http_answer, raw_server

HTML = b"<html><head><title>Sign in</title></head></html>"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http_answer(200, HTML, "Content-Type: text/html"), "HTML page"),
        (http_answer(200, b'{"version": "12.1'), "breaks off"),
        (http_answer(200, b'{"version": "\xff\xfe"}'), "UTF-8"),
        (http_answer(200, b""), "empty"),
        (http_answer(204, b""), "empty"),
        (http_answer(200, [1]), "not an object"),
        (http_answer(200, {"version": 12}), "names no version"),
        (http_answer(200, b"x" * 5_000_000), "other text"),
        (http_answer(302, b"", "Location: https://sso.example.com/?token=planted"), "redirects to https://sso.example"),
        (http_answer(500, b"<html>" + b"e" * 5_000_000), "failed at GET /version (500)"),
        (http_answer(502, HTML), "(502)"),
        (http_answer(400, b"\xff" * 100), "rejects GET /version (400)"),
    ],
)
async def test_an_answer_that_is_not_the_apis_is_one_clear_sentence(answer: bytes, words: str) -> None:
    async with raw_server(lambda _: answer) as (_, server):
        with pytest.raises(ApiError) as caught:
            await server.info()
    assert words in caught.value.title
    assert str(caught.value) == caught.value.title
    assert "planted" not in caught.value.title
    assert caught.value.exchange_id
    assert caught.value.exchange_id in caught.value.detail


@pytest.mark.parametrize("body", [{}, {"clientId": "other"}, {"clientId": None}, {"clientId": ["orders-api"]}])
async def test_an_answer_about_another_client_is_refused(body: Any) -> None:
    async with raw_server(lambda _: http_answer(200, body)) as (_, server):
        with pytest.raises(ApiError, match="not this client"):
            await server.get("orders-api")


async def test_an_answer_that_is_cut_off_is_a_transport_error() -> None:
    async with raw_server(lambda _: http_answer(200, b'{"version": "12', length=500)) as (_, server):
        with pytest.raises(TransportError) as caught:
            await server.info()
    assert caught.value.layer == "http"


async def every(server: PingFederate, page_size: int = 500) -> list[str]:
    return [one["clientId"] async for page in server.pages(page_size=page_size) for one in page.documents]


@pytest.mark.parametrize("count", [10, 5, 3])
async def test_a_server_that_ignores_paging_is_read_once_or_twice(count: int) -> None:
    items = [{"clientId": f"c{number}"} for number in range(count)]
    async with raw_server(lambda _: http_answer(200, {"items": items})) as (seen, server):
        found = await every(server, page_size=5)
    assert found == [f"c{number}" for number in range(count)]
    # Only a list that is exactly one page long needs a second look; those ahead of it are cancelled.
    assert len([line for line in seen.requests if "page=1&" not in line]) <= (4 if count == 5 else 0)


async def test_a_list_of_the_wrong_shape() -> None:
    async with raw_server(lambda _: http_answer(200, {"items": ["orders-api"]})) as (_, server):
        with pytest.raises(ApiError, match="not a list of objects"):
            await every(server)


async def test_scopes_without_a_total_and_without_paging() -> None:
    items = [{"name": f"s{number}", "description": None} for number in range(500)] + [{"description": "nameless"}]
    for shown in (items[:500], items, [{"name": "a"}, {"name": "a"}]):
        async with raw_server(lambda _, shown=shown: http_answer(200, {"items": shown})) as (_, server):  # type: ignore[misc]
            names = [choice.id for choice in await server.scopes()]
        assert names == list(dict.fromkeys(one["name"] for one in shown if "name" in one))
