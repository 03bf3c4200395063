"""The OCI profiles pane: the list, the filter, and the detail of the selected profile."""

import shlex
from collections.abc import Iterable
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.clipboard import put
from ocm_tui.tui.models.oci_rows import PROFILE_COLUMNS, SORTS, exchanges_filter
from ocm_tui.tui.oci_bar import bar_content
from ocm_tui.tui.oci_questions import OciQuestions
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.widgets.oci_detail import OciDetail
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.run_bar import RunBar

__all__ = ["OciScreen"]

_ON_ONE: Final = frozenset(
    {"open", "probe", "edit", "fix", "clone", "delete", "mark", "reveal", "genai", "exchanges", "copy", "copy_name"}
)
_ON_MARKED: Final = frozenset({"probe", "delete"})  # of the marked ones, when there are any
_WITHOUT_PROFILES: Final = frozenset({"back", "refresh", "next_tab", "previous_tab", "filter", "sort", "mark_all"})


class OciScreen(OciQuestions):
    pane = "oci"
    filter_hint = "words, status:not, auth:token, region:fra, finding:key-missing, is:modified"
    copied = "The profile's name"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("oci")]

    def __init__(self) -> None:
        super().__init__()
        self._detail_due = False

    def make_table(self) -> RowTable:
        return RowTable(PROFILE_COLUMNS, self.rows)

    def make_detail(self) -> OciDetail:
        return OciDetail(id="detail", classes="box")

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(id="list", classes="box"):
            yield self.make_filter()
            yield self.make_table()
            yield RunBar()
        yield self.make_detail()

    def on_mount(self) -> None:
        self.show_state()

    def session_opened(self, session: Session) -> None:
        del session
        self.load()

    def on_screen_suspend(self) -> None:
        self.hide()

    # The list

    def show_state(self) -> None:
        number, total = len(self.rows), self.rows.total
        filtered = self.rows.query is not None and not self.rows.query.is_empty
        titled(
            self.query_one("#list"),
            "OCI profiles",
            f"{number:,} of {total:,}" if filtered else f"{total:,}" if total else "",
            f"{len(marks):,} marked" if (marks := self.table.marks) else "",
            self.progress_text or ("reading …" if self.fetching else ""),
            f"by {SORTS[self.rows.sort]}" if self.rows.sort else "",
        )
        self.query_one(RunBar).say(*bar_content(self))
        if not number:
            self._say_why_empty(self.table)
        self.refresh_footer()

    def _say_why_empty(self, notice: RowTable) -> None:
        session, service = self.console.session, self.service
        if self.rows.total:
            notice.say("No profile matches the filter.", "esc clears it.")
        elif self.problem is not None:
            notice.say(self.problem.title, self.problem.hint, "r tries again")
        elif session is None and self.console.connection.phase == "failed":
            notice.say("There is no session.", self.console.connection.problem)
        elif session is None or self.fetching:
            notice.say("Reading the profiles …", "")
        elif service is None:
            notice.say(
                "No OCI profiles are configured here.",
                f"Add environments.{session.environment}.oci to {session.config_file or 'config.yaml'};",
                "`oci: {}` stands for ~/.oci/config.",
            )
        elif service.file is not None and service.file.missing:
            first = service.file.problems[0]
            notice.say(
                f"There are no profiles: {clean(first.message, 400)}.",
                clean(first.hint, 300),
                "n creates a profile here, w saves it into that file, r looks again.",
            )
        else:
            where = clean(service.config_file, 200)
            faults = [f"{one.severity}: {one.message}" for one in service.findings if one.severity != "info"]
            notice.say(f"{where} holds no profiles.", *faults[:3], "n creates one.")

    def narrow(self, text: str) -> None:
        from ocm_tui.tui.models.oci_query import parse_profile_query

        self.rows.set_query(parse_profile_query(text))

    @on(RowTable.Highlighted)
    def _highlighted(self) -> None:
        """The list is painted first: the detail follows, once, however many rows were passed meanwhile."""
        if not self._detail_due:
            self._detail_due = True
            self.call_after_refresh(self.show_detail)
        self.refresh_footer()

    def show_detail(self) -> None:
        self._detail_due = False
        entry = self.selected
        if entry is None:
            self.detail.show_nothing()
        else:
            self.detail.show_profile(self.facts_of(entry))

    def every_second(self) -> None:
        if self.detail.active_tab == "Overview" or self.revealing:
            self.show_detail()

    # Actions

    def why_not(self, action: Action) -> str | None:
        if action.pane != "oci":
            return super().why_not(action)
        if self.service is None and action.verb not in _WITHOUT_PROFILES:
            return "There are no OCI profiles here yet."
        on_marked = action.verb in _ON_MARKED and self.table.marks
        if action.verb in _ON_ONE and not on_marked and self.selected is None:
            return "No profile is selected."
        if action.kind != "look" and self.console.session is not None:
            return self.console.session.policy.why_not()
        return None

    def action_open(self) -> None:
        if self.selected is not None:
            self.open_detail()

    def action_back(self) -> None:
        """The closest thing first: the detail, then marks, then the filter, then what is being asked."""
        if self.table.marks and not (self.has_class("-detail") or self.panel.has_focus_within):
            self.table.clear_marks()
            self.show_state()
        elif self.rows.probing and not (self.has_class("-detail") or self.filter_bar.text):
            self.stop_probing()
        else:
            super().action_back()

    def give_up(self) -> None:
        self.stop_probing()

    @allowed("oci.probe")
    def action_probe(self) -> None:
        self.probe(self.chosen)

    @allowed("oci.probe_all")
    def action_probe_all(self) -> None:
        self.probe(self.rows.names)

    def action_refresh(self) -> None:
        """What was changed in memory would be lost: that is asked first."""
        session, service = self.console.session, self.service
        if session is None:
            self.console.announce("There is nothing to read yet.", severity="warning")
            return
        lost = self.unsaved
        if service is None or not lost:
            self.load()
            return

        def decided(sure: bool | None) -> None:
            if sure:
                self.load()

        words = f"{lost:,} profile{'' if lost == 1 else 's'} differ from the file; they become what the file says."
        self.console.push_screen(
            ConfirmScreen("Lose what was changed here?", Content(words), verb="read the file again", danger=True),
            decided,
        )

    def action_sort(self) -> None:
        self.rows.set_sort(self.rows.sort + 1)
        self.table.rows_changed()
        self.show_state()

    @allowed("oci.mark")
    def action_mark(self) -> None:
        self.table.toggle_mark()
        self.show_state()

    def action_mark_all(self) -> None:
        self.table.mark_shown()
        self.show_state()

    @allowed("oci.exchanges")
    def action_exchanges(self) -> None:
        entry = self.selected
        if entry is not None:
            self.console.show_log(exchanges_filter(entry.name))

    @allowed("oci.copy")
    def action_copy(self) -> None:
        """For a shell: it says which profile the OCI tools take, and from which file."""
        entry = self.selected
        if entry is not None:
            line = f"export OCI_CLI_PROFILE={shlex.quote(clean(entry.name))}"
            self.console.announce(f"`{line}` {put(self.console, line)}.")

    @allowed("oci.copy_name")
    def action_copy_name(self) -> None:
        super().action_copy()
