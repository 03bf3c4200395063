import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest

from ocm_tui.core.clients.model import ClientPage
from ocm_tui.core.clients.pingfederate.paging import read_pages
from ocm_tui.core.errors import TransportError
from ocm_tui.core.http.types import Reply


class Server:
    """Pages out of a list of ids; a request waits for its gate. Remembers what was asked and cancelled."""

    def __init__(self, ids: list[str | None], *, size: int = 2) -> None:
        self.ids, self.size = ids, size
        self.asked: list[int] = []
        self.cancelled: list[int] = []
        self.gates: dict[int, asyncio.Event] = {}
        self.failing: set[int] = set()
        self.asked_for_4 = asyncio.Event()

    async def fetch(self, number: int) -> Reply:
        self.asked.append(number)
        if number == 4:
            self.asked_for_4.set()
        try:
            if number in self.gates:
                await self.gates[number].wait()
            else:
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        if number in self.failing:
            raise TransportError(f"page {number} failed", layer="tcp")
        return self.page(number)

    def page(self, number: int) -> Reply:
        start = (number - 1) * self.size
        return reply([{"clientId": name} for name in self.ids[start : start + self.size]])

    def read(self, *, concurrency: int = 3, page_size: int | None = None) -> Any:
        return read_pages(self.fetch, decode, page_size=page_size or self.size, concurrency=concurrency)


def reply(items: list[dict[str, Any]]) -> Reply:
    return Reply(200, (), json.dumps(items).encode(), "x-1", 1.0)


def decode(reply: Reply) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(reply.body)
    return items


def ids(pages: list[ClientPage]) -> list[list[str]]:
    return [[document["clientId"] for document in page.documents] for page in pages]


@pytest.mark.parametrize(
    ("names", "pages"),
    [
        ([], [[]]),
        (["a"], [["a"]]),
        (["a", "b"], [["a", "b"], []]),
        (["a", "b", "c"], [["a", "b"], ["c"]]),
        (["a", "b", "b", "c", "d"], [["a", "b"], ["c"], ["d"]]),
        (["a", "b", "a", "b", "c", "d"], [["a", "b"], []]),  # no new client: the server ignores the page number
        (["a", None, "b", "c", "d"], [["a"], ["b", "c"], ["d"]]),
    ],
)
async def test_pages(names: list[str | None], pages: list[list[str]]) -> None:
    got = [page async for page in Server(names).read()]
    assert ids(got) == pages
    assert [page.last for page in got] == [False] * (len(got) - 1) + [True]
    assert [page.number for page in got] == list(range(1, len(got) + 1))


async def test_a_page_that_is_too_long_is_the_whole_list() -> None:
    server = Server(list("abcde"), size=5)
    got = [page async for page in server.read(page_size=2)]
    assert ids(got) == [list("abcde")]
    assert got[0].last
    assert server.asked == [1]


async def test_page_two_is_not_asked_for_before_page_one_was_taken() -> None:
    server = Server(list("abcdefghijk"))
    async with aclosing(server.read()) as pages:
        await anext(pages)
        for _ in range(5):
            await asyncio.sleep(0)
        assert server.asked == [1]
        await anext(pages)
        assert server.asked == [1, 2, 3, 4]
        await anext(pages)
        await asyncio.sleep(0)
        assert server.asked == [1, 2, 3, 4, 5]


async def test_pages_come_in_order_whatever_arrives_first() -> None:
    server = Server(list("abcdefg"))
    server.gates[2] = asyncio.Event()
    reading = asyncio.create_task(_all(server))
    await server.asked_for_4.wait()
    server.gates[2].set()
    assert ids(await reading) == [["a", "b"], ["c", "d"], ["e", "f"], ["g"]]


async def _all(server: Server) -> list[ClientPage]:
    return [page async for page in server.read()]


async def test_a_failure_comes_after_the_pages_before_it() -> None:
    server = Server(list("abcdefghij"))
    server.failing = {3, 4}
    async with aclosing(server.read()) as pages:
        assert ids([await anext(pages), await anext(pages)]) == [["a", "b"], ["c", "d"]]
        with pytest.raises(TransportError, match="page 3 failed"):
            await anext(pages)


async def test_a_failure_beyond_the_end_is_no_failure() -> None:
    server = Server(list("abc"))
    server.failing = {3, 4}
    assert ids(await _all(server)) == [["a", "b"], ["c"]]


async def test_closing_cancels_what_is_under_way_and_waits_for_it() -> None:
    server = Server(list("abcdefghij"))
    server.gates = {3: asyncio.Event(), 4: asyncio.Event()}
    async with aclosing(server.read()) as pages:
        await anext(pages)
        await anext(pages)
        assert server.asked == [1, 2, 3, 4]
    assert sorted(server.cancelled) == [3, 4]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_cancelling_the_reader_cancels_what_is_under_way() -> None:
    server = Server(list("abcdefghij"))
    server.gates = {2: asyncio.Event(), 3: asyncio.Event(), 4: asyncio.Event()}
    reading = asyncio.create_task(_all(server))
    await server.asked_for_4.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert sorted(server.cancelled) == [2, 3, 4]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_other_work_goes_on_between_pages_that_have_all_arrived() -> None:
    server = Server([str(number) for number in range(100)])
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    count = 0
    async for _ in server.read(concurrency=50):
        count += 1
    task.cancel()
    assert turns >= count
