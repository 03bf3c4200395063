"""The Registry pane: three cards, the clients with what the cache holds of each, the detail, and the newest events."""

import importlib
from collections.abc import Iterable
from typing import Any, ClassVar, Final
from uuid import UUID

from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget

from ocm_tui.core.errors import NotConfigured
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.models.registry_cards import cards, waiting_cards
from ocm_tui.tui.models.registry_cells import REGISTRY_COLUMNS
from ocm_tui.tui.models.registry_rows import SORTS
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.screens.registry_inspecting import InspectingRegistry
from ocm_tui.tui.state import age_text
from ocm_tui.tui.widgets.event_tail import EventTail
from ocm_tui.tui.widgets.registry_detail import RegistryDetail
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.status_cards import StatusCards
from ocm_tui.tui.widgets.text_panel import TabbedPanel

__all__ = ["RegistryScreen"]

_FILTER_DELAY: Final = 0.3  # seconds after the last letter before the database is asked
_ON_ONE: Final = frozenset({"open", "planes", "set_status", "edit", "client", "exchanges", "mark", "copy_cure"})
_ON_MARKED: Final = frozenset({"fix", "invalidate", "delete"})  # of the marked ones, when there are any
_NEEDS_ROW: Final = frozenset({"set_status", "edit", "client", "exchanges"})
_NEEDS_WRITABLE: Final = frozenset({"set_status", "new", "edit", "delete"})


class RegistryScreen(InspectingRegistry):
    pane = "registry"
    filter_hint = "words, status:SUSPENDED, code:orders-*, bap:ID, id:UUID, synced:>1h"
    copied = "The client's registry id"
    CSS_PATH = "../styles/registry.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012  # Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("registry")]

    def __init__(self) -> None:
        super().__init__()
        self._filter_timer: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(id="registry"):
            yield StatusCards(waiting_cards("connecting …"), id="cards")
            with Horizontal(id="parts"):
                yield from super().compose_body()
            yield EventTail(self._name_of)

    def make_table(self) -> RowTable:
        return RowTable(REGISTRY_COLUMNS, self.rows)

    def make_detail(self) -> TabbedPanel:
        return RegistryDetail(self.rows, id="detail", classes="box")

    def on_mount(self) -> None:
        self.watch(self.detail, "active", self._tab_turned, init=False)
        self.set_interval(1.0, self._count_down)
        self.show_state()

    def _count_down(self) -> None:
        """Ages grow, and times to live shrink."""
        if self.is_current:
            self.show_state()
            if self.detail.active_tab == "Cache" and self.detail.inspection is not None:
                self.detail.render_tab(top=False)

    def chosen(self) -> list[UUID]:
        """The marked clients, hidden ones too; else the selected one."""
        if self.table.marks:
            return [UUID(key) for key in sorted(self.table.marks)]
        return [self.selected] if self.selected is not None else []

    def _name_of(self, client_id: UUID) -> str:
        row = self.rows.get(client_id)
        return row.client_code if row is not None and row.client_code else str(client_id)

    # What is said about the whole

    def show_cards(self) -> None:
        self.query_one(StatusCards).show(cards(self.history, self.rows.counts(), feed=self.feed))
        self.detail.show_events(self.events, self.events_problem)
        status = self.history.newest
        stream = status.stream if status is not None else None
        notice = self.events_problem or (
            "No events yet." if stream is not None else "No event stream is configured here."
        )
        self.query_one(EventTail).show(
            self.events, title=f"Events ── {stream.name}" if stream is not None else "Events", notice=notice
        )

    def show_state(self) -> None:
        if not self.is_mounted:
            return
        shown, total = len(self.rows), self.rows.total
        wrong = len(self.rows.wrong())
        box = self.query_one("#list")
        titled(
            box,
            "Registry",
            f"{shown:,} of {total:,}" if self.rows.filtered else f"{total:,}" if total else "",
            f"first {total:,}, / asks the database" if self.capped else "",
            f"{len(marks):,} marked" if (marks := self.table.marks) else "",
            "problems only" if self.rows.problems_only else "",
            f"{wrong:,} wrong" if wrong else "",
            f"{len(self.rows.unpropagated):,} not yet propagated" if self.rows.unpropagated else "",
            self._standing(),
            f"by {SORTS[self.rows.sort]}" if self.rows.sort != 1 else "",
        )
        line = self.sweep.content(max(box.size.width - 4, 10))
        if line != box.border_subtitle:
            box.border_subtitle = line
        if not shown:
            self._say_why_empty()
        self.refresh_footer()

    def _standing(self) -> str:
        """Whether the list is complete and of now."""
        if self.fetching and not self.rows.total:
            return "reading …"
        if self.problem is not None or "database" in self.history.dead:
            age = f", as of {age_text(self._since_read())} ago" if self.read_at is not None else ""
            return f"database unreachable{age}" if "database" in self.history.dead else f"incomplete{age}"
        if self.changed_since and not self.fetching:
            return "rows have changed, r reads them"
        return ""

    def _since_read(self) -> float:
        import time

        return time.monotonic() - (self.read_at or 0.0)

    def _say_why_empty(self) -> None:
        session, table = self.console.session, self.table
        if self.rows.problems_only and self.rows.total:
            compared = self.sweep.report is not None
            table.say(
                "No client is cached wrongly." if compared else "None of those looked at is cached wrongly.",
                "F shows all clients again." if compared else "s compares all of them · F shows all clients again.",
            )
        elif self.rows.total:
            table.say("No client matches the filter.", "esc clears it.")
        elif isinstance(self.trouble, NotConfigured):
            table.say("No client registry is configured here.", self.trouble.hint)
        elif self.trouble is not None:
            table.say(self.trouble.title, self.trouble.hint)
        elif self.problem is not None:
            table.say(self.problem.title, self.problem.hint, "r tries again")
        elif session is None and self.console.connection.phase == "failed":
            table.say("Not connected.", self.console.connection.problem)
        elif self.registry is None or self.fetching:
            table.say("Reading the registry …", "")
        else:
            table.say(
                "The registry has no clients yet.",
                "n registers one · ocm-tui registry sync --from inventory fills it, as a dry run first with --dry-run.",
            )

    # Filter

    def narrow(self, text: str) -> None:
        from ocm_tui.core.registry.query import parse

        self.rows.set_query(parse(text))
        if self.capped:  # what is here is only a part: the database knows the rest
            if self._filter_timer is not None:
                self._filter_timer.stop()
            self._filter_timer = self.set_timer(_FILTER_DELAY, self.load)

    # Actions

    def why_not(self, action: Action) -> str | None:
        if action.pane != "registry":
            return super().why_not(action)
        reason = self._refused_on_it(action.verb) or self._refused_now(action.verb)
        return reason or (self._refused_to_write(action.verb) if action.kind != "look" else None)

    def _refused_on_it(self, verb: str) -> str | None:
        """Why something cannot be done with what is selected or marked."""
        row = self.selected_row
        if (verb in _ON_ONE and self.selected is None) or (verb in _ON_MARKED and not self.chosen()):
            return "No client is selected."
        if verb in _NEEDS_ROW and row is None:
            return "This client has no row in the registry."
        if verb == "delete" and not any(self.rows.get(one) is not None for one in self.chosen()):
            return "This client has no row in the registry: i drops what is cached of it."
        if verb == "set_status" and row is not None and row.status == "REVOKED":
            return "REVOKED is final: a client that is needed again gets a new id."
        return None

    def _refused_to_write(self, verb: str) -> str | None:
        session = self.console.session
        if session is None or self.registry is None:
            return "The registry is not open yet."
        if verb in _NEEDS_WRITABLE and "write" not in self.registry.store.capabilities:
            return "This account may only read in the registry's database."
        return session.policy.why_not()

    def _refused_now(self, verb: str) -> str | None:
        if verb == "sweep" and self.registry is None:
            return "The registry is not open yet."
        if verb == "repair" and not self.rows.wrong() and not self.waiting_for_cache:
            return "Nothing is known to be cached wrongly: s compares everything."
        if verb == "copy_cure" and not self.cures():
            return "There is no cure to copy: p shows what the four planes disagree about."
        if verb == "letters" and (self.registry is None or self.registry.stream is None):
            return "No event stream is configured here, or it is not open yet."
        return None

    @property
    def waiting_for_cache(self) -> int:
        """Written rows that the cache may not know yet."""
        status = self.history.newest
        return (status.database.outbox or 0) if status is not None else 0

    def cures(self) -> list[str]:
        planes = self.detail.planes
        return list(dict.fromkeys(one.cure for one in planes.disagreements if one.cure)) if planes is not None else []

    @allowed("registry.open")
    def action_open(self) -> None:
        self.open_detail()
        self._ask()

    @allowed("registry.planes")
    def action_planes(self) -> None:
        self.detail.go_to_tab("Planes")
        self.open_detail()

    @allowed("registry.sweep")
    def action_sweep(self) -> None:
        if self.sweep.running:
            self.console.announce("The comparison is under way; esc stops it.")
        elif self.registry is not None:
            self._sweep(self.registry)

    def action_problems(self) -> None:
        self.rows.show_problems(not self.rows.problems_only)
        self.table.rows_changed()
        self.show_state()

    def action_sort(self) -> None:
        self.rows.set_sort(self.rows.sort + 1)
        self.table.rows_changed()
        self.show_state()

    def action_refresh(self) -> None:
        if self.registry is None:
            if self.console.session is not None:
                self._open(self.console.session)
            else:
                self.console.announce("There is nothing to read yet.", severity="warning")
            return
        self.rows.forget_cache()
        self.load()
        self.look_at_status()
        self._ask()

    @allowed("registry.mark")
    def action_mark(self) -> None:
        self.table.toggle_mark()
        self.show_state()

    def action_mark_all(self) -> None:
        self.table.mark_shown()
        self.show_state()

    def action_back(self) -> None:
        """The closest thing first: the detail, a comparison under way, marks, problems only, the filter."""
        if self.has_class("-detail") or self.panel.has_focus_within:
            super().action_back()
        elif self.sweep.running:
            self.sweep.stop()
        elif self.table.marks:
            self.table.clear_marks()
        elif self.rows.problems_only:
            self.action_problems()
        else:
            super().action_back()
        self.show_state()

    @allowed("registry.client")
    def action_client(self) -> None:
        if self.selected_row is not None:
            self.console.show_client(self.selected_row.client_code)

    @allowed("registry.exchanges")
    def action_exchanges(self) -> None:
        if self.selected_row is not None:
            self.console.show_exchanges(self.selected_row.client_code)

    @allowed("registry.copy_cure")
    def action_copy_cure(self) -> None:
        from ocm_tui.tui.clipboard import put

        cures = self.cures()
        what = "The cure" if len(cures) == 1 else f"{len(cures)} cures"
        self.console.announce(f"{what} {put(self.console, chr(10).join(map(clean, cures)))}.")

    @allowed("registry.fix")
    def action_fix(self) -> None:
        self._flow("fix")

    @allowed("registry.repair")
    def action_repair(self) -> None:
        self._flow("repair")

    @allowed("registry.invalidate")
    def action_invalidate(self) -> None:
        self._flow("invalidate")

    @allowed("registry.warm")
    def action_warm(self) -> None:
        self._flow("warm")

    @allowed("registry.set_status")
    def action_set_status(self) -> None:
        self._flow("set_status")

    @allowed("registry.new")
    def action_new(self) -> None:
        self._flow("new", "registry_row_writes")

    @allowed("registry.edit")
    def action_edit(self) -> None:
        self._flow("edit", "registry_row_writes")

    @allowed("registry.delete")
    def action_delete(self) -> None:
        self._flow("delete", "registry_row_writes")

    @allowed("registry.letters")
    def action_letters(self) -> None:
        from ocm_tui.tui.screens.dead_letters import DeadLettersScreen

        if self.registry is not None:
            self.app.push_screen(DeadLettersScreen(self.registry, self._name_of), lambda _: self.look_at_status())

    def _flow(self, verb: str, module: str = "registry_writes") -> None:
        """What changes something has modules of its own, which are loaded when the first change is wanted."""
        flow: Any = getattr(importlib.import_module(f"ocm_tui.tui.{module}"), verb)
        self.run_worker(
            flow(self), group="registry.write", exclusive=True, exit_on_error=False, description=f"{verb}, registry"
        )
