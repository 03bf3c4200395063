"""From parsed options to the command's module, inside the one error boundary."""

import argparse
import importlib
from pathlib import Path

from ocm_tui.core.collector import collect_seldom
from ocm_tui.core.errors import OcmError
from ocm_tui.headless.boundary import Progress, guarded
from ocm_tui.headless.invocation import Invocation, OpenHistory, OpenSession
from ocm_tui.headless.output import Output

__all__ = ["run"]


def run(options: argparse.Namespace, open_session: OpenSession, open_history: OpenHistory) -> int:
    """Carry out the command that `options` names; the exit code is the contract's.

    The caller brings what knows the adapters: `open_session(options)` is an async context manager with a Session,
    `open_history(options)` a reader of the environment's exchange history, which contacts nobody.
    """
    output = Output.of(options)
    progress = Progress()
    invocation = Invocation(options, output, open_session, open_history, progress)
    return guarded(lambda: _command(invocation), output, progress, report_directory=lambda: _reports(options))


def _command(invocation: Invocation) -> int:
    options, output = invocation.options, invocation.output
    match "check" if options.check else options.command:
        case "config":
            from ocm_tui.headless import config

            return config.run(options, stdout=output.stdout, stderr=output.stderr)
        case "simulate":
            from ocm_tui.simulator import command

            collect_seldom()
            return command.run(options)
        case name:
            code: int = importlib.import_module(f"ocm_tui.headless.{name}").run(invocation)
            return code


def _reports(options: argparse.Namespace) -> Path | None:
    """Where a crash report goes; the demo writes nothing outside the temporary directory."""
    from ocm_tui.config.locations import state_dir

    try:
        return None if options.demo else state_dir()
    except OcmError:
        return None
