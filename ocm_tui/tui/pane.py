"""What every pane is: banner, panes line, its own body, the live strip and the footer.

A pane's screen holds no connection of its own: it watches the app's `session` and `connection`, runs service calls in
named workers, and lets messages change its widgets.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from shutil import get_terminal_size
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import Action, actions_of, find_action
from ocm_tui.tui.state import Connection
from ocm_tui.tui.widgets.banner import Banner
from ocm_tui.tui.widgets.key_footer import KeyFooter
from ocm_tui.tui.widgets.live_strip import LiveStrip
from ocm_tui.tui.widgets.pane_tabs import PaneTabs

if TYPE_CHECKING:
    from ocm_tui.tui.app import OcmApp

__all__ = ["NARROW", "ConsoleScreen", "PaneScreen", "allowed"]

NARROW = 100  # below this many columns the detail replaces the list

_S = TypeVar("_S", bound="ConsoleScreen")


def allowed(action_id: str) -> Callable[[Callable[[_S], None]], Callable[[_S], None]]:
    """For an action's method: when the action is refused now, say why instead of doing it."""

    def decorate(method: Callable[[_S], None]) -> Callable[[_S], None]:
        @wraps(method)
        def guarded(self: _S) -> None:
            reason = self.why_not(find_action(action_id))
            if reason is None:
                method(self)
            else:
                self.console.announce(reason, severity="warning")

        return guarded

    return decorate


class ConsoleScreen(Screen[None]):
    """A screen of this console: knows its app, and why an action is refused."""

    @property
    def console(self) -> "OcmApp":
        return cast("OcmApp", self.app)

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        self.console.worker_changed(event)

    def why_not(self, action: Action) -> str | None:
        """One sentence why the action is refused now, or None. Writes are refused below the views as well."""
        if action.kind == "look":
            return None
        session = self.console.session
        if session is None or session.clients is None:
            return "There is no connection to an authorization server yet."
        return session.policy.why_not()


class PaneScreen(ConsoleScreen):
    pane: ClassVar[str]
    tab: ClassVar[str] = ""  # of the panes line, where that is not the pane itself
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-wide")]  # noqa: RUF012  # Textual declares it so

    def __init__(self) -> None:
        # Most likely right from the start: the class that comes with the first resize has everything styled again.
        super().__init__(classes="-wide" if get_terminal_size().columns >= NARROW else "-narrow")

    def compose(self) -> ComposeResult:
        yield Banner()
        yield PaneTabs(self.tab or self.pane)
        with Horizontal(id="body"):
            yield from self.compose_body()
        yield LiveStrip(explains=find_action("app.diagnose").key_text)
        yield KeyFooter([*actions_of(self.pane), *actions_of("app")], self.why_not)

    def compose_body(self) -> Iterable[Widget]:
        raise NotImplementedError

    def on_mount(self) -> None:
        self.watch(self.app, "session", self._session_changed)
        self.watch(self.app, "connection", self._connection_changed)
        self.watch(self.app, "standing", self._standing_changed)

    def _standing_changed(self, standing: str) -> None:
        self.query_one(PaneTabs).standing = standing

    def _session_changed(self, session: Session | None) -> None:
        if session is not None:
            self.query_one(LiveStrip).watch_log(session.log)
            self.session_opened(session)

    def session_opened(self, session: Session) -> None:
        """The session is there: load what the pane shows. Called again when the pane is mounted later."""

    def _connection_changed(self, connection: Connection) -> None:
        self.query_one(Banner).connection = connection
        self.set_class(connection.protected, "-protected")
        self.refresh_footer()

    def refresh_footer(self) -> None:
        try:
            self.query_one(KeyFooter).look_again()
        except NoMatches:
            return

    @property
    def is_narrow(self) -> bool:
        return self.size.width < NARROW

    @on(PaneTabs.Picked)
    def _pane_picked(self, event: PaneTabs.Picked) -> None:
        self.console.go_to(event.pane)

    @on(LiveStrip.Opened)
    def _strip_opened(self) -> None:
        self.console.go_to("log")


def titled(widget: Widget, *parts: str) -> None:
    """A border title of plain text; empty parts are left out."""
    title = " ── ".join(clean(part, 120) for part in parts if part)
    if str(widget.border_title or "") != title:
        widget.border_title = Content(title)
