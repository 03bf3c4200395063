"""The journal of throwaway clients: on the disk before anything is sent, and never in anybody's way."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocm_tui.core.diagnosis.minimise.artifacts import Artifacts, forget_old_runs
from ocm_tui.core.diagnosis.minimise.journal import PREFIX, PendingTrial, TrialJournal, at_work, is_at_work
from ocm_tui.core.errors import OcmError
from ocm_tui.core.secret import Secret


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[TrialJournal]:
    it = TrialJournal(tmp_path)
    yield it
    it.close()


def trial(name: str, at: float = 1.0) -> PendingTrial:
    return PendingTrial(PREFIX + name, "run-1", "dev", "https://pf.example.com/api", at)


def test_what_is_pending(journal: TrialJournal, tmp_path: Path) -> None:
    assert journal.pending() == []
    assert not journal.path.exists()  # asking makes nothing
    journal.sending(trial("b", 2.0))
    journal.sending(trial("a", 1.0))
    assert journal.pending() == [trial("a", 1.0), trial("b", 2.0)]
    assert journal.path.stat().st_mode & 0o777 == 0o600
    other = TrialJournal(tmp_path)
    other.settled(PREFIX + "a")
    other.settled("never-heard-of")
    other.close()
    assert journal.pending() == [trial("b", 2.0)]


def test_a_process_that_is_killed_leaves_its_rows(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from ocm_tui.core.diagnosis.minimise.journal import PendingTrial, TrialJournal\n"
        "TrialJournal(Path(sys.argv[1])).sending(PendingTrial('ocm-trial-x', 'r', 'dev', 'https://a', 1.0))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60, check=False)
    assert done.returncode == -9
    journal = TrialJournal(tmp_path)
    assert [one.client_id for one in journal.pending()] == ["ocm-trial-x"]
    journal.close()


def test_many_threads_and_connections(tmp_path: Path) -> None:
    def work(number: int) -> None:
        journal = TrialJournal(tmp_path)
        for count in range(20):
            journal.sending(trial(f"{number}-{count}"))
            if count % 2:
                journal.settled(f"{PREFIX}{number}-{count}")
        journal.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal = TrialJournal(tmp_path)
    assert len(journal.pending()) == 40
    journal.close()


@pytest.mark.parametrize("content", [b"no database at all" * 200, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "trials.sqlite3").write_bytes(content)
    journal = TrialJournal(tmp_path)
    journal.sending(trial("a"))
    assert journal.notice is not None
    assert "set aside" in journal.notice or "unusable" in journal.notice
    assert len(journal.pending()) == 1
    journal.close()


def test_files_of_others(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "trials.sqlite3") as other:
        other.execute("CREATE TABLE things (x)")
    other.close()
    journal = TrialJournal(tmp_path)
    journal.sending(trial("a"))
    assert journal.notice is not None
    journal.close()
    with sqlite3.connect(tmp_path / "trials.sqlite3") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(OcmError, match="newer ocm-tui"):
        journal.sending(trial("b"))
    journal.close()


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OcmError, match="cannot be written"):
        TrialJournal(tmp_path / "file").sending(trial("a"))


def test_a_run_is_at_work_as_long_as_its_process(tmp_path: Path) -> None:
    assert not is_at_work(tmp_path, "run-1")
    with at_work(tmp_path, "run-1") as directory:
        assert is_at_work(tmp_path, "run-1")
        assert directory.stat().st_mode & 0o777 == 0o700
    assert not is_at_work(tmp_path, "run-1")
    (directory / "lock").write_text("")  # as a killed process leaves it
    assert not is_at_work(tmp_path, "run-1")


def test_artifacts_are_private_and_hold_no_secret(tmp_path: Path) -> None:
    secret = Secret("a-secret-that-nobody-may-see-0815")
    artifacts = Artifacts(tmp_path)
    artifacts.write("trial-001.json", {"payload": {"odd": secret.reveal(), "name": "\x1b[2J\u202e"}})
    (path,) = tmp_path.iterdir()
    text = path.read_text(encoding="utf-8")
    assert secret.reveal() not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert artifacts.problem is None


def test_an_artifact_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path / "gone")
    artifacts.write("trial-001.json", {})
    assert artifacts.problem is not None


def test_old_runs_are_forgotten_and_nothing_else(tmp_path: Path) -> None:
    names = [f"20260101t{number:06}-aaaaaaaa" for number in range(60)]
    for name in [*names, "notes"]:
        (tmp_path / "trials" / name).mkdir(parents=True)
    with at_work(tmp_path, names[0]):
        forget_old_runs(tmp_path)
    assert sorted(path.name for path in (tmp_path / "trials").iterdir()) == [names[0], *names[10:], "notes"]
    forget_old_runs(tmp_path / "nowhere")
