"""Replication over the real HTTP client: against the simulated cluster, and servers that end it in other ways."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ocm_tui.core.clients.documents import new_document
from ocm_tui.core.clients.model import ClusterStatus
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import ExitCode, Forbidden, Refused, TransportError, Unclear
from ocm_tui.core.provisioning.replication import replicate
from ocm_tui.core.secret import Secret
from tests.contract.servers import bench, http_answer, raw_server

EARLIER, NOW = "2026-01-31T10:00:00.000Z", "2026-01-31T12:00:00.000Z"


def status(*states: str, replicated: str = EARLIER, required: bool = True) -> bytes:
    nodes = [{"address": "10.0.0.1:7600", "index": 1, "mode": "CLUSTERED_CONSOLE", "replicationStatus": "SUCCEEDED"}]
    nodes += [
        {"address": f"10.0.0.{index}:7600", "index": index, "mode": "CLUSTERED_ENGINE", "replicationStatus": state}
        for index, state in enumerate(states, 2)
    ]
    return http_answer(
        200, {"nodes": nodes, "lastReplicationTime": replicated, "replicationRequired": required, "mixedMode": False}
    )


DONE = http_answer(200, {"resultId": "success", "message": "ok"})
BEHIND = status("OUT_OF_DATE", "OUT_OF_DATE")
WORKING = status("RETRIEVING", "APPLYING", replicated=NOW, required=False)
HALF = status("SUCCEEDED", "APPLYING", replicated=NOW, required=False)
FINISHED = status("SUCCEEDED", "SUCCEEDED", replicated=NOW, required=False)
FAILED = status("SUCCEEDED", "FAILED", replicated=NOW, required=False)


def story(post: bytes, *looks: bytes) -> Callable[[str], bytes]:
    """Answers in their order, the last one for ever."""
    left = list(looks)

    def answer(line: str) -> bytes:
        if line.startswith("POST"):
            return post
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


async def test_a_cluster_is_replicated_once() -> None:
    seen: list[ClusterStatus] = []
    async with bench(clients=3, cluster=True) as it:
        await it.server.create(new_document("orders-new", secret=Secret("planted-client-secret-0001")))
        outcome = await replicate(it.server, policy=WritePolicy(), on_status=seen.append, interval=0.01)
        assert (outcome.status, outcome.exit_code) == ("replicated", ExitCode.OK)
        assert outcome.text == "the configuration was replicated to 2 engines"
        assert [node.state for node in outcome.nodes] == ["SUCCEEDED", "SUCCEEDED"]
        assert [one.replication_required for one in seen] == [True, False]
        again = await replicate(it.server, policy=WritePolicy(), interval=0.01)
        assert (again.status, again.text) == ("in place", "2 engines had the configuration already")
        assert it.sent("POST").count("/cluster/replicate") == 1
        assert json.dumps(again.as_json())


async def test_a_standalone_server_is_information() -> None:
    async with bench(clients=3) as it:
        outcome = await replicate(it.server, policy=WritePolicy())
        assert (outcome.status, outcome.exit_code, outcome.nodes) == ("standalone", ExitCode.OK, ())
        assert it.sent("POST") == []


@pytest.mark.parametrize("policy", [WritePolicy(read_only=True), WritePolicy(protected=True)])
async def test_it_is_refused_before_anything_is_sent(policy: WritePolicy) -> None:
    async with bench(clients=3, cluster=True) as it:
        with pytest.raises(Refused, match="replicate the configuration"):
            await replicate(it.server, policy=policy)
        assert it.sent("GET") == []


CASES: dict[str, tuple[Callable[[str], bytes], str, str]] = {
    "watched to its end": (story(DONE, BEHIND, WORKING, HALF, FINISHED), "replicated", "2 engines"),
    "a node fails": (story(DONE, BEHIND, WORKING, FAILED), "failed", "failed at 10.0.0.3:7600: 1 engine of 2"),
    "a look that fails": (story(DONE, BEHIND, http_answer(503), http_answer(401), FINISHED), "replicated", "2 engines"),
    "it answers like a standalone one for once": (
        story(DONE, BEHIND, http_answer(403, {"resultId": "forbidden", "message": "no"}), FINISHED),
        "replicated",
        "2 engines",
    ),
    "began in spite of a lost answer": (story(b"", BEHIND, BEHIND, WORKING, FINISHED), "replicated", "2 engines"),
    "began in spite of a 500": (story(http_answer(500), BEHIND, FINISHED), "replicated", "2 engines"),
    "no engine": (story(DONE, status(), status(replicated=NOW, required=False)), "replicated", "has no engine"),
    "a node was behind although nothing is required": (
        story(DONE, status("OUT_OF_DATE", required=False), FINISHED),
        "replicated",
        "2 engines",
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_how_it_ends(name: str) -> None:
    answer, ended, words = CASES[name]
    async with raw_server(answer) as (seen, server):
        outcome = await replicate(server, policy=WritePolicy(), interval=0.0, patience=60)
    assert outcome.status == ended
    assert words in outcome.text
    assert sum(line.startswith("POST") for line in seen.requests) == 1


LATE: dict[str, tuple[bytes, str]] = {
    "still at work": (HALF, "10.0.0.3:7600 (APPLYING)"),
    "changed again": (status("SUCCEEDED", "SUCCEEDED", replicated=NOW), "changed again meanwhile"),
    "nobody answers": (http_answer(503), "status cannot be read"),
}


@pytest.mark.parametrize("name", LATE)
async def test_what_is_not_seen_to_end_is_said(name: str) -> None:
    last, words = LATE[name]
    async with raw_server(story(DONE, BEHIND, last)) as (_, server):
        outcome = await replicate(server, policy=WritePolicy(), interval=0.0, patience=0.0)
    assert (outcome.status, outcome.exit_code) == ("timed out", ExitCode.UNREACHABLE)
    assert words in outcome.text


@pytest.mark.parametrize(
    ("post", "kind"),
    [
        (b"", Unclear),
        (http_answer(504), Unclear),
        (http_answer(403, {"resultId": "forbidden", "message": "no"}), Forbidden),
    ],
)
async def test_what_did_not_begin_is_not_sent_again(post: bytes, kind: type[Exception]) -> None:
    policy = WritePolicy()
    async with raw_server(story(post, BEHIND)) as (seen, server):
        with pytest.raises(kind):
            await replicate(server, policy=policy, interval=0.0, patience=0.0)
    assert sum(line.startswith("POST") for line in seen.requests) == 1
    assert (policy.account_may_write is False) == (kind is Forbidden)


async def test_without_a_status_nothing_is_sent() -> None:
    def answer(line: str) -> Any:
        return b"" if line.startswith("GET") else DONE

    async with raw_server(answer) as (seen, server):
        with pytest.raises(TransportError):
            await replicate(server, policy=WritePolicy())
    assert [line.split()[0] for line in seen.requests] == ["GET"]
