"""The console over the lying server, driven without a terminal, and what must hold of everything it shows."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.segment import Segment
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.types import BasicAuth, BearerAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.state import Connection
from ocm_tui.wiring import connect_server
from tests.hostile.server import LyingServer
from tests.hostile.strings import unsafe_in
from tests.tui.support import wait_until

__all__ = ["LiedTo", "lied_to"]


@dataclass(slots=True)
class LiedTo:
    app: OcmApp
    pilot: Pilot[None]
    session: Session

    @property
    def clients(self) -> ClientsScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, ClientsScreen)
        return screen

    def segments(self) -> list[Segment]:
        """All that is painted, of every screen that lies on the stack."""
        return [
            segment
            for screen in self.app.screen_stack
            for strip in screen._compositor.render_strips()
            for segment in strip
        ]

    def screen_text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    def check(self) -> None:
        """Nothing on the screen can be obeyed by a terminal or clicked, and nothing has failed unexpectedly."""
        for segment in self.segments():
            text = segment.text.replace("\ufffd", "")  # the mark for what cannot be shown at all
            assert clean(text) == text, f"{unsafe_in(text)} in {text!r}\n{self.screen_text()}"
            style = segment.style
            assert style is None or not style.link, segment
            assert style is None or "@click" not in style.meta, segment
        assert self.app._exception is None
        faults = [notice.text for notice in self.app.notices if "fault in ocm-tui" in notice.text]
        assert not faults

    async def press(self, *keys: str) -> None:
        """Press, let everything settle after each key, and look at what came of it."""
        for key in keys:
            driver = self.app._driver
            assert driver is not None
            event = events.Key(key if len(key) > 1 else _character_to_key(key), key if len(key) == 1 else None)
            event.set_sender(self.app)
            driver.send_message(event)
            await self.settle()
        self.check()

    async def settle(self) -> None:
        """Every message is handled, and those that came of it. `Pilot.pause` waits for an idle process instead, which
        costs a tenth of a second each time."""
        for _ in range(3):
            await self.pilot._wait_for_screen()
        await wait_until(self.pilot, lambda: not self.app.keys_under_way or self.app._exit, "the keys are worked off")

    async def until(self, holds: Callable[[], Any], what: str) -> None:
        await wait_until(self.pilot, holds, what)
        self.check()

    async def until_text(self, text: str) -> None:
        await self.until(lambda: text in self.screen_text(), f"{text!r} on the screen\n{self.screen_text()}")

    async def select(self, client_id: str) -> None:
        assert self.clients.table.select(client_id), f"{client_id!r} is not in the list"
        await self.settle()

    async def still_answers(self) -> None:
        """Help opens and closes again."""
        await self.press("f1")
        await self.until_text("Help:")
        await self.press("escape")
        await self.until(lambda: not self.app.screen.is_modal, "the help is closed")


@asynccontextmanager
async def lied_to(
    tmp_path: Path,
    server: LyingServer,
    *,
    size: tuple[int, int] = (140, 40),
    environment: str = "test",
    username: str = "operator",
    auth: BasicAuth | BearerAuth | None = None,
    protected: bool = False,
    wait_for_list: bool = True,
    inventory: Path | None = None,
    **http: Any,
) -> AsyncIterator[LiedTo]:
    session = Session(
        environment=environment,
        policy=WritePolicy(protected=protected),
        log=ExchangeLog(session="test"),
        protected=protected,
        state_directory=tmp_path,
        inventory=inventory,
    )
    given = auth or BasicAuth(username, Secret("a-Passw0rd-of-the-test"))
    config = HTTPClientConfig(base_url=server.base_url, auth=given, trust_env=False, **http)
    connect_server(session, config, username)

    async def opened() -> Session:
        return session

    app = OcmApp(opened, shown=Connection(environment=environment), report_directory=tmp_path)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            the = LiedTo(app, pilot, session)
            if wait_for_list:
                await the.until(lambda: app.connection.as_of is not None, "the list has arrived")
                await the.until(lambda: the.clients.listing.complete, "the inventory was read")
            yield the
            the.check()
    finally:
        await app.close_session()
