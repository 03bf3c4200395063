"""Pictures of the Apply screen: a plan, a run under way, a run that ended, and what stands in its place."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ocm_tui.core.positioned.problems import InvalidConfiguration, Problem
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.screens.apply import ApplyScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from tests.tui.apply_support import FILE, FakeProvisioner, result, some_plan, summary
from tests.tui.support import wait_until
from tests.tui.test_snapshots import SnapCompare, compare, still

__all__ = ["still"]  # the fixture that holds the clocks


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of clients is not read again: whether its answer is there in time for the picture would be chance."""
    monkeypatch.setattr(OcmApp, "clients_changed", lambda _: None)


SIZES = {"80x24": (80, 24), "160x50": (160, 50)}
Steps = Callable[[ApplyScreen, Pilot[None]], Awaitable[None]]


def pictured(snap_compare: SnapCompare, size: tuple[int, int], provisioner: FakeProvisioner, steps: Steps) -> bool:
    async def opened(app: OcmApp, pilot: Pilot[None]) -> None:
        session = app.session
        assert session is not None
        provisioner.install(session)
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, ApplyScreen), "the Apply screen")
        screen = app.screen
        assert isinstance(screen, ApplyScreen)
        await wait_until(pilot, lambda: screen.state.plan or screen.state.trouble, "the plan")
        await steps(screen, pilot)
        if screen.state.run is not None and screen.state.running:
            session.closers.remove(screen.state.run.close)  # closing the session would end the run that is pictured
        app.clear_notifications()
        await pilot.pause(0.5)

    return compare(snap_compare, size, opened)


def uneven() -> FakeProvisioner:
    """One step fails, of one nobody knows."""
    provisioner = FakeProvisioner()
    provisioner.endings = {
        "orders-ui": result(
            "orders-ui",
            "failed",
            error='422: redirectUris[0]: "https://orders.example.com/callback" is not allowed here',
            hint="the server's policy names the hosts that it takes",
            exchange_ids=("a-1", "a-2"),
        ),
        "old-importer": result(
            "old-importer", "unknown", "delete", error="no answer within 30 s, nor to reading it back"
        ),
    }
    return provisioner


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_plan(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(screen: ApplyScreen, pilot: Pilot[None]) -> None:
        screen.table.select(":notifications-worker")
        await pilot.press("space", "space")
        screen.table.select(":data-warehouse")

    assert pictured(snap_compare, size, FakeProvisioner(), steps)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_change_side_by_side(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(screen: ApplyScreen, pilot: Pilot[None]) -> None:
        screen.table.select(":orders-ui")
        await pilot.press("enter")

    assert pictured(snap_compare, size, FakeProvisioner(), steps)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_question(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(screen: ApplyScreen, pilot: Pilot[None]) -> None:
        await pilot.press("A")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen), "the question")

    assert pictured(snap_compare, size, FakeProvisioner(), steps)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_running(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    provisioner = uneven()
    provisioner.held = {"data-warehouse"}

    async def steps(screen: ApplyScreen, pilot: Pilot[None]) -> None:
        await pilot.press("A", "y")
        await wait_until(pilot, lambda: screen.state.progress and screen.state.progress.done == 3, "it runs")

    assert pictured(snap_compare, size, provisioner, steps)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_finished(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(screen: ApplyScreen, pilot: Pilot[None]) -> None:
        await pilot.press("A", "y")
        await wait_until(pilot, lambda: screen.state.progress and screen.state.progress.ended, "it has ended")
        screen.table.select(":orders-ui")

    assert pictured(snap_compare, size, uneven(), steps)


def test_past_runs(snap_compare: SnapCompare) -> None:
    provisioner = FakeProvisioner()
    runs = (
        summary(),
        summary("20260202-081100-91bc", status="finished", succeeded=5, started_at="2026-02-02T08:11:00Z"),
        summary("20260201-164455-c01d", status="finished", succeeded=3, failed=1, unknown=1),
        summary("20260131-090000-0a1b", status="interrupted", succeeded=1, skipped=4),
    )
    provisioner.journal = [(run, [], some_plan()) for run in runs]

    async def steps(_: ApplyScreen, pilot: Pilot[None]) -> None:
        await pilot.press("H")

    assert pictured(snap_compare, SIZES["80x24"], provisioner, steps)


def test_problems_of_the_inventory(snap_compare: SnapCompare) -> None:
    problems = [
        Problem("error", "unknown field `grantTipes`", Path(FILE), 12, 5, hint="did you mean grantTypes?"),
        Problem(
            "error", "clientId orders-api is declared twice", Path(FILE), 31, 5, hint="the first one is in line 20"
        ),
    ]

    async def steps(_: ApplyScreen, pilot: Pilot[None]) -> None:
        await pilot.pause()

    assert pictured(snap_compare, SIZES["80x24"], FakeProvisioner(InvalidConfiguration(problems)), steps)
