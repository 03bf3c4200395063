"""What a start imports, seen in `sys.modules`: a static graph cannot tell whether a deferral defers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRINT = "\nimport sys, atexit\natexit.register(lambda: sys.stderr.write('\\nMODULES ' + ' '.join(sys.modules)))\n"
MAIN = PRINT + "from ocm_tui.cli import main\nmain({words!r})\n"
FIRST_FRAME = """
import asyncio, os, sys
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.state import Connection

async def opened():
    raise AssertionError("the first frame does not wait for a session")

def ready(self):
    sys.stderr.write("\\nMODULES " + " ".join(sys.modules))
    sys.stderr.flush()
    os._exit(0)

OcmApp.on_ready = ready

async def main():
    async with OcmApp(opened, shown=Connection(environment="demo"), report_directory=None).run_test():
        await asyncio.sleep(30)

asyncio.run(main())
"""


def modules_of(code: str, folder: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "OCM_TUI_STATE_DIR": str(folder / "state")},
        timeout=60,
        check=False,
    )
    said = done.stderr.decode()
    assert "MODULES " in said, said
    assert "Traceback" not in said
    return {name.partition(".")[0] for name in said.rpartition("MODULES ")[2].split()}


@pytest.mark.parametrize(
    "words",
    [
        ["--demo", "--check"],
        ["--demo", "clients", "list"],
        ["--demo", "log", "list"],
        ["--demo", "plan"],
        ["--demo", "apply", "--yes"],
    ],
)
def test_headless_commands_load_no_console(tmp_path: Path, words: list[str]) -> None:
    loaded = modules_of(MAIN.format(words=words), tmp_path)
    assert "httpx2" in loaded, "the command did its work"
    assert not loaded & {"textual", "rich", "boto3", "keyring", "asyncpg", "redis"}
    assert ("oci" in loaded) == ("--check" in words), "profiles are checked with the SDK"


def test_the_version_loads_nearly_nothing(tmp_path: Path) -> None:
    loaded = modules_of(MAIN.format(words=["--version"]), tmp_path)
    assert not loaded & {"argparse", "asyncio", "json", "pydantic", "httpx2", "textual", "yaml"}


@pytest.mark.parametrize("words", [["--help"], ["clients", "list", "--nonsense"], ["config", "path"]])
def test_words_that_need_no_server_load_no_client(tmp_path: Path, words: list[str]) -> None:
    loaded = modules_of(MAIN.format(words=words), tmp_path)
    assert not loaded & {"textual", "rich", "httpx2", "cryptography"}


@pytest.mark.parametrize("code", [FIRST_FRAME, PRINT + "import ocm_tui.tui.app\nimport ocm_tui.console"])
def test_the_first_frame_loads_nothing_that_talks_to_servers(tmp_path: Path, code: str) -> None:
    loaded = modules_of(code, tmp_path)
    assert "textual" in loaded
    assert not loaded & {"httpx2", "pydantic", "pydantic_core", "yaml", "cryptography", "sqlite3", "h11"}
