"""One change for many clients, over the simulator: every result is what the server really holds."""

import asyncio

import pytest

from ocm_tui.core.clients.bulk import BulkAction, BulkResult, change_all
from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Conflict, NotFound, Refused
from tests.contract.servers import Bench, bench


async def rows_of(it: Bench) -> list[ClientRow]:
    return [ClientRow.of(document) async for page in it.service.pages() for document in page.documents]


def ignore(_: BulkResult) -> None: ...


async def test_disable_enable_and_delete() -> None:
    async with bench(clients=12) as it:
        rows = await rows_of(it)
        told: list[BulkResult] = []
        results = await change_all(it.service, "disable", rows, on_result=told.append, stop=asyncio.Event())
        assert [result.client_id for result in results] == [row.client_id for row in rows]
        assert {result.status for result in results} == {"succeeded"}
        assert sorted(result.client_id for result in told) == sorted(row.client_id for row in rows)
        assert not any(row.enabled for row in await rows_of(it))
        assert len(it.sent("PUT")) == sum(row.enabled for row in rows), "what is so already is not sent again"
        results = await change_all(
            it.service, "enable", await rows_of(it), on_result=ignore, stop=asyncio.Event(), concurrency=3
        )
        assert all(result.document is not None and result.document["enabled"] is True for result in results)
        await change_all(it.service, "delete", await rows_of(it), on_result=ignore, stop=asyncio.Event())
        assert await rows_of(it) == []


async def test_what_was_changed_or_is_gone_is_not_deleted() -> None:
    async with bench(clients=4) as it:
        first, second, third, fourth = await rows_of(it)
        await it.service.set_enabled(first.client_id, not first.enabled)
        await it.service.delete(second.client_id)
        results = await change_all(it.service, "delete", [first, second, third], on_result=ignore, stop=asyncio.Event())
        assert [result.status for result in results] == ["failed", "failed", "succeeded"]
        assert isinstance(results[0].error, Conflict)
        assert isinstance(results[1].error, NotFound)
        assert [row.client_id for row in await rows_of(it)] == [first.client_id, fourth.client_id]


async def test_once_it_is_stopped_nothing_new_is_started() -> None:
    async with bench(clients=10) as it:
        rows = await rows_of(it)
        stop = asyncio.Event()
        results = await change_all(it.service, "delete", rows, on_result=lambda _: stop.set(), stop=stop, concurrency=2)
        deleted = {result.client_id for result in results if result.status == "succeeded"}
        assert 1 <= len(deleted) <= 2, "the one that was done, and the one that was in flight"
        assert {result.status for result in results} == {"succeeded", "skipped"}
        assert {row.client_id for row in rows} - deleted == {row.client_id for row in await rows_of(it)}


async def test_an_end_that_nobody_knows_is_unknown() -> None:
    async with bench(clients=3, faults="reset-before@PUT=100%") as it:
        rows = await rows_of(it)
        wanted: BulkAction = "disable" if rows[0].enabled else "enable"
        (result,) = await change_all(it.service, wanted, rows[:1], on_result=ignore, stop=asyncio.Event())
        assert result.status == "unknown"
        assert (await rows_of(it))[0].enabled == rows[0].enabled


async def test_a_policy_that_refuses_sends_nothing() -> None:
    async with bench(clients=3, policy=WritePolicy(read_only=True)) as it:
        rows = await rows_of(it)
        asked = len(it.simulator.requests)
        with pytest.raises(Refused, match="read-only"):
            await change_all(it.service, "delete", rows, on_result=ignore, stop=asyncio.Event())
        assert len(it.simulator.requests) == asked
