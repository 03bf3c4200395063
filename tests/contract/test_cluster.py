"""The calls about a cluster, and the lists that only plans need, over the real HTTP client and the simulator."""

from typing import Any

import pytest

from ocm_tui.core.clients.documents import new_document
from ocm_tui.core.clients.model import ClusterStatus
from ocm_tui.core.errors import ApiError, Forbidden, Unclear
from ocm_tui.core.secret import Secret
from ocm_tui.simulator.company import Company
from tests.contract.servers import bench, http_answer, raw_server

STANDALONE = {"resultId": "forbidden", "message": "not part of a cluster"}


@pytest.mark.parametrize("version", ["11.3", "12.1", "13.1"])
async def test_a_cluster_falls_behind_and_is_replicated(version: str) -> None:
    async with bench(clients=3, cluster=True, server_version=version) as it:
        first = await it.server.cluster_status()
        assert first is not None
        assert (first.replication_required, first.mixed_mode) == (False, False)
        assert [node.mode for node in first.nodes] == ["CLUSTERED_CONSOLE", "CLUSTERED_ENGINE", "CLUSTERED_ENGINE"]
        assert [node.index for node in first.engines] == [2, 3]
        assert {node.version for node in first.nodes} == {(await it.server.info()).version}

        await it.server.create(new_document("orders-new", secret=Secret("planted-client-secret-0001")))
        behind = await it.server.cluster_status()
        assert behind is not None
        assert behind.replication_required is True
        assert {node.state for node in behind.engines} == {"OUT_OF_DATE"}
        assert behind.last_replication == first.last_replication

        await it.server.replicate()
        after = await it.server.cluster_status()
        assert after is not None
        assert after.replication_required is False
        assert {node.state for node in after.engines} == {"SUCCEEDED"}
        assert after.last_replication > first.last_replication
        assert it.sent("POST").count("/cluster/replicate") == 1


async def test_a_standalone_server_is_information() -> None:
    async with bench(clients=3) as it:
        assert await it.server.cluster_status() is None
        with pytest.raises(Forbidden):
            await it.server.replicate()


@pytest.mark.parametrize("body", [b"", b"<html>forbidden</html>"])
async def test_a_403_that_the_api_did_not_write_says_nothing_about_a_cluster(body: bytes) -> None:
    async with raw_server(lambda _: http_answer(403, body)) as (_, server):
        with pytest.raises(Forbidden):
            await server.cluster_status()


@pytest.mark.parametrize("answer", [b"", b"[]", {}, {"nodes": None}, {"nodes": "three"}])
async def test_a_status_that_cannot_be_read(answer: Any) -> None:
    async with raw_server(lambda _: http_answer(200, answer)) as (_, server):
        with pytest.raises(ApiError):
            await server.cluster_status()


async def test_a_lying_status_is_read_leniently_and_cleaned() -> None:
    nodes = [{"address": "a\x1b[2J", "index": True, "replicationStatus": 7}, "node", {"mode": "CLUSTERED_CONSOLE"}]
    answer = {"nodes": nodes, "lastReplicationTime": 5, "replicationRequired": "yes"}
    async with raw_server(lambda _: http_answer(200, answer)) as (_, server):
        status = await server.cluster_status()
    assert isinstance(status, ClusterStatus)
    assert (status.last_replication, status.replication_required) == ("", None)
    assert [(node.index, node.state) for node in status.nodes] == [(None, ""), (None, "")]
    assert "\x1b" not in repr(status.nodes).encode().decode("unicode_escape")
    assert len(status.engines) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http_answer(403, STANDALONE), Forbidden),
        (http_answer(429), ApiError),
        (http_answer(500), Unclear),
        (http_answer(503), Unclear),
        (http_answer(200, b"<html>"), Unclear),
        (b"", Unclear),
    ],
)
async def test_replication_is_asked_for_once(answer: bytes, kind: type[Exception]) -> None:
    async with raw_server(lambda _: answer) as (seen, server):
        with pytest.raises(kind):
            await server.replicate()
    assert seen.requests == ["POST /api/cluster/replicate"]


@pytest.mark.parametrize("version", ["11.3", "13.1"])
async def test_scope_groups_and_extended_properties(version: str) -> None:
    async with bench(clients=3, server_version=version) as it:
        company = Company(it.simulator.api.release, 0, "")
        groups = [one["name"] for one in (*company.scope_groups, *company.exclusive_scope_groups)]
        assert sorted(one.id for one in await it.server.scope_groups()) == sorted(groups)
        names = [one["name"] for one in company.extended_properties]
        assert [one.id for one in await it.server.extended_properties()] == names
        assert groups
        assert names


@pytest.mark.parametrize("items", [None, [], [{"name": ""}, {"id": "x"}, {"name": 5}]])
async def test_odd_lists_are_empty(items: Any) -> None:
    async with raw_server(lambda _: http_answer(200, {"items": items})) as (_, server):
        assert list(await server.extended_properties()) == []
        assert list(await server.scope_groups()) == []
