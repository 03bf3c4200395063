"""The console, from the command line to its exit code."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.bootstrap import configured_session, load_environment
from ocm_tui.core.errors import ExitCode, OcmError

if TYPE_CHECKING:
    from ocm_tui.config.environment import EnvironmentConfig
    from ocm_tui.core.session import Session
    from ocm_tui.demo import Demo

__all__ = ["run_console"]


def run_console(
    *, demo: bool, config: Path | None = None, env: str | None = None, read_only: bool = False, no_color: bool = False
) -> int:
    """The console, until it is left: its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("error: the console needs a terminal\nhint: `ocm-tui --check` and the other commands do not\n")
        return ExitCode.USAGE
    if no_color:
        os.environ["NO_COLOR"] = "1"
    for stale in ("COLUMNS", "LINES"):
        os.environ.pop(stale, None)  # of whoever started us: believed, they would hide every resize of the terminal
    gc.disable()  # until the first frame is out: a sixth of the time to it would go into looking at modules
    servers: Demo | None = None
    configured: tuple[EnvironmentConfig, list[str]] | None = None
    try:
        if demo:
            from ocm_tui import demo as simulated

            servers = simulated.Demo()
        else:
            configured = load_environment(config, env)
        return _console(servers, configured, read_only=read_only)
    except OcmError as error:
        from ocm_tui.headless.boundary import error_text

        sys.stderr.write(error_text(error) + "\n")
        return error.exit_code
    finally:
        if servers is not None:
            servers.stop()


def _console(demo: "Demo | None", configured: "tuple[EnvironmentConfig, list[str]] | None", *, read_only: bool) -> int:
    from ocm_tui.tui.run import run

    async def opened() -> "Session":
        if configured is None:
            assert demo is not None
            from ocm_tui.demo_session import demo_session

            demo.start()  # now that the first frame is out; they start while their client's modules are loaded
            session = await demo_session(demo, busy=True)
        else:
            session = await configured_session(*configured)
        session.policy.read_only = session.policy.read_only or read_only
        return session

    if configured is None:
        return run(opened, environment="demo", protected=False, demo=True)
    from ocm_tui.config.locations import state_dir

    environment = configured[0]
    return run(
        opened,
        environment=environment.name,
        protected=environment.protected,
        demo=False,
        report_directory=state_dir(),
    )
