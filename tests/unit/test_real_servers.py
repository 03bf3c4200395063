"""Servers for tests end with the tests, however those end; and none is skipped where one has to be."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.real_servers import NoServer, RealServer, postgres_server, valkey_server

_ROOT = Path(__file__).parents[2]
_STARTS_ONE = """
import sys
from tests.real_servers import valkey_server
with valkey_server(own=True) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_a_server_ends_with_its_tests(number: signal.Signals, valkey_server: RealServer) -> None:
    """The fixture only skips this where there is no server to be had."""
    with subprocess.Popen(
        [sys.executable, "-c", _STARTS_ONE], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as tests:  # fmt: skip
        assert tests.stdout is not None
        home = Path(urlsplit(tests.stdout.readline().strip()).path).parent
        assert home.is_dir()
        tests.send_signal(number)
        assert tests.wait(60) != 0
    while home.exists():  # the time limit of a test is what ends this
        time.sleep(0.01)


@pytest.mark.parametrize("variable", ["OCM_TEST_PG_BIN", "OCM_TEST_REDIS_BIN"])
def test_a_binary_that_is_none_is_said(variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    binaries = tmp_path / "install" / "bin"
    binaries.mkdir(parents=True)
    for name in ("initdb", "postgres", "redis-server"):
        (binaries / name).write_text("#!/bin/sh\necho sorry >&2; exit 3\n", encoding="utf-8")
        (binaries / name).chmod(0o755)
    postgres = variable == "OCM_TEST_PG_BIN"
    monkeypatch.setenv(variable, str(binaries if postgres else binaries / "redis-server"))
    with pytest.raises(NoServer, match=r"sorry|did not start"), (postgres_server if postgres else _valkey)(own=True):
        pass


def test_a_running_server_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCM_TEST_PG_DSN", "postgresql://db.example.com/x")
    with postgres_server() as server:
        assert server.url == "postgresql://db.example.com/x"
        with pytest.raises(NoServer):
            server.kill()


@pytest.mark.parametrize(("demanded", "outcome"), [("1", "1 error"), ("", "1 skipped"), ("0", "1 skipped")])
def test_a_missing_server_skips_unless_it_is_demanded(demanded: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "redis-server").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    (tmp_path / "redis-server").chmod(0o755)
    environ = {**os.environ, "OCM_TEST_REDIS_BIN": str(tmp_path / "redis-server"), "OCM_REQUIRE_SERVERS": demanded}
    environ.pop("OCM_TEST_REDIS_URL", None)
    test = "tests/unit/test_real_servers.py::test_a_server_ends_with_its_tests[SIGINT]"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", test],
        cwd=_ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome in done.stdout, done.stdout


_valkey = valkey_server
