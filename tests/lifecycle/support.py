"""The console as a process in a pseudo-terminal, with a temporary directory of its own, and what must be left of it."""

import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.terminal import Terminal, children_of

__all__ = ["DEMO", "Run", "console", "is_alive", "wait_for"]

DEMO = (sys.executable, "-m", "ocm_tui", "--demo")
_PATIENCE = 20.0  # seconds


@dataclass
class Run:
    """`temporary` is the process's TMPDIR."""

    terminal: Terminal
    temporary: Path

    def ready(self) -> None:
        """The list has arrived, so the demo's servers run."""
        self.terminal.wait("orders-api")

    def resize(self, columns: int, lines: int) -> None:
        self.terminal._screen.resize(lines, columns)
        self.terminal._child.setwinsize(lines, columns)

    def check_end(self, *codes: int, left: Sequence[str] = ()) -> None:
        """It ends by itself with this code; terminal, processes and files are as before. `left` are globs of files."""
        terminal, child = self.terminal, self.terminal._child
        children = children_of(terminal.pid)
        wait_for(lambda: not (terminal.pump() or child.isalive()), "it ends by itself")
        line_mode = termios.tcgetattr(child.child_fd)[3]
        assert line_mode & termios.ECHO
        assert line_mode & termios.ICANON
        assert terminal.end() in codes, terminal.text
        assert terminal.left_on == []
        wait_for(lambda: not any(map(is_alive, children)), "no child process is left")
        found = [path for path in self.temporary.iterdir() if not any(path.match(glob) for glob in left)]
        assert found == []


@contextmanager
def console(
    folder: Path,
    *words: str,
    command: Sequence[str] = DEMO,
    columns: int = 120,
    lines: int = 36,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Run]:
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    settings = {
        "TMPDIR": str(temporary),
        "HOME": str(folder),
        "OCM_TUI_STATE_DIR": str(folder / "state"),
        "OCM_TUI_CACHE_DIR": str(folder / "cache"),
        "OCM_TUI_CONFIG": "",
        **(environment or {}),
    }
    with Terminal([*command, *words], columns, lines, environment=settings, timeout=_PATIENCE) as terminal:
        yield Run(terminal, temporary)


def is_alive(pid: int) -> bool:
    """A process that nobody has waited for yet is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_for(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, f"did not happen: {what}"
        time.sleep(0.01)
