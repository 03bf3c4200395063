"""Pictures of the Registry pane. What moves (ages, times to live, latencies) is replaced by something still."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ocm_tui.core.registry.cache_states import CacheFinding, CacheState, CompareReport
from ocm_tui.core.registry.events.model import Delivery, StreamConsumer, StreamStatus
from ocm_tui.core.registry.model import RegistryClient, StatusCounts
from ocm_tui.core.registry.status import CacheStatus, DatabaseStatus, RegistryStatus, Sessions
from ocm_tui.tui import registry_text
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.models import registry_cards, registry_cells
from ocm_tui.tui.models.event_rows import event_line
from ocm_tui.tui.screens.registry import RegistryScreen
from tests.tui.registry_support import client_id, seed
from tests.tui.support import wait_until
from tests.tui.test_snapshots import NOW, SIZES, SnapCompare, _StillClock, _Time, compare, still

__all__ = ["still"]  # the fixture that holds the clocks

Steps = Callable[[RegistryScreen, Pilot[None]], Awaitable[None]]
_CLIENTS: tuple[tuple[str, str, CacheState, int], ...] = (
    ("billing-api", "ACTIVE", "fresh", 230),
    ("billing-batch", "ACTIVE", "fresh", 131),
    ("customer-portal", "ACTIVE", "missing", -2),
    ("fax-gateway", "REVOKED", "stale", 212),
    ("orders-api", "ACTIVE", "fresh", 118),
    ("orders-ui", "SUSPENDED", "fresh", 68),
    ("partner-acme", "ACTIVE", "corrupt", -1),
    ("stock-service", "ACTIVE", "fresh", 21),
)


@pytest.fixture(autouse=True)
def _registry_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (registry_cards, registry_cells):
        monkeypatch.setattr(module, "datetime", _StillClock)
    monkeypatch.setattr(registry_text, "time", _Time)
    monkeypatch.setattr(RegistryScreen, "_tick", lambda _: None)
    monkeypatch.setattr(RegistryScreen, "look_at_status", lambda _: None)


def _row(code: str, status: str) -> RegistryClient:
    return RegistryClient(
        client_id=client_id(code), client_code=code, bap_id=code.partition("-")[0], status=status,  # type: ignore[arg-type]
        bap_uri=f"https://{code}.example.com", allowed_ips=("10.0.0.0/8",), rate_limit=100, row_version=41,
        has_secret=True, metadata={"team": "shop"}, created_at=NOW - timedelta(days=9),
        updated_at=NOW - timedelta(hours=3), last_synced_at=NOW - timedelta(minutes=4),
    )  # fmt: skip


def _hold_still(screen: RegistryScreen) -> None:
    rows = [_row(code, status) for code, status, _, _ in _CLIENTS]
    findings = [
        CacheFinding(client_id(code), state, ttl * 1000 if ttl > 0 else ttl, None, 41)
        for code, _, state, ttl in _CLIENTS
    ]
    findings.append(CacheFinding(client_id("gone-shop"), "orphan", 204_000, 3, None))
    screen.workers.cancel_node(screen)
    screen.rows._clock = lambda: 1000.0
    screen.rows.replace(sorted(rows, key=lambda one: one.client_id))
    screen.rows.judge_all(findings, complete=True)
    summary: dict[CacheState, int] = {"fresh": 5, "stale": 1, "orphan": 1, "corrupt": 1, "missing": 1, "negative": 0}
    screen.sweep._clock = lambda: 1000.0
    screen.sweep.end(CompareReport(8, 8, True, summary, findings))
    database = DatabaseStatus(
        kind="postgres", version="18.6", latency_ms=2.1, newest_synced_at=NOW - timedelta(seconds=4), outbox=1,
        table_bytes=12_400_000, sessions=Sessions(12, 1, 0, 0, 100),
    )  # fmt: skip
    cache = CacheStatus(
        kind="redis", version="9.1.2", latency_ms=0.3, keys=912, used_memory=12_000_000, max_memory=64_000_000,
        hit_ratio=0.982, clients=14, policy="allkeys-lru",
    )  # fmt: skip
    stream = StreamStatus(
        name="stream:admin.client.events", length=120, lag=3, pending=2, oldest_pending_ms=4000, dead_letters=1,
        consumers=(StreamConsumer("a", 1, 10), StreamConsumer("b", 1, 10)),
    )  # fmt: skip
    for number in range(8):
        looked = replace(database, latency_ms=2.1 + number % 3)
        screen.history.add(
            RegistryStatus(looked, replace(cache, hit_ratio=0.9 + number / 100), stream, StatusCounts(6, 1, 1), NOW)
        )
    milliseconds = int(NOW.timestamp() * 1000)
    screen.events = tuple(
        event_line(Delivery(f"{milliseconds + number * 700}-0", {"type": kind, "client_id": str(client_id(code))}))
        for number, (kind, code) in enumerate(
            (
                ("client.created", "orders-ui"),
                ("client.updated", "orders-api"),
                ("client.suspended", "orders-ui"),
                ("client.revoked", "fax-gateway"),
            )
        )
    )
    screen.feed, screen.changed_since = "live", False
    screen.table.rows_changed()
    screen.table.select(str(client_id("billing-api")))
    screen.show_cards()
    screen.show_state()
    screen.show_detail()


def pictured(snap_compare: SnapCompare, size: tuple[int, int], tmp_path: Path, steps: Steps) -> bool:
    async def opened(app: OcmApp, pilot: Pilot[None]) -> None:
        session = app.session
        assert session is not None
        await seed(tmp_path, [code for code, *_ in _CLIENTS], session)
        await pilot.press("3")
        await wait_until(pilot, lambda: isinstance(app.screen, RegistryScreen), "the pane")
        screen = app.screen
        assert isinstance(screen, RegistryScreen)
        await wait_until(pilot, lambda: screen.read_at is not None and screen.history.newest, "rows and status")
        screen.history.__init__()  # type: ignore[misc]
        _hold_still(screen)
        await steps(screen, pilot)
        app.clear_notifications()
        await pilot.pause(0.5)

    return compare(snap_compare, size, opened)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_pane(snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]) -> None:
    async def steps(_: RegistryScreen, __: Pilot[None]) -> None: ...

    assert pictured(snap_compare, size, tmp_path, steps)


def test_problems_only(snap_compare: SnapCompare, tmp_path: Path) -> None:
    async def steps(_: RegistryScreen, pilot: Pilot[None]) -> None:
        await pilot.press("F")

    assert pictured(snap_compare, (120, 40), tmp_path, steps)


def test_the_question_before_a_repair(snap_compare: SnapCompare, tmp_path: Path) -> None:
    async def steps(_: RegistryScreen, pilot: Pilot[None]) -> None:
        await pilot.press("R")

    assert pictured(snap_compare, (120, 40), tmp_path, steps)


def test_a_dead_database(snap_compare: SnapCompare, tmp_path: Path) -> None:
    async def steps(screen: RegistryScreen, _: Pilot[None]) -> None:
        dead = DatabaseStatus(kind="postgres", reachable=False, problem="the database did not answer within 3 s")
        newest = screen.history.newest
        assert newest is not None
        screen.history.add(replace(newest, database=dead, clients=None))
        screen.read_at = None
        screen.show_cards()
        screen.show_state()

    assert pictured(snap_compare, (80, 24), tmp_path, steps)


def test_not_configured(snap_compare: SnapCompare) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await wait_until(pilot, lambda: isinstance(app.screen, RegistryScreen) and app.screen.trouble, "it says so")
        await pilot.pause(0.5)

    assert compare(snap_compare, (80, 24), steps)
