"""Keeps one server process for the tests, and outlives them just long enough to stop it.

    python server_keeper.py '{"home": …, "prepare": [[…]], "command": […], "ready": "postgres|redis", "sign": PATH, …}'

It obeys the lines `start`, `stop`, `kill`, `pause`, `resume` on its standard input and answers each with `ok` or with
what went wrong. When the input ends, however the test run ended (done, interrupted, killed), the server is stopped and
its directory removed. Standard library only: it is started as a plain script.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

__all__ = ["Keeper"]

_START_SECONDS = 60.0
_STOP_SECONDS = 20.0


class Failed(Exception):
    """What the server did instead."""


@dataclass
class Keeper:
    home: Path
    prepare: list[list[str]]
    command: list[str]
    ready: str  # "postgres" or "redis": how it shows that it is up
    sign: Path  # postmaster.pid, or the socket
    user: int | None  # to run as; None: who we are
    environ: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @classmethod
    def told(cls, job: Mapping[str, Any]) -> Self:
        return cls(**{**job, "home": Path(job["home"]), "sign": Path(job["sign"])})

    @property
    def _identity(self) -> dict[str, Any]:
        return {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}

    def obey(self, order: str) -> None:
        {"start": self.start, "stop": self.stop, "kill": self.kill, "pause": self.pause, "resume": self.resume}[order]()

    def start(self) -> None:
        if self.starts == 0:
            for command in self.prepare:
                self._run(command)
        self.starts += 1
        until = time.monotonic() + _START_SECONDS
        while not self._came_up(until):
            # After a kill the former one's children need a moment to go; a first start that fails will fail again.
            if self.starts == 1 or time.monotonic() > until:
                raise Failed(f"{self.command[0]} did not start: {self._log()}")
            time.sleep(0.1)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, capture_output=True, cwd=self.home, env=self.environ, check=False, **self._identity
        )
        if done.returncode:
            raise Failed(f"{command[0]} failed with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")

    def _came_up(self, until: float) -> bool:
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home, env=self.environ,
                **self._identity,
            )  # fmt: skip
        while self.process.poll() is None and time.monotonic() < until:
            if self._is_ready():
                return True
            time.sleep(0.01)
        return False

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            if self.ready == "postgres":  # the eighth line, as pg_ctl reads it; the first: whose file it is
                lines = self.sign.read_text(encoding="utf-8").splitlines()
                ours = self.process is not None and lines[:1] == [str(self.process.pid)]
                return ours and len(lines) > 7 and lines[7].strip() == "ready"
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
                peer.settimeout(1.0)
                peer.connect(str(self.sign))
                peer.sendall(b"PING\r\n")
                return peer.recv(64).startswith(b"+PONG")
        return False

    def _log(self) -> str:
        with contextlib.suppress(OSError):
            return (self.home / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
        return "it left no log"

    def stop(self) -> None:
        """Without waiting for clients: SIGQUIT is Postgres' immediate shutdown."""
        self._end(signal.SIGQUIT if self.ready == "postgres" else signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """The server hangs: it neither answers nor closes."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        """The server and its children: Postgres has one for each connection."""
        if self.process is None or self.process.poll() is not None:
            raise Failed(f"{self.command[0]} is not running: {self._log()}")
        self.process.send_signal(number)
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True).stdout.split()
        for child, parent in zip(listed[::2], listed[1::2], strict=True):
            if int(parent) == self.process.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), number)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(Failed, ProcessLookupError):
            self._signal_all(signal.SIGCONT)
            self.process.send_signal(number)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        self.stop()
        for _ in range(20):  # the server's children may still be writing
            shutil.rmtree(self.home, ignore_errors=True)
            if not self.home.exists():
                return
            time.sleep(0.05)


@contextlib.contextmanager
def _kept(keeper: Keeper) -> Iterator[Keeper]:
    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield keeper
    finally:
        keeper.close()


def main() -> None:
    with _kept(Keeper.told(json.loads(sys.argv[1]))) as keeper:
        for line in sys.stdin:
            try:
                keeper.obey(line.strip())
                answer = "ok"
            except (Failed, OSError) as error:
                answer = str(error)
            with contextlib.suppress(BrokenPipeError):
                os.write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
