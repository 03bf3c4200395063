"""Several who make one file at the same moment all get it."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from ocm_tui.core import sqlite_files


def test_who_comes_while_a_file_is_being_made_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself gives up at once when the write-ahead log is turned on beside somebody who writes."""
    path, waited = tmp_path / "new.sqlite3", list[float]()
    first = sqlite3.connect(path, isolation_level=None)
    first.execute("BEGIN IMMEDIATE")

    def ends(seconds: float) -> None:
        """Instead of a pause: the other one is done by the third look."""
        waited.append(seconds)
        if len(waited) == 3:
            first.execute("COMMIT")
        assert len(waited) < 10, "it goes on waiting for nothing"

    monkeypatch.setattr(time, "sleep", ends)
    second = sqlite3.connect(path, isolation_level=None)
    sqlite_files.write_ahead(second)
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert len(waited) == 3
    first.close()
    second.close()


def test_it_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_files, "BUSY_MS", 20)
    path = tmp_path / "new.sqlite3"
    first = sqlite3.connect(path, isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    second = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite_files.write_ahead(second)
    first.close()
    second.close()


def test_many_at_once(tmp_path: Path) -> None:
    problems: list[str] = []
    begin = threading.Barrier(8)

    def work() -> None:
        database = sqlite3.connect(tmp_path / "new.sqlite3", timeout=10.0, isolation_level=None)
        begin.wait()
        try:
            schema = ["CREATE TABLE IF NOT EXISTS t (x)"]
            sqlite_files.prepare(database, application=7, version=1, schema=schema, synchronous="FULL")
            with sqlite_files.transaction(database):
                database.execute("INSERT INTO t VALUES (1)")
        except sqlite3.Error as error:
            problems.append(str(error))
        finally:
            database.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    database = sqlite3.connect(tmp_path / "new.sqlite3")
    assert database.execute("SELECT count(*) FROM t").fetchone() == (8,)
    database.close()
