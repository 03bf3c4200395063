"""The command line: parse, then hand over. Heavy imports stand inside the branch that needs them."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from ocm_tui import __version__

if TYPE_CHECKING:
    import argparse

__all__ = ["main", "parse"]


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run, and leave with the contract's exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        print(f"ocm-tui {__version__}")  # noqa: T201  # without argparse: pipelines ask this a lot
        sys.exit(0)
    gc.disable()  # while everything is loaded; what runs for long switches it on again
    try:
        code = _run(words)
    except KeyboardInterrupt:  # before or after anything that could say more
        sys.stderr.write("interrupted: done: nothing\n")
        code = 130
    gc.freeze()  # there is nothing to collect at the end, and looking for it takes as long as a request
    sys.exit(code)


def parse(words: Sequence[str]) -> "argparse.Namespace":
    """Raises UsageError for anything that the command line cannot mean."""
    from ocm_tui.arguments import parse as parse_arguments

    options = parse_arguments(words)
    if os.environ.get("NO_COLOR"):
        options.no_color = True
    return options


def _run(words: Sequence[str]) -> int:
    if words in ([], ["--demo"]):  # how nearly everybody starts the console: the parser has nothing to add
        from ocm_tui.console import run_console

        return run_console(demo=bool(words))
    from ocm_tui.core.errors import UsageError

    try:
        options = parse(words)
    except UsageError as error:
        from ocm_tui.headless.boundary import error_text

        sys.stderr.write(error_text(error) + "\n")
        # There, 2 means "changes": see headless.plan.
        return 1 if "plan" in words and "--detailed-exitcode" in words else error.exit_code
    if options.command is None and not options.check:
        from ocm_tui.console import run_console

        return run_console(
            demo=options.demo,
            config=options.config,
            env=options.env,
            read_only=options.read_only,
            no_color=options.no_color,
        )
    from ocm_tui.bootstrap import open_history, open_session
    from ocm_tui.headless.dispatch import run

    if options.command == "config" and options.demo:
        from ocm_tui.demo_session import demo_configuration

        with demo_configuration() as options.config:
            return run(options, open_session, open_history)
    return run(options, open_session, open_history)
