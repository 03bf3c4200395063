"""The one place where failures become words on stderr and an exit code.

Nothing is printed on stdout here: what a failed command had to say there, it has said.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from ocm_tui.core.errors import ApiError, ExitCode, Interrupted, OcmError, Violation
from ocm_tui.core.text import clean
from ocm_tui.headless.output import Output

__all__ = ["Progress", "error_text", "guarded", "run_async"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Progress:
    """What an interruption has to say. `unknown` is a write of which no answer was seen."""

    done: str = "nothing"
    left: str = "everything"
    unknown: str = ""

    def __str__(self) -> str:
        parts = [f"done: {self.done}", f"not done: {self.left}" if self.left else ""]
        parts.append(f"unknown: {self.unknown}" if self.unknown else "")
        return "interrupted: " + "; ".join(filter(None, parts))


def guarded(
    command: Callable[[], int], output: Output, progress: Progress, *, report_directory: Callable[[], Path | None]
) -> int:
    """Run `command`; every way in which it can end is an exit code."""
    try:
        with _terminated_as_interrupted():
            return command()
    except Interrupted as error:
        output.complain(f"{progress}\n  {error}")
        return int(ExitCode.INTERRUPTED)
    except OcmError as error:
        output.complain(error_text(error))
        return int(error.exit_code)
    except (KeyboardInterrupt, asyncio.CancelledError):
        output.complain(str(progress))
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:  # a command that writes to stdout by itself, and its reader has gone
        output.let_go()
        return int(ExitCode.OK)
    except Exception as error:  # noqa: BLE001  # the boundary: a fault of ours becomes one sentence and a report
        return _crashed(error, output, report_directory)


def error_text(error: OcmError) -> str:
    """`error: sentence`, then the details that it does not say already, then what to do. Safe to print."""
    lines = [f"error: {error.title}"]
    details = error.detail.splitlines()
    if isinstance(error, ApiError) and not details:
        details = [_violation(violation) for violation in error.violations]
    lines += [f"  {line}" for line in details if line and line not in error.title]
    if error.hint:
        lines.append(f"hint: {error.hint}")
    return "\n".join(lines)


def _violation(violation: Violation) -> str:
    where = f"{clean(violation.field_path)}: " if violation.field_path else ""
    code = f" ({clean(violation.error_id)})" if violation.error_id else ""
    return f"{where}{clean(violation.message)}{code}"


def run_async(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run in a fresh event loop. SIGINT and SIGTERM cancel `main`, so that it lets go of what it holds.

    A second SIGINT does not wait for that.
    """

    async def cancellable() -> int:
        with _Interruption() as interruption:
            try:
                return await main()
            except OcmError as error:
                if interruption.happened:  # what the cancelled part had to say about how it ended
                    raise Interrupted(str(error)) from error
                raise

    with asyncio.Runner() as runner:
        return runner.run(cancellable())


class _Interruption:
    """While it is entered, the signals cancel the task that entered it, once."""

    def __init__(self) -> None:
        self.happened = False
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()

    def __enter__(self) -> Self:
        for number in self._signals():
            self._loop.add_signal_handler(number, self._interrupt, number)
        return self

    def __exit__(self, *_: object) -> None:
        for number in self._signals():
            self._loop.remove_signal_handler(number)

    def _interrupt(self, number: signal.Signals) -> None:
        if number == signal.SIGINT:
            self._loop.remove_signal_handler(number)
        if not self.happened:
            self.happened = True
            assert self._task is not None
            self._task.cancel()

    def _signals(self) -> tuple[signal.Signals, ...]:
        return _SIGNALS if threading.current_thread() is threading.main_thread() else ()


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Until an event loop listens for SIGTERM, it ends us the way Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _crashed(error: Exception, output: Output, report_directory: Callable[[], Path | None]) -> int:
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, OcmError):
        output.complain(error_text(error))
        return int(error.exit_code)
    from ocm_tui.core.crash import write_crash_report

    report = write_crash_report(error, report_directory())
    where = f"the report is in {report}" if report else "no report could be written"
    output.complain(f"error: unexpected {type(error).__name__}: this is a fault in ocm-tui; {clean(where)}")
    return int(ExitCode.BAD)
