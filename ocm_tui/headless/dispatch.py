"""From parsed options to the command's module, inside the one error boundary."""

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path

from ocm_tui.core.errors import OcmError
from ocm_tui.headless.boundary import Progress, guarded, run_async
from ocm_tui.headless.invocation import Invocation, OpenSession
from ocm_tui.headless.output import Output

__all__ = ["run"]


def run(
    options: argparse.Namespace,
    open_session: OpenSession,
    *,
    history_file: Callable[[argparse.Namespace], Path],
    state_directory: Callable[[], Path],
) -> int:
    """Carry out the command that `options` names; the exit code is the contract's.

    `history_file` names the history of the environment that the options choose, without contacting anybody;
    `state_directory` is where a crash report goes. The caller brings them, so that nothing here knows the adapters.
    """
    output = Output.of(options)
    progress = Progress()
    invocation = Invocation(options, output, open_session, history_file, progress)

    def reports() -> Path | None:
        if options.demo:  # the demo writes nothing outside the temporary directory
            return None
        try:
            return state_directory()
        except OcmError:
            return None

    return guarded(lambda: _command(invocation), output, progress, state_directory=reports)


def _command(invocation: Invocation) -> int:
    options, output = invocation.options, invocation.output
    match "check" if options.check else options.command:
        case "config":
            from ocm_tui.headless import config

            return config.run(options, stdout=output.stdout, stderr=output.stderr)
        case "simulate":
            from ocm_tui.simulator import command

            return command.run(options)
        case name:
            module = importlib.import_module(f"ocm_tui.headless.{name}")
            return run_async(lambda: module.run(invocation))
