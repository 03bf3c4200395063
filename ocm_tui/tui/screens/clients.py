"""The Clients pane: the list, the filter, and the detail of the selected client."""

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer

from ocm_tui.core.errors import OcmError
from ocm_tui.core.session import Session
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.list_pane import ListPane
from ocm_tui.tui.models.client_rows import CLIENT_COLUMNS, SORTS, ClientRows
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.widgets.client_detail import ClientDetail
from ocm_tui.tui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from ocm_tui.core.clients.model import ClientDocument, ClientRow

__all__ = ["ClientsScreen"]

PAGE_SIZE = 500
_ON_ONE_CLIENT = frozenset({"open", "edit", "switch", "rotate", "delete", "exchanges"})
_KEPT_DOCUMENTS = 2000  # documents of the list that stay in memory; of longer lists the detail asks the server
_WHILE_LOADING = 0.2  # seconds between two looks at a list that is still coming
_DETAIL_DELAY = 0.15  # seconds under the cursor before a client that is not in memory is asked for


class PageLoaded(Message):
    def __init__(self, generation: int, rows: "list[ClientRow]", *, last: bool) -> None:
        super().__init__()
        self.generation, self.rows, self.last = generation, rows, last
        self.painted = asyncio.Event()


class LoadFailed(Message):
    def __init__(self, generation: int, error: OcmError) -> None:
        super().__init__()
        self.generation, self.error = generation, error


class DocumentLoaded(Message):
    def __init__(self, client_id: str, document: "ClientDocument | None", error: OcmError | None = None) -> None:
        super().__init__()
        self.client_id, self.document, self.error = client_id, document, error


class ClientsScreen(ListPane):
    pane = "clients"
    filter_hint = "words, is:disabled, grant:code, auth:none, atm:ID"
    copied = "The client's id"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("clients")]

    def __init__(self) -> None:
        super().__init__()
        self.rows = ClientRows()
        self._documents: dict[str, ClientDocument] = {}
        self._coming: ClientRows | None = None  # a reload in progress: shown when it is complete
        self._generation = 0
        self._loading = False
        self._shown_at = 0.0  # of the monotonic clock
        self._problem: OcmError | None = None
        self._detail_timer: Timer | None = None
        self._detail_due = False

    def make_table(self) -> RowTable:
        return RowTable(CLIENT_COLUMNS, self.rows)

    def make_detail(self) -> ClientDetail:
        return ClientDetail(id="detail", classes="box")

    def on_mount(self) -> None:
        self.show_state()

    @property
    def detail(self) -> ClientDetail:
        return self.query_one(ClientDetail)

    @property
    def selected(self) -> "ClientRow | None":
        key = self.table.selected_key
        return self.rows.get(key) if key is not None else None

    # Loading

    def session_opened(self, session: Session) -> None:
        self.detail.watch_log(session.log)
        if session.clients is not None:
            self.load()
        self.show_state()

    def load(self) -> None:
        """Fetch the list. The first time rows appear as they come; a reload replaces the list when it is complete."""
        self._generation += 1
        self._loading, self._problem = True, None
        self._coming = ClientRows() if self.rows.total else None
        self._load(self._generation)
        self.show_state()

    @work(exclusive=True, group="clients.load", exit_on_error=False, description="load the client list")
    async def _load(self, generation: int) -> None:
        from ocm_tui.core.clients.model import ClientRow

        session = self.console.session
        if session is None or session.clients is None:
            return
        pages = session.clients.pages(page_size=PAGE_SIZE)
        try:
            async for page in pages:
                for document in page.documents[: max(_KEPT_DOCUMENTS - len(self._documents), 0)]:
                    self._documents[str(document.get("clientId"))] = document
                rows = [ClientRow.of(document) for document in page.documents]
                loaded = PageLoaded(generation, rows, last=page.last)
                self.post_message(loaded)
                if page.number == 1:
                    await loaded.painted.wait()  # the first page is on screen before the second is asked for
                    self.console.first_rows.set()
        except OcmError as error:
            self.post_message(LoadFailed(generation, error))
        finally:
            self.console.first_rows.set()
            await pages.aclose()

    @on(PageLoaded)
    def _page_loaded(self, event: PageLoaded) -> None:
        self.call_after_refresh(event.painted.set)
        if event.generation != self._generation:
            return
        (self.rows if self._coming is None else self._coming).extend(event.rows)
        if event.last:
            self._loading = False
            self._adopt_reload()
            self.console.data_loaded()
        now = time.monotonic()
        if event.last or now - self._shown_at >= _WHILE_LOADING:  # painting each page would cost as much as the page
            self._shown_at = now
            self.table.rows_changed()
            self.show_state()

    def _adopt_reload(self) -> None:
        if self._coming is None:
            return
        coming, self._coming = self._coming, None
        coming.set_query(self.rows.query)
        coming.set_sort(self.rows.sort)
        self.rows = coming
        self.table.set_source(coming)

    @on(LoadFailed)
    def _load_failed(self, event: LoadFailed) -> None:
        if event.generation != self._generation:
            return
        self._loading, self._coming, self._problem = False, None, event.error
        self.console.announce_error(event.error)
        self.table.rows_changed()
        self.show_state()

    # The list

    def show_state(self) -> None:
        shown, total = len(self.rows), self.rows.total
        count = (
            f"{shown:,} of {total:,}"
            if self.rows.query is not None and self.rows.query.text.strip()
            else f"{total:,}"
            if total
            else ""
        )
        titled(
            self.query_one("#list"),
            "Clients",
            count,
            "loading …" if self._loading else "incomplete" if self._problem else "",
            f"by {SORTS[self.rows.sort]}" if self.rows.sort else "",
        )
        if not shown:
            self._say_why_empty(self.table)
        self.refresh_footer()

    def _say_why_empty(self, notice: RowTable) -> None:
        session = self.console.session
        if self.rows.total:
            notice.say("No client matches the filter.", "esc clears it.")
        elif self._problem is not None:
            notice.say(self._problem.title, self._problem.hint, "r tries again · 4 shows the requests")
        elif session is None and self.console.connection.phase == "failed":
            notice.say("Not connected.", self.console.connection.problem)
        elif session is None or self._loading:
            notice.say("Loading clients …", "")
        elif session.server_problem is not None:
            notice.say(session.server_problem.title, session.server_problem.hint)
        elif session.clients is None:
            notice.say(
                "No authorization server is configured here.",
                f"Add environments.{session.environment}.server to {session.config_file or 'config.yaml'},",
                "or start with --demo to look around.",
            )
        else:
            notice.say("This server has no clients yet.", "n creates the first one.")

    def narrow(self, text: str) -> None:
        from ocm_tui.core.clients.query import parse_client_query

        self.rows.set_query(parse_client_query(text))

    @on(RowTable.Highlighted)
    def _highlighted(self) -> None:
        """The list is painted first: the detail follows, once, however many rows were passed meanwhile."""
        if not self._detail_due:
            self._detail_due = True
            self.call_after_refresh(self.show_detail)
        self.refresh_footer()

    # The detail

    def show_detail(self) -> None:
        """What is in memory at once; what is not, after a moment under the cursor."""
        self._detail_due = False
        row = self.selected
        if self._detail_timer is not None:
            self._detail_timer.stop()
        if row is None:
            self.detail.show_nothing()
            return
        document = self._documents.get(row.client_id)
        self.detail.show_client(row, document)
        if document is None:
            self._detail_timer = self.set_timer(_DETAIL_DELAY, lambda: self.fetch(row.client_id))

    def fetch(self, client_id: str) -> None:
        self._fetch(client_id)

    @work(exclusive=True, group="clients.detail", exit_on_error=False, description="read one client")
    async def _fetch(self, client_id: str) -> None:
        session = self.console.session
        if session is None or session.clients is None:
            return
        try:
            document = await session.clients.get(client_id)
        except OcmError as error:
            self.post_message(DocumentLoaded(client_id, None, error))
        else:
            self.post_message(DocumentLoaded(client_id, document))

    @on(DocumentLoaded)
    def _document_loaded(self, event: DocumentLoaded) -> None:
        if event.document is not None:
            self.client_stored(event.document)
        elif self.selected is not None and self.selected.client_id == event.client_id and event.error is not None:
            self.detail.show_problem(event.error)

    def _all_rows(self) -> list[ClientRows]:
        """Those on the screen, and those of a reload; a view without rows is a false value, but not nothing."""
        return [self.rows] if self._coming is None else [self.rows, self._coming]

    def client_stored(self, document: "ClientDocument") -> None:
        """A document that the server holds now: read, created or changed."""
        from ocm_tui.core.clients.model import ClientRow

        row = ClientRow.of(document)
        if len(self._documents) < _KEPT_DOCUMENTS or row.client_id in self._documents:
            self._documents[row.client_id] = document
        for rows in self._all_rows():
            rows.put(row)
        self.table.rows_changed()
        self.show_state()
        if self.selected is not None and self.selected.client_id == row.client_id:
            self.detail.show_client(row, document)

    def client_gone(self, client_id: str) -> None:
        self._documents.pop(client_id, None)
        for rows in self._all_rows():
            rows.remove(client_id)
        self.table.rows_changed()
        self.show_state()

    # Actions

    def why_not(self, action: Action) -> str | None:
        if action.pane == "clients" and action.verb in _ON_ONE_CLIENT and self.selected is None:
            return "No client is selected."
        return super().why_not(action)

    @allowed("clients.open")
    def action_open(self) -> None:
        self.open_detail()

    def give_up(self) -> None:
        if self._loading:
            self.workers.cancel_group(self, "clients.load")
            self._loading, self._coming = False, None
            self.console.announce(f"Loading stopped; {self.rows.total:,} clients are here.", severity="warning")
            self.table.rows_changed()
            self.show_state()

    def action_refresh(self) -> None:
        if self.console.session is None:
            self.console.announce("There is nothing to load yet.", severity="warning")
            return
        if self.console.connection.phase == "failed":
            self.run_worker(self.console.connect(), group="app.connect", exclusive=True, exit_on_error=False)
        self._documents.clear()
        self.load()

    def action_sort(self) -> None:
        self.rows.set_sort(self.rows.sort + 1)
        self.table.rows_changed()
        self.show_state()

    @allowed("clients.exchanges")
    def action_exchanges(self) -> None:
        row = self.selected
        if row is not None:
            self.console.show_exchanges(row.client_id)

    @allowed("clients.edit")
    def action_edit(self) -> None:
        self._write("edit")

    @allowed("clients.new")
    def action_new(self) -> None:
        self._write("new")

    @allowed("clients.switch")
    def action_switch(self) -> None:
        self._write("switch")

    @allowed("clients.rotate")
    def action_rotate(self) -> None:
        self._write("rotate")

    @allowed("clients.delete")
    def action_delete(self) -> None:
        self._write("delete")

    def _write(self, what: str) -> None:
        """The writes have a module of their own; it is loaded when the first one is wanted."""
        from ocm_tui.tui import client_writes

        flow: Any = getattr(client_writes, what)
        row = self.selected
        self.run_worker(
            flow(self, row.client_id if row is not None else None),
            group="clients.write", exclusive=True, exit_on_error=False, description=f"{what} a client",
        )  # fmt: skip
