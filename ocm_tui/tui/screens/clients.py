"""The Clients pane: the list, the filter, and the detail of the selected client."""

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on, work
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer

from ocm_tui.core.errors import OcmError
from ocm_tui.core.session import Session
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.models.client_rows import CLIENT_COLUMNS, SORTS
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.screens.clients_loading import LoadingClients
from ocm_tui.tui.widgets.client_detail import ClientDetail
from ocm_tui.tui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Content

    from ocm_tui.core.clients.model import ClientDocument, ClientRow

__all__ = ["ClientsScreen"]

_DETAIL_DELAY: Final = 0.15  # seconds under the cursor before a client that is not in memory is asked for
_ON_ONE_CLIENT: Final = frozenset(
    {"open", "edit", "edit_text", "clone", "switch", "rotate", "delete", "write_back", "exchanges", "mark"}
)
_ON_MARKED: Final = frozenset({"switch", "delete"})  # of the marked ones, when there are any
_NEEDS_STORED: Final = frozenset({"edit", "edit_text", "clone", "switch", "rotate", "delete", "write_back"})
# What changes clients has modules of its own, which are loaded when the first change is wanted.
_FLOWS: Final = {
    "edit_text": "ocm_tui.tui.client_text_edit",
    "switch_marked": "ocm_tui.tui.client_bulk",
    "delete_marked": "ocm_tui.tui.client_bulk",
    "write_back": "ocm_tui.tui.client_write_back",
}
_COUNTED: Final = (("drifted", "drift"), ("missing", "missing"), ("blocked", "blocked"))


class DocumentLoaded(Message):
    def __init__(self, client_id: str, document: "ClientDocument | None", error: OcmError | None = None) -> None:
        super().__init__()
        self.client_id, self.document, self.error = client_id, document, error


class ClientsScreen(LoadingClients):
    pane = "clients"
    filter_hint = "words, state:drifted, is:disabled, grant:code, auth:none, atm:ID"
    copied = "The client's id"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("clients")]

    def __init__(self) -> None:
        super().__init__()
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

    def session_opened(self, session: Session) -> None:
        self.detail.watch_log(session.log)
        if session.clients is not None:
            self.load()
        self.show_state()

    # The list

    def show_state(self) -> None:
        shown, total = len(self.rows), self.rows.total
        standing = self._standing()
        filtered = self.rows.query is not None and self.rows.query.text.strip()
        titled(
            self.query_one("#list"),
            "Clients",
            f"{shown:,} of {total:,}" if filtered else f"{total:,}" if total else "",
            f"{len(marks):,} marked" if (marks := self.table.marks) else "",
            standing,
            "loading …" if self.fetching else "incomplete" if self.problem else "",
            f"by {SORTS[self.rows.sort]}" if self.rows.sort else "",
        )
        if not shown:
            self._say_why_empty(self.table)
        self.console.standing = standing if any(self.rows.counts[state] for state, _ in _COUNTED) else ""
        self.refresh_footer()

    def _standing(self) -> str:
        """How the clients stand against the inventory: `drift 5 · missing 3`."""
        states = self.listing.states
        if not states.expected:
            return ""
        if states.problem is not None:
            return "inventory unusable"
        if not states.settled.is_set():
            return "" if self.fetching else "reading the inventory …"
        counts = self.rows.counts
        named = " · ".join(f"{word} {counts[state]:,}" for state, word in _COUNTED if counts[state])
        return named or ("" if self.fetching else "no drift")

    def _say_why_empty(self, notice: RowTable) -> None:
        session = self.console.session
        if self.rows.total:
            notice.say("No client matches the filter.", "esc clears it.")
        elif self.problem is not None:
            notice.say(self.problem.title, self.problem.hint, "r tries again · 4 shows the requests")
        elif session is None and self.console.connection.phase == "failed":
            notice.say("Not connected.", self.console.connection.problem)
        elif session is None or self.fetching:
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
        stored = self.rows.is_stored(row.client_id)
        document = self.listing.documents.get(row.client_id)
        if not stored:
            declared = self.listing.states.declared(row.client_id)
            document = declared.document if declared is not None else None
        self._show_client(row, document)
        if document is None and stored:
            self._detail_timer = self.set_timer(_DETAIL_DELAY, lambda: self.fetch(row.client_id))

    def _show_client(self, row: "ClientRow", document: "ClientDocument | None") -> None:
        stored = self.rows.is_stored(row.client_id)
        difference = partial(self._difference, row.client_id, document if stored else None)
        self.detail.show_client(row, document, stored=stored, difference=difference)

    def _difference(self, client_id: str, document: "ClientDocument | None", width: int) -> "Content":
        from ocm_tui.tui.client_difference import difference_with_inventory

        return difference_with_inventory(self.listing.states, client_id, document, width)

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

    def clients_changed(self, stored: "Sequence[ClientDocument]", gone: "Sequence[str]" = ()) -> None:
        super().clients_changed(stored, gone)
        row = self.selected
        document = next((one for one in stored if row is not None and row.client_id == str(one.get("clientId"))), None)
        if row is None or document is None:
            self.show_detail()
            return
        if self._detail_timer is not None:
            self._detail_timer.stop()  # it is here: of a long list the documents are not kept
        self._show_client(row, document)

    def client_stored(self, document: "ClientDocument") -> None:
        """A document that the server holds now: read, created or changed."""
        self.clients_changed([document])

    def client_gone(self, client_id: str) -> None:
        self.clients_changed([], [client_id])

    # Actions

    def why_not(self, action: Action) -> str | None:
        if action.pane == "clients" and not (action.verb in _ON_MARKED and self.table.marks):
            row = self.selected
            if action.verb in _ON_ONE_CLIENT and row is None:
                return "No client is selected."
            if action.verb in _NEEDS_STORED and row is not None and not self.rows.is_stored(row.client_id):
                return "The client is declared, and not on the server yet: a plans and applies the inventory."
        return super().why_not(action)

    @allowed("clients.open")
    def action_open(self) -> None:
        self.open_detail()

    def action_back(self) -> None:
        """The closest thing first: the detail, then marks, then the filter, then a list that is still coming."""
        if self.table.marks and not (self.has_class("-detail") or self.panel.has_focus_within):
            self.table.clear_marks()
            self.show_state()
        else:
            super().action_back()

    def give_up(self) -> None:
        if self.fetching:
            self.stop_loading()

    def action_refresh(self) -> None:
        if self.console.session is None:
            self.console.announce("There is nothing to load yet.", severity="warning")
            return
        if self.console.connection.phase == "failed":
            self.run_worker(self.console.connect(), group="app.connect", exclusive=True, exit_on_error=False)
        self.load()

    def action_sort(self) -> None:
        self.rows.set_sort(self.rows.sort + 1)
        self.table.rows_changed()
        self.show_state()

    @allowed("clients.mark")
    def action_mark(self) -> None:
        self.table.toggle_mark()
        self.show_state()

    def action_mark_all(self) -> None:
        """What is only declared is left out: no change of clients could do anything with it."""
        self.table.mark_shown(self.rows.is_stored)
        self.show_state()

    def action_apply(self) -> None:
        self.console.plan_and_apply()

    @allowed("clients.exchanges")
    def action_exchanges(self) -> None:
        row = self.selected
        if row is not None:
            self.console.show_exchanges(row.client_id)

    @allowed("clients.edit")
    def action_edit(self) -> None:
        self._write("edit")

    @allowed("clients.edit_text")
    def action_edit_text(self) -> None:
        self._write("edit_text")

    @allowed("clients.new")
    def action_new(self) -> None:
        self._write("new")

    @allowed("clients.clone")
    def action_clone(self) -> None:
        self._write("clone")

    @allowed("clients.switch")
    def action_switch(self) -> None:
        self._write("switch_marked" if self.table.marks else "switch")

    @allowed("clients.rotate")
    def action_rotate(self) -> None:
        self._write("rotate")

    @allowed("clients.delete")
    def action_delete(self) -> None:
        self._write("delete_marked" if self.table.marks else "delete")

    @allowed("clients.write_back")
    def action_write_back(self) -> None:
        self._write("write_back")

    def _write(self, what: str) -> None:
        module = importlib.import_module(_FLOWS.get(what, "ocm_tui.tui.client_writes"))
        flow: Any = getattr(module, what)
        row = self.selected
        self.run_worker(
            flow(self, row.client_id if row is not None else None),
            group="clients.write", exclusive=True, exit_on_error=False, description=f"{what} a client",
        )  # fmt: skip
