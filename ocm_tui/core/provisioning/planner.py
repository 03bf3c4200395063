"""A plan, in a handful of requests: the pages of the list, the lists that clients refer to, and the version."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.port import AuthorizationServer
from ocm_tui.core.clients.request_count import RequestCount, counted_requests
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.collector import building_to_stay
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.exchanges.model import utc_text
from ocm_tui.core.provisioning.comparison import Comparison
from ocm_tui.core.provisioning.model import Change, Inventory, LastApplied, Plan, PlanOptions
from ocm_tui.core.provisioning.references import References, read_references
from ocm_tui.core.provisioning.registry_revoking import rows_to_revoke
from ocm_tui.core.provisioning.registry_rows import OpenRegistry, RowsFound, compare_rows, with_rows
from ocm_tui.core.provisioning.writing import without_needless

__all__ = ["make_plan"]

_ALL: Final = PlanOptions()
_WRITES: Final = frozenset({"create", "update", "blocked"})
_AT_A_TIME: Final = 100  # clients that are compared before anything else gets its turn


async def make_plan(
    clients: ClientService,
    inventory: Inventory | Awaitable[Inventory],
    *,
    environment: str,
    memory: Mapping[str, LastApplied],
    options: PlanOptions = _ALL,
    on_page: Callable[[int], None] | None = None,
    open_registry: OpenRegistry | None = None,
) -> Plan:
    """Reads, and writes nothing. Errors are those of the client list; other lists that fail are warnings, and so is a
    registry that cannot be read.

    An inventory that is still being read is waited for while the first page comes. `on_page` is told after each page
    how many clients were looked at so far.
    """
    with counted_requests() as count, building_to_stay():  # pages of documents: much to look through, and no cycle
        awaited = asyncio.ensure_future(inventory) if isinstance(inventory, Awaitable) else None
        server = asyncio.create_task(_about(clients.server))
        rows: asyncio.Task[RowsFound] | None = None
        try:
            async with aclosing(clients.pages()) as pages:
                first = await anext(pages, None)
                declared = await awaited if awaited is not None else inventory
                assert isinstance(declared, Inventory)
                base_url = clients.server.base_url
                rows = asyncio.create_task(compare_rows(open_registry, declared.clients, base_url, environment))
                known = await server
                draft = _Draft(declared, memory, options, known, clients.server)
                page = first
                while page is not None:
                    await draft.take(page.documents)
                    if on_page is not None:
                        on_page(draft.looked_at)
                    page = await anext(pages, None)
                await draft.take_missing()
                found = await rows | await rows_to_revoke(open_registry, draft.deleted)
        finally:
            for task in (server, awaited, rows):
                if task is not None and not task.done():
                    task.cancel()
                    with suppress(asyncio.CancelledError, OcmError):
                        await task
        return draft.plan(environment, base_url, count, found)


@dataclass(frozen=True, slots=True)
class _Server:
    references: References
    version: str  # "" when it could not be read
    warnings: tuple[str, ...]


async def _about(server: AuthorizationServer) -> _Server:
    async def version() -> str | OcmError:
        try:
            return (await server.info()).version
        except OcmError as error:
            return error

    references, told = await asyncio.gather(read_references(server), version())
    if isinstance(told, str):
        return _Server(references, told, ())
    return _Server(references, "", (f"the server's version is unknown, so newer fields are not checked: {told}",))


class _Draft:
    """What is known so far; a client's later change takes the place of an earlier one."""

    def __init__(
        self,
        inventory: Inventory,
        memory: Mapping[str, LastApplied],
        options: PlanOptions,
        known: _Server,
        server: AuthorizationServer,
    ) -> None:
        self._inventory, self._known, self._server = inventory, known, server
        self._comparison = Comparison(inventory, memory, options=options, references=known.references)
        self._changes: dict[str, Change] = {}
        self.looked_at = 0

    async def take(self, documents: Sequence[ClientDocument]) -> None:
        """The screen stays alive while a long page is worked through."""
        for start in range(0, len(documents), _AT_A_TIME):
            for document in documents[start : start + _AT_A_TIME]:
                change = self._comparison.take(document)
                if change is None:
                    continue
                if change.action in _WRITES:
                    change = await self._gated(change, document)
                self._changes[change.client_id.casefold()] = change
            await asyncio.sleep(0)
        self.looked_at += len(documents)

    @property
    def deleted(self) -> list[str]:
        return [change.client_id for change in self._changes.values() if change.action == "delete"]

    async def take_missing(self) -> None:
        for number, change in enumerate(self._comparison.missing(), 1):
            self._changes[change.client_id.casefold()] = await self._gated(change, None)
            if number % _AT_A_TIME == 0:
                await asyncio.sleep(0)

    def plan(self, environment: str, base_url: str, count: RequestCount, rows: RowsFound) -> Plan:
        self._changes = {key: with_rows(change, rows) for key, change in self._changes.items()}
        order = [client.client_id.casefold() for client in self._inventory.clients]
        declared = [self._changes.pop(key) for key in order if key in self._changes]
        return Plan(
            environment=environment,
            base_url=base_url,
            inventory=tuple(str(path) for path in self._inventory.paths),
            created_at=utc_text(datetime.now(UTC).timestamp()),
            changes=(*declared, *sorted(self._changes.values(), key=lambda change: change.client_id)),
            unmanaged=tuple(self._comparison.unmanaged),
            warnings=(
                *(str(problem) for problem in self._inventory.warnings),
                *self._known.warnings,
                *self._comparison.warnings,
                *rows.warnings,
            ),
            server_version=self._known.version,
            requests=count.total,
        )

    async def _gated(self, change: Change, document: Mapping[str, Any] | None) -> Change:
        """Blocked, when it needs fields that a server of this version refuses."""
        if change.desired is None or not self._known.version:
            return change
        try:
            # The version is known by now, so nothing is asked for each client.
            await self._server.refuse_unknown(without_needless(change.desired, document), stored=document)
        except UsageError as error:
            return replace(change, action="blocked", reasons=(*change.reasons, _sentence(error)))
        return change


def _sentence(error: OcmError) -> str:
    return f"{error.title}: {error.hint}" if error.hint else error.title
