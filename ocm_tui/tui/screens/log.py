"""The Log pane: every exchange, newest at the bottom; follow or hold still; filter; all that was kept of one."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.session import Session
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.exchange_detail import DETAIL_TABS, detail_content
from ocm_tui.tui.models.exchange_rows import EXCHANGE_COLUMNS, ExchangeRows
from ocm_tui.tui.pane import PaneScreen, allowed, titled
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.text_panel import TabbedPanel

__all__ = ["LogScreen"]

_POLL_SECONDS = 0.2
_FAILURES = "status:>=400,error"


class LogScreen(PaneScreen):
    pane = "log"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("log")]

    def __init__(self) -> None:
        super().__init__()
        self.rows = ExchangeRows()
        self.following = True
        self._shown: Exchange | None = None
        self._pending_filter = ""

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(id="list", classes="box"):
            yield FilterBar("words, status:4xx, method:POST, path:/oauth/clients/*, client:orders-*, took:>2s")
            yield RowTable(EXCHANGE_COLUMNS, self.rows)
        yield TabbedPanel(DETAIL_TABS, id="detail", classes="box")

    def on_mount(self) -> None:
        self.table.focus()
        self.set_interval(_POLL_SECONDS, self.poll)
        self.watch(self.detail, "active", self._tab_changed)
        if self._pending_filter:
            self.query_one(FilterBar).show(self._pending_filter)
        self.poll()
        self._show_state()

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    @property
    def detail(self) -> TabbedPanel:
        return self.query_one(TabbedPanel)

    @property
    def selected(self) -> Exchange | None:
        return self.rows.get(self.table.selected_key)

    def session_opened(self, session: Session) -> None:
        self.rows.watch_log(session.log)
        self.poll()

    # New exchanges: a timer looks at the log's counter; nothing is sent for each of them

    def poll(self) -> None:
        if not self.is_mounted or not self.is_current:
            return
        if self.following and self.rows.take_new():
            self.table.rows_changed()
            self.table.action_bottom()
        self._show_state()

    def _show_state(self) -> None:
        new = 0 if self.following else self.rows.waiting
        follow = "following" if self.following else f"paused, {new:,} new" if new else "paused"
        filtered = self.rows.query.text.strip()
        count = f"{len(self.rows):,} of {self.rows.total:,}" if filtered else f"{len(self.rows):,}"
        titled(self.query_one("#list"), "Log", count, filtered, follow)
        notice = self.table
        if not len(self.rows):
            if self.rows.total:
                notice.say("No exchange matches the filter.", "esc clears it.")
            else:
                notice.say(
                    "No requests yet.", "Every request and response of this session appears here, secrets left out."
                )

    # Filter

    async def action_filter(self) -> None:
        await self.query_one(FilterBar).open()

    def show_filter(self, text: str) -> None:
        """From another pane: the log narrowed to what it is about."""
        self._pending_filter = text
        if self.is_mounted:
            self.query_one(FilterBar).show(text)

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        bar = self.query_one(FilterBar)
        try:
            query = parse_query(event.text)
        except UsageError as error:
            bar.complain(f"{error.title} {error.hint}")
            return
        bar.complain("")
        self.rows.set_query(query)
        self.table.rows_changed()
        if self.following:
            self.table.action_bottom()
        self._show_state()

    @on(FilterBar.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    def action_failures(self) -> None:
        bar = self.query_one(FilterBar)
        bar.show("" if bar.text.strip() == _FAILURES else _FAILURES)

    # The list and the detail

    @on(RowTable.Highlighted)
    def _highlighted(self, event: RowTable.Highlighted) -> None:
        if event.by_user and self.following and self.table.cursor < len(self.rows) - 1:
            self.following = False  # whoever moves up wants to read, not to be carried away
            self._show_state()
        self._shown = self.selected
        self._render_detail()
        self.refresh_footer()

    @on(RowTable.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    def _tab_changed(self) -> None:
        self._render_detail()

    def _render_detail(self) -> None:
        exchange = self._shown
        if exchange is None:
            titled(self.detail, "Detail")
            return
        titled(self.detail, exchange.id, f"{exchange.method} {exchange.path}")
        self.detail.show(detail_content(exchange, self.detail.active_tab))

    def action_follow(self) -> None:
        self.following = not self.following
        if self.following:
            self.rows.take_new()
            self.table.rows_changed()
            self.table.action_bottom()
        self._show_state()

    def why_not(self, action: Action) -> str | None:
        if action.id in ("log.open", "log.copy", "log.client") and self.selected is None:
            return "No exchange is selected."
        if action.id == "log.client" and self.selected is not None and self.selected.client_id is None:
            return "This exchange is not about one client."
        return super().why_not(action)

    @allowed("log.open")
    def action_open(self) -> None:
        self.following = False
        self.add_class("-detail")
        self.detail.focus_text()
        self._show_state()

    def action_back(self) -> None:
        bar = self.query_one(FilterBar)
        if self.has_class("-detail") or self.detail.has_focus_within:
            self.remove_class("-detail")
            self.table.focus()
        elif bar.text:
            bar.action_clear()

    def action_next_tab(self) -> None:
        self.detail.turn(1)

    def action_previous_tab(self) -> None:
        self.detail.turn(-1)

    @allowed("log.copy")
    def action_copy(self) -> None:
        if self.selected is not None:
            self.console.copy_to_clipboard(self.selected.id)
            self.console.announce("The exchange's id was sent to the terminal's clipboard (OSC 52).")

    @allowed("log.client")
    def action_client(self) -> None:
        if self.selected is not None and self.selected.client_id is not None:
            self.console.show_client(self.selected.client_id)
