"""The one place where ports meet adapters. Everything heavy is imported where it is first needed."""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.core.errors import ConfigError, ExitCode, OcmError

if TYPE_CHECKING:
    from ocm_tui.config.models import EnvironmentConfig
    from ocm_tui.core.http.types import HTTPClientConfig
    from ocm_tui.core.session import Session
    from ocm_tui.demo import Demo

__all__ = ["open_session", "run_console"]


@asynccontextmanager
async def open_session(options: argparse.Namespace) -> "AsyncIterator[Session]":
    """The environment that the options name, with everything that serves it; closed again at the end."""
    session = await _demo_session(start_demo(), busy=False) if options.demo else await _configured_session(options)
    if options.read_only:
        session.policy.read_only = True
    try:
        yield session
    finally:
        await session.close()


def start_demo() -> "Demo":
    from ocm_tui.demo import Demo

    demo = Demo()
    demo.start()
    return demo
