"""One change for many clients: enable, disable or delete each of them, and tell the truth about every one.

Each client is read again right before its write. One that is to be deleted is left alone when it is no longer what the
list showed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ocm_tui.core.clients.model import ClientDocument, ClientRow
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import Conflict, OcmError, Unclear
from ocm_tui.core.text import clean

__all__ = ["BulkAction", "BulkResult", "BulkStatus", "change_all"]

BulkAction = Literal["enable", "disable", "delete"]
BulkStatus = Literal["succeeded", "failed", "skipped", "unknown"]

_CONCURRENCY: Final = 8


@dataclass(frozen=True, slots=True)
class BulkResult:
    """`document` is what the server stores now; None after a deletion, or when nothing is known."""

    client_id: str
    status: BulkStatus
    document: ClientDocument | None = None
    error: OcmError | None = None


async def change_all(
    service: ClientService,
    action: BulkAction,
    rows: Sequence[ClientRow],
    *,
    on_result: Callable[[BulkResult], None],
    stop: asyncio.Event,
    concurrency: int = _CONCURRENCY,
) -> list[BulkResult]:
    """Results in the order of `rows`. Once `stop` is set nothing new is started; the rest is `skipped`.

    Raises Refused, before anything is sent, when the policy refuses writes.
    """
    service.policy.require(f"{action} {len(rows)} clients")
    results: dict[str, BulkResult] = {}
    waiting = iter(rows)

    async def work() -> None:
        for row in waiting:
            skipped = stop.is_set()
            result = BulkResult(row.client_id, "skipped") if skipped else await _change(service, action, row)
            results[row.client_id] = result
            on_result(result)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(concurrency, len(rows))):
            group.create_task(work())
    return [results[row.client_id] for row in rows]


async def _change(service: ClientService, action: BulkAction, row: ClientRow) -> BulkResult:
    try:
        if action == "delete":
            await _delete(service, row)
            return BulkResult(row.client_id, "succeeded")
        stored = await service.set_enabled(row.client_id, enabled=action == "enable")
        return BulkResult(row.client_id, "succeeded", stored)
    except OcmError as error:
        return BulkResult(row.client_id, "unknown" if isinstance(error, Unclear) else "failed", error=error)


async def _delete(service: ClientService, row: ClientRow) -> None:
    """Only what the list showed: who changed the client since then may have had a reason to keep it."""
    document = await service.get(row.client_id)
    if ClientRow.of(document) != row:
        raise Conflict(
            f"client {clean(row.client_id, 200)} was changed on the server since the list was loaded",
            theirs=document,
            hint="refresh the list and look again",
        )
    await service.delete(row.client_id)
