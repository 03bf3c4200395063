"""What the environment's inventory says of each client: its state for the list, its change for the detail.

Pages are judged as they arrive. While the inventory is still being read their documents wait here, and their state is
unknown; the core's `Comparison` does the judging.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ocm_tui.core.clients.model import ClientDocument, ClientRow

if TYPE_CHECKING:
    from ocm_tui.core.errors import OcmError
    from ocm_tui.core.provisioning.comparison import Comparison
    from ocm_tui.core.provisioning.model import Change, DeclaredClient, Inventory, LastApplied
    from ocm_tui.tui.models.client_rows import State

__all__ = ["ClientStates"]

_MOST_WAITING: Final = 2_000  # documents; more of them would cost more memory than the list


class ClientStates:
    """`expected`: there is an inventory to compare with. Without one every state is "", which is none at all."""

    def __init__(self, *, expected: bool) -> None:
        self.expected = expected
        self.settled = asyncio.Event()  # the inventory was read, or never will be
        self.inventory: Inventory | None = None
        self.problem: OcmError | None = None  # why there is none to compare with
        self._memory: Mapping[str, LastApplied] = {}
        self._comparison: Comparison | None = None
        self._declared: dict[str, DeclaredClient] = {}
        self._found: set[str] = set()
        self._waiting: list[ClientDocument] = []
        if not expected:
            self.settled.set()

    # The inventory

    def begin(self, inventory: "Inventory", memory: "Mapping[str, LastApplied]") -> "dict[str, State]":
        """The inventory is here: the states of all documents that waited for it."""
        from ocm_tui.core.provisioning.comparison import Comparison

        self.inventory, self._memory = inventory, memory
        self._comparison = Comparison(inventory, memory)
        self._declared = {client.client_id.casefold(): client for client in inventory.clients}
        waiting, self._waiting = self._waiting, []
        self.settled.set()
        states = self.take(waiting)
        return {str(document.get("clientId") or ""): state for document, state in zip(waiting, states, strict=True)}

    def fail(self, problem: "OcmError") -> None:
        self.problem = problem
        self._waiting.clear()
        self.settled.set()

    # The server's documents

    def take(self, documents: "Iterable[ClientDocument]") -> "list[State]":
        """Their states, as far as they are known now."""
        documents = list(documents)
        if not self.expected:
            return [""] * len(documents)
        if self._comparison is None:
            if not self.settled.is_set():
                self._waiting += documents
            return ["unknown"] * len(documents)
        judge, declared = self._comparison.state, self._declared
        states: list[State] = []
        for document in documents:
            key = str(document.get("clientId") or "").casefold()
            if key in declared:
                self._found.add(key)
            states.append(judge(document))
        return states

    def state(self, document: ClientDocument) -> "State":
        """Of one that was read, created or changed."""
        return self.take([document])[0]

    async def room(self) -> None:
        """Returns once there is room for more documents that wait for the inventory."""
        if len(self._waiting) >= _MOST_WAITING:
            await self.settled.wait()

    # What is declared

    def declared(self, client_id: str) -> "DeclaredClient | None":
        return self._declared.get(client_id.casefold())

    def missing(self) -> "list[tuple[ClientRow, State]]":
        """After the last page: rows for what is declared and not on the server, in the inventory's order."""
        absent = [client for key, client in self._declared.items() if key not in self._found]
        return self._rows(absent)

    def gone(self, client_id: str) -> "list[tuple[ClientRow, State]]":
        """The row of a client that the server has no more, if it is declared."""
        self._found.discard(client_id.casefold())
        declared = self.declared(client_id)
        return self._rows([declared]) if declared is not None else []

    def _rows(self, clients: "Sequence[DeclaredClient]") -> "list[tuple[ClientRow, State]]":
        changes = self._compared(clients).rest() if clients else []
        documents = {client.client_id: client.document for client in clients}
        return [(ClientRow.of(documents[change.client_id]), change.state) for change in changes]

    def change(self, client_id: str, document: ClientDocument | None) -> "Change | None":
        """What an apply would do with one client, for the detail; None for one that nobody declared."""
        declared = self.declared(client_id)
        if declared is None:
            return None
        comparison = self._compared([declared])
        return comparison.take(document) if document is not None else next(iter(comparison.rest()), None)

    def _compared(self, clients: "Sequence[DeclaredClient]") -> "Comparison":
        from ocm_tui.core.provisioning.comparison import Comparison

        assert self.inventory is not None  # it declares them
        return Comparison(replace(self.inventory, clients=tuple(clients)), self._memory)
