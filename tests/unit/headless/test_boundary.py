import asyncio
import os
import signal
from pathlib import Path

import pytest

from ocm_tui.core.errors import (
    ApiError,
    ConfigError,
    Conflict,
    ExitCode,
    Forbidden,
    NotConfigured,
    NotFound,
    OcmError,
    Refused,
    TransportError,
    Unauthorised,
    Unclear,
    UsageError,
    ValidationFailed,
    Violation,
)
from ocm_tui.core.secret import Secret
from ocm_tui.headless.boundary import Progress, error_text, guarded, run_async
from tests.unit.headless.support import Streams


def ended(streams: Streams, command: object, tmp_path: Path, progress: Progress | None = None) -> int:
    def run() -> int:
        if isinstance(command, BaseException):
            raise command
        assert callable(command)
        code: int = command()
        return code

    return guarded(run, streams.output, progress or Progress(), report_directory=lambda: tmp_path)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (ConfigError("x", path="f", line=1), 2),
        (NotConfigured("x"), 2),
        (TransportError("x", layer="dns"), 3),
        (Unclear("x"), 3),
        (ApiError("x", status=500), 1),
        (NotFound("x", status=404), 1),
        (ValidationFailed("x", status=422), 1),
        (Unauthorised("x", status=401), 4),
        (Forbidden("x", status=403), 4),
        (Refused("x"), 4),
        (Conflict("x"), 5),
        (OcmError("x"), 1),
        (KeyboardInterrupt(), 130),
        (asyncio.CancelledError(), 130),
        (ValueError("x"), 1),
    ],
)
def test_exit_code_per_failure(error: BaseException, code: int, tmp_path: Path) -> None:
    streams = Streams(format="json")
    assert ended(streams, error, tmp_path) == code
    assert streams.data == ""
    assert streams.words.count("\n") >= 1


def test_an_error_is_a_sentence_its_details_and_a_hint() -> None:
    error = ConfigError("unknown key `colour`", path="c.yaml", line=3, column=5, detail="one\ntwo", hint="mean it?")
    assert error_text(error) == "error: c.yaml:3:5: unknown key `colour`\n  one\n  two\nhint: mean it?"


def test_violations_stand_one_a_line() -> None:
    error = ValidationFailed(
        "two fields are wrong",
        status=422,
        violations=(Violation("is not\x1b defined", "invalid_scope", "restrictedScopes[0]"), Violation("no")),
    )
    assert error_text(error).splitlines() == [
        "error: two fields are wrong",
        "  restrictedScopes[0]: is not␛ defined (invalid_scope)",
        "  no",
    ]


def test_a_detail_that_the_title_says_is_not_said_twice() -> None:
    assert error_text(OcmError("the disk is full: no space", detail="no space")) == "error: the disk is full: no space"


def test_errors_are_never_quiet(tmp_path: Path) -> None:
    streams = Streams(quiet=True)
    ended(streams, UsageError("wrong"), tmp_path)
    assert streams.words == "error: wrong\n"


def test_a_fault_of_ours_is_one_sentence_and_a_report(tmp_path: Path) -> None:
    secret = Secret("planted-secret-51c3")

    def crash() -> int:
        local_only = "never-printed-local"
        assert local_only
        raise KeyError(f"{secret.reveal()} \x1b[31m")

    streams = Streams()
    assert ended(streams, crash, tmp_path) == 1
    (report,) = tmp_path.glob("crash-*.txt")
    assert streams.words == f"error: unexpected KeyError: this is a fault in ocm-tui; the report is in {report}\n"
    text = report.read_text(encoding="utf-8")
    assert "KeyError" in text
    assert "test_boundary.py" in text
    assert secret.reveal() not in text
    assert "\x1b" not in text
    assert report.stat().st_mode & 0o777 == 0o600


def test_the_report_finds_another_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    streams = Streams()
    code = guarded(lambda: 1 // 0, streams.output, Progress(), report_directory=lambda: tmp_path / "file")
    assert code == 1
    assert len(list((tmp_path / "tmp").glob("crash-*.txt"))) == 1


def test_a_group_of_one_is_that_one(tmp_path: Path) -> None:
    streams = Streams()
    assert ended(streams, ExceptionGroup("g", [ExceptionGroup("h", [Refused("no")])]), tmp_path) == 4
    assert streams.words == "error: no\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_cancel_and_say_what_was_done(number: signal.Signals, tmp_path: Path) -> None:
    progress, cleaned = Progress(), []

    async def main() -> int:
        progress.done, progress.left = "2 pages were read", "the rest"
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # letting go may take its time
            cleaned.append(True)
        return 0

    streams = Streams(quiet=True)
    former = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    assert ended(streams, lambda: run_async(main), tmp_path, progress) == ExitCode.INTERRUPTED
    assert streams.words == "interrupted: done: 2 pages were read; not done: the rest\n"
    assert cleaned == [True]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == former


def test_an_interrupted_write_says_what_is_unknown(tmp_path: Path) -> None:
    progress = Progress("nothing", "", "whether x was created")

    async def main() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise Unclear("the server was asked and did not answer") from None
        return 0

    streams = Streams()
    assert ended(streams, lambda: run_async(main), tmp_path, progress) == 130
    assert streams.words.splitlines() == [
        "interrupted: done: nothing; unknown: whether x was created",
        "  the server was asked and did not answer",
    ]


def test_a_signal_before_the_loop_is_an_interruption_too(tmp_path: Path) -> None:
    def killed() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    streams = Streams()
    assert ended(streams, killed, tmp_path) == 130
    assert streams.words == "interrupted: done: nothing; not done: everything\n"
