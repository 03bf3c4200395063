"""The search for the smallest payload that still fails: every trial as it comes, then the cause and both payloads."""

from collections.abc import Iterable
from typing import ClassVar, Final

from textual import work
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from ocm_tui.core.diagnosis.minimise.model import Minimised
from ocm_tui.core.diagnosis.minimise.service import findings_of
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import json_text
from ocm_tui.tui.actions import Action, bindings_of
from ocm_tui.tui.clipboard import put
from ocm_tui.tui.minimise_lines import progress_lines, result_lines
from ocm_tui.tui.minimise_run import MinimiseRun
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.whole_screen import WholeScreen
from ocm_tui.tui.widgets.key_footer import KeyFooter
from ocm_tui.tui.widgets.line_pane import LinePane

__all__ = ["MinimiseScreen"]

_LOOK_SECONDS: Final = 0.1


class MinimiseScreen(WholeScreen[Finding]):
    """Dismissed with the finding that is to be fixed, or with None; the search has ended then."""

    pane = "minimise"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("minimise")]

    def __init__(self, run: MinimiseRun) -> None:
        super().__init__("Minimise")
        self._run = run
        self._seen = (-1, False)
        self._result: Minimised | None = None

    def compose_dialog(self) -> Iterable[Widget]:
        with Vertical(id="minimise", classes="box"):
            yield LinePane()

    def on_mount(self) -> None:
        self.query_one(LinePane).focus()
        self._say("trying")
        self._look()
        self.set_interval(_LOOK_SECONDS, self._look)
        self._wait()

    @property
    def under_way(self) -> str:
        """For who wants to leave the console now."""
        return "Payloads are being tried on the server: the throwaway clients are deleted first." * self._run.active

    def _look(self) -> None:
        seen = (len(self._run.trials), self._run.stopping)
        if self._result is None and seen != self._seen:
            self._seen = seen
            lines = progress_lines(self._run.trials, self._run.budget, stopping=self._run.stopping)
            self.query_one(LinePane).show(lambda _: lines, top=False)

    @work(exclusive=True, group="minimise.wait", exit_on_error=False, description="wait for a search to end")
    async def _wait(self) -> None:
        try:
            self._result = await self._run.result()
        except OcmError as error:
            self.console.announce_error(error)
            self.dismiss(None)
            return
        lines = result_lines(self._result)
        pane = self.query_one(LinePane)
        pane.show(lambda _: lines, top=True)
        pane.fold_where(lambda found: found.text.endswith("requests"))
        count = len(self._result.culprits)
        found = f"{count} {'cause' if count == 1 else 'causes'}" if count else "no cause found"
        self._say("ended early" if self._result.stopped else found)
        self.query_one(KeyFooter).look_again()

    def _say(self, state: str) -> None:
        exchange = self._run.exchange
        titled(self.query_one("#minimise"), f"Minimise {exchange.method} {exchange.path}", state)

    @property
    def _finding(self) -> Finding | None:
        findings = findings_of(self._result) if self._result is not None else []
        return next((one for one in findings if one.fix is not None), None)

    def why_not(self, action: Action) -> str | None:
        if action.verb == "fix" and self._finding is None:
            return "No field has been found that a form could open at."
        if action.verb in ("copy_failing", "copy_passing") and self._payload(action.verb) is None:
            return "There is no such payload yet."
        return None

    def _payload(self, verb: str) -> str | None:
        if self._result is None:
            return None
        failing = verb == "copy_failing"
        payload = self._result.minimal_payload if failing else self._result.passing_payload
        return json_text(dict(payload)) if payload is not None else None

    def action_fix(self) -> None:
        if self._finding is None:
            self.console.announce("No field has been found that a form could open at.", severity="warning")
        else:
            self.dismiss(self._finding)

    def action_copy_failing(self) -> None:
        self._copy("copy_failing", "The smallest payload that fails")

    def action_copy_passing(self) -> None:
        self._copy("copy_passing", "The largest payload that passes")

    def _copy(self, verb: str, name: str) -> None:
        payload = self._payload(verb)
        if payload is None:
            self.console.announce("There is no such payload yet.", severity="warning")
        else:
            self.console.announce(f"{name} {put(self.console, payload)}.")

    def action_back(self) -> None:
        """A search that goes on is stopped first; its end is waited for, and shown."""
        if self._run.active:
            self._run.stop()
            self._look()
        elif self._result is not None:
            self.dismiss(None)
