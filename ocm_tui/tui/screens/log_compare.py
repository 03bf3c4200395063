"""Two exchanges against each other: only what is different stands out. Side by side where there is room for it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from ocm_tui.tui.actions import actions_of, bindings_of
from ocm_tui.tui.exchange_compare import Comparison, is_difference
from ocm_tui.tui.models.text_lines import Line
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.screens.help import HelpScreen
from ocm_tui.tui.widgets.banner import Banner
from ocm_tui.tui.widgets.key_footer import KeyFooter
from ocm_tui.tui.widgets.line_pane import LinePane

__all__ = ["CompareScreen"]

_SIDE_BY_SIDE: Final = 140  # columns of the terminal


class CompareScreen(Dialog[None]):
    pane = "compare"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("compare")]

    def __init__(self, title: str, comparison: Comparison) -> None:
        super().__init__(title)
        self._comparison = comparison

    def compose(self) -> ComposeResult:
        yield Banner()
        with Vertical(id="comparison", classes="box") as box:
            count = self._comparison.differing
            titled(
                box,
                self._title,
                f"{count:,} {'line differs' if count == 1 else 'lines differ'}" if count else "nothing differs",
            )
            yield LinePane()
        yield KeyFooter(list(actions_of("compare")), lambda _: None)

    def compose_dialog(self) -> Iterable[Widget]:
        return ()

    def on_mount(self) -> None:
        self.query_one(Banner).connection = self.console.connection
        pane = self.query_one(LinePane)
        pane.show(self._lines, top=True)
        pane.focus()

    def _lines(self, width: int) -> Sequence[Line]:
        wide = self.app.size.width >= _SIDE_BY_SIDE
        return self._comparison.columns(width) if wide else self._comparison.unified()

    def action_next(self) -> None:
        self.query_one(LinePane).go_to_next(1, is_difference)

    def action_previous(self) -> None:
        self.query_one(LinePane).go_to_next(-1, is_difference)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen("compare", everywhere=False))

    def action_back(self) -> None:
        self.dismiss(None)
