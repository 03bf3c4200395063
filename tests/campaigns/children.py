"""What campaigns have in common: processes that are killed at a moment of their work, and rounds with a table."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

from ocm_tui.simulator.server import Simulator

__all__ = ["Home", "Tally", "run_rounds"]


class Tally(Protocol):
    problems: list[str]

    def table(self) -> str: ...


_T = TypeVar("_T", bound=Tally)


class Home:
    """The directory of one round: configuration and state. `output` is what its processes wrote.

    `module` is the campaign, which with `--child CONFIG WORD…` does the work and says a first line when it begins.
    """

    def __init__(self, directory: Path, simulator: Simulator, module: str, *, environment: str = "") -> None:
        """`environment` are further lines of the environment in the configuration."""
        self.directory, self.state, self.config = directory, directory / "state", directory / "config.yaml"
        self.module, self.output = module, b""
        self.config.write_text(
            "default_environment: test\nenvironments:\n  test:\n    server:\n"
            f"      base_url: {simulator.base_url}\n"
            f'      auth: {{type: basic, username: {simulator.username}, password: "${{env:PF_PASSWORD}}"}}\n'
            f"{environment}",
            encoding="utf-8",
        )
        self.environ = {**os.environ, "PF_PASSWORD": simulator.password, "OCM_TUI_STATE_DIR": str(self.state)}

    async def child(self, *words: str, kill_after: float | None = None) -> tuple[int, float]:
        """A process that does the work, killed `kill_after` seconds into it; its exit code, and the work's seconds."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self.module, "--child", str(self.config), *words,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=self.environ,
        )  # fmt: skip
        assert process.stdout is not None
        self.output += await process.stdout.readline()  # it begins
        began = time.monotonic()
        if kill_after is not None:
            await asyncio.sleep(kill_after)
            if process.returncode is None:
                # Not `process.kill()`: it looks first whether the process has ended, and who looks takes the exit
                # code away from the thread that waits for it. That thread then reports 255.
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
        self.output += await process.stdout.read()
        code = await process.wait()
        return code, time.monotonic() - began


def run_rounds(
    module: str,
    about: str | None,
    tally: _T,
    one_round: Callable[[int, argparse.Namespace, Path, _T], Awaitable[None]],
    *,
    rounds: int,
    clients: int | None = None,
) -> int:
    """The campaign's command line: rounds with consecutive seeds, then the table. Exit code 1 if there are problems."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=1)
    if clients is not None:
        parser.add_argument(
            "--clients", type=int, default=clients, help="of the first inventory; the second has 1.75 times"
        )
    options = parser.parse_args()
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as directory:
            asyncio.run(_awaited(one_round(options.seed + number, options, Path(directory), tally)))
    sys.stdout.write(tally.table() + "\n")
    return 1 if tally.problems else 0


async def _awaited(work: Awaitable[None]) -> None:
    await work
