"""The live log under a flood: 5,000 exchanges a second, and somebody who goes on working."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.table import Row, quantile
from tests.benchmarks.timed_terminal import TimedTerminal

__all__ = ["run"]

RATE = 5_000
# Each key, and what has to be on the screen, or no more ("!"), for it to count as answered.
_WORK = (
    ("4", "Log ──"),
    ("k", "paused"),
    ("f", "following"),
    ("/", "words, status:4xx"),
    ("escape", "!words, status:4xx"),
    ("?", "Help:"),
    ("escape", "!Help:"),
    ("3", "Registry ──"),
    ("1", "No authorization server"),
)


def run(seconds: float) -> list[Row]:
    with TimedTerminal([sys.executable, "-m", "tests.benchmarks.flooded_console", str(RATE)]) as terminal:
        terminal.until(lambda screen: _rate(screen) > RATE * 0.9, "the flood")
        _work(terminal)  # every pane has been built once
        before, answers, rates = _resident(terminal.pid), list[float](), list[float]()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            answers += _work(terminal)
            rates.append(_rate(terminal.text))
        after = _resident(terminal.pid)
        terminal.key("q")
        assert terminal.end() == 0
    took = f"{seconds:.0f} s, {sum(rates) / len(rates):.0f} exchanges/s taken"
    return [
        Row("key during the flood, p95", quantile(answers, 0.95), None, 100.0, "ms", note=f"{len(answers)} keys"),
        Row("memory growth in the flood", max(after - before, 0.0), None, 64.0, "MB", note=took),
        Row(
            "exchanges/s lost",
            RATE - quantile(rates, 0.5),
            None,
            RATE * 0.05,
            "/s",
            note="rate asked for less rate taken",
        ),
    ]


def _work(terminal: TimedTerminal) -> list[float]:
    """Milliseconds from each key to the bytes that show its effect."""
    return [terminal.answered(key, *_seen(effect)) * 1000 for key, effect in _WORK]


def _seen(effect: str) -> tuple[Callable[[str], bool], str]:
    text = effect.removeprefix("!")
    if text == effect:
        return lambda screen: text in screen, f"{text!r} on the screen"
    return lambda screen: text not in screen, f"{text!r} gone from the screen"


def _rate(screen: str) -> float:
    match = re.search(r"Live ── (\d+)/s", screen)
    return float(match[1]) if match else 0.0


def _resident(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
