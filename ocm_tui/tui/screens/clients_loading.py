"""How the client list comes: page by page from the server, and the inventory beside it.

The first time rows appear as they come and their states fill in; a reload replaces the list when it is complete.
"""

import asyncio
import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.message import Message

from ocm_tui.core.errors import OcmError
from ocm_tui.tui.list_pane import ListPane
from ocm_tui.tui.models.client_listing import Listing
from ocm_tui.tui.models.client_rows import CLIENT_COLUMNS, STATE_COLUMNS, ClientRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ocm_tui.core.clients.model import ClientDocument, ClientRow
    from ocm_tui.core.provisioning.model import Inventory, LastApplied
    from ocm_tui.core.session import Session

__all__ = ["LoadingClients"]

PAGE_SIZE: Final = 500
_WHILE_LOADING: Final = 0.2  # seconds between two looks at a list that is still coming
_TO_THE_TERMINAL: Final = 0.05  # seconds: a thread writes what was painted, and must not fight for its turn


class PageLoaded(Message):
    def __init__(
        self, generation: int, rows: "list[ClientRow]", documents: "Sequence[ClientDocument]", *, last: bool
    ) -> None:
        super().__init__()
        self.generation, self.rows, self.documents, self.last = generation, rows, documents, last
        self.painted = asyncio.Event()


class LoadFailed(Message):
    def __init__(self, generation: int, error: OcmError) -> None:
        super().__init__()
        self.generation, self.error = generation, error


class InventoryRead(Message):
    """`inventory` is None when it cannot be used; `error` says why."""

    def __init__(
        self,
        generation: int,
        inventory: "Inventory | None",
        memory: "Mapping[str, LastApplied]",
        error: OcmError | None = None,
    ) -> None:
        super().__init__()
        self.generation, self.inventory, self.memory, self.error = generation, inventory, memory, error


class LoadingClients(ListPane):
    """`listing` is what is shown. `fetching` until its last page, `problem` when that never came."""

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing(compared=False)
        self.fetching = False
        self.problem: OcmError | None = None
        self._coming: Listing | None = None  # a reload in progress: shown when it is complete
        self._generation = 0
        self._shown_at = 0.0  # of the monotonic clock
        self._said_of_inventory = ""

    @abstractmethod
    def show_detail(self) -> None:
        """Of the selected client; what is known of it may have changed."""

    @property
    def rows(self) -> ClientRows:
        return self.listing.rows

    def load(self) -> None:
        """Fetch the list. The first time rows appear as they come; a reload replaces the list when it is complete."""
        session = self.console.session
        compared = session is not None and session.inventory is not None
        self._generation += 1
        self.fetching, self.problem = True, None
        coming = Listing(compared=compared)
        if self.rows.total:
            self._coming = coming
        else:
            self._coming = None
            self._show(coming)
        self._load(self._generation, coming)
        if compared:
            self._read_inventory(self._generation)
        self.show_state()

    @work(exclusive=True, group="clients.load", exit_on_error=False, description="load the client list")
    async def _load(self, generation: int, listing: Listing) -> None:
        from ocm_tui.core.clients.model import ClientRow

        session = self.console.session
        if session is None or session.clients is None:
            return
        pages = session.clients.pages(page_size=PAGE_SIZE)
        shown = False
        try:
            async for page in pages:
                rows = [ClientRow.of(document) for document in page.documents]
                loaded = PageLoaded(generation, rows, page.documents, last=page.last)
                self.post_message(loaded)
                if page.number == 1:
                    await loaded.painted.wait()  # the first page is on screen before the second is asked for
                    shown = True
                    self.set_timer(_TO_THE_TERMINAL, self.console.first_rows.set)
                await listing.states.room()
        except OcmError as error:
            self.post_message(LoadFailed(generation, error))
        finally:
            if not shown:
                self.console.first_rows.set()  # there will be none
            await pages.aclose()

    @work(exclusive=True, group="clients.inventory", exit_on_error=False, description="read the inventory")
    async def _read_inventory(self, generation: int) -> None:
        await self.console.first_rows.wait()  # rows are what the eye waits for
        session = self.console.session
        if session is None:
            return
        try:
            inventory, memory = await _declared_and_remembered(session)
        except OcmError as error:
            self.post_message(InventoryRead(generation, None, {}, error))
        else:
            self.post_message(InventoryRead(generation, inventory, memory))

    @on(PageLoaded)
    def _page_loaded(self, event: PageLoaded) -> None:
        self.call_after_refresh(event.painted.set)
        if event.generation != self._generation:
            return
        (self._coming or self.listing).add_page(event.rows, event.documents, last=event.last)
        if event.last:
            self.fetching = False
            self._adopt_reload()
            self.console.data_loaded(self.rows.total)
        now = time.monotonic()
        if event.last or now - self._shown_at >= _WHILE_LOADING:  # painting each page would cost as much as the page
            self._shown_at = now
            self.table.rows_changed()
            self.show_state()

    @on(InventoryRead)
    def _inventory_read(self, event: InventoryRead) -> None:
        if event.generation != self._generation:
            return
        listing = self._coming or self.listing
        if event.inventory is not None:
            listing.compare(event.inventory, event.memory)
            self._said_of_inventory = ""
        elif event.error is not None:
            listing.states.fail(event.error)
            if str(event.error) != self._said_of_inventory:
                self._said_of_inventory = str(event.error)
                self.console.announce_error(event.error)
        self._adopt_reload()
        self.table.rows_changed()
        self.show_state()
        self.show_detail()

    def _adopt_reload(self) -> None:
        """Once all of it is there: with states that fill in later the list would seem to jump."""
        if self._coming is None or not self._coming.complete:
            return
        coming, self._coming = self._coming, None
        coming.rows.set_query(self.rows.query)
        coming.rows.set_sort(self.rows.sort)
        self._show(coming)
        self.table.marks &= {row.client_id for row in coming.rows.rows}

    def _show(self, listing: Listing) -> None:
        listing.rows.set_query(self.rows.query)
        listing.rows.set_sort(self.rows.sort)
        self.listing = listing
        self.table.set_columns(STATE_COLUMNS if listing.states.expected else CLIENT_COLUMNS)
        self.table.set_source(listing.rows)

    @on(LoadFailed)
    def _load_failed(self, event: LoadFailed) -> None:
        if event.generation != self._generation:
            return
        self.fetching, self._coming, self.problem = False, None, event.error
        self.console.announce_error(event.error)
        self.table.rows_changed()
        self.show_state()

    def stop_loading(self) -> None:
        self.workers.cancel_group(self, "clients.load")
        self.fetching, self._coming = False, None
        self.console.announce(f"Loading stopped; {self.rows.total:,} clients are here.", severity="warning")
        self.table.rows_changed()
        self.show_state()

    # What is stored now

    def clients_changed(self, stored: "Sequence[ClientDocument]", gone: "Sequence[str]" = ()) -> None:
        """Documents that the server holds now (read, created or changed), and ids that it has no more."""
        for listing in (self.listing,) if self._coming is None else (self.listing, self._coming):
            listing.change(stored, gone)
        self.table.marks.difference_update(gone)
        self.table.rows_changed()
        self.show_state()


async def _declared_and_remembered(session: "Session") -> "tuple[Inventory, Mapping[str, LastApplied]]":
    """Read in a thread: keys are answered meanwhile."""
    if session.provisioning is not None:
        return await session.provisioning.load(), await session.provisioning.memory()
    from ocm_tui.core.provisioning.inventory_loading import load_inventory

    assert session.inventory is not None  # there is something to compare with
    return await asyncio.to_thread(load_inventory, [session.inventory], environment=session.environment), {}
