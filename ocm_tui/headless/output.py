"""stdout is data only, stderr is words only; colour only where a person looks."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TextIO

from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean, clean_lines

if TYPE_CHECKING:
    import argparse

__all__ = ["Output"]

_ERASE: Final = "\r\x1b[K"


class Output:
    """Where a command's words and data go. `format` is that of `--output`, `text` when it was not given.

    `color` is stdout's, `words_color` stderr's; `redraws` says whether a line on stderr can be drawn again.
    """

    def __init__(
        self,
        stdout: TextIO,
        stderr: TextIO,
        *,
        format: str = "text",  # noqa: A002  # the word of the contract
        color: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        words_color: bool = False,
        redraws: bool = False,
    ) -> None:
        self.stdout, self.stderr = stdout, stderr
        self.format, self.color, self.quiet, self.verbose = format, color, quiet, verbose
        self.words_color, self.redraws = words_color, redraws
        self.closed = False  # nobody reads our stdout any more
        self._line = ""  # what stands on the last line of stderr, to be drawn again

    @staticmethod
    def of(options: "argparse.Namespace") -> "Output":
        stdout, stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
        terminal = stdout.isatty()
        if hasattr(stdout, "reconfigure"):
            # JSON and XML are UTF-8 whatever the locale; a terminal gets what it can show, and no exception.
            stdout.reconfigure(**({"errors": "replace"} if terminal else {"encoding": "utf-8", "errors": "replace"}))
        clever = os.environ.get("TERM") != "dumb"
        redraws = stderr.isatty() and clever
        return Output(
            stdout,
            stderr,
            format=options.output or "text",
            color=terminal and clever and not options.no_color,
            quiet=options.quiet,
            verbose=options.verbose,
            words_color=redraws and not options.no_color,
            redraws=redraws,
        )

    def data(self, text: str) -> None:
        """Write to stdout at once. A reader that has gone ends our writing and nothing else."""
        if self.closed:
            return
        self._write("", "")  # both streams may be one screen
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

    def show(self, lines: Sequence[str], line: str = "") -> None:
        """Words that are safe already, colour included; `line` stays below them until the next words come."""
        if not self.quiet:
            self._write("".join(f"{one}\n" for one in lines), line)

    def ask(self, question: str, above: str = "") -> None:
        """What has to be read before it is answered: never silent. `above` is safe already, colour included."""
        self._write(above, clean(question))
        self._line = ""  # the answer is typed behind it

    def _words(self, text: str) -> None:
        self._write(clean_lines(text) + "\n", self._line)

    def _write(self, words: str, line: str) -> None:
        """In one piece, so that nothing flickers."""
        text = f"{_ERASE if self._line else ''}{words}{line}"
        self._line = line
        with contextlib.suppress(OSError, ValueError):
            if text:
                self.stderr.write(text)
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
