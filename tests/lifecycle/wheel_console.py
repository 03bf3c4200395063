"""An installed `ocm-tui` in a pseudo-terminal: `python -m tests.lifecycle.wheel_console PATH_TO_OCM_TUI`.

It is started in an empty directory, so that nothing of a checkout can stand in for what the wheel lacks.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.terminal import Terminal, children_of

__all__ = ["main"]


def main(words: Sequence[str]) -> int:
    if len(words) != 1:
        sys.stderr.write("usage: python -m tests.lifecycle.wheel_console PATH_TO_OCM_TUI\n")
        return 2
    program = Path(words[0]).absolute()
    former = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            seconds = _visit(program, Path(folder))
        finally:
            os.chdir(former)
    sys.stdout.write(f"{program}: the demo console starts, shows clients and the log, and leaves ({seconds:.1f} s)\n")
    return 0


def _visit(program: Path, folder: Path) -> float:
    """Seconds to the first client; AssertionError says what went wrong."""
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    with Terminal([str(program), "--demo"], environment=environment, timeout=60) as terminal:
        terminal.wait("orders-api")
        seconds = terminal.first_paint or 0.0
        assert children_of(terminal.pid), "the demo's servers are a process"
        terminal.key("4")
        terminal.wait("Log ──")
        terminal.key("?")
        terminal.wait("Help: Log")
        terminal.key("escape")
        terminal.gone("Help: Log")
        terminal.key("q")
        code = terminal.end()
        assert code == 0, f"exit code {code}\n{terminal.text}"
        assert terminal.left_on == [], f"left on: {terminal.left_on}"
    left = [path.name for path in folder.iterdir()]
    assert left == [], f"left behind: {left}"
    return seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
