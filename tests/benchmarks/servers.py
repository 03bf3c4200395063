"""A simulator in a process of its own, and the configuration that leads the console to it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

__all__ = ["ConsoleFiles", "Server", "running_simulator"]


@dataclass(frozen=True, slots=True)
class Server:
    base_url: str
    username: str
    password: str


@contextmanager
def running_simulator(clients: int, *arguments: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "ocm_tui", "simulate", "--clients", str(clients), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())["pingfederate"]
        try:
            yield Server(said["base_url"], said["username"], said["password"])
        finally:
            process.terminate()


class ConsoleFiles:
    """A temporary home for the console: configuration, password file, state. `environment` points to them."""

    def __init__(self, server: Server) -> None:
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name)
        (home / "password").write_text(server.password)
        (home / "password").chmod(0o600)
        (home / "config.yaml").write_text(
            "default_environment: bench\n"
            "environments:\n"
            "  bench:\n"
            "    server:\n"
            "      kind: pingfederate\n"
            f"      base_url: {server.base_url}\n"
            f"      auth: {{type: basic, username: {server.username}, password: '${{file:password}}'}}\n"
        )
        self.environment = {
            "OCM_TUI_CONFIG": str(home / "config.yaml"),
            "OCM_TUI_STATE_DIR": str(home / "state"),
            "OCM_TUI_CACHE_DIR": str(home / "cache"),
        }

    def __enter__(self) -> "ConsoleFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()
