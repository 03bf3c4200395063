"""The Log pane: every exchange, newest at the bottom; follow or hold still; filter; all that was kept of one."""

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.session import Session
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.exchange_detail import DETAIL_TABS, detail_content
from ocm_tui.tui.list_pane import ListPane
from ocm_tui.tui.models.exchange_rows import EXCHANGE_COLUMNS, ExchangeRows
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.text_panel import TabbedPanel

__all__ = ["LogScreen"]

_POLL_SECONDS = 0.2
_FAILURES = "status:>=400,error"


class LogScreen(ListPane):
    pane = "log"
    filter_hint = "words, status:4xx, method:POST, path:/oauth/clients/*, client:orders-*, took:>2s"
    copied = "The exchange's id"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("log")]

    def __init__(self) -> None:
        super().__init__()
        self.rows = ExchangeRows()
        self.following = True
        self._shown: Exchange | None = None
        self._pending_filter = ""

    def make_table(self) -> RowTable:
        return RowTable(EXCHANGE_COLUMNS, self.rows)

    def make_detail(self) -> TabbedPanel:
        return TabbedPanel(DETAIL_TABS, id="detail", classes="box")

    def on_mount(self) -> None:
        self.table.when_moved = self._moved
        self.set_interval(_POLL_SECONDS, self.poll)
        self.watch(self.panel, "active", self._render_detail)
        if self._pending_filter:
            self.filter_bar.show(self._pending_filter)
        self.poll()
        self.show_state()

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
            self.table.to_end()
        self.show_state()

    def show_state(self) -> None:
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

    def show_filter(self, text: str) -> None:
        """From another pane: the log narrowed to what it is about."""
        self._pending_filter = text
        if self.is_mounted:
            self.filter_bar.show(text)

    def narrow(self, text: str) -> None:
        self.rows.set_query(parse_query(text))
        if self.following:
            self.call_after_refresh(self.table.to_end)

    def action_failures(self) -> None:
        self.filter_bar.show("" if self.filter_bar.text.strip() == _FAILURES else _FAILURES)

    # The list and the detail

    def _moved(self) -> None:
        if self.following and self.table.cursor < len(self.rows) - 1:
            self.following = False  # whoever moves up wants to read, not to be carried away
            self.show_state()

    @on(RowTable.Highlighted)
    def _highlighted(self) -> None:
        self._shown = self.selected
        self._render_detail()
        self.refresh_footer()

    def _render_detail(self) -> None:
        exchange = self._shown
        if exchange is None:
            titled(self.panel, "Detail")
            return
        titled(self.panel, exchange.id, f"{exchange.method} {exchange.path}")
        self.panel.show(detail_content(exchange, self.panel.active_tab))

    def action_follow(self) -> None:
        self.following = not self.following
        if self.following:
            self.rows.take_new()
            self.table.rows_changed()
            self.table.to_end()
        self.show_state()

    def why_not(self, action: Action) -> str | None:
        if action.id in ("log.open", "log.client") and self.selected is None:
            return "No exchange is selected."
        if action.id == "log.client" and self.selected is not None and self.selected.client_id is None:
            return "This exchange is not about one client."
        return super().why_not(action)

    @allowed("log.open")
    def action_open(self) -> None:
        self.following = False
        self.open_detail()
        self.show_state()

    @allowed("log.client")
    def action_client(self) -> None:
        if self.selected is not None and self.selected.client_id is not None:
            self.console.show_client(self.selected.client_id)
