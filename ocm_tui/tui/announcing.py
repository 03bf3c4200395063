"""What the console says in a sentence, where it can be read again, and what it does about faults of its own."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textual import on
from textual.worker import Worker, WorkerState

from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean
from ocm_tui.tui.ordered_keys import OrderedKeysApp

__all__ = ["AnnouncingApp", "Notice", "Severity"]

Severity = Literal["information", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence that was announced; `at` is seconds since the epoch."""

    at: float
    severity: Severity
    text: str


class AnnouncingApp(OrderedKeysApp):
    """An app that says one sentence a time, keeps what it said, and never prints a traceback.

    A toast never stands on the keys: over the footer where there is one, at the top over a dialog in a box.
    """

    CSS = """
    Toast { padding: 0 1; }
    Dialog > ToastRack { dock: top; align: right top; margin-bottom: 0; }
    WholeScreen > ToastRack { dock: bottom; align: right bottom; margin-bottom: 1; }
    """

    def __init__(self, report_directory: Path | None) -> None:
        super().__init__()
        self.notices: list[Notice] = []
        self.crashed = False
        self.crash_report: Path | None = None  # None after a crash: it could not be written
        self.interrupted = 0  # the exit code that a signal asks for
        self._report_directory = report_directory

    def announce(self, text: str, *, severity: Severity = "information", title: str = "") -> None:
        self.note(text, severity=severity)
        self.notify(clean(text, 300), title=title, severity=severity, markup=False, timeout=6)

    def note(self, text: str, *, severity: Severity = "information") -> None:
        """Kept to be read again, without a word on the screen."""
        self.notices.append(Notice(time.time(), severity, clean(text, 1000)))
        del self.notices[:-500]

    def announce_error(self, error: OcmError) -> None:
        self.announce(f"{error}{' – ' + error.hint if error.hint else ''}", severity="error")

    @on(Worker.StateChanged)
    def worker_changed(self, event: Worker.StateChanged) -> None:
        """The boundary for what nobody foresaw: the console stays, and a report says where it went wrong.

        The message does not travel upwards, so every screen hands on those of its own workers.
        """
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            from ocm_tui.core.crash import write_crash_report

            report = write_crash_report(event.worker.error, self._report_directory)
            where = f"Report: {report}" if report else "No report could be written."
            self.announce(
                f"Unexpected {type(event.worker.error).__name__}, a fault in ocm-tui. {where}", severity="error"
            )

    def _handle_exception(self, error: Exception) -> None:
        """Once the console was told to leave, what is half made fails for want of its parts: that is no fault."""
        if not self._exit:
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Textual would print every local variable of every frame, secrets included."""
        if self._exception is not None:
            from ocm_tui.core.crash import write_crash_report

            self.crashed = True
            self.crash_report = write_crash_report(self._exception, self._report_directory)
        self._close_messages_no_wait()
