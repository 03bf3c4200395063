"""A dialog that takes the whole screen, with what every pane has around it: the banner above, the live log and the keys
below."""

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.widget import Widget

from ocm_tui.tui.actions import Action, actions_of
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.screens.help import HelpScreen
from ocm_tui.tui.state import Connection
from ocm_tui.tui.widgets.banner import Banner
from ocm_tui.tui.widgets.key_footer import KeyFooter
from ocm_tui.tui.widgets.live_strip import LiveStrip

__all__ = ["WholeScreen"]

_R = TypeVar("_R")


class WholeScreen(Dialog[_R]):
    """`compose_dialog` gives what stands in the middle. Its actions are those of the action table of `pane`.

    The app tells it of the connection (`connection_changed`): a screen that watched the app itself would be kept by it
    after it was closed.
    """

    DEFAULT_CSS = "WholeScreen { align: left top; background: $background; }"
    pane: ClassVar[str]
    live: ClassVar[bool] = True  # whether the live log is in sight

    def compose(self) -> ComposeResult:
        yield Banner()
        yield from self.compose_dialog()
        if self.live:
            yield LiveStrip()
        yield KeyFooter(list(actions_of(self.pane)), self.why_not)

    def compose_dialog(self) -> Iterable[Widget]:
        raise NotImplementedError

    def on_mount(self) -> None:
        self.connection_changed(self.console.connection)
        if self.live and self.console.session is not None:
            self.query_one(LiveStrip).watch_log(self.console.session.log)

    def connection_changed(self, connection: Connection) -> None:
        self.query_one(Banner).connection = connection
        self.set_class(connection.protected, "-protected")
        self.query_one(KeyFooter).look_again()

    def why_not(self, action: Action) -> str | None:
        """Why an action cannot be done now; None when it can."""
        del action
        return None

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(self.pane, everywhere=False))
