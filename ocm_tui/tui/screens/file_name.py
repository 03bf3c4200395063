"""Which file is to be read or written: a path, with a question before an existing file is replaced."""

from collections.abc import Iterable
from pathlib import Path

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.widgets.plain_input import PlainInput

__all__ = ["FileNameScreen"]


class FileNameScreen(Dialog[Path | None]):
    """Dismissed with the path, or with None."""

    def __init__(self, title: str, proposed: Path, *, reads: bool = False) -> None:
        does = "opens the file" if reads else "writes the file, readable by you only"
        super().__init__(title, hint=f"⏎ {does} · esc cancels")
        self._proposed, self._reads = proposed, reads
        self._asked_for = ""  # the existing file that ⏎ replaces when it is pressed again

    def compose_dialog(self) -> Iterable[Widget]:
        proposed = f"{self._proposed}/" if self._proposed.is_dir() else str(self._proposed)
        yield PlainInput(proposed, select_on_focus=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            path = Path(event.value.strip()).expanduser()
            problem = self._problem(path) if event.value.strip() else "A file needs a name."
        except (OSError, RuntimeError, ValueError) as error:  # a name too long, no such home directory, a NUL
            problem = f"That names no file: {error}."
        if problem:
            self.say(problem)
        else:
            self.dismiss(path)

    def _problem(self, path: Path) -> str:
        if path.is_dir():
            return "That is a directory: name the file in it."
        if self._reads:
            return "" if path.exists() else "There is no such file."
        if not path.parent.is_dir():
            return f"There is no directory {path.parent}."
        if path.exists() and self._asked_for != str(path):
            self._asked_for = str(path)
            return "The file exists: ⏎ once more replaces it."
        return ""
