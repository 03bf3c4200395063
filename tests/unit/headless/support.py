"""An Output on strings, and an Invocation around it."""

import argparse
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from ocm_tui.core.session import Session
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.output import Output

__all__ = ["Streams", "invocation"]


class Streams:
    def __init__(self, **settings: Any) -> None:
        self.stdout, self.stderr = io.StringIO(), io.StringIO()
        self.output = Output(self.stdout, self.stderr, **settings)

    @property
    def data(self) -> str:
        return self.stdout.getvalue()

    @property
    def words(self) -> str:
        return self.stderr.getvalue()


def invocation(streams: Streams, session: Session | Exception, **options: Any) -> Invocation:
    """`session` is what opening gives, or what it raises."""

    @asynccontextmanager
    async def open_session(_: argparse.Namespace) -> AsyncIterator[Session]:
        if isinstance(session, Exception):
            raise session
        try:
            yield session
        finally:
            await session.close()

    def no_history(_: argparse.Namespace) -> NoReturn:
        raise AssertionError("no history here")

    return Invocation(argparse.Namespace(**options), streams.output, open_session, no_history)
