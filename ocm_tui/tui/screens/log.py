"""The Log pane: every exchange, newest at the bottom; follow or hold still; filter; what was wrong with one."""

import importlib
from typing import Any, ClassVar, Final

from textual.binding import BindingType

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.session import Session
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.log_counts import counts_content
from ocm_tui.tui.models.exchange_rows import EXCHANGE_COLUMNS
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.screens.log_detail import LogDetail
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.query_bar import QueryBar
from ocm_tui.tui.widgets.row_table import RowTable

__all__ = ["LogScreen"]

_POLL_SECONDS = 0.2
_FAILURES = "status:>=400,error"
_ON_ONE: Final = frozenset({"open", "client", "mark", "diagnose", "fix", "last_success", "copy", "replay", "minimise"})
# What takes more than one step: `async def NAME(screen)` of a module that is loaded when it is needed.
_FLOWS: Final = {
    "copy": "log_export.copy",
    "export": "log_export.export",
    "last_success": "log_flows.compare_with_last_success",
    "compare": "log_flows.compare",
    "history": "log_history.history",
    "search": "log_history.search",
    "open_file": "log_flows.open_file",
    "filters": "log_flows.filters",
    "replay": "log_writes.replay",
    "fix": "log_writes.fix",
    "minimise": "log_writes.minimise",
}


class LogScreen(LogDetail):
    pane = "log"
    filter_hint = "words, status:4xx, method:POST, path:/oauth/clients/*, client:orders-*, took:>2s"
    copied = "The exchange's id"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("log")]

    def __init__(self) -> None:
        super().__init__()
        self.past = ""  # where these exchanges are from, when they are not this session's
        self.kind = "Log"  # or History, or File
        self.searching = False  # in the history; what was found so far is shown
        self._pending_filter = ""
        self._pending_diagnosis = ""

    def make_filter(self) -> FilterBar:
        return QueryBar(self.filter_hint, self.rows.values_met)

    def make_table(self) -> RowTable:
        return RowTable(EXCHANGE_COLUMNS, self.rows)

    def on_mount(self) -> None:
        self.table.when_moved = self._moved
        self.set_interval(_POLL_SECONDS, self.poll)
        if self._pending_filter:
            self.filter_bar.show(self._pending_filter)
        self.poll()
        self.show_state()
        if self._pending_diagnosis:
            self.call_after_refresh(self.explain, self._pending_diagnosis)

    @property
    def marked(self) -> list[Exchange]:
        """Oldest first; those that the log has dropped are left out."""
        found = [exchange for key in self.table.marks if (exchange := self.held(key)) is not None]
        return sorted(found, key=lambda exchange: exchange.started_at)

    def held(self, key: str) -> Exchange | None:
        """One of the log's exchanges, shown or not."""
        log = self.rows.log
        return log.get(key) if log is not None else None

    def session_opened(self, session: Session) -> None:
        if not self.past:
            self._look_at(session.log)

    # New exchanges: a timer looks at the log's counter; nothing is sent for each of them

    def poll(self) -> None:
        if not self.is_mounted or not self.is_current or self.console.keys_under_way:
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
        marked = f"{len(self.table.marks)} marked" if self.table.marks else ""
        box = self.query_one("#list")
        titled(box, self.kind, count, filtered, marked, self.past or follow)
        counts = counts_content(self.rows, self.table.size.width - 2)
        if counts != box.border_subtitle:
            box.border_subtitle = counts
        if not len(self.rows):
            self._say_why_empty()

    def _say_why_empty(self) -> None:
        if self.rows.total:
            self.table.say("No exchange matches the filter.", "esc clears it.")
        elif self.searching:
            self.table.say("Searching the history …", "f goes back to this session.")
        elif self.past and self.kind == "History" and self.rows.query.text.strip():
            self.table.say("No exchange of the history matches the filter.", "esc clears it.")
        elif self.past:
            self.table.say("There are no exchanges in it.", "f goes back to this session.")
        else:
            self.table.say(
                "No requests yet.",
                "Every request and response of this session appears here, secrets left out.",
                "H shows what other sessions on this machine did.",
            )

    def show_log(self, log: ExchangeLog, past: str, *, kind: str = "Log") -> None:
        """Another log in the place of this session's, or this session's again (`past` empty)."""
        self.workers.cancel_group(self, "log.search")
        self.past, self.kind, self.searching = past, kind, False
        self.following = not past
        self.table.clear_marks()
        self._look_at(log)

    def search_history(self) -> None:
        """Anew, for what the filter asks for now."""
        self.searching = True
        self._flow("search", group="log.search")
        self.show_state()

    def show_found(self, log: ExchangeLog | None, past: str, *, complete: bool = False) -> None:
        """What a search of the history has found by now; None when there is nothing new."""
        self.past, self.searching = past, not complete
        if log is not None:
            first = not len(self.rows)
            self.rows.watch_log(log)
            self.table.rows_changed()
            if first:
                self.table.to_end()
        self.show_state()

    def _look_at(self, log: ExchangeLog) -> None:
        self.rows.watch_log(log)
        self.table.rows_changed()
        self.table.to_end()
        self.show_state()

    # Filter

    def show_filter(self, text: str) -> None:
        """From another pane: the log narrowed to what it is about."""
        self._pending_filter = text
        if self.is_mounted:
            self.filter_bar.show(text)

    def narrow(self, text: str) -> None:
        self.rows.set_query(parse_query(text))
        if self.past and self.kind == "History":
            self.search_history()
        if self.following:
            self.call_after_refresh(self.table.to_end)

    def action_failures(self) -> None:
        self.filter_bar.show("" if self.filter_bar.text.strip() == _FAILURES else _FAILURES)

    # The list and the detail

    def _moved(self) -> None:
        if self.following and self.table.cursor < len(self.rows) - 1:
            self.following = False  # whoever moves up wants to read, not to be carried away
            self.show_state()

    # Diagnosis

    def explain(self, exchange_id: str) -> None:
        """From everywhere: this exchange, and what was wrong with it."""
        self._pending_diagnosis = exchange_id
        if not self.is_mounted:
            return
        self._pending_diagnosis = ""
        self.following = False
        if self.past and self.console.session is not None:
            self.show_log(self.console.session.log, "")
            self.following = False
        self.rows.take_new()
        self.table.rows_changed()
        if self.rows.position(exchange_id) is None:
            self.filter_bar.show("")
            self.narrow("")
            self.table.rows_changed()
        self.table.select(exchange_id)
        self._shown = self.rows.get(exchange_id)
        self.action_diagnose()

    # Actions

    def action_follow(self) -> None:
        if self.past and self.console.session is not None:
            self.show_log(self.console.session.log, "")
            return
        self.following = not self.following
        if self.following:
            self.rows.take_new()
            self.table.rows_changed()
            self.table.to_end()
        self.show_state()

    def why_not(self, action: Action) -> str | None:
        if action.id == "log.compare" and len(self.table.marks) != 2:
            return "Mark two exchanges with space; they are compared then."
        if action.pane == "log" and action.verb in _ON_ONE:
            exchange = self.selected
            reason = self._refused_on(exchange, action.verb) if exchange else "No exchange is selected."
            if reason is not None:
                return reason
        return super().why_not(action)

    def _refused_on(self, exchange: Exchange, verb: str) -> str | None:
        """Why something cannot be done with this exchange."""
        if verb == "client" and exchange.client_id is None:
            return "This exchange is not about one client."
        if verb == "fix" and self.diagnoses.of(exchange).fix is None:
            return "No finding about this exchange names a field to fix: d shows what was found."
        if verb == "last_success" and not exchange.failed:
            return "This exchange did not fail: mark two with space, and v compares them."
        if verb == "minimise" and not (exchange.method in ("POST", "PUT") and exchange.failed and exchange.status):
            return "Only a create or an update that the server refused can be made smaller."
        return None

    @allowed("log.open")
    def action_open(self) -> None:
        if self.in_detail and self.panel.pane.toggle_fold():
            return
        self.following = False
        self.open_detail()
        self.show_state()

    @allowed("log.mark")
    def action_mark(self) -> None:
        if self.in_detail and self.panel.pane.toggle_fold():
            return
        self.following = False
        self.table.toggle_mark()
        self.show_state()

    def action_back(self) -> None:
        """The closest thing first: a search in the detail, the detail, marks, the filter, the history."""
        in_detail = self.has_class("-detail") or self.in_detail
        if in_detail and self.panel.sought:
            self.panel.end_search()
        elif self.table.marks and not in_detail:
            self.table.clear_marks()
            self.show_state()
        else:
            super().action_back()

    def give_up(self) -> None:
        if self.past:
            self.action_follow()
        self.workers.cancel_group(self, "log.flow")

    @allowed("log.client")
    def action_client(self) -> None:
        if self.selected is not None and self.selected.client_id is not None:
            self.console.show_client(self.selected.client_id)

    @allowed("log.copy")
    def action_copy(self) -> None:
        self._flow("copy")

    @allowed("log.export")
    def action_export(self) -> None:
        self._flow("export")

    @allowed("log.last_success")
    def action_last_success(self) -> None:
        self._flow("last_success")

    @allowed("log.compare")
    def action_compare(self) -> None:
        self._flow("compare")

    @allowed("log.filters")
    def action_filters(self) -> None:
        self._flow("filters")

    @allowed("log.history")
    def action_history(self) -> None:
        self._flow("history")

    @allowed("log.open_file")
    def action_open_file(self) -> None:
        self._flow("open_file")

    @allowed("log.replay")
    def action_replay(self) -> None:
        self._flow("replay")

    @allowed("log.fix")
    def action_fix(self) -> None:
        self._flow("fix")

    @allowed("log.minimise")
    def action_minimise(self) -> None:
        self._flow("minimise")

    def _flow(self, verb: str, *, group: str = "log.flow") -> None:
        module, _, name = _FLOWS[verb].partition(".")
        flow: Any = getattr(importlib.import_module(f"ocm_tui.tui.{module}"), name)
        self.run_worker(flow(self), group=group, exclusive=True, exit_on_error=False, description=f"{verb}, in the log")
