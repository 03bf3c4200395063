"""The history file on a real disk: bounds, several processes, kills, and files that are not usable."""

import itertools
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.history import HistoryReader, HistoryWriter
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.exchanges.query import parse_query
from tests.unit.core.exchanges.examples import exchange


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.sqlite3"


def recent(number: int, **changes: Any) -> Exchange:
    return exchange(number, **{"started_at": time.time() - 1000 + number, **changes})


def write(path: Path, exchanges: list[Exchange], **bounds: Any) -> HistoryWriter:
    writer = HistoryWriter(path, **bounds)
    for each in exchanges:
        writer(each)
    writer.close()
    return writer


def ids(exchanges: list[Exchange]) -> list[str]:
    return [each.id for each in exchanges]


def test_a_round_trip_is_exact(path: Path) -> None:
    exchanges = [
        recent(1),
        recent(2, error=("tcp", "refused"), client_id="a", run_id="r", purpose="p", target="token", attempt=3),
        recent(3, status=422, response=Message((("A", "ö\n"), ("a", "b")), '{"x": "⟨1B⟩ \\"q\\""}', 99, True)),
        recent(4, http_version="HTTP/1.1", reused_connection=True, duration_ms=0.1 + 0.2),
    ]
    writer = write(path, exchanges)
    assert (writer.problem, writer.notice, writer.dropped) == (None, None, 0)
    reader = HistoryReader(path)
    assert reader.list() == exchanges
    for each in exchanges:
        assert reader.get(each.id) == each
    assert reader.get("no-such") is None


def test_a_sink_of_the_log(path: Path) -> None:
    log, writer = ExchangeLog(), HistoryWriter(path)
    log.subscribe(writer)
    log.append(recent(1))
    writer.close()
    log.append(recent(2))
    writer.close()
    assert ids(HistoryReader(path).list()) == ["test-1"]


def test_the_newest_that_match_come_last(path: Path) -> None:
    write(path, [recent(number, status=404 if number % 3 == 0 else 200) for number in (5, 3, 1, 2, 4, 6)])
    reader = HistoryReader(path)
    assert ids(reader.list()) == [f"test-{number}" for number in range(1, 7)]
    assert ids(reader.list(limit=2)) == ["test-5", "test-6"]
    assert ids(reader.list(parse_query("status:404"))) == ["test-3", "test-6"]
    assert ids(reader.list(parse_query("status:200"), limit=3)) == ["test-2", "test-4", "test-5"]
    assert reader.list(limit=0) == []


def test_nothing_is_there_and_nothing_is_made(path: Path) -> None:
    assert HistoryReader(path).list() == []
    assert HistoryReader(path).get("x") is None
    assert not path.parent.exists()
    HistoryWriter(path).close()
    assert not path.exists()


def test_others_cannot_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        writer = HistoryWriter(path)
        writer(recent(1))
        next(held for held in _lists(HistoryReader(path)) if held)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        writer.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert path.name in modes
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


# --- bounds --------------------------------------------------------------------------------------------------------


def test_bounded_by_count(path: Path) -> None:
    write(path, [recent(number) for number in range(1, 31)], max_count=10)
    assert ids(HistoryReader(path).list()) == [f"test-{number}" for number in range(21, 31)]


def test_bounded_by_age(path: Path) -> None:
    now = time.time()
    ages = {1: 5_000, 2: 3_700, 3: 3_500, 4: 10}
    write(path, [exchange(number, started_at=now - age) for number, age in ages.items()], max_age=3_600)
    assert ids(HistoryReader(path).list()) == ["test-3", "test-4"]


def test_bounded_by_bytes(path: Path) -> None:
    big = [recent(number, response=Message((), f"{number:05}" * 2_000, 10_000)) for number in range(1, 301)]
    write(path, big, max_bytes=1_000_000)
    kept = HistoryReader(path).list()
    assert 20 < len(kept) < 100
    assert kept == big[-len(kept) :]
    assert path.stat().st_size < 2_000_000
    write(path, [recent(number, response=big[0].response) for number in range(1_001, 1_300)], max_bytes=1_000_000)
    assert path.stat().st_size < 2_000_000


def test_more_than_the_disk_takes_is_dropped_from_the_oldest_and_counted(path: Path) -> None:
    writer = HistoryWriter(path, max_waiting=50_000)
    blocker = sqlite3.connect(_made(path), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for number in range(1, 101):
        writer(recent(number, request=Message((), "x" * 1_000)))
    blocker.execute("ROLLBACK")
    blocker.close()
    writer.close()
    assert writer.problem is None
    assert writer.dropped > 40
    kept = ids(HistoryReader(path).list())
    assert kept[-1] == "test-100"
    assert len(kept) == 100 - writer.dropped


def _made(path: Path) -> Path:
    """An empty history file."""
    write(path, [recent(0)])
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM exchange")
    database.close()
    return path


# --- failures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"this is no database at all" * 99, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_broken_file_is_set_aside_and_said(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(OcmError, match="cannot be read") as caught:
        HistoryReader(path).list()
    assert str(path) in caught.value.title
    writer = write(path, [recent(1)])
    assert writer.problem is None
    assert writer.notice is not None
    assert ids(HistoryReader(path).list()) == ["test-1"]
    aside = [each for each in path.parent.iterdir() if "unusable" in each.name]
    assert [each.read_bytes() for each in aside] == [content]
    assert str(aside[0]) in writer.notice


def test_the_database_of_another_program_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE exchange (a)")
        foreign.execute("INSERT INTO exchange VALUES ('precious')")
    foreign.close()
    with pytest.raises(OcmError, match="cannot be read"):
        HistoryReader(path).get("x")
    writer = write(path, [recent(1)])
    assert writer.notice is not None
    aside = next(each for each in path.parent.iterdir() if "unusable" in each.name)
    kept = sqlite3.connect(aside)
    assert kept.execute("SELECT a FROM exchange").fetchall() == [("precious",)]
    kept.close()


def test_damage_that_shows_while_writing(path: Path) -> None:
    write(path, [recent(number, request=Message((), "x" * 3_000)) for number in range(200)])
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    path.write_bytes(data)
    writer = write(path, [recent(1), recent(2)])
    assert writer.problem is None
    assert writer.notice is not None


def test_the_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    database = sqlite3.connect(_made(path))
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    writer = write(path, [recent(1)])
    assert writer.problem is not None
    assert "newer" in writer.problem
    assert path.read_bytes()[:100] == before[:100]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    writer = write(tmp_path / "file" / "history.sqlite3", [recent(1)])
    assert writer.problem is not None
    writer(recent(2))  # silently nothing
    directory = tmp_path / "a-directory"
    directory.mkdir()
    assert write(directory, [recent(1)]).problem is not None


def test_a_full_disk(path: Path) -> None:
    """As SQLite tells it: a bound on its pages stands for the end of the disk."""
    _made(path)
    program = (
        "import sys, sqlite3; from pathlib import Path\n"
        "from tests.unit.core.exchanges.test_history import *\n"
        "connect = sqlite3.connect\n"
        "def small(*arguments, **options):\n"
        "    database = connect(*arguments, **options)\n"
        "    database.execute('PRAGMA max_page_count = 12')\n"
        "    return database\n"
        "sqlite3.connect = small\n"
        "writer = write(Path(sys.argv[1]), [recent(n, request=Message((), 'x' * 9_000)) for n in range(100)])\n"
        "assert 'full' in writer.problem, writer.problem\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)


def test_a_lock_that_is_never_released_does_not_hold_up_the_end(path: Path) -> None:
    blocker = sqlite3.connect(_made(path), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    writer = HistoryWriter(path)
    writer(recent(1))
    started = time.monotonic()
    writer.close()
    assert time.monotonic() - started < 4
    assert writer.problem is not None
    blocker.close()


# --- several processes ---------------------------------------------------------------------------------------------

WRITER = (
    "import sys; from pathlib import Path\n"
    "from tests.unit.core.exchanges.test_history import *\n"
    "writer = HistoryWriter(Path(sys.argv[1]))\n"
    "for number in itertools.count() if sys.argv[3] == 'forever' else range(int(sys.argv[3])):\n"
    "    writer(recent(number, id=f'{sys.argv[2]}-{number}'))\n"
    "    if sys.argv[3] == 'forever': time.sleep(0.001)\n"
    "writer.close(); assert writer.problem is None and writer.notice is None, (writer.problem, writer.notice)\n"
)


def start(path: Path, name: str, count: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, count])


def test_several_processes_write_at_once(path: Path) -> None:
    writers = [start(path, name, "300") for name in "abcd"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    assert sorted(ids(HistoryReader(path).list())) == sorted(f"{name}-{n}" for name in "abcd" for n in range(300))


def test_a_killed_writer_leaves_a_good_file(path: Path) -> None:
    reader = HistoryReader(path)
    for name in "ab":
        writer = start(path, name, "forever")
        try:
            next(held for held in _lists(reader) if any(each.startswith(name) for each in held))
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait(30)
    after = write(path, [recent(10_000, id="last")])
    assert (after.problem, after.notice) == (None, None)
    held = ids(reader.list())
    for name in "ab":
        numbers = [int(each[2:]) for each in held if each.startswith(name)]
        assert numbers
        assert sorted(numbers) == list(range(len(numbers)))  # whole batches, in order, without holes
    assert "last" in held


def _lists(reader: HistoryReader) -> Iterator[list[str]]:
    until = time.monotonic() + 30
    for _ in itertools.count():
        assert time.monotonic() < until
        yield ids(reader.list())


def test_reading_where_nothing_can_be_written(path: Path) -> None:
    write(path, [recent(1)])
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert ids(HistoryReader(path).list()) == ["test-1"]
    finally:
        path.parent.chmod(0o700)


# --- cost ----------------------------------------------------------------------------------------------------------


def test_taking_note_is_cheap(path: Path) -> None:
    writer, made = HistoryWriter(path), [recent(number) for number in range(5_000)]
    started = time.perf_counter()
    for each in made:
        writer(each)
    took = time.perf_counter() - started
    writer.close()
    assert took / 5_000 < 500e-6  # measured: 2 microseconds; the writer's thread competes for the processor
    assert len(HistoryReader(path).list()) == 5_000
