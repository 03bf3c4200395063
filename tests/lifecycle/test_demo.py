"""`ocm-tui --demo` in a real pseudo-terminal: every way out, and what is left afterwards."""

import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.lifecycle.support import DEMO, console, is_alive, wait_for
from tests.terminal import children_of


@pytest.mark.parametrize("key", ["q", "\x11"], ids=["q", "ctrl+q"])
def test_leaving(tmp_path: Path, key: str) -> None:
    with console(tmp_path) as run:
        run.ready()
        assert children_of(run.terminal.pid), "the demo's servers are a process"
        run.terminal.key(key)
        run.check_end(0)
        assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
    ids=str,
)
def test_signals(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with console(tmp_path) as run:
        run.ready()
        run.terminal.signal(number)
        run.check_end(code)


@pytest.mark.parametrize("moment", ["at once", "with the first byte", "with the first frame"])
def test_a_signal_before_the_list(tmp_path: Path, moment: str) -> None:
    """However early it comes, nothing is left; until there is a terminal to restore, the signal may simply kill."""
    with console(tmp_path) as run:
        terminal = run.terminal
        if moment == "at once":
            wait_for(lambda: b"ocm_tui" in Path(f"/proc/{terminal.pid}/cmdline").read_bytes(), "the program runs")
        elif moment == "with the first byte":
            terminal.until(lambda _: bool(terminal.raw), "a byte")
        else:
            terminal.until(lambda _: terminal.first_paint is not None, "a frame")
        terminal.signal(signal.SIGTERM)
        run.check_end(143 if moment != "at once" else -signal.SIGTERM)


@pytest.mark.parametrize("seconds", [number / 12 for number in range(1, 8)])
def test_a_signal_at_any_time(tmp_path: Path, seconds: float) -> None:
    with console(tmp_path) as run:
        while run.terminal.pump(0.005) and _age(run.terminal.pid) < seconds:
            pass
        run.terminal.signal(signal.SIGTERM)
        run.check_end(143, -signal.SIGTERM)


@pytest.mark.parametrize("seconds", [number / 10 for number in range(3, 8)])
def test_leaving_at_any_time(tmp_path: Path, seconds: float) -> None:
    with console(tmp_path) as run:
        terminal = run.terminal
        terminal.until(lambda _: b"?1049h" in terminal.raw, "the terminal is the console's")
        while terminal.pump(0.005) and _age(terminal.pid) < seconds:
            pass
        terminal.key("4")
        terminal.key("\x11")
        run.check_end(0)


def _age(pid: int) -> float:
    """Seconds since the process was started."""
    started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return float(Path("/proc/uptime").read_text().split()[0]) - started


@pytest.mark.parametrize("controlling", [True, False], ids=["its own", "another's"])
def test_a_terminal_that_is_closed(tmp_path: Path, controlling: bool) -> None:
    """The window is gone, and with it the place to restore: the program still ends, and takes its servers along.

    A controlling terminal says so by SIGHUP; of another one only the input comes to its end.
    """
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "TERM": "xterm-256color", "HOME": str(tmp_path)}
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    command = [sys.executable, "-c", ADOPT + "from ocm_tui.cli import main\nmain(['--demo'])"]
    with subprocess.Popen(
        command if controlling else DEMO,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        received = b""
        while b"orders-api" not in received:
            received += os.read(ours, 65536)
        children = children_of(process.pid)
        assert children
        os.close(ours)
        try:
            assert process.wait(20) == 129
        finally:
            process.kill()
    wait_for(lambda: not any(map(is_alive, children)), "no child process is left")
    assert list(temporary.iterdir()) == []


# In a new session: the terminal on stdin becomes the controlling one.
ADOPT = "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"


def test_stopped_and_continued(tmp_path: Path) -> None:
    """While it is stopped the terminal belongs to the shell; afterwards the console is back."""
    with console(tmp_path) as run:
        run.ready()
        terminal = run.terminal
        terminal.signal(signal.SIGCONT)  # without a stop before it nothing happens
        terminal.signal(signal.SIGTSTP)
        terminal.until(lambda _: _state(terminal.pid) == "T", "it is stopped")
        terminal.until(lambda _: terminal.left_on == [], "the terminal is restored")
        terminal.signal(signal.SIGCONT)
        terminal.until(lambda _: terminal.modes.get(b"1049") is True, "the console's screen again")
        terminal.wait("orders-api")
        terminal.key("q")
        run.check_end(0)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_killed_without_a_chance(tmp_path: Path) -> None:
    """SIGKILL leaves the terminal and the directory as they are; the servers still end by themselves."""
    with console(tmp_path) as run:
        run.ready()
        children = children_of(run.terminal.pid)
        run.terminal.signal(signal.SIGKILL)
        assert run.terminal.end() == -signal.SIGKILL
        wait_for(lambda: not any(map(is_alive, children)), "no child process is left")


@pytest.mark.parametrize(("columns", "lines"), [(60, 20), (20, 5), (1, 1)])
def test_small_terminals(tmp_path: Path, columns: int, lines: int) -> None:
    with console(tmp_path, columns=columns, lines=lines) as run:
        run.terminal.until(lambda _: bool(children_of(run.terminal.pid)), "the servers")
        if columns >= 60:
            run.terminal.wait("orders-api")
        for key in ("j", "enter", "]", "4", "j", "f", "1", "e"):
            run.terminal.key(key)
            run.terminal.pump(0.02)
        if columns >= 60:
            run.terminal.wait("changed")
        run.terminal.key("\x11")
        run.check_end(0)


def test_a_storm_of_sizes(tmp_path: Path) -> None:
    """What the environment says of the size is not believed."""
    with console(tmp_path, environment={"COLUMNS": "80", "LINES": "24"}) as run:
        run.ready()
        terminal = run.terminal
        for number in range(60):
            run.resize(1 + number * 31 % 240, 1 + number * 7 % 60)
            terminal.pump(0.005)
        run.resize(120, 36)
        terminal.wait("orders-api")
        terminal.key("4")
        terminal.wait("Log ──")
        terminal.key("q")
        run.check_end(0)


def test_the_servers_die_in_the_middle(tmp_path: Path) -> None:
    """The console says so, keeps what it has, and goes on asking."""
    with console(tmp_path) as run:
        run.ready()
        terminal = run.terminal
        (server,) = children_of(terminal.pid)
        os.kill(server, signal.SIGKILL)
        terminal.key("r")
        terminal.wait("incomplete")
        terminal.wait("orders-api")
        terminal.key("4")
        terminal.wait("Log ──")
        terminal.wait("TCP")
        terminal.key("1")
        terminal.wait("incomplete")
        terminal.key("r")
        terminal.wait("orders-api")
        terminal.key("q")
        run.check_end(0)
