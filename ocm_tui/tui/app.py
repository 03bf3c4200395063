"""The application: one session, one connection, a screen a pane, and the two ways out (an exit code, or a report)."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.connected import ConnectedApp
from ocm_tui.tui.painted_lines import let_go_of_painted_lines
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.state import Connection
from ocm_tui.tui.theme import register_themes

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver

    from ocm_tui.core.clients.model import ClientDocument
    from ocm_tui.tui.apply_run import ApplyRun
    from ocm_tui.tui.screens.apply import ApplyScreen
    from ocm_tui.tui.screens.log import LogScreen

__all__ = ["OcmApp"]


def _action_commands() -> "type[Provider]":
    from ocm_tui.tui.palette import ActionCommands

    return ActionCommands


def _log_screen() -> "LogScreen":
    from ocm_tui.tui.screens.log import LogScreen

    return LogScreen()


def _apply_screen() -> "ApplyScreen":
    from ocm_tui.tui.screens.apply import ApplyScreen

    return ApplyScreen()


def _oci_screen() -> Screen[None]:
    from ocm_tui.tui.screens.oci import OciScreen

    return OciScreen()


def _registry_screen() -> Screen[None]:
    from ocm_tui.tui.screens.registry import RegistryScreen

    return RegistryScreen()


class OcmApp(ConnectedApp):
    TITLE = "ocm-tui"
    CSS_PATH = "styles/console.tcss"
    MODES: ClassVar[dict[str, Any]] = {
        "oci": _oci_screen,
        "registry": _registry_screen,
        "log": _log_screen,
        "apply": _apply_screen,  # not a pane of the line: it is gone to from the Clients pane
    }
    DEFAULT_MODE = "clients"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("app"),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
    ]
    COMMANDS = {_action_commands}  # noqa: RUF012  # Textual declares it as a plain class attribute
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        open_session: Callable[[], Awaitable[Session]],
        *,
        shown: Connection,
        report_directory: Path | None,
        theme: str | None = None,
    ) -> None:
        """`shown` is what the first frame says of the connection, before `open_session` has been awaited."""
        super().__init__(open_session, shown=shown, report_directory=report_directory)
        let_go_of_painted_lines()
        self.apply_run: ApplyRun | None = None  # the one under way, or the last one
        self._clients = ClientsScreen()
        self._planned_before = False
        # Before the style sheet exists: setting it the usual way would have that parsed twice.
        self.set_reactive(OcmApp.theme, register_themes(self, theme))
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> "type[Driver]":
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":  # a browser, a test
            return driver
        from ocm_tui.tui.driver import PromptDriver

        return PromptDriver

    def get_default_screen(self) -> Screen[None]:
        """The Clients pane is the default screen, not one of MODES: those have the style sheet parsed once more."""
        return self._clients

    # The session

    def on_ready(self) -> None:
        """The first frame is out: now the libraries that talk to servers may be loaded."""
        self.add_mode("clients", ClientsScreen)  # so that it can be come back to
        self.open()

    # Panes

    def go_to(self, pane: str) -> None:
        if self.screen.is_modal or pane == self.current_mode:
            return
        self.switch_mode(pane)

    def show_exchanges(self, client_id: str, *, run_id: str = "") -> None:
        """The Log pane, narrowed to one client, or to what a run did with it."""
        client = f'client:"{client_id}"'
        self.show_log(f"run:{run_id} {client}" if run_id else client)

    def show_log(self, text: str) -> None:
        """The Log pane, narrowed by a filter."""
        self.go_to("log")
        self.call_after_refresh(self._narrow_log, text)

    def _narrow_log(self, text: str) -> None:
        from ocm_tui.tui.screens.log import LogScreen

        if isinstance(self.screen, LogScreen):
            self.screen.show_filter(text)

    def explain(self, exchange_id: str) -> None:
        """The Log pane, on what was wrong with one exchange."""
        self.go_to("log")
        self.call_after_refresh(self._explain_in_log, exchange_id)

    def _explain_in_log(self, exchange_id: str) -> None:
        from ocm_tui.tui.screens.log import LogScreen

        if isinstance(self.screen, LogScreen):
            self.screen.explain(exchange_id)

    def action_diagnose(self) -> None:
        """The newest failure, from whichever pane it was seen in the live strip."""
        log = self.session.log if self.session is not None else None
        newest = next((one for one in reversed(log.snapshot()) if one.failed), None) if log is not None else None
        if newest is None:
            self.announce("Nothing has failed in this session.")
        else:
            self.explain(newest.id)

    def plan_and_apply(self) -> None:
        """The Apply screen, with a fresh plan unless one is being worked on."""
        self.go_to("apply")
        if self._planned_before:
            self.call_after_refresh(self._come_back)
        self._planned_before = True

    def _come_back(self) -> None:
        from ocm_tui.tui.screens.apply import ApplyScreen

        if isinstance(self.screen, ApplyScreen):
            self.screen.come_back()

    def clients_changed(self) -> None:
        """An apply wrote to the server: the list is read again, whichever pane is looked at."""
        if self._clients.is_running:
            self._clients.action_refresh()

    def client_stored(self, document: "ClientDocument") -> None:
        """A client was stored from another pane."""
        if self._clients.is_running:
            self._clients.client_stored(document)

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
        """At once, unless a form holds changes that were not sent, or a run is under way."""
        from ocm_tui.tui.leaving import leave

        leave(self)

    def obey_signals(self) -> None:
        """To be called before the terminal is touched: it would keep the alternate screen and mouse reporting after a
        SIGTERM or SIGHUP."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self._interrupted, number)

    def _interrupted(self, number: signal.Signals) -> None:
        self.interrupted = 128 + number
        self.exit(return_code=self.interrupted)
