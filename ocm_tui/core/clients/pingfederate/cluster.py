"""The cluster behind the console: what its nodes hold, and pushing the configuration to them.

A standalone server refuses every call about a cluster with 403. That is information, not an error.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ocm_tui.core.clients.model import ClusterNode, ClusterStatus
from ocm_tui.core.clients.pingfederate.answers import Question, failure, object_of, unreadable
from ocm_tui.core.clients.unclear import is_unclear
from ocm_tui.core.errors import ApiError, TransportError, Unclear
from ocm_tui.core.http.types import Reply
from ocm_tui.core.text import clean

__all__ = ["REPLICATE", "STATUS", "replicate", "status_of"]

STATUS: Final = Question("GET", "/cluster/status", "the cluster's status")
REPLICATE: Final = Question("POST", "/cluster/replicate", "the cluster")
_LONGEST: Final = 120


def status_of(reply: Reply) -> ClusterStatus | None:
    """None for the API's own 403. A 403 that someone else wrote says nothing about the cluster, and is raised."""
    if reply.status == 403 and failure(reply, STATUS).result_id:
        return None
    answer = object_of(reply, STATUS)
    nodes = answer.get("nodes")
    if not isinstance(nodes, list):
        raise unreadable(reply, STATUS, "JSON, but lists no nodes")
    required = answer.get("replicationRequired")
    return ClusterStatus(
        nodes=tuple(_node(node) for node in nodes if isinstance(node, dict)),
        last_config_update=_text(answer.get("lastConfigUpdateTime")),
        last_replication=_text(answer.get("lastReplicationTime")),
        replication_required=required if isinstance(required, bool) else None,
        mixed_mode=answer.get("mixedMode") is True,
    )


async def replicate(send: Callable[[], Awaitable[Reply]]) -> None:
    """One POST. What the server certainly refused is raised as it is; any other failure, a 500 as well, as Unclear."""
    try:
        object_of(await send(), REPLICATE)
    except (TransportError, ApiError) as error:
        if not is_unclear(error) and not (isinstance(error, ApiError) and error.status >= 500):
            raise
        raise Unclear(
            f"it is unknown whether the replication began: {error.title}",
            hint="the cluster's status tells; asking for it again does no harm when it did not begin",
        ) from error


def _node(node: Mapping[str, Any]) -> ClusterNode:
    index = node.get("index")
    return ClusterNode(
        address=_text(node.get("address")),
        index=index if isinstance(index, int) and not isinstance(index, bool) else None,
        mode=_text(node.get("mode")),
        state=_text(node.get("replicationStatus")),
        version=_text(node.get("version")),
    )


def _text(value: Any) -> str:
    return clean(value, _LONGEST) if isinstance(value, str) else ""
