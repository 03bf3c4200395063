"""Two exchanges against each other: only what is different stands out. Side by side where there is room for it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.exchange_compare import Comparison, is_difference
from ocm_tui.tui.models.text_lines import Line
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.whole_screen import WholeScreen
from ocm_tui.tui.widgets.line_pane import LinePane

__all__ = ["CompareScreen"]

_SIDE_BY_SIDE: Final = 140  # columns of the terminal


class CompareScreen(WholeScreen[None]):
    pane = "compare"
    live = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("compare")]

    def __init__(self, title: str, comparison: Comparison) -> None:
        super().__init__(title)
        self._comparison = comparison

    def compose_dialog(self) -> Iterable[Widget]:
        with Vertical(id="comparison", classes="box") as box:
            count = self._comparison.differing
            titled(
                box,
                self._title,
                f"{count:,} {'line differs' if count == 1 else 'lines differ'}" if count else "nothing differs",
            )
            yield LinePane()

    def on_mount(self) -> None:
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

    def action_back(self) -> None:
        self.dismiss(None)
