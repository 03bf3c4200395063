"""Pictures of the screens. What moves by itself (clock, ages, ports, timings) is replaced by something still."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Violation
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Timings
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from ocm_tui.core.session import Session
from ocm_tui.simulator.inventory import demo_inventory
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.models.conflict_rows import ConflictRows
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.state import Connection
from ocm_tui.tui.widgets import banner
from ocm_tui.tui.widgets.live_strip import LiveStrip
from ocm_tui.wiring import connect_server
from tests.tui.support import wait_until

NOW = datetime(2026, 2, 3, 12, 4, 31, tzinfo=UTC)
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}

SnapCompare = Callable[..., bool]


class _StillClock(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> "_StillClock":
        return cls.fromtimestamp(NOW.timestamp(), tz)


class _Time:
    @staticmethod
    def time() -> float:
        return NOW.timestamp()


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    from textual.widgets import Input

    from ocm_tui.tui import client_text
    from ocm_tui.tui.models import client_rows

    monkeypatch.setattr(banner, "datetime", _StillClock)
    for module in (banner, client_text, client_rows):
        monkeypatch.setattr(module, "time", _Time)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _: None)
    monkeypatch.setattr(
        LiveStrip, "_title", lambda *_: Content("Live ── 3/s ▁▂▁▅▂▁▁ ── 2xx 50 %  4xx 25 %  error 25 %")
    )


def still_log() -> ExchangeLog:
    log = ExchangeLog(session="snap")
    answers = (
        ("GET", "/version", 200, 12.0, '{"version": "12.1.0.4"}', None),
        ("GET", "/oauth/clients?page=1&numberPerPage=500", 200, 38.4, '{"items": []}', None),
        (
            "PUT",
            "/oauth/clients/orders-api",
            422,
            19.2,
            '{"validationErrors": [{"fieldPath": "restrictedScopes[0]", "message": "ordres.read is not defined"}]}',
            None,
        ),
        ("GET", "/oauth/clients/reports-ui", None, 5000.0, "", ExchangeFailure("deadline", "no answer within 5 s")),
    )
    for number, (method, path, status, took, body, error) in enumerate(answers):
        response = Message((("Content-Type", "application/json"),), body, len(body)) if status else None
        log.append(
            Exchange(
                id=log.next_id(),
                started_at=NOW.timestamp() + number,
                target="server",
                method=method,
                url=f"https://pf-admin.dev.example.com:9999/pf-admin-api/v1{path}",
                path=path,
                status=status,
                duration_ms=took,
                timings=Timings(1.0, 4.0, took - 1, took),
                request=Message((("X-XSRF-Header", "PingFederate"), ("Authorization", "Basic ***0a1b2c"))),
                response=response,
                error=error,
                client_id="orders-api" if "orders" in path else None,
                http_version="HTTP/1.1",
            )
        )
    return log


def compare(
    snap_compare: SnapCompare,
    size: tuple[int, int],
    steps: Callable[[OcmApp, Pilot[None]], Awaitable[None]],
    **options: Any,
) -> bool:
    """Start the console on a simulator, wait for the list, take the steps, hold still, compare."""
    protected = bool(options.get("protected"))
    simulator = Simulator(SimulatorSettings())
    session = Session(
        environment="dev",
        policy=WritePolicy(protected=protected),
        log=ExchangeLog(),
        protected=protected,
        rights_probe=False,
        inventory=options.get("inventory"),
    )

    async def opened() -> Session:
        await simulator.start()
        config = HTTPClientConfig(
            base_url=simulator.base_url, auth=BasicAuth(simulator.username, Secret(simulator.password)), trust_env=False
        )
        connect_server(session, config, "ocm")
        return session

    async def before(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, OcmApp)
        await wait_until(pilot, lambda: app.connection.as_of and app.connection.version, "the list and the version")
        clients = app.screen_stack[0]
        assert isinstance(clients, ClientsScreen)
        await wait_until(pilot, lambda: clients.listing.complete, "the inventory")
        await steps(app, pilot)
        await session.close()
        await simulator.stop()
        app.connection = replace(
            app.connection, host="https://pf-admin.dev.example.com:9999", account="Admin", as_of=NOW.timestamp() - 3
        )
        for strip in [strip for screen in app.screen_stack for strip in screen.query(LiveStrip)]:
            strip.watch_log(still_log())
        await pilot.pause(0.7)  # the strip looks at its title twice a second

    app = OcmApp(
        opened,
        shown=Connection(environment="dev", protected=protected),
        report_directory=None,
        theme=options.get("theme"),
    )
    app.animation_level = "none"
    return snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_clients(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(_: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("j", "j")

    assert compare(snap_compare, size, steps)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_client_states_and_marks(snap_compare: SnapCompare, size: tuple[int, int], tmp_path: Path) -> None:
    inventory = tmp_path / "client-inventory.yaml"
    inventory.write_text(demo_inventory(), encoding="utf-8")

    async def steps(_: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("space", "j", "space")

    assert compare(snap_compare, size, steps, inventory=inventory)


@pytest.mark.parametrize("size", [SIZES["80x24"], SIZES["120x40"]], ids=["80x24", "120x40"])
def test_conflict(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        was = ClientDocument({"clientId": "orders-api", "name": "orders-api", "description": "Orders, all regions"})
        mine = ClientDocument({**was, "description": "Orders", "redirectUris": ["https://orders.example.com/callback"]})
        theirs = ClientDocument({**was, "description": "Orders of all regions", "enabled": False})
        app.push_screen(ConflictScreen("orders-api", ConflictRows(was, mine, theirs)))
        await wait_until(pilot, lambda: isinstance(app.screen, ConflictScreen), "the conflict")
        await pilot.press("j", "t", "k")

    assert compare(snap_compare, size, steps)


@pytest.mark.parametrize("theme", ["ocm-day"])
def test_clients_by_day_and_protected(snap_compare: SnapCompare, theme: str) -> None:
    async def steps(_: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"is:disabled", "enter")

    assert compare(snap_compare, SIZES["120x40"], steps, theme=theme, protected=True)


@pytest.mark.parametrize("size", [SIZES["80x24"], SIZES["120x40"]], ids=["80x24", "120x40"])
def test_form(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ClientForm), "the form")
        form = app.screen
        assert isinstance(form, ClientForm)
        form.rows.set_value(form.rows.at("description"), "Orders, all regions")
        form.rows.anchor([Violation("ordres.read is not defined", "invalid_scope", "restrictedScopes[0]")])
        await pilot.press("j", "j")

    assert compare(snap_compare, size, steps)


def test_review(snap_compare: SnapCompare) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("t")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmScreen), "the question")

    assert compare(snap_compare, SIZES["80x24"], steps)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_log(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("4")
        await wait_until(pilot, lambda: isinstance(app.screen, LogScreen), "the log")
        log = app.screen
        assert isinstance(log, LogScreen)
        log.rows.watch_log(still_log())
        log.table.rows_changed()
        await pilot.press("G", "k")

    assert compare(snap_compare, size, steps)


def test_help(snap_compare: SnapCompare) -> None:
    async def steps(_: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")

    assert compare(snap_compare, SIZES["80x24"], steps)
