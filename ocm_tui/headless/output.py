"""stdout is data only, stderr is words only; colour only where a person looks."""

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean_lines

if TYPE_CHECKING:
    import argparse

__all__ = ["Output"]


class Output:
    """Where a command's words and data go. `format` is that of `--output`, `text` when it was not given."""

    def __init__(
        self,
        stdout: TextIO,
        stderr: TextIO,
        *,
        format: str = "text",  # noqa: A002  # the word of the contract
        color: bool = False,
        quiet: bool = False,
        verbose: bool = False,
    ) -> None:
        self.stdout, self.stderr = stdout, stderr
        self.format, self.color, self.quiet, self.verbose = format, color, quiet, verbose
        self.closed = False  # nobody reads our stdout any more

    @staticmethod
    def of(options: "argparse.Namespace") -> "Output":
        stdout, stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
        terminal = stdout.isatty()
        if hasattr(stdout, "reconfigure"):
            # JSON and XML are UTF-8 whatever the locale; a terminal gets what it can show, and no exception.
            stdout.reconfigure(**({"errors": "replace"} if terminal else {"encoding": "utf-8", "errors": "replace"}))
        color = terminal and not options.no_color and os.environ.get("TERM") != "dumb"
        return Output(
            stdout,
            stderr,
            format=options.output or "text",
            color=color,
            quiet=options.quiet,
            verbose=options.verbose,
        )

    def data(self, text: str) -> None:
        """Write to stdout at once. A reader that has gone ends our writing and nothing else."""
        if self.closed:
            return
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except BrokenPipeError:
            self.let_go()
        except OSError as error:
            self.let_go()
            raise OcmError(f"standard output cannot be written: {error.strerror or error}") from error

    def say(self, text: str) -> None:
        """Words about what happens; silent with --quiet."""
        if not self.quiet:
            self._words(text)

    def note(self, text: str) -> None:
        """The words that --verbose adds."""
        if self.verbose:
            self._words(text)

    def complain(self, text: str) -> None:
        """Errors and refusals: never silent."""
        self._words(text)

    def _words(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.stderr.write(clean_lines(text) + "\n")
            self.stderr.flush()

    def let_go(self) -> None:
        """Python flushes stdout once more when it ends: let that go nowhere instead of into an error message."""
        self.closed = True
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stdout.fileno())
            os.close(nowhere)


def _nowhere() -> TextIO:
    """For a stream that was closed before we started (`>&-`): Python has None there."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # for the rest of the process
