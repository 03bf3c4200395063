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
from typing import Any, Final

from ocm_tui.core.crash import write_crash_report
from ocm_tui.core.errors import ApiError, ExitCode, Interrupted, OcmError
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
    command: Callable[[], int], output: Output, progress: Progress, *, state_directory: Callable[[], Path | None]
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
    except BrokenPipeError:  # of some other pipe than stdout, which sees to itself
        return int(ExitCode.BAD)
    except Exception as error:  # noqa: BLE001  # the boundary: a fault of ours becomes one sentence and a report
        return _crashed(error, output, state_directory)


def error_text(error: OcmError) -> str:
    """`error: sentence`, then details, each violation on a line of its own, then what to do. Safe to print."""
    lines = [f"error: {error.title}"]
    violations = error.violations if isinstance(error, ApiError) else ()
    for violation in violations:
        where = f"{clean(violation.field_path)}: " if violation.field_path else ""
        code = f" ({clean(violation.error_id)})" if violation.error_id else ""
        lines.append(f"  {where}{clean(violation.message)}{code}")
    if error.detail and not violations:
        lines += [f"  {line}" for line in error.detail.splitlines()]
    if error.hint:
        lines.append(f"hint: {error.hint}")
    if isinstance(error, ApiError) and error.exchange_id:
        lines.append(f"exchange: {clean(error.exchange_id)}")
    return "\n".join(lines)


def run_async(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run in a fresh event loop. SIGINT and SIGTERM cancel `main`, so that it lets go of what it holds.

    A second SIGINT does not wait for that.
    """
    interrupted = False

    async def cancellable() -> int:
        nonlocal interrupted
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def interrupt(number: signal.Signals) -> None:
            nonlocal interrupted
            if number == signal.SIGINT:
                loop.remove_signal_handler(number)
            if not interrupted:
                interrupted = True
                task.cancel()

        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                loop.add_signal_handler(number, interrupt, number)
        try:
            return await main()
        except OcmError as error:
            if interrupted:  # what the cancelled part had to say about how it ended
                raise Interrupted(str(error)) from error
            raise
        finally:
            if threading.current_thread() is threading.main_thread():
                for number in _SIGNALS:
                    loop.remove_signal_handler(number)

    with asyncio.Runner() as runner:
        return runner.run(cancellable())


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


def _crashed(error: Exception, output: Output, state_directory: Callable[[], Path | None]) -> int:
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, OcmError):
        output.complain(error_text(error))
        return int(error.exit_code)
    report = write_crash_report(error, state_directory())
    where = f"the report is in {report}" if report else "no report could be written"
    output.complain(f"error: unexpected {type(error).__name__}: this is a fault in ocm-tui; {clean(where)}")
    return int(ExitCode.BAD)
