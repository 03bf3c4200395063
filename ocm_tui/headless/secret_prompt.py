"""Asking a person for a secret: nothing of it appears on the screen."""

import asyncio
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.headless.output import Output

__all__ = ["ask_secret", "require_terminal"]


async def ask_secret(output: Output, question: str, *, flag: str) -> Secret:
    """One line from the terminal, waiting in the event loop so that Ctrl-C is heard.

    UsageError when there is no terminal: it names `flag`, which would have answered; or when the line is empty.
    """
    require_terminal(flag=flag)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    descriptor = sys.stdin.fileno()
    with _silent(descriptor):
        output.ask(question)
        loop.add_reader(descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(descriptor)
            output.complain("")  # the line end that was typed is not shown either
        line = sys.stdin.readline()
    value = line.removesuffix("\n").removesuffix("\r")
    if not value:
        raise UsageError("no secret was typed; nothing was sent")
    return Secret(value)


def require_terminal(*, flag: str) -> None:
    """Call it before anything is sent."""
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        raise UsageError("this needs a secret, and stdin is no terminal to ask on", hint=f"add {flag}")


@contextmanager
def _silent(descriptor: int) -> Iterator[None]:
    """The terminal does not repeat what is typed; what was typed before the question is no answer to it."""
    former: list[Any] = termios.tcgetattr(descriptor)
    silent = [*former[:3], former[3] & ~termios.ECHO, *former[4:]]
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, former)
