"""What one run of a headless command has at hand."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.headless.boundary import Progress
from ocm_tui.headless.output import Output

if TYPE_CHECKING:
    from ocm_tui.core.exchanges.history import HistoryReader
    from ocm_tui.core.session import Session

__all__ = ["Invocation", "OpenHistory", "OpenSession", "exchange_line", "wrote_since"]

OpenSession = Callable[[argparse.Namespace], "AbstractAsyncContextManager[Session]"]
OpenHistory = Callable[[argparse.Namespace], "HistoryReader"]


@dataclass(slots=True)
class Invocation:
    options: argparse.Namespace
    output: Output
    open_session: OpenSession
    open_history: OpenHistory
    progress: Progress = field(default_factory=Progress)

    @asynccontextmanager
    async def session(self, *, with_warnings: bool = True) -> AsyncIterator["Session"]:
        """The session that the options ask for. `--verbose` shows its exchanges as they happen."""
        async with self.open_session(self.options) as session:
            if self.output.verbose:
                for exchange in session.log.snapshot():  # those of opening it, such as the first token
                    self.output.note(exchange_line(exchange))
                session.log.subscribe(lambda exchange: self.output.note(exchange_line(exchange)))
            if with_warnings:
                for warning in session.warnings:
                    self.output.say(f"warning: {warning}")
            try:
                yield session
            finally:
                for ailment in session.ailments:
                    if problem := ailment():
                        self.output.say(f"warning: {problem}")

    @contextmanager
    def writing(self, session: "Session", unknown: str) -> Iterator[None]:
        """Around a write: an interruption in it says what is `unknown`, unless only questions had been sent by then."""
        before = session.log.revision
        try:
            yield
        except asyncio.CancelledError:
            if wrote_since(session, before):
                self.progress.unknown, self.progress.left = unknown, ""
            raise


def wrote_since(session: "Session", revision: int) -> bool:
    """Whether the log has a request that may have changed something; a cancelled one is in it as well."""
    return any(exchange.method not in {"GET", "HEAD"} for exchange in session.log.since(revision))


def exchange_line(exchange: Exchange) -> str:
    """One exchange in one line; everything in it was redacted and cleaned at capture."""
    said = str(exchange.status) if exchange.status is not None else "failed"
    size = f"  {exchange.response.body_bytes} bytes" if exchange.response else ""
    why = f"  {exchange.error.layer}: {exchange.error.message}" if exchange.error else ""
    return f"{exchange.id}  {exchange.method} {exchange.path}  {said}  {exchange.duration_ms:.0f} ms{size}{why}"
