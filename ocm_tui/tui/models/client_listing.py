"""One reading of the client list: the rows, the documents that are kept of it, and what the inventory says of them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from ocm_tui.core.clients.model import ClientDocument, ClientRow
from ocm_tui.tui.models.client_rows import ClientRows, State
from ocm_tui.tui.models.client_states import ClientStates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocm_tui.core.provisioning.model import Inventory, LastApplied

__all__ = ["Listing"]

_KEPT: Final = 2000  # documents of the list that stay in memory; of longer lists the detail asks the server


class Listing:
    """Rows come page by page; the inventory comes when it comes. What is missing on the server comes last."""

    def __init__(self, *, compared: bool) -> None:
        self.rows = ClientRows()
        self.states = ClientStates(expected=compared)
        self.documents: dict[str, ClientDocument] = {}
        self.all_pages = False
        self._has_missing = False

    @property
    def complete(self) -> bool:
        return self.all_pages and self.states.settled.is_set()

    def _keep(self, documents: Sequence[ClientDocument]) -> None:
        for document in documents[: max(_KEPT - len(self.documents), 0)]:
            self.documents[str(document.get("clientId"))] = document

    def add_page(self, rows: Sequence[ClientRow], documents: Sequence[ClientDocument], *, last: bool) -> None:
        self.rows.extend(rows, self.states.take(documents))
        self._keep(documents)
        self.all_pages = self.all_pages or last
        self._add_missing()

    def compare(self, inventory: "Inventory", memory: "Mapping[str, LastApplied]") -> None:
        """The inventory is here: the states of what came before it fill in."""
        self.rows.judge(self.states.begin(inventory, memory))
        self._add_missing()

    def _add_missing(self) -> None:
        if self.complete and not self._has_missing:
            self._has_missing = True
            self.rows.declare(self.states.missing())

    def change(self, stored: Iterable[ClientDocument], gone: Iterable[str]) -> None:
        """What the server holds now, and what it has no more: that becomes missing where it is declared."""
        changed: list[tuple[ClientRow, State]] = []
        missing: list[tuple[ClientRow, State]] = []
        removed: list[str] = []
        for document in stored:
            row = ClientRow.of(document)
            if len(self.documents) < _KEPT or row.client_id in self.documents:
                self.documents[row.client_id] = document
            changed.append((row, self.states.state(document)))
            declared = self.states.declared(row.client_id)
            if declared is not None and declared.client_id in self.rows.absent - {row.client_id}:
                removed.append(declared.client_id)  # it was missing, and is there in another spelling
        for client_id in gone:
            self.documents.pop(client_id, None)
            rows = self.states.gone(client_id)
            missing += rows
            if not any(row.client_id == client_id for row, _ in rows):
                removed.append(client_id)
        self.rows.change(changed, removed)
        self.rows.declare(missing)
