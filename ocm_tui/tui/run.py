"""Starts the application and turns the way it ended into an exit code."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from ocm_tui.core.collector import collect_when_idle
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.state import Connection

__all__ = ["run"]

_START_UP = 2.0  # seconds


def run(
    open_session: Callable[[], Awaitable[Session]],
    *,
    environment: str,
    protected: bool,
    demo: bool,
    report_directory: Path | None = None,
) -> int:
    """Blocks until the console is left. The session is closed afterwards, whatever happened."""
    # stderr is the screen: a library's log line would land in the middle of it.
    logging.lastResort = None
    shown = Connection(environment=environment, protected=protected, demo=demo)
    app = OcmApp(open_session, shown=shown, report_directory=report_directory)
    asyncio.run(_run(app))
    if app.crashed:
        where = f"the report is in {app.crash_report}" if app.crash_report else "no report could be written"
        sys.stderr.write(f"error: ocm-tui stopped on a fault of its own; {clean(where)}\n")
    if app.apply_run is not None and app.apply_run.farewell:
        sys.stderr.write(f"{clean(app.apply_run.farewell)}\n")
    return app.interrupted or app.return_code or 0


async def _run(app: OcmApp) -> None:
    asyncio.get_running_loop().call_later(_START_UP, collect_when_idle)
    app.obey_signals()
    try:
        await app.run_async()
    finally:
        await app.close_session()
