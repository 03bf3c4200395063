"""The console over a real simulator, driven without a terminal."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from ocm_tui.core.session import Session
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.state import Connection
from ocm_tui.wiring import connect_server
from tests.contract.servers import refuse_invalid_requests

__all__ = ["Console", "console", "wait_until"]


@dataclass(slots=True)
class Console:
    app: OcmApp
    pilot: Pilot[None]
    simulator: Simulator
    session: Session

    @property
    def clients(self) -> ClientsScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, ClientsScreen)
        return screen

    def screen_text(self) -> str:
        """What is on the screen, as text."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.until(lambda: not self.app.keys_under_way or self.app._exit, "the keys are worked off")
        await self.pilot.pause()

    async def until(self, holds: Callable[[], Any], what: str) -> None:
        await wait_until(self.pilot, holds, what)

    async def until_text(self, text: str) -> None:
        await self.until(lambda: text in self.screen_text(), f"{text!r} on the screen\n{self.screen_text()}")


async def wait_until(pilot: Pilot[None], holds: Callable[[], Any], what: str) -> None:
    """Let the app work until `holds`; it fails after about ten seconds."""
    for _ in range(1000):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"did not happen: {what}")


@asynccontextmanager
async def console(
    tmp_path: Path,
    *,
    settings: SimulatorSettings | None = None,
    size: tuple[int, int] = (120, 36),
    protected: bool = False,
    auditor: bool = False,
    wait_for_list: bool = True,
    inventory: Path | None = None,
    **http: Any,
) -> AsyncIterator[Console]:
    """A console on a fresh simulator; by default the list has arrived, and the inventory, if there is one, was read.

    At the end every request that the screens sent is held against the server's contract.
    """
    async with Simulator(settings or SimulatorSettings()) as simulator:
        username = simulator.auditor_username if auditor else simulator.username
        password = simulator.auditor_password if auditor else simulator.password
        policy = WritePolicy(protected=protected)
        session = Session(
            environment="test",
            policy=policy,
            log=ExchangeLog(session="test"),
            protected=protected,
            state_directory=tmp_path,
            inventory=inventory,
        )
        config = HTTPClientConfig(
            base_url=simulator.base_url, auth=BasicAuth(username, Secret(password)), trust_env=False, **http
        )
        connect_server(session, config, username)

        async def opened() -> Session:
            return session

        shown = Connection(environment="test", protected=protected)
        app = OcmApp(opened, shown=shown, report_directory=tmp_path)
        try:
            async with app.run_test(size=size) as pilot:
                the = Console(app, pilot, simulator, session)
                if wait_for_list:
                    await the.until(lambda: app.connection.as_of is not None, "the list has arrived")
                    await the.until(lambda: app.connection.account or auditor, "the account is known")
                    await the.until(lambda: the.clients.listing.complete, "the inventory was read")
                yield the
        finally:
            await app.close_session()
        refuse_invalid_requests(simulator)
