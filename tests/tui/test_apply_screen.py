"""The Apply screen with a provisioner whose every step the test decides."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.message import Message

from ocm_tui.core.errors import Refused, TransportError
from ocm_tui.core.positioned.problems import InvalidConfiguration, Problem
from ocm_tui.core.provisioning.model import Action, FieldDrift, SecretDeclaration
from ocm_tui.tui.models.run_progress import RunProgress
from ocm_tui.tui.screens.apply import ApplyScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.screens.runs import RunsScreen
from tests.hostile.strings import NASTY, unsafe_in
from tests.tui.apply_support import RUN_ID, FakeProvisioner, change, open_apply, result, some_plan, summary
from tests.tui.support import Console, console

_ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "blocked", "unchanged")


async def planned(the: Console, provisioner: FakeProvisioner | None = None) -> tuple[ApplyScreen, FakeProvisioner]:
    provisioner = provisioner or FakeProvisioner()
    screen = await open_apply(the, provisioner)
    await the.until(lambda: screen.state.plan is not None, "the plan")
    return screen, provisioner


async def confirmed(the: Console, *keys: str) -> None:
    await the.press("A")
    await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
    await the.press(*(keys or ("y",)))


def has_ended(screen: ApplyScreen) -> bool:
    return screen.state.progress is not None and screen.state.progress.ended is not None


def progress_of(screen: ApplyScreen) -> RunProgress:
    assert screen.state.progress is not None
    return screen.state.progress


def keys_of(screen: ApplyScreen) -> list[str]:
    return [screen.state.rows.key(position) for position in range(len(screen.state.rows))]


async def test_the_plan_is_grouped_and_the_unchanged_are_folded(tmp_path: Path) -> None:
    async with console(tmp_path, size=(160, 50)) as the:
        screen, _ = await planned(the)
        assert keys_of(screen) == [
            "=create", ":returns-portal", ":notifications-worker",
            "=update", ":orders-ui", ":data-warehouse",
            "=delete", ":old-importer",
            "=blocked", ":reports-ui",
            "=unchanged",
        ]  # fmt: skip
        assert screen.table.selected_key == ":returns-portal"
        assert "2 create · 2 update · 1 delete · 1 blocked" in the.screen_text()
        assert "A applies all 5" in the.screen_text()
        assert "2 unmanaged" in the.screen_text()
        screen.table.select("=unchanged")
        await the.press("enter")
        assert len(keys_of(screen)) == 11 + 18
        await the.press("enter")
        assert len(keys_of(screen)) == 11


async def test_the_detail_shows_both_sides_who_moved_and_the_secret(tmp_path: Path) -> None:
    async with console(tmp_path, size=(160, 50)) as the:
        screen, _ = await planned(the)
        screen.table.select(":orders-ui")
        await the.until_text("the server moved")
        text = the.screen_text()
        assert "- https://orders-test.example.com" in text
        assert "+ Back office for orders" in text
        assert "client-inventory.yaml:171:5" in text
        screen.table.select(":data-warehouse")
        await the.until_text("former secret stops working at once: whoever")
        assert "keyring:oauth/data-warehouse" in the.screen_text()
        screen.table.select(":reports-ui")
        await the.until_text("is not defined on the server")
        await the.press("right_square_bracket")
        await the.until_text("legacy-sync")


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
        await confirmed(the)
        await the.until(lambda: has_ended(screen), "the run has ended")
        assert provisioner.applied[0].only == frozenset({"orders-ui"})
        assert progress_of(screen).state("orders-ui") == "succeeded"
        assert progress_of(screen).state("data-warehouse") is None


async def test_a_heading_marks_its_group_and_the_star_all_or_none(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, _ = await planned(the)
        screen.table.select("=create")
        await the.press("space")
        assert screen.state.rows.marked == {":returns-portal", ":notifications-worker"}
        await the.press("asterisk")
        assert len(screen.state.rows.marked) == 5
        await the.press("asterisk")
        assert not screen.state.rows.marked


async def test_the_question_names_what_is_lost(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, provisioner = await planned(the)
        await the.press("A")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        text = the.screen_text()
        assert "Apply 5 changes to test?" in text
        assert "old-importer" in text
        assert "1 set, 1 rotated" in text
        assert "1 blocked" in text
        await the.press("escape")
        assert not provisioner.applied
        assert screen.state.progress is None


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
        await confirmed(the)
        await the.until(lambda: has_ended(screen), "the run has ended")
        provisioner.endings = {}
        await the.press("R")
        await the.until_text("1 failed.")
        await the.press("y")
        await the.until(lambda: progress_of(screen).complete, "all of it succeeded")
        assert provisioner.resumed == [RUN_ID]


async def test_escape_stops_a_run_after_what_is_in_flight(tmp_path: Path) -> None:
    async with console(tmp_path, size=(160, 50)) as the:
        provisioner = FakeProvisioner()
        provisioner.held = {"orders-ui"}
        screen, _ = await planned(the, provisioner)
        await confirmed(the)
        await the.until_text("2 of 5")
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
        provisioner = FakeProvisioner()
        provisioner.held = {"orders-ui"}
        screen, _ = await planned(the, provisioner)
        await confirmed(the)
        await the.until_text("2 of 5")
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
        await confirmed(the)
        await the.until(lambda: has_ended(screen), "the run has ended")
        await the.until(lambda: (row := clients.rows.get("orders-ui")) and not row.enabled, "the list is fresh")


async def test_leaving_during_a_run_asks_and_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        provisioner = FakeProvisioner()
        provisioner.held = {"orders-ui"}
        screen, _ = await planned(the, provisioner)
        await confirmed(the)
        await the.until_text("2 of 5")
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


async def test_read_only_shows_the_plan_and_refuses(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        the.session.policy.read_only = True
        the.app.access_changed()
        screen, provisioner = await planned(the)
        assert "read-only (--read-only)" in the.screen_text()
        await the.press("A")
        assert "read-only" in the.app.notices[-1].text
        assert the.app.screen is screen
        assert not provisioner.applied


async def test_prune_plans_again(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, provisioner = await planned(the)
        await the.press("p")
        await the.until(lambda: len(provisioner.plan_options) == 2 and not screen.state.planning, "the second plan")
        assert [options.prune for options in provisioner.plan_options] == [False, True]
        assert "prune on" in the.screen_text()


async def test_a_new_plan_keeps_filter_marks_and_place(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        screen, provisioner = await planned(the)
        screen.table.select(":orders-ui")
        await the.press("space", "k")
        provisioner.planned = some_plan(change("aaa", "create"), change("orders-ui"))
        await the.press("r")
        await the.until(lambda: screen.state.rows.get(":aaa") is not None, "the second plan")
        assert screen.table.selected_key == ":orders-ui"
        assert screen.state.rows.marked == {":orders-ui"}


async def test_planning_says_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        provisioner = FakeProvisioner()
        provisioner.plan_gate.clear()
        screen = await open_apply(the, provisioner)
        await the.until_text("Planning …")
        assert provisioner.on_page is not None
        provisioner.on_page(1500)
        await the.until_text("1,500 clients of the server looked at")
        await the.press("escape")
        await the.until(lambda: not screen.state.planning, "stopped")
        await the.until_text("There is no plan.")


async def test_nothing_to_do(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        plan = some_plan(*(change(f"same-{number}", "unchanged", fields=()) for number in range(3)))
        await planned(the, FakeProvisioner(plan))
        assert "nothing to do" in the.screen_text()
        assert "3 in sync" in the.screen_text()
        await the.press("A")
        assert "nothing to apply" in the.app.notices[-1].text


async def test_an_empty_inventory(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await planned(the, FakeProvisioner(replace(some_plan(), changes=())))
        assert "declares no clients" in the.screen_text()


async def test_errors_of_the_inventory_are_listed_with_their_places(tmp_path: Path) -> None:
    problems = [
        Problem("error", f"unknown field [/x]{n}", Path("clients.yaml"), n, 3, hint="did you mean grantTypes?")
        for n in range(1, 61)
    ]
    async with console(tmp_path) as the:
        provisioner = FakeProvisioner(InvalidConfiguration(problems))
        screen = await open_apply(the, provisioner)
        await the.until_text("clients.yaml:1:3")
        assert "60 problems in the inventory" in the.screen_text()
        assert "did you mean grantTypes?" in the.screen_text()
        await the.press("G")
        await the.until_text("clients.yaml:60:3")
        provisioner.planned = some_plan()
        await the.press("r")
        await the.until(lambda: screen.state.plan is not None, "the plan")
        assert screen.table.has_focus
        assert "returns-portal" in the.screen_text()


async def test_no_inventory_says_what_to_add(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await open_apply(the)
        await the.until_text("No inventory is configured here.")
        assert "environments.test.inventory" in the.screen_text()


async def test_an_unreachable_server_is_said_and_tried_again(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        error = TransportError("connection refused", layer="tcp", hint="is the server up?")
        provisioner = FakeProvisioner(error)
        screen = await open_apply(the, provisioner)
        await the.until_text("connection refused")
        assert "r tries again" in the.screen_text()
        provisioner.planned = some_plan()
        await the.press("r")
        await the.until(lambda: screen.state.plan is not None, "the plan")
        provisioner.planned = error
        await the.press("r")
        await the.until_text("▲ connection refused")
        assert "returns-portal" in the.screen_text(), "the former plan stays"


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
        await the.press("R")
        await the.until_text("3 unknown.")
        await the.press("y")
        await the.until(lambda: progress_of(screen).complete, "all of it is done")
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
        await confirmed(the)
        await the.until(lambda: has_ended(screen), "the run has ended")
        await the.press("x")
        assert f"ocm-tui log list run:{RUN_ID}" in the.app.notices[-1].text, "a run of another session"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (200, 50)])
async def test_every_size_shows_list_and_detail(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size=size) as the:
        screen, _ = await planned(the)
        screen.table.select(":orders-ui")
        await the.until_text("orders-ui")
        await the.press("enter")
        await the.until_text("the server moved")
        await the.press("escape")
        assert screen.table.has_focus


@pytest.mark.parametrize("size", [(60, 20), (160, 50)])
async def test_nothing_that_others_wrote_is_obeyed(tmp_path: Path, size: tuple[int, int]) -> None:
    """Ids, values, reasons, secrets, warnings, results and the journal, all of them nasty."""
    texts = [text for text in NASTY.values() if text]
    changes = [
        change(
            text,
            action,
            fields=(FieldDrift(text, [text, {text: text}], text, "both"),) if action == "update" else (),
            reasons=(text, text),
            place=f"{text}:1:2",
            secret="rotate",
            declaration=SecretDeclaration("file", argument=text, deliver=text),
        )
        for number, text in enumerate(texts)
        for action in (_ACTIONS[number % len(_ACTIONS)],)
    ]
    plan = some_plan(*changes, warnings=tuple(texts), unmanaged=tuple(texts), inventory=tuple(texts[:3]))
    provisioner = FakeProvisioner(plan)
    provisioner.endings = {text: result(text, "failed", error=text, hint=text, notes=(text,)) for text in texts}
    provisioner.journal = [(summary(run_id=texts[0], started_at=texts[1]), [], plan)]
    async with console(tmp_path, size=size) as the:
        screen, _ = await planned(the, provisioner)

        def check() -> None:
            for line in the.screen_text().split("\n"):
                assert set(unsafe_in(line)) <= {"U+FFFD"}  # what stands for a lone surrogate
            assert the.app._exception is None

        await the.press("A")
        check()
        await the.press("y")
        await the.until(lambda: has_ended(screen), "the run has ended")
        for one in plan.changes:
            screen.table.select(f":{one.client_id}")
            await the.pilot.pause()
            check()
        await the.press("enter", "right_square_bracket", "G")
        check()
        await the.press("escape", "H")
        check()
        await the.press("enter")
        await the.until(lambda: the.app.screen is screen, "the run is opened")
        check()


async def test_thousands_of_events_a_second_cost_no_messages(tmp_path: Path) -> None:
    """The model takes them; a timer paints. The queue of the screen stays as short as it was."""
    many = [change(f"client-{number:05}", "create", fields=()) for number in range(10_000)]
    async with console(tmp_path) as the:
        screen, _ = await planned(the, FakeProvisioner(some_plan(*many)))
        posted: list[object] = []
        post = screen.post_message

        def counted(message: Message) -> bool:
            posted.append(message)
            return post(message)

        screen.post_message = counted  # type: ignore[method-assign]
        await confirmed(the)
        await the.until_text("10,000 succeeded")
        assert len(posted) < 500
        assert screen.table.selected_key == ":client-00000"
