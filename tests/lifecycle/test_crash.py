"""A fault of our own: one sentence, a report that can be shared, the terminal as it was, exit code 1."""

import stat
import sys
from pathlib import Path

import pytest

from tests.lifecycle.support import console

# What the tests break, before the program starts: a method that a key reaches, or the first frame.
BREAK = """
import sys
from ocm_tui.core.secret import Secret
from {module} import {name}

def broken(self, *arguments):
    secret = "Pl4nted-local-7f3a"  # a local variable, which a traceback with locals would show
    known = Secret("Pl4nted-known-7f3a")
    raise RuntimeError("\\x1b]0;title\\x07 it was " + known.reveal() + " and [/x]")

{name}.{method} = broken
from ocm_tui.cli import main
main({words!r})
"""


def program(folder: Path, module: str, name: str, method: str, words: list[str]) -> list[str]:
    script = folder / "broken.py"
    script.write_text(BREAK.format(module=module, name=name, method=method, words=words))
    return [sys.executable, str(script)]


@pytest.mark.parametrize(
    ("module", "name", "method"),
    [
        ("ocm_tui.tui.widgets.client_detail", "ClientDetail", "turn"),
        ("ocm_tui.tui.widgets.banner", "Banner", "render"),
    ],
    ids=["in an action", "in the first frame"],
)
def test_a_crash(tmp_path: Path, module: str, name: str, method: str) -> None:
    with console(tmp_path, command=program(tmp_path, module, name, method, ["--demo"])) as run:
        if method == "turn":
            run.ready()
            run.terminal.key("]")
        run.check_end(1, left=["crash-*.txt"])
        (report,) = run.temporary.glob("crash-*.txt")
        after = bytes(run.terminal.raw).rpartition(b"\x1b[?1049l")[2].decode()
        sentences = [line for line in after.split("\r\n") if "ocm-tui" in line]
        assert len(sentences) == 1
        assert sentences[0].endswith(str(report))
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        text = report.read_text()
        assert "RuntimeError" in text
        assert "broken.py" in text
        assert "\x1b" not in text
        for shown in (text, run.terminal.raw.decode()):
            assert "Pl4nted-known" not in shown
        assert "secret =" not in run.terminal.raw.decode()


def test_a_crash_of_a_configured_console_is_reported_in_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("environments:\n  dev: {}\n")
    command = program(tmp_path, "ocm_tui.tui.widgets.banner", "Banner", "render", [])
    with console(tmp_path, command=command, environment={"OCM_TUI_CONFIG": str(tmp_path / "config.yaml")}) as run:
        run.check_end(1)
        assert len(list((tmp_path / "state").glob("crash-*.txt"))) == 1


def test_a_crash_that_cannot_be_reported(tmp_path: Path) -> None:
    """No place for the report: the sentence says so, and the exit code is the same."""
    command = program(tmp_path, "ocm_tui.tui.widgets.banner", "Banner", "render", [])
    (tmp_path / "config.yaml").write_text("environments:\n  dev: {}\n")
    (tmp_path / "state").write_text("a file where the directory should be")
    (tmp_path / "full.py").write_text(
        "import tempfile\n"
        "def refuse(*_, **__):\n    raise OSError(28, 'No space left on device')\n"
        "tempfile.mkstemp = refuse\n" + (tmp_path / "broken.py").read_text()
    )
    with console(
        tmp_path,
        command=[command[0], str(tmp_path / "full.py")],
        environment={"OCM_TUI_CONFIG": str(tmp_path / "config.yaml")},
    ) as run:
        run.check_end(1)
        assert "RuntimeError" not in run.terminal.text
        assert "error: ocm-tui stopped on a fault of its own" in run.terminal.text
