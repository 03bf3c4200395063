"""The console's one session: opened after the first frame, asked who it is, let go of at the end."""

import asyncio
import contextlib
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from textual import work
from textual.reactive import var

from ocm_tui.core.collector import keep_for_good
from ocm_tui.core.errors import Forbidden, OcmError, Unauthorised
from ocm_tui.core.session import Session
from ocm_tui.tui.announcing import AnnouncingApp
from ocm_tui.tui.state import Connection, TellsConnection, host_of

__all__ = ["ConnectedApp"]

# Seconds between two looks through everything: without a key, with keys all the time, and when nobody is there.
_IDLE, _BUSY, _UNUSED = 2.0, 12.0, 120.0
_ROWS_FIRST = 1.0  # seconds that asking the server who it is waits for the first rows at most


class ConnectedApp(AnnouncingApp):
    """Panes watch `session` and `connection`; the latter is what the banner says, and always true. Other screens are
    told of it for as long as they are open."""

    session: var[Session | None] = var(None)
    connection: var[Connection] = var(Connection)
    standing: var[str] = var("")  # how the clients stand against the inventory: `drift 5 · missing 3`

    def __init__(
        self, open_session: Callable[[], Awaitable[Session]], *, shown: Connection, report_directory: Path | None
    ) -> None:
        super().__init__(report_directory)
        self.server_version = (0, 0)  # until the server has said it
        self.first_rows = asyncio.Event()  # the first page is on the screen, or there will be none
        self._open_session = open_session
        self._collected_at = time.monotonic()
        self.set_reactive(ConnectedApp.connection, shown)

    @work(exclusive=True, group="app.session", exit_on_error=False, description="open the session")
    async def open(self) -> None:
        self.set_interval(_IDLE, self._collect)  # whether there will be a session or not
        try:
            session = await self._open_session()
        except OcmError as error:
            self.connection = replace(self.connection, phase="failed", problem=error.title)
            self.announce_error(error)
            return
        self.session = session
        for warning in session.warnings:
            self.announce(warning, severity="warning")
        self.set_interval(2.0, self._look_for_ailments)
        # Rows are what the eye waits for: who the server is can be asked after the first of them.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ROWS_FIRST):
                await self.first_rows.wait()
        await self.connect()

    def watch_connection(self, connection: Connection) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, TellsConnection) and screen.is_mounted:
                screen.connection_changed(connection)

    def _collect(self) -> None:
        """What closed screens have left: when nobody waits for a key, and now and then when somebody always does."""
        since = time.monotonic() - self._collected_at
        in_use = self.idle_seconds < since
        if (in_use and self.idle_seconds >= _IDLE) or since >= (_BUSY if in_use else _UNUSED):
            gc.collect()
            self._collected_at = time.monotonic()

    def _look_for_ailments(self) -> None:
        """What goes wrong beside the work, such as a full disk under the history: each is said once."""
        for ailment in self.session.ailments if self.session is not None else ():
            problem = ailment()
            if problem and problem not in {notice.text for notice in self.notices}:
                self.announce(problem, severity="warning")

    async def connect(self) -> None:
        """Ask the server who it is; the banner says what came of it. Safe to call again."""
        session = self.session
        if session is None:
            return
        server = session.server
        self.connection = replace(
            self.connection,
            environment=session.environment,
            protected=session.protected,
            demo=session.demo,
            phase="connecting" if session.clients else "none",
            host=host_of(server.base_url) if server else "",
            user=server.username if server else "",
            refusal=session.policy.why_not(),
        )
        if session.server_problem is not None:
            self.connection = replace(self.connection, phase="failed", problem=session.server_problem.title)
            return
        if session.clients is None:
            return
        try:
            info = await session.clients.connect()
        except OcmError as error:
            self.connection = replace(self.connection, phase="failed", problem=error.title)
            return
        self.server_version = info.parsed
        self.connection = replace(self.connection, phase="connected", version=info.version, problem="")
        self._probe_rights()

    @work(exclusive=True, group="app.rights", exit_on_error=False, description="ask what the account may do")
    async def _probe_rights(self) -> None:
        session = self.session
        if session is None or session.clients is None or not session.rights_probe or session.policy.why_not():
            return  # nobody wants to write now: the account is not put to the test
        try:
            may_write = await session.clients.probe_rights()
        except OcmError as error:
            if not isinstance(error, Forbidden | Unauthorised):
                self.announce_error(error)
            return
        account: Literal["", "Admin", "Auditor"] = "" if may_write is None else "Admin" if may_write else "Auditor"
        self.connection = replace(self.connection, account=account, refusal=session.policy.why_not())

    def access_changed(self) -> None:
        if self.session is not None:
            self.connection = replace(self.connection, refusal=self.session.policy.why_not())
            if not self.connection.account:
                self._probe_rights()

    def data_loaded(self, rows: int) -> None:
        """A list is complete. Its rows stay: a collector that looks through 100,000 of them is felt at the keys."""
        self.connection = replace(self.connection, as_of=time.time())
        keep_for_good(rows)

    async def close_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            await session.close()
