"""The Apply screen with a run: how each step went, stopping it, trying again, the journal."""

from pathlib import Path

from ocm_tui.core.errors import Refused
from ocm_tui.tui.screens.apply import ApplyScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.screens.runs import RunsScreen
from tests.tui.apply_support import (
    RUN_ID,
    FakeProvisioner,
    confirmed,
    has_ended,
    keys_of,
    planned,
    progress_of,
    result,
    some_plan,
    summary,
)
from tests.tui.support import Console, console


async def carried_out(the: Console, screen: ApplyScreen) -> None:
    await confirmed(the)
    await the.until(lambda: has_ended(screen), "the run has ended")


async def in_the_middle(the: Console) -> tuple[ApplyScreen, FakeProvisioner]:
    """Two of five are done, and the third is held."""
    provisioner = FakeProvisioner()
    provisioner.held = {"orders-ui"}
    screen, _ = await planned(the, provisioner)
    await confirmed(the)
    await the.until_text("2 of 5")
    return screen, provisioner


async def tried_again(the: Console, screen: ApplyScreen, question: str) -> None:
    await the.press("R")
    await the.until_text(question)
    await the.press("y")
    await the.until(lambda: progress_of(screen).complete, "all of it is done")


async def test_only_what_is_marked_is_applied(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, provisioner = await planned(the)
        screen.table.select(":orders-ui")
        await the.press("space")
        assert screen.table.selected_key == ":data-warehouse", "the next one can be marked at once"
        screen.table.select(":reports-ui")
        await the.press("space")
        assert "there is nothing to apply" in the.app.notices[-1].text
        assert screen.state.rows.marked == {":orders-ui"}
        assert "A applies 1 marked" in the.screen_text()
        await carried_out(the, screen)
        assert provisioner.applied[0].only == frozenset({"orders-ui"})
        assert progress_of(screen).state("orders-ui") == "succeeded"
        assert progress_of(screen).state("data-warehouse") is None


async def test_a_run_shows_how_each_step_went(tmp_path: Path) -> None:
    async with console(tmp_path, size=(160, 50)) as the:
        provisioner = FakeProvisioner()
        provisioner.endings = {
            "orders-ui": result("orders-ui", "failed", error="422: redirectUris[0]: no wildcard", hint="write it out"),
            "old-importer": result("old-importer", "unknown", "delete", error="no answer within 30 s"),
        }
        provisioner.held = {"data-warehouse"}
        screen, _ = await planned(the, provisioner)
        await confirmed(the)
        await the.until_text("3 of 5")
        text = the.screen_text()
        assert "◐ running" in text
        assert "◌ waiting" in text
        assert "▲ failed" in text
        await the.press("A")
        assert "A run is under way" in the.app.notices[-1].text
        provisioner.release.set()
        await the.until_text("1 unknown")
        assert "3 succeeded" in the.screen_text()
        assert RUN_ID in the.app.notices[-1].text
        screen.table.select(":orders-ui")
        await the.until_text("write it out")
        await the.press("slash", *"is:failed", "enter")
        assert keys_of(screen) == ["=update", ":orders-ui"]
        await the.press("escape", "C")
        assert "full success" in the.app.notices[-1].text


async def test_what_failed_is_tried_again_and_what_succeeded_stays(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        provisioner = FakeProvisioner()
        provisioner.endings = {"orders-ui": result("orders-ui", "failed", error="500")}
        screen, _ = await planned(the, provisioner)
        await the.press("R")
        assert "nothing to try again" in the.app.notices[-1].text
        await carried_out(the, screen)
        provisioner.endings = {}
        await tried_again(the, screen, "1 failed.")
        assert provisioner.resumed == [RUN_ID]


async def test_escape_stops_a_run_after_what_is_in_flight(tmp_path: Path) -> None:
    async with console(tmp_path, size=(160, 50)) as the:
        screen, _ = await in_the_middle(the)
        await the.press("escape")
        await the.until(lambda: not screen.state.running, "the run has ended")
        assert progress_of(screen).state("orders-ui") == "succeeded", "what was in flight ended"
        assert progress_of(screen).count("skipped") == 2
        assert "was stopped: 3 done, 2 not done" in the.app.notices[-1].text
        await the.until_text("· skipped")
        assert the.app.screen is screen
        await the.press("escape")
        assert the.app.current_mode == "clients"


async def test_another_pane_leaves_the_run_alone(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, provisioner = await in_the_middle(the)
        await the.press("1")
        assert the.app.current_mode == "clients"
        await the.press("a")
        assert the.app.screen_stack == [screen]
        assert screen.state.running
        await the.press("4")
        provisioner.release.set()
        await the.until(lambda: not screen.state.running, "the run has ended")
        await the.press("1", "a")
        await the.until_text("5 succeeded")
        assert len(provisioner.plan_options) == 1, "the outcome is still looked at"


async def test_the_clients_are_read_again_after_a_run(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        clients = the.clients
        screen, _ = await planned(the)
        service = the.session.require_clients()
        await service.set_enabled("orders-ui", enabled=False)
        await carried_out(the, screen)
        await the.until(lambda: (row := clients.rows.get("orders-ui")) and not row.enabled, "the list is fresh")


async def test_leaving_during_a_run_asks_and_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, _ = await in_the_middle(the)
        await the.press("4", "q")
        await the.until_text("2 of 5 changes are done")
        await the.press("escape")
        assert screen.state.running
        await the.press("q")
        await the.until_text("Stop the run and leave?")
        await the.press("y")
        await the.until(lambda: the.app._exit, "the console is left")
        assert the.app.return_code == 130
        run = the.app.apply_run
        assert run is not None
        assert run.progress.state("orders-ui") == "succeeded"
        assert run.farewell == (
            f"Run {RUN_ID} was stopped: 3 done, 2 not done. ocm-tui apply --resume {RUN_ID} goes on with it"
        )


async def test_a_signal_ends_the_run_before_the_connections_close(tmp_path: Path) -> None:
    provisioner = FakeProvisioner()
    async with console(tmp_path) as the:
        provisioner.held = {"orders-ui"}
        await planned(the, provisioner)
        await confirmed(the)
        await the.until_text("2 of 5")
    run = the.app.apply_run
    assert run is not None
    assert not run.active
    assert run.progress.ended is not None
    assert run.progress.ended.interrupted


async def test_protected_is_locked_and_then_asks_for_the_name(tmp_path: Path) -> None:
    async with console(tmp_path, protected=True, wait_for_list=False) as the:
        await the.until(lambda: the.app.connection.as_of is not None, "the list")
        _, provisioner = await planned(the)
        assert "protected and locked" in the.screen_text()
        await the.press("A")
        assert "locked" in the.app.notices[-1].text
        await the.press("U", *"test", "enter")
        assert "A applies all 5" in the.screen_text()
        await confirmed(the, "y")
        assert isinstance(the.app.screen, ConfirmScreen), "in a protected environment a key is not enough"
        the.app.screen.query_one("Input").value = "test"  # type: ignore[attr-defined]
        await the.press("enter")
        await the.until(lambda: provisioner.applied, "it is applied")
        await the.until_text("5 succeeded")


async def test_a_refused_run_leaves_the_plan(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        provisioner = FakeProvisioner()
        provisioner.refused = Refused("run 4711 is under way on this server", hint="wait for it")
        screen, _ = await planned(the, provisioner)
        await confirmed(the)
        await the.until_text("▲ run 4711 is under way")
        assert screen.state.progress is None
        assert not screen.state.running


async def test_an_abandoned_run_is_opened_and_resumed(tmp_path: Path) -> None:
    async with console(tmp_path, size=(160, 50)) as the:
        provisioner = FakeProvisioner()
        done = [result("returns-portal", action="create"), result("notifications-worker", action="create")]
        provisioner.journal = [(summary(), done, some_plan())]
        screen, _ = await planned(the, provisioner)
        await the.press("H")
        await the.until(lambda: isinstance(the.app.screen, RunsScreen), "the journal")
        await the.until_text("▲ abandoned")
        assert "2 of 5" in the.screen_text()
        await the.press("enter")
        await the.until(lambda: screen.state.progress is not None, "the run")
        assert progress_of(screen).count("unknown") == 3, "nobody knows what was sent"
        await the.press("A")
        assert "carried out already" in the.app.notices[-1].text
        await tried_again(the, screen, "3 unknown.")
        assert provisioner.resumed == [RUN_ID]


async def test_an_empty_journal(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await planned(the)
        await the.press("H")
        await the.until_text("No run is in the journal yet.")
        await the.press("enter", "escape")


async def test_the_exchanges_of_a_step(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, _ = await planned(the)
        screen.table.select(":orders-ui")
        await the.press("x")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the Log pane")
        await the.until_text('client:"orders-ui"')
        await the.press("1", "a")
        await the.until(lambda: the.app.screen is screen and not screen.state.planning, "the plan")
        await carried_out(the, screen)
        await the.press("x")
        assert f"ocm-tui log list run:{RUN_ID}" in the.app.notices[-1].text, "a run of another session"
