"""Plan and apply: what the inventory would change, a part of it chosen, the run watched, what failed tried again.

The run belongs to the session (`ApplyRun`): this screen looks at its progress ten times a second, and going to another
pane leaves it alone. What the screen does is in `apply_flows`, what it says in `apply_state` and `plan_text`.
"""

from collections.abc import Coroutine, Iterable
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from ocm_tui.core.provisioning.model import Change
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.tui import apply_flows
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.apply_state import ApplyState, bar_parts, notice_lines, title_parts, why_refused
from ocm_tui.tui.clipboard import put
from ocm_tui.tui.list_pane import ListPane
from ocm_tui.tui.models.plan_filter import parse_plan_query
from ocm_tui.tui.models.plan_rows import PLAN_COLUMNS, PlanRows
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.plan_text import change_content, group_content, plan_content, problems_content
from ocm_tui.tui.provisioner import Provisioner
from ocm_tui.tui.state import Connection
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.run_bar import RunBar
from ocm_tui.tui.widgets.text_panel import ReadingPane, TabbedPanel

__all__ = ["ApplyScreen"]

_POLL_SECONDS = 0.1
_ON_A_CHANGE = frozenset({"exchanges", "copy"})


class ApplyScreen(ListPane):
    pane = "apply"
    tab = "clients"
    CSS_PATH = "../styles/apply.tcss"
    filter_hint = "words, is:update, is:failed, is:marked, moved:server, field:redirectUris"
    copied = "The client's id"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("apply")]

    def __init__(self) -> None:
        super().__init__()
        self.state = ApplyState()
        self._seen = -1  # the revision of the progress that is on the screen
        self._detailed: tuple[object, ...] = ()  # what the detail shows

    # Parts

    def make_table(self) -> RowTable:
        return RowTable(PLAN_COLUMNS, self.state.rows)

    def make_detail(self) -> TabbedPanel:
        return TabbedPanel(("Change", "Plan"), id="detail", classes="box")

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(id="list", classes="box"):
            yield FilterBar(self.filter_hint)
            yield self.make_table()
            yield ReadingPane(id="problems")
            yield RunBar()
        yield self.make_detail()

    @property
    def selected(self) -> Change | None:
        return self.state.rows.get(self.table.selected_key)

    @property
    def provisioner(self) -> Provisioner | None:
        session = self.console.session
        return session.provisioning if session is not None else None

    # What is known changes

    def on_mount(self) -> None:
        self.watch(self.panel, "active", self.render_detail)
        self.set_interval(_POLL_SECONDS, self.poll)
        self.show_state()

    def session_opened(self, session: Session) -> None:
        del session  # asked for when it is needed
        self.plan()

    def _connection_changed(self, connection: Connection) -> None:
        super()._connection_changed(connection)
        self.show_state()

    def come_back(self) -> None:
        """Opened again: a plan that nobody worked on is made anew, a run and its outcome stay."""
        state = self.state
        if not state.running and not state.planning and state.progress is None and not state.rows.marked:
            self.plan()

    def plan(self) -> None:
        self.state.planning = self.provisioner is not None
        self.work_on(apply_flows.plan(self), "plan", "make a plan")

    def show_rows(self, rows: PlanRows) -> None:
        """Another plan, or the same one of another run; the cursor goes to its first change."""
        rows.adopt(self.state.rows)
        self.state.rows = rows
        self.table.marks = rows.marked
        self._seen = -1
        self.table.set_source(rows)
        if self.selected is None and len(rows) > 1:
            self.table.select(rows.key(1))
        self.show_state()

    def run_began(self) -> None:
        self._seen = -1
        self.table.rows_changed()
        self.show_state()

    def run_ended(self) -> None:
        """The console may have been left meanwhile."""
        if self.is_mounted:
            self.run_began()

    def poll(self) -> None:
        """A timer looks at the counter of the progress; nothing is sent for each step."""
        if not self.is_mounted or not self.is_current:
            return
        progress = self.state.progress
        if progress is not None and progress.revision != self._seen:
            self._seen = progress.revision
            if not self.state.rows.query.is_empty:
                self.state.rows.arrange()
                self.table.rows_changed()
            self.table.refresh()
            self.show_state()
        elif self.state.planning or self.state.replicating:
            self.show_state()

    def show_state(self) -> None:
        if not self.is_mounted:
            return
        state, session = self.state, self.console.session
        box = self.query_one("#list")
        titled(box, *title_parts(state, box.size.width))
        refusal = session.policy.why_not() if session is not None else None
        bar = self.query_one(RunBar)
        bar.say(*bar_parts(state, refusal=refusal, width=bar.size.width))
        if not len(state.rows):
            connection = self.console.connection
            self.table.say(*notice_lines(state, session, connection.problem if connection.phase == "failed" else ""))
        self._show_problems()
        self.render_detail()
        self.refresh_footer()

    def _show_problems(self) -> None:
        invalid = self.state.invalid
        if self.has_class("-problems") == (invalid is not None):
            return
        self.set_class(invalid is not None, "-problems")
        pane = self.query_one("#problems", ReadingPane)
        if invalid is not None:
            pane.show(problems_content(invalid.problems), top=True)
            pane.focus()
        else:
            self.table.focus()

    # The list and the detail

    def narrow(self, text: str) -> None:
        self.state.rows.set_query(parse_plan_query(text))

    @on(RowTable.Highlighted)
    def _highlighted(self) -> None:
        self.render_detail()
        self.refresh_footer()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_state)

    def render_detail(self) -> None:
        """Only when what it shows has changed: a run changes it far less often than it goes on."""
        if not self.is_mounted:
            return
        state, change, tab = self.state, self.selected, self.panel.active_tab
        progress = state.progress
        step = progress.state(change.client_id) if progress is not None and change is not None else None
        result = (
            progress.results.get(change.client_id) if progress is not None and step is not None and change else None
        )
        # Margins and scrollbar are not for text; on a narrow screen the panel is not there until it is opened.
        width = max((self.panel.size.width or self.size.width - 2) - 3, 20)
        shown = (id(state.plan), self.table.selected_key, tab, width, step, id(result), state.cluster)
        if shown == self._detailed:
            return
        top = shown[:3] != self._detailed[:3]
        self._detailed = shown
        if state.plan is None:
            titled(self.panel, "Detail")
            self.panel.show(Content(""))
        elif tab == "Plan":
            titled(self.panel, "Plan", state.plan.environment)
            self.panel.show(plan_content(state.plan, state.cluster), top=top)
        elif change is not None:
            titled(self.panel, change.client_id)
            self.panel.show(change_content(change, step, result, width, retention=state.retention), top=top)
        else:
            group = state.rows.group(self.table.selected_key)
            titled(self.panel, group or "Detail")
            self.panel.show(group_content(group), top=top)

    # Actions

    def why_not(self, action: Action) -> str | None:
        if action.pane == "apply":
            if action.verb in _ON_A_CHANGE and self.selected is None:
                return "No client is selected."
            reason = why_refused(self.state, action.verb)
            if reason is not None:
                return reason
        return super().why_not(action)

    def work_on(self, flow: Coroutine[Any, Any, None], group: str, what: str) -> None:
        self.run_worker(flow, group=f"apply.{group}", exclusive=True, exit_on_error=False, description=what)

    @allowed("apply.open")
    def action_open(self) -> None:
        group = self.state.rows.group(self.table.selected_key)
        if group is None:
            self.open_detail()
            return
        self.state.rows.fold(group)
        self.table.rows_changed()

    @allowed("apply.mark")
    def action_mark(self) -> None:
        key = self.table.selected_key
        problem = self.state.rows.toggle(key) if key is not None else "No client is selected."
        if problem is not None:
            self.console.announce(problem, severity="warning")
            return
        if self.selected is not None:
            self.table.action_move(1)
        self._marks_changed()

    @allowed("apply.mark_all")
    def action_mark_all(self) -> None:
        self.state.rows.toggle_shown()
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.table.rows_changed()
        self.show_state()

    @allowed("apply.run")
    def action_run(self) -> None:
        self.work_on(apply_flows.apply(self), "run", "apply a plan")

    @allowed("apply.retry")
    def action_retry(self) -> None:
        self.work_on(apply_flows.retry(self), "run", "resume a run")

    @allowed("apply.refresh")
    def action_refresh(self) -> None:
        if self.console.connection.phase == "failed" and self.console.session is not None:
            self.run_worker(self.console.connect(), group="app.connect", exclusive=True, exit_on_error=False)
        self.plan()

    @allowed("apply.prune")
    def action_prune(self) -> None:
        self.state.prune = not self.state.prune
        self.plan()

    @allowed("apply.runs")
    def action_runs(self) -> None:
        self.work_on(apply_flows.past_runs(self), "runs", "read the journal")

    @allowed("apply.replicate")
    def action_replicate(self) -> None:
        self.work_on(apply_flows.replicate(self), "run", "replicate the configuration")

    @allowed("apply.exchanges")
    def action_exchanges(self) -> None:
        change, progress, session = self.selected, self.state.progress, self.console.session
        if change is None or session is None:
            return
        run_id = progress.run_id if progress is not None else ""
        if run_id and all(exchange.run_id != run_id for exchange in session.log.snapshot()):
            words = f"The requests of that run are not in this session's log: ocm-tui log list run:{run_id} shows them."
            self.console.announce(words, severity="warning")
            return
        self.console.show_exchanges(change.client_id, run_id=run_id)

    @allowed("apply.copy")
    def action_copy(self) -> None:
        if self.selected is not None:
            self.console.announce(f"{self.copied} {put(self.console, clean(self.selected.client_id))}.")

    def action_back(self) -> None:
        """The closest thing first: the detail, then marks, then the filter, then what is under way."""
        if self.state.rows.marked and not (self.has_class("-detail") or self.panel.has_focus_within):
            self.state.rows.unmark()
            self._marks_changed()
        else:
            super().action_back()

    def give_up(self) -> None:
        """`esc` with nothing left to close: a run is stopped, planning is stopped, else back to the clients."""
        run = self.state.run
        if run is not None and run.active:
            again = "already " if run.stopping else ""
            run.stop()
            self.console.announce(f"The run is {again}being stopped: what is in flight ends first.", severity="warning")
            self.show_state()
        elif self.state.planning:
            self.workers.cancel_group(self, "apply.plan")
        else:
            self.console.go_to("clients")
