"""The program as its users start it: a process, its two streams and its exit code; and servers for it to meet."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

__all__ = ["DOCUMENT", "PASSWORD", "Answer", "Program", "RawServer", "Result", "Simulated", "environment_yaml"]

PASSWORD = "planted-Passw0rd-7f31"

# A client document for `str.format(id=…)`, with a secret that must never be seen again.
DOCUMENT = """\
clientId: {id}
name: {id}
grantTypes: [CLIENT_CREDENTIALS]
clientAuth: {{type: SECRET, secret: planted-client-secret-4c1}}
"""


@dataclass(frozen=True)
class Result:
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.stdout.splitlines()]


@dataclass
class Program:
    """Starts `ocm-tui` with a home of its own. `seen` is everything that any run ever wrote to a stream."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    seen: str = ""

    @property
    def state(self) -> Path:
        return self.home / "state"

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SYSTEMROOT") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "NO_COLOR": "",
            "OCM_TUI_CONFIG": str(self.home / "config.yaml"),
            "OCM_TUI_STATE_DIR": str(self.state),
            "OCM_TUI_CACHE_DIR": str(self.home / "cache"),
            "PF_PASSWORD": PASSWORD,
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.variables,
            **(extra or {}),
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "ocm_tui", *words]

    def __call__(self, *words: str, stdin: str | bytes = b"", environ: Mapping[str, str] | None = None) -> Result:
        done = subprocess.run(
            self.command(*words),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=self.environ(environ),
            cwd=self.home,
            timeout=120,
            check=False,
        )
        result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
        self.seen += result.stdout + result.stderr
        assert "Traceback" not in result.stderr
        return result

    def start(self, *words: str, **settings: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*words),
            env=self.environ(),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **settings,
        )

    def modules_after(self, *words: str) -> set[str]:
        """What a run has imported when it ends."""
        code = (
            "import atexit, sys\n"
            "atexit.register(lambda: sys.stderr.write('\\nMODULES ' + ' '.join(sys.modules)))\n"
            "from ocm_tui.cli import main\n"
            "main()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True,
            env=self.environ(),
            timeout=120,
            check=False,
        )
        return set(done.stderr.decode().rpartition("MODULES ")[2].split())


class Simulated:
    """The program's own simulator, in a process."""

    def __init__(self, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ocm_tui", "simulate", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        self.base_url: str = said["pingfederate"]["base_url"]
        self.username: str = said["pingfederate"]["username"]
        self.password: str = said["pingfederate"]["password"]
        self.token_url: str = said["token_url"]
        self.auditor: dict[str, str] = said["pingfederate"]["auditor"]
        self.oci: dict[str, Any] = said["oci"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass(frozen=True)
class Answer:
    """Bytes for one connection; None means that it stays open without a word until the server is closed."""

    data: bytes | None

    @staticmethod
    def http(
        status: str, body: bytes, content_type: str = "application/json", *, length: int | None = None
    ) -> "Answer":
        size = len(body) if length is None else length
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        )
        return Answer(head.encode() + body)


class RawServer:
    """A socket with one answer per connection, the same for all or by method.

    `asked` is set by the first request, or the first with the method `waits_for`.
    """

    def __init__(self, answer: Answer | Mapping[str, Answer], waits_for: str = "") -> None:
        self._answer, self._waits_for = answer, waits_for
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.asked = threading.Event()
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/pf-admin-api/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with contextlib.suppress(OSError):
                    self._answer_one(connection)

    def _answer_one(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            more = connection.recv(65536)
            if not more:
                break
            received += more
        method = received.partition(b" ")[0].decode("latin-1")
        answer = self._answer if isinstance(self._answer, Answer) else self._answer[method]
        if not self._waits_for or method == self._waits_for:
            self.asked.set()
        if answer.data is None:
            self._open.append(connection)
            return
        with connection:
            connection.sendall(answer.data)


def environment_yaml(
    name: str, base_url: str, username: str = "ocm-administrator", *, password: str = "PF_PASSWORD", **lines: object
) -> str:
    """One environment of a configuration; `password` is the variable that has it."""
    extra = "".join(f"    {key}: {value}\n" for key, value in lines.items())
    return (
        f"  {name}:\n{extra}    server:\n      base_url: {base_url}\n"
        f'      auth: {{type: basic, username: {username}, password: "${{env:{password}}}"}}\n'
    )


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def lines_of(stream: Iterator[bytes], wanted: Sequence[str]) -> str:
    """Read until a line holds all of `wanted`; the line."""
    for line in stream:
        text = line.decode()
        if all(word in text for word in wanted):
            return text
    raise AssertionError(f"no line with {wanted}")
