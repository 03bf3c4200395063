"""How soon something is on the screen, and what the commands that pipelines ask often cost."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.table import Row, interleaved
from tests.terminal import Terminal

__all__ = ["run"]

FIVE_LINES = """\
from textual.app import App
from textual.widgets import Label
class Five(App):
    def compose(self): yield Label("hello")
Five().run()
"""
OURS = [sys.executable, "-m", "ocm_tui"]
_LAST_WORD = "Commands"  # the end of the footer: when it is there, the whole first frame is


def run(rounds: int, peers: Mapping[str, Sequence[str]]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        five = Path(folder, "five.py")
        five.write_text(FIVE_LINES)
        reference = [sys.executable, str(five)]
        base, first, frame, row, *others = interleaved(
            rounds,
            lambda: first_character(reference),
            lambda: first_character([*OURS, "--demo"]),
            lambda: painted([*OURS, "--demo"], _LAST_WORD),
            lambda: painted([*OURS, "--demo"], "orders-api"),
            *(lambda command=command: first_character(command) for command in peers.values()),
        )
    known = "recorded: posting 4.1 ×, harlequin 2.8 ×, Textual's demo 3.4 ×"
    rows = [
        Row("first paint of --demo", first, base, 1.4, "ms", "five-line Textual app", known),
        Row(
            "whole first frame of --demo", frame, base, float("inf"), "ms", "five-line Textual app", "no limit was set"
        ),
        Row("first client row of --demo", row, base, 2.2, "ms", "five-line Textual app", "recorded: harlequin 5.8 ×"),
    ]
    rows += [
        Row(f"first paint of {name}", value, base, float("inf"), "ms", "five-line Textual app", "peer")
        for name, value in zip(peers, others, strict=True)
    ]
    return [*rows, *_commands(rounds)]


def _commands(rounds: int) -> list[Row]:
    nothing, version = interleaved(
        rounds * 3,
        lambda: finished([sys.executable, "-c", "pass"]),
        lambda: finished([str(Path(sys.executable).with_name("ocm-tui")), "--version"]),
    )
    of_server = ["--only", "config", "--only", "server.*"]
    imports, start, check, everything = interleaved(
        rounds,
        lambda: finished([sys.executable, "-c", "import httpx2, pydantic, yaml"]),
        simulator_start,
        lambda: finished([*OURS, "--demo", "--check", *of_server]),
        lambda: finished([*OURS, "--demo", "--check"]),
    )
    expected = "2 × imports + one simulator start"
    return [
        Row("--version", version, nothing, 4.0, "ms", "python -c pass"),
        Row("--demo --check of the server", check, 2 * imports + start, 1.0, "ms", expected),
        Row("--demo --check of everything", everything, 2 * imports + start, 1.0, "ms", expected, "with the OCI SDK"),
    ]


def painted(command: Sequence[str], text: str) -> float:
    """Milliseconds from the start until `text` is on the screen."""
    with Terminal(command) as terminal:
        terminal.wait(text)
        return (time.perf_counter() - terminal.started) * 1000


def first_character(command: Sequence[str]) -> float:
    """Milliseconds from the start to the first painted character."""
    with Terminal(command) as terminal:
        terminal.until(lambda screen: bool(screen.strip()), "anything")
        assert terminal.first_paint is not None
        return terminal.first_paint * 1000


def finished(command: Sequence[str]) -> float:
    """Milliseconds of a whole process, which has to succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def simulator_start() -> float:
    """Milliseconds until the simulator says that it accepts connections."""
    start = time.perf_counter()
    with subprocess.Popen([*OURS, "simulate"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        took = (time.perf_counter() - start) * 1000
        process.terminate()
    return took
