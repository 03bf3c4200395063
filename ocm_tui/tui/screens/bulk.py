"""One change for many clients, while it goes on: progress, a result for each, and a way to stop it.

`esc` starts nothing new and lets what is in flight end; the screen stays until its results were read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.core.clients.bulk import BulkResult
from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean
from ocm_tui.tui.models.bulk_rows import BULK_COLUMNS, BulkRows
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.row_table import RowTable

__all__ = ["BulkScreen", "ChangeAll"]

_LOOK: Final = 0.1  # seconds between two looks at what was done: painting each would cost more than doing it
_BAR: Final = 24

ChangeAll = Callable[[Callable[[BulkResult], None], asyncio.Event], Awaitable[list[BulkResult]]]


class BulkScreen(Dialog[list[BulkResult]]):
    """Dismissed with the results, in the order of the clients, as far as there are any."""

    DEFAULT_CSS = """
    BulkScreen #dialog { height: 90%; }
    BulkScreen RowTable { height: 1fr; min-height: 3; }
    BulkScreen #why { height: auto; max-height: 6; border-top: solid $border-plain; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Stop, or close", show=False),
        Binding("enter", "close", "Close", show=False),
    ]

    def __init__(self, title: str, rows: BulkRows, change_all: ChangeAll) -> None:
        super().__init__(title, hint="esc stops: what is in flight is finished")
        self.rows = rows
        self.running = True
        self._change_all = change_all
        self._stop = asyncio.Event()
        self._seen = -1

    @property
    def under_way(self) -> str:
        """What leaving the console would cut off."""
        done = f"{len(self.rows.results):,} of {len(self.rows):,} clients are done"
        return f"{done}. esc stops after those in flight; leaving now cuts them off." if self.running else ""

    def compose_dialog(self) -> Iterable[Widget]:
        yield Static(Content(""), id="progress")
        yield RowTable(BULK_COLUMNS, self.rows)
        yield Static(Content(""), id="why")

    def on_mount(self) -> None:
        self.table.focus()
        self._look()
        self.set_interval(_LOOK, self._look)
        self._work()

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    @work(exclusive=True, group="bulk", exit_on_error=False, description="change many clients")
    async def _work(self) -> None:
        try:
            await self._change_all(self.rows.take, self._stop)
        except OcmError as error:
            self.console.announce_error(error)
        finally:
            self.running = False
        self._look()
        self.query_one("#dialog-hint", Static).update(Content(f"{self.summary}   ⏎ or esc closes"))

    @property
    def summary(self) -> str:
        """`3 done, 1 failed, 2 not done`: only what there is."""
        counts = self.rows.counts
        named = (("succeeded", "done"), ("failed", "failed"), ("unknown", "unknown"), ("skipped", "not done"))
        return ", ".join(f"{counts[status]:,} {word}" for status, word in named if counts[status]) or "nothing was done"

    def _look(self) -> None:
        done = len(self.rows.results)
        if done == self._seen:
            return
        self._seen = done
        total = max(len(self.rows), 1)
        full = done * _BAR // total
        bar = Content.assemble(("━" * full, TONES["good"]), ("─" * (_BAR - full), TONES["dim"]))
        words = f"  {done:,} of {len(self.rows):,}   {self.summary}" if done else f"  0 of {len(self.rows):,}"
        self.query_one("#progress", Static).update(Content.assemble(bar, Content(words)))
        self.rows.arrange()
        self.table.rows_changed()
        self._explain()

    @on(RowTable.Highlighted)
    def _explain(self) -> None:
        result = self.rows.results.get(self.table.selected_key or "")
        error = result.error if result is not None else None
        parts = [str(error), error.hint] if error is not None else []
        text = Content("\n").join([Content(clean(part, 600)) for part in parts if part])
        why = self.query_one("#why", Static)
        why.display = bool(parts)
        titled(why, "Why")
        why.update(text)

    def action_back(self) -> None:
        if not self.running:
            self.action_close()
        elif not self._stop.is_set():
            self._stop.set()
            self.query_one("#dialog-hint", Static).update(Content("Stopping: what is in flight is finished …"))

    def action_close(self) -> None:
        if not self.running:
            results = self.rows.results
            self.dismiss([results[client_id] for client_id in self.rows.client_ids if client_id in results])
