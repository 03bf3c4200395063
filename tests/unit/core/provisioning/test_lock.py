"""One apply at a time: in one process, between two, and after one of them was killed."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ocm_tui.core.errors import ConfigError, Refused
from ocm_tui.core.provisioning.lock import RunLock, holder

URL = "https://pf.example.com:9999/pf-admin-api/v1"
HOLD = """
import asyncio, sys
from pathlib import Path
from ocm_tui.core.provisioning.lock import RunLock
async def main():
    async with RunLock(Path(sys.argv[1]), sys.argv[2], "run-of-another"):
        print("held", flush=True)
        sys.stdin.readline()
asyncio.run(main())
"""


def other_process(directory: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory), URL], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def ended(process: "subprocess.Popen[bytes]") -> None:
    process.communicate(timeout=30)


async def test_the_second_is_refused_with_the_id_of_the_first(tmp_path: Path) -> None:
    async with RunLock(tmp_path, URL, "run-1"):
        assert holder(tmp_path, URL) == "run-1"
        with pytest.raises(Refused, match="run run-1"):
            async with RunLock(tmp_path, URL, "run-2"):
                pass
        async with RunLock(tmp_path, "https://other.example.com/", "run-3"):
            pass
    assert holder(tmp_path, URL) is None
    async with RunLock(tmp_path, URL, "run-2"):
        assert holder(tmp_path, URL) == "run-2"


async def test_another_process_holds_it_until_it_ends(tmp_path: Path) -> None:
    process = other_process(tmp_path)
    assert holder(tmp_path, URL) == "run-of-another"
    with pytest.raises(Refused, match="run-of-another"):
        async with RunLock(tmp_path, URL, "run-1"):
            pass
    ended(process)
    async with RunLock(tmp_path, URL, "run-1"):
        pass


async def test_waiting_for_the_other_one(tmp_path: Path) -> None:
    process = other_process(tmp_path)
    waiting = asyncio.create_task(RunLock(tmp_path, URL, "run-1", wait=60).__aenter__())
    await asyncio.sleep(0)
    assert not waiting.done()
    await asyncio.to_thread(ended, process)
    lock = await waiting
    assert holder(tmp_path, URL) == "run-1"
    await lock.__aexit__(None, None, None)


async def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    process = other_process(tmp_path)
    process.send_signal(signal.SIGKILL)
    ended(process)
    assert holder(tmp_path, URL) is None
    async with RunLock(tmp_path, URL, "run-1"):
        pass


async def test_waiting_can_be_cancelled(tmp_path: Path) -> None:
    async with RunLock(tmp_path, URL, "run-1"):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), RunLock(tmp_path, URL, "run-2", wait=600):
                pass
        assert time.monotonic() - began < 60


async def test_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lock of an apply"):
        async with RunLock(tmp_path / "missing", URL, "run-1"):
            pass
    assert holder(tmp_path / "missing", URL) is None
