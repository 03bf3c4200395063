"""The command as a process: one line, then service, then a clean end however it is asked for."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "ocm_tui.simulator"]


@contextlib.contextmanager
def started(*flags: str, wrapper: list[str] | None = None) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [*(wrapper or COMMAND), *flags]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            yield process, json.loads(line)
        finally:
            if process.poll() is None:
                process.kill()


def version_of(announced: dict[str, Any], account: str = "administrator") -> str:
    server = announced["pingfederate"]
    who = server["auditor"] if account == "auditor" else server
    pair = b64encode(f"{who['username']}:{who['password']}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "X-XSRF-Header": "1"}
    request = urllib.request.Request(f"{server['base_url']}/version", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as reply:
        return str(json.load(reply)["version"])


def is_free(announced: dict[str, Any]) -> bool:
    port = int(announced["token_url"].split(":")[2].split("/")[0])
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Waits before it closes stdin, for that is an end of its own."""
    code = process.wait(timeout=20)
    out, err = process.communicate()
    return code, out, err


def test_one_line_on_stdout_says_where() -> None:
    with started("--server-version", "13.0", "--clients", "3") as (process, announced):
        assert announced == {
            "schema": "ocm-tui/simulate/v1",
            "pingfederate": {
                "base_url": announced["pingfederate"]["base_url"],
                "username": "ocm-administrator",
                "password": announced["pingfederate"]["password"],
                "auditor": {"username": "ocm-auditor", "password": announced["pingfederate"]["auditor"]["password"]},
            },
            "token_url": announced["token_url"],
            "oci": announced["oci"],
            "pid": process.pid,
        }
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/pf-admin-api/v1", announced["pingfederate"]["base_url"])
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/as/token\.oauth2", announced["token_url"])
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", announced["oci"]["endpoint"])
        assert Path(announced["oci"]["config_file"]).is_file()
        assert version_of(announced) == version_of(announced, "auditor") == "13.0.0.0"
        process.send_signal(signal.SIGTERM)
        code, out, err = ended(process)
        assert (code, out) == (0, "")
        assert err.count("\n") == 1
        assert announced["pingfederate"]["password"] not in err


def test_the_oci_services_come_when_they_are_asked_for(tmp_path: Path) -> None:
    with started("--until-stdin-closes", "--oci-later", "--oci-directory", str(tmp_path)) as (process, announced):
        assert announced["oci"] is None
        assert version_of(announced) == "12.1.0.4"
        assert not (tmp_path / "announcement.json").exists()
        assert process.stdin is not None
        process.stdin.write("oci\n")
        process.stdin.flush()
        end = time.monotonic() + 20
        while not (tmp_path / "announcement.json").exists() and time.monotonic() < end:
            time.sleep(0.01)
        later = json.loads((tmp_path / "announcement.json").read_text())
        assert later["endpoint"] in announced["token_url"]


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), ("stdin", 0)])
def test_it_ends_when_asked_to_with_a_connection_open(how: "signal.Signals | str", code: int) -> None:
    with started("--until-stdin-closes", "--latency", "10") as (process, announced):
        address = ("127.0.0.1", int(announced["token_url"].split(":")[2].split("/")[0]))
        with socket.create_connection(address) as idle:
            version_of(announced)
            if isinstance(how, signal.Signals):
                process.send_signal(how)
            else:
                assert process.stdin is not None
                process.stdin.close()
                process.stdin = None
            found, _, err = ended(process)
            assert (found, "Traceback" in err) == (code, False)
            with contextlib.suppress(ConnectionResetError):
                assert idle.recv(1) == b""
        assert is_free(announced)


def test_what_comes_on_stdin_is_not_an_end() -> None:
    with started("--until-stdin-closes") as (process, announced):
        assert process.stdin is not None
        process.stdin.write("words\n" * 10)
        process.stdin.flush()
        assert version_of(announced) == "12.1.0.4"
        process.stdin.close()
        process.stdin = None
        assert ended(process)[0] == 0


def test_without_the_flag_the_end_of_stdin_is_no_end() -> None:
    with started() as (process, announced):
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        assert version_of(announced) == "12.1.0.4"
        process.terminate()
        assert ended(process)[0] == 0


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    """The parent dies by SIGKILL. The pipes to this test are the simulator's as well: they end when both are gone."""
    source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'ocm_tui.simulator', '--until-stdin-closes'],"
        " stdin=subprocess.PIPE)\n"
        "time.sleep(600)\n"
    )
    with started(wrapper=[sys.executable, "-c", source]) as (parent, announced):
        assert version_of(announced) == "12.1.0.4"
        parent.kill()
        parent.communicate(timeout=20)
        assert is_free(announced)


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--server-version", "9.9"], "unknown server version '9.9'"),
        (["--faults", "teapot=5%"], "unknown fault 'teapot'"),
        (["--clients", "-1"], "-1 clients are out of range"),
        (["--clients", "1000001"], "1000001 clients are out of range"),
        (["--port", "65536"], "port 65536 is out of range"),
        (["--latency", "nan"], "a latency of nan ms is out of range"),
        (["--clients", "many"], "invalid int value"),
        (["--storage", "tape"], "invalid choice"),
        (["--oci-later"], "--oci-directory"),
    ],
)
def test_bad_flags_are_one_sentence_and_exit_2(flags: list[str], named: str) -> None:
    done = subprocess.run([*COMMAND, *flags], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_one_sentence_and_exit_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"port {port} cannot be used: ")
    assert done.stderr.count("\n") == 1


def test_a_stdin_that_cannot_be_watched_is_said() -> None:
    done = subprocess.run(
        [*COMMAND, "--until-stdin-closes"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs a pipe or a terminal" in done.stderr


def test_nobody_listens_to_the_announcement() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(COMMAND, stdout=write, stderr=subprocess.PIPE, text=True, timeout=20, check=False)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_imports_only_what_a_server_needs() -> None:
    source = (
        "import sys, ocm_tui.simulator.command\n"
        "heavy = {'httpx2', 'pydantic', 'yaml', 'textual', 'rich', 'cryptography', 'sqlite3'}\n"
        "own = [name for name in sys.modules if name.startswith('ocm_tui.')]\n"
        "print(sorted(heavy & set(sys.modules)), {name.split('.')[1] for name in own}, sorted(own))\n"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.startswith("[] {'simulator', 'core'} ") or done.stdout.startswith("[] {'core', 'simulator'} ")
    assert not re.search(r"core\.(http|clients|exchanges)", done.stdout)
