"""Pushing the configuration to the engines of a cluster: a step of its own, asked for once, then watched.

It pushes the WHOLE configuration, colleagues' half-finished work included. So it is never a part of an apply, and after
an unclear end it is not repeated: the time of the last replication tells whether it began.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from ocm_tui.core.clients.model import ClusterNode, ClusterStatus
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.clients.port import AuthorizationServer
from ocm_tui.core.errors import ExitCode, Forbidden, OcmError, Unclear

__all__ = ["OnStatus", "ReplicationOutcome", "replicate"]

OnStatus = Callable[[ClusterStatus], None]

# Engines look for a new configuration every minute unless they are told otherwise.
_PATIENCE: Final = 180.0
_INTERVAL: Final = 2.0
_ENDED: Final = frozenset({"SUCCEEDED", "FAILED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationOutcome:
    """`nodes` are the engines as last seen. `text` is one sentence for people, without a full stop.

    `standalone` is information: such a server has nobody to replicate to. `in place`: every engine had the
    configuration already, and nothing was sent.
    """

    status: Literal["standalone", "in place", "replicated", "failed", "timed out"]
    text: str
    nodes: tuple[ClusterNode, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        codes = {"failed": ExitCode.BAD, "timed out": ExitCode.UNREACHABLE}
        return codes.get(self.status, ExitCode.OK)

    def as_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "text": self.text,
            "nodes": [
                {"address": node.address, "index": node.index, "mode": node.mode, "state": node.state}
                for node in self.nodes
            ],
        }


async def replicate(
    server: AuthorizationServer,
    *,
    policy: WritePolicy,
    on_status: OnStatus | None = None,
    patience: float = _PATIENCE,
    interval: float = _INTERVAL,
) -> ReplicationOutcome:
    """Seconds: `patience` for the engines, `interval` between two looks at them.

    Refused by the policy before anything is sent; Unclear when nobody knows whether it began; what the server said
    when it certainly did not. Cancelling stops the watching, not the engines.
    """
    policy.require("replicate the configuration to the cluster")
    before = await server.cluster_status()
    if before is None:
        return ReplicationOutcome(
            status="standalone", text="the server stands alone: there is nobody to replicate the configuration to"
        )
    watch = _Watch(server, before, on_status, patience, interval)
    watch.show(before)
    if before.replication_required is False and all(node.state == "SUCCEEDED" for node in before.engines):
        return ReplicationOutcome(
            status="in place", text=f"{_nodes(len(before.engines))} had the configuration already", nodes=before.engines
        )
    try:
        await server.replicate()
    except Unclear as error:
        return await watch.until_ended(unclear=error)
    except Forbidden:
        policy.learn_forbidden()
        raise
    return await watch.until_ended()


class _Watch:
    def __init__(
        self,
        server: AuthorizationServer,
        before: ClusterStatus,
        on_status: OnStatus | None,
        patience: float,
        interval: float,
    ) -> None:
        self._server, self._before, self._on_status = server, before, on_status
        self._patience, self._interval = patience, interval
        self._last = before
        self._trouble: OcmError | None = None

    def show(self, status: ClusterStatus) -> None:
        self._last = status
        if self._on_status is not None:
            self._on_status(status)

    async def until_ended(self, *, unclear: Unclear | None = None) -> ReplicationOutcome:
        """A look that fails is only a look: the next one may succeed."""
        end = time.monotonic() + self._patience
        while True:
            self._trouble = None
            try:
                status = await self._server.cluster_status()
            except OcmError as error:
                self._trouble = error
            else:
                self.show(status or self._last)
                if unclear is not None and self._began():
                    unclear = None
                if unclear is None and self._ended():
                    return self._outcome()
            left = end - time.monotonic()
            if left <= 0:
                break
            await asyncio.sleep(min(self._interval, left))
        if unclear is not None:
            raise unclear
        return self._late()

    def _began(self) -> bool:
        return self._last.last_replication != self._before.last_replication

    def _ended(self) -> bool:
        return self._last.replication_required is not True and all(node.state in _ENDED for node in self._last.engines)

    def _outcome(self) -> ReplicationOutcome:
        engines = self._last.engines
        failed = [node for node in engines if node.state == "FAILED"]
        if failed:
            text = f"replication failed at {', '.join(map(_name, failed))}: {_nodes(len(failed))} of {len(engines)}"
            return ReplicationOutcome(status="failed", text=text, nodes=engines)
        text = f"the configuration was replicated to {_nodes(len(engines))}" if engines else "the cluster has no engine"
        return ReplicationOutcome(status="replicated", text=text, nodes=engines)

    def _late(self) -> ReplicationOutcome:
        engines = self._last.engines
        behind = [f"{_name(node)} ({node.state or 'state unknown'})" for node in engines if node.state != "SUCCEEDED"]
        told = f"replication was begun, but not seen to end within {self._patience:.0f} s"
        if self._trouble is not None:
            told += f"; the cluster's status cannot be read: {self._trouble.title}"
        elif behind:
            told += f": {', '.join(behind)}"
        else:
            told += ": the configuration was changed again meanwhile"
        return ReplicationOutcome(status="timed out", text=told, nodes=engines)


def _name(node: ClusterNode) -> str:
    return node.address or (f"node {node.index}" if node.index is not None else "a node without an address")


def _nodes(count: int) -> str:
    return f"{count} {'engine' if count == 1 else 'engines'}"
