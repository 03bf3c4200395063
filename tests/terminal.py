"""A real pseudo-terminal for tests and benchmarks: keys in, screen out."""

import os
import re
import signal
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import pexpect
import pyte

__all__ = ["ScreenTimeoutError", "Terminal"]

KEYS: Final = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "end": "\x1b[F",
    "home": "\x1b[H",
}
# Sequences that the emulator would print or misread: private queries, keyboard modes, device control strings.
_NOISE: Final = re.compile(rb"\x1b\[[<>=][0-9;:]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP.*?\x1b\\", re.DOTALL)
_CUT: Final = re.compile(rb"\x1b(\[[0-9;:<>=?]*\$?|P[^\x1b]*)?$")
_MODES: Final = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
# Switched on by the program and to be off again at its end: alternate screen, mouse reporting, focus, bracketed paste.
_TO_RESTORE: Final = (b"1049", b"1000", b"1002", b"1003", b"1006", b"1015", b"1004", b"2004")


class ScreenTimeoutError(AssertionError):
    """What was waited for did not appear; the message holds the screen."""


class Terminal:
    """`with Terminal([...]) as t: t.wait("Clients"); t.key("q"); assert t.end() == 0`. `raw` keeps every byte."""

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 120,
        lines: int = 36,
        *,
        timeout: float = 20.0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.timeout = timeout
        self.raw = bytearray()
        self.modes: dict[bytes, bool] = {}
        self.first_paint: float | None = None  # seconds after the start
        self._rest = b""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        self.started = time.perf_counter()
        with warnings.catch_warnings():
            # Newer Pythons warn of a fork beside other threads, such as a test's server; what is forked here execs.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._child: Any = pexpect.spawn(
                command[0], list(command[1:]), dimensions=(lines, columns), env=env, timeout=timeout
            )
        self._child.delaybeforesend = None

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.close(force=True)

    @property
    def pid(self) -> int:
        return int(self._child.pid or 0)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    def pump(self, seconds: float = 0.02) -> bool:
        """Take in what comes within so many seconds; False when the program has ended."""
        try:
            data = self._child.read_nonblocking(65536, max(seconds, 0.001))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        self.raw += data
        data = self._rest + data
        cut = _CUT.search(data)
        self._rest = data[cut.start() :] if cut else b""
        data = data[: cut.start()] if cut else data
        for numbers, state in _MODES.findall(data):
            self.modes.update(dict.fromkeys(numbers.split(b";"), state == b"h"))
        self._stream.feed(_NOISE.sub(b"", data))
        if self.first_paint is None and any(line.strip() for line in self._screen.display):
            self.first_paint = time.perf_counter() - self.started

    def respond(self, key: str, *effects: str, quiet: float = 0.08, timeout: float = 5.0) -> float:
        """Seconds from a key until the last of `effects` has come as output; without any, until output pauses.

        A pause is `quiet` seconds. The emulator sees the bytes only after it, so its own slowness is not measured.
        """
        held = bytearray()
        awaited = [effect.encode() for effect in effects]
        sent = last = time.perf_counter()
        took: float | None = None
        self.key(key)
        while time.perf_counter() - last < (quiet if held and took is not None else timeout):
            try:
                held += self._child.read_nonblocking(1 << 20, quiet)
            except pexpect.TIMEOUT:
                continue
            last = time.perf_counter()
            if took is None or not awaited:
                took = last - sent if all(effect in held for effect in awaited) else None
        self._take(bytes(held))
        if took is None:
            raise ScreenTimeoutError(f"no {effects or 'answer'} to {key!r}\n{self.text}")
        return took

    def until(self, holds: Callable[[str], bool], what: str, timeout: float | None = None) -> None:
        end = time.perf_counter() + (timeout or self.timeout)
        alive = True
        while not holds(self.text):
            if not alive or time.perf_counter() > end:
                raise ScreenTimeoutError(f"{'ended' if not alive else 'timed out'} before {what}\n{self.text}")
            alive = self.pump()

    def wait(self, text: str, timeout: float | None = None) -> None:
        self.until(lambda screen: text in screen, f"{text!r} on the screen", timeout)

    def gone(self, text: str, timeout: float | None = None) -> None:
        self.until(lambda screen: text not in screen, f"{text!r} gone from the screen", timeout)

    def key(self, name: str) -> None:
        self._child.send(KEYS.get(name, name))

    def type(self, text: str) -> None:
        self._child.send(text)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self, timeout: float | None = None) -> int:
        """Wait for the program to end by itself: its exit status, or minus the signal that killed it."""
        stop = time.perf_counter() + (timeout or self.timeout)
        while self.pump() or self._child.isalive():
            if time.perf_counter() > stop:
                raise ScreenTimeoutError(f"still running\n{self.text}")
        self._child.close()
        if self._child.exitstatus is not None:
            return int(self._child.exitstatus)
        return -int(self._child.signalstatus or 0)

    @property
    def left_on(self) -> list[bytes]:
        """Terminal modes that the program switched on and did not switch off; a hidden cursor counts as `25`."""
        on = [mode for mode in _TO_RESTORE if self.modes.get(mode)]
        return [*on, b"25"] if self.modes.get(b"25") is False else on


def children_of(pid: int) -> set[int]:
    """Process ids below `pid`, from /proc."""
    found: set[int] = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(status.parent.name)
            found |= {child} | children_of(child)
    return found
