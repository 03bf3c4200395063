"""The detail of the Log pane: tabs of what is selected, words found in them, and what was wrong."""

import asyncio
from typing import Final

from textual import on, work

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.same_call import usual_durations
from ocm_tui.tui.diagnoses import Diagnoses
from ocm_tui.tui.exchange_detail import DETAIL_TABS, DIAGNOSIS
from ocm_tui.tui.list_pane import ListPane
from ocm_tui.tui.models.exchange_rows import ExchangeRows
from ocm_tui.tui.models.text_lines import Line
from ocm_tui.tui.pane import allowed, titled
from ocm_tui.tui.widgets.exchange_panel import ExchangePanel
from ocm_tui.tui.widgets.row_table import RowTable

__all__ = ["LogDetail"]

_LOOK_DELAY: Final = 0.15  # seconds under the cursor before the server is asked about a failure


class LogDetail(ListPane):
    """What the selected exchange is shown with. The list, and what can be done with it, are in `LogScreen`."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = ExchangeRows()
        self.following = True
        self.diagnoses = Diagnoses()
        self._shown: Exchange | None = None

    def make_detail(self) -> ExchangePanel:
        return ExchangePanel(DETAIL_TABS, id="detail", classes="box")

    @property
    def panel(self) -> ExchangePanel:
        return self.query_one(ExchangePanel)

    def on_mount(self) -> None:
        self.watch(self.panel, "active", self._tab_changed)

    @property
    def in_detail(self) -> bool:
        """By what has the focus now: `has_focus_within` comes a message later, and the next key may be quicker."""
        return self.focused is not None and self.panel in self.focused.ancestors_with_self

    @property
    def selected(self) -> Exchange | None:
        return self.rows.get(self.table.selected_key)

    @on(RowTable.Highlighted)
    def _highlighted(self) -> None:
        self._shown = self.selected
        self._render_detail()
        self.refresh_footer()

    def _tab_changed(self) -> None:
        self._render_detail()

    def _render_detail(self, *, top: bool = True) -> None:
        exchange, tab = self._shown, self.panel.active_tab
        if exchange is None:
            titled(self.panel, "Detail")
            self.panel.show_lines(lambda _: ())
            return
        self._title_detail()
        self.panel.show_lines(lambda width: self._detail(exchange, tab, width), top=top)
        if tab == DIAGNOSIS and self._looks_further(exchange):
            self._look_further(exchange)

    def _detail(self, exchange: Exchange, tab: str, width: int) -> list[Line]:
        from ocm_tui.tui.diagnosis_lines import diagnosed_lines, finding_hint
        from ocm_tui.tui.exchange_detail import detail_lines

        if tab == DIAGNOSIS:
            return diagnosed_lines(exchange, self.diagnoses.of(exchange), looking=self._looks_further(exchange))
        others = usual_durations(exchange, self.rows.exchanges) if tab == "Timing" else ()
        hint = finding_hint(self.diagnoses.of(exchange)) if exchange.failed and tab == "Response" else ()
        return detail_lines(exchange, tab, width, others=others, hint=hint)

    def _title_detail(self) -> None:
        exchange = self._shown
        if exchange is not None:
            place, count = self.panel.match_place
            found = f"{place or '–'} of {count:,}" if count else "not found" if self.panel.sought else ""
            titled(self.panel, exchange.id, found, f"{exchange.method} {exchange.path}")

    @on(ExchangePanel.Searched)
    def _searched(self) -> None:
        self._title_detail()

    # Finding words

    async def action_filter(self) -> None:
        """In the detail it finds words there."""
        if self.in_detail:
            await self.panel.open_search()
        else:
            await super().action_filter()

    def action_next_match(self) -> None:
        self.panel.next_match(1)

    def action_previous_match(self) -> None:
        self.panel.next_match(-1)

    # Diagnosis

    @allowed("log.diagnose")
    def action_diagnose(self) -> None:
        self.following = False
        tab = DETAIL_TABS.index(DIAGNOSIS)
        if self.panel.active == tab:
            self._render_detail()
        self.panel.active = tab
        self.open_detail()
        self.show_state()

    def _looks_further(self, exchange: Exchange) -> bool:
        """Not while new exchanges are followed: what is asked may fail too, and would be looked into without end."""
        return not self.following and not self.diagnoses.of(exchange).complete

    @work(exclusive=True, group="log.diagnosis", exit_on_error=False, description="look further into a failure")
    async def _look_further(self, exchange: Exchange) -> None:
        session = self.console.session
        if session is None:
            return
        await asyncio.sleep(_LOOK_DELAY)
        await self.diagnoses.look_further(session, exchange)
        if self._shown is exchange:
            self._render_detail(top=False)
            self.refresh_footer()
