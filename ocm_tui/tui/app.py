"""The application: one session, one connection, a screen a pane, and the two ways out (an exit code, or a report)."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import events, on, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ocm_tui.core.errors import Forbidden, OcmError, Unauthorised
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.state import Connection, host_of
from ocm_tui.tui.theme import register_themes
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.text_panel import ReadingPane

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver

    from ocm_tui.tui.screens.log import LogScreen

__all__ = ["Notice", "OcmApp"]

_ROWS_FIRST = 1.0  # seconds that asking the server who it is waits for the first rows at most

Severity = Literal["information", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence that was announced; `at` is seconds since the epoch."""

    at: float
    severity: Severity
    text: str


def _action_commands() -> "type[Provider]":
    from ocm_tui.tui.palette import ActionCommands

    return ActionCommands


def _log_screen() -> "LogScreen":
    from ocm_tui.tui.screens.log import LogScreen

    return LogScreen()


def _oci_screen() -> Screen[None]:
    from ocm_tui.tui.screens.not_configured import OciScreen

    return OciScreen()


def _registry_screen() -> Screen[None]:
    from ocm_tui.tui.screens.not_configured import RegistryScreen

    return RegistryScreen()


class OcmApp(App[None]):
    TITLE = "ocm-tui"
    CSS_PATH = "styles/console.tcss"
    MODES: ClassVar[dict[str, Any]] = {
        "oci": _oci_screen,
        "registry": _registry_screen,
        "log": _log_screen,
    }
    DEFAULT_MODE = "clients"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("app"),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
    ]
    COMMANDS = {_action_commands}  # noqa: RUF012  # Textual declares it as a plain class attribute
    ENABLE_COMMAND_PALETTE = True

    session: var[Session | None] = var(None)
    connection: var[Connection] = var(Connection)

    def __init__(
        self,
        open_session: Callable[[], Awaitable[Session]],
        *,
        shown: Connection,
        report_directory: Path | None,
        theme: str | None = None,
    ) -> None:
        """`shown` is what the first frame says of the connection, before `open_session` has been awaited."""
        super().__init__()
        self.notices: list[Notice] = []
        self.server_version = (0, 0)  # until the server has said it
        self.crashed = False
        self.crash_report: Path | None = None  # None after a crash: it could not be written
        self.interrupted = 0  # the exit code that a signal asks for
        self.first_rows = asyncio.Event()  # the first page is on the screen, or there will be none
        self._open_session = open_session
        self._report_directory = report_directory
        # Before the style sheet exists: setting them the usual way would have it parsed twice.
        self.set_reactive(OcmApp.theme, register_themes(self, theme))
        self.set_reactive(OcmApp.connection, shown)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> "type[Driver]":
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":  # a browser, a test
            return driver
        from ocm_tui.tui.driver import PromptDriver

        return PromptDriver

    def get_default_screen(self) -> Screen[None]:
        """The Clients pane is the default screen, not one of MODES: those have the style sheet parsed once more."""
        return ClientsScreen()

    async def on_event(self, event: events.Event) -> None:
        """Run a key's action before the next key is looked at.

        Textual lets a key travel up from the focused widget first, while the next ones are sent after it: of a quickly
        typed `/orders` some letters would still reach the list, and `o` and `e` are commands there.
        """
        if isinstance(event, events.Key) and not event.is_forwarded and await self._acted_on(event.key):
            return
        await super().on_event(event)

    async def _acted_on(self, key: str) -> bool:
        if not isinstance(self.focused, RowTable | ReadingPane):
            return False  # it may be text
        return await self._check_bindings(key, priority=True) or await self._check_bindings(key)

    # The session

    def on_ready(self) -> None:
        """The first frame is out: now the libraries that talk to servers may be loaded."""
        self.add_mode("clients", ClientsScreen)  # so that it can be come back to
        self._open()

    @work(exclusive=True, group="app.session", exit_on_error=False, description="open the session")
    async def _open(self) -> None:
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
            await asyncio.wait_for(self.first_rows.wait(), _ROWS_FIRST)
        await self.connect()

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

    def data_loaded(self) -> None:
        self.connection = replace(self.connection, as_of=time.time())

    # Announcements: one sentence each, and all can be read again

    def announce(self, text: str, *, severity: Severity = "information", title: str = "") -> None:
        self.notices.append(Notice(time.time(), severity, clean(text, 1000)))
        del self.notices[:-500]
        self.notify(clean(text, 300), title=title, severity=severity, markup=False, timeout=6)

    def announce_error(self, error: OcmError) -> None:
        self.announce(f"{error}{' – ' + error.hint if error.hint else ''}", severity="error")

    @on(Worker.StateChanged)
    def worker_changed(self, event: Worker.StateChanged) -> None:
        """The boundary for what nobody foresaw: the console stays, and a report says where it went wrong.

        The message does not travel upwards, so every screen hands on those of its own workers.
        """
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            from ocm_tui.core.crash import write_crash_report

            report = write_crash_report(event.worker.error, self._report_directory)
            where = f"Report: {report}" if report else "No report could be written."
            self.announce(
                f"Unexpected {type(event.worker.error).__name__}, a fault in ocm-tui. {where}", severity="error"
            )

    # Panes

    def go_to(self, pane: str) -> None:
        if self.screen.is_modal or pane == self.current_mode:
            return
        self.switch_mode(pane)

    def show_exchanges(self, client_id: str) -> None:
        """The Log pane, narrowed to one client."""
        self.go_to("log")
        self.call_after_refresh(self._narrow_log, f'client:"{client_id}"')

    def _narrow_log(self, text: str) -> None:
        from ocm_tui.tui.screens.log import LogScreen

        if isinstance(self.screen, LogScreen):
            self.screen.show_filter(text)

    def show_client(self, client_id: str) -> None:
        """The Clients pane, on one client."""
        self.go_to("clients")
        if isinstance(self.screen, ClientsScreen) and not self.screen.table.select(client_id):
            self.announce(f"{clean(client_id, 80)} is not in the list as it is filtered now.", severity="warning")

    def action_clients(self) -> None:
        self.go_to("clients")

    def action_oci(self) -> None:
        self.go_to("oci")

    def action_registry(self) -> None:
        self.go_to("registry")

    def action_log(self) -> None:
        self.go_to("log")

    def action_help(self) -> None:
        from ocm_tui.tui.screens.help import HelpScreen

        if not self.screen.is_modal:
            self.push_screen(HelpScreen(self.current_mode))

    def action_notices(self) -> None:
        from ocm_tui.tui.screens.notices import NoticesScreen

        if not self.screen.is_modal:
            self.push_screen(NoticesScreen(self.notices))

    def action_unlock(self) -> None:
        from ocm_tui.tui.screens.unlock import toggle_lock

        toggle_lock(self)

    def action_next_theme(self) -> None:
        names = sorted(name for name in self.available_themes if name.startswith("ocm-")) or [self.theme]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]
        self.announce(f"Theme {self.theme}.")

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None of Textual's own: the palette shows our action table, and a screenshot is not offered unasked."""
        del screen
        return ()

    # The ways out

    def action_leave(self) -> None:
        """At once, unless a form holds changes that were not sent."""
        unsent = sum(getattr(screen, "unsent_changes", 0) for screen in self.screen_stack)
        if not unsent:
            self.exit(return_code=0)
            return
        from ocm_tui.tui.screens.dialog import ConfirmScreen

        def decided(sure: bool | None) -> None:
            if sure:
                self.exit(return_code=0)

        text = Content(f"{unsent} changed fields would be lost. Nothing of them has been sent.")
        self.push_screen(ConfirmScreen("Leave ocm-tui?", text, verb="leave", danger=True), decided)

    def obey_signals(self) -> None:
        """To be called before the terminal is touched: it would keep the alternate screen and mouse reporting after a
        SIGTERM or SIGHUP."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self._interrupted, number)

    def _interrupted(self, number: signal.Signals) -> None:
        self.interrupted = 128 + number
        self.exit(return_code=self.interrupted)

    async def close_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            await session.close()

    def _fatal_error(self) -> None:
        """Textual would print every local variable of every frame, secrets included."""
        if self._exception is not None and not self.interrupted:  # half a start-up fails in its own ways
            from ocm_tui.core.crash import write_crash_report

            self.crashed = True
            self.crash_report = write_crash_report(self._exception, self._report_directory)
        self._close_messages_no_wait()
