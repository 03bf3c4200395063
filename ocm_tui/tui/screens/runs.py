"""The runs in the journal, newest first: pick one to look at it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from ocm_tui.core.provisioning.runs import RunSummary
from ocm_tui.core.text import clean
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.widgets.row_table import Cell, Column, RowTable, Tone

__all__ = ["RunsScreen"]

_COLUMNS: Final = (
    Column("Started", 19),
    Column("Outcome", 13),
    Column("Done", 11, align="right", needs=44),
    Column("Failed", 6, align="right", needs=58),
    Column("Unknown", 7, align="right", needs=66),
    Column("Run", 24, share=1, needs=80),
)
_MOST_LINES: Final = 15
_STATUS: Final[dict[str, tuple[str, Tone]]] = {
    "running": ("◐ running", "strong"),
    "finished": ("● finished", "good"),
    "interrupted": ("▲ stopped", "warn"),
    "abandoned": ("▲ abandoned", "bad"),
}


class _RunRows:
    """A `RowSource`."""

    def __init__(self, runs: Sequence[RunSummary]) -> None:
        self._runs = runs
        self._places = {run.run_id: place for place, run in enumerate(runs)}

    def __len__(self) -> int:
        return len(self._runs)

    def key(self, position: int) -> str:
        return self._runs[position].run_id

    def position(self, key: str) -> int | None:
        return self._places.get(key)

    def cells(self, position: int) -> Sequence[Cell]:
        run = self._runs[position]
        word, tone = _STATUS[run.status]
        if run.status == "finished" and (run.failed or run.unknown):
            word, tone = "▲ finished", "warn"
        return (
            Cell(clean(run.started_at[:19].replace("T", " ")), "dim"),
            Cell(word, tone),
            Cell(f"{run.succeeded:,} of {run.total:,}"),
            Cell(f"{run.failed:,}" if run.failed else "–", "bad" if run.failed else "dim"),
            Cell(f"{run.unknown:,}" if run.unknown else "–", "warn" if run.unknown else "dim"),
            Cell(clean(run.run_id, 80), "dim"),
        )


class RunsScreen(Dialog[str]):
    """Dismissed with the id of a run, or with None."""

    DEFAULT_CSS = "RunsScreen RowTable { background: $surface; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "pick", "Open", show=False)]

    def __init__(self, runs: Sequence[RunSummary]) -> None:
        unfinished = any(run.status in {"abandoned", "interrupted"} for run in runs)
        more = " · there R resumes what is not done" if unfinished else ""
        super().__init__(f"Past runs ── {len(runs)}", hint=f"⏎ opens the run{more} · esc closes")
        self._rows = _RunRows(runs)

    def compose_dialog(self) -> Iterable[Widget]:
        yield RowTable(_COLUMNS, self._rows)

    def on_mount(self) -> None:
        table = self.query_one(RowTable)
        table.say("No run is in the journal yet.", "A apply leaves one here, whatever becomes of it.")
        table.rows_changed()
        table.styles.height = min(max(len(self._rows), 3), _MOST_LINES) + 1
        table.focus()

    @on(RowTable.Chosen)
    def _chosen(self) -> None:
        self.action_pick()

    def action_pick(self) -> None:
        key = self.query_one(RowTable).selected_key
        if key is not None:
            self.dismiss(key)
