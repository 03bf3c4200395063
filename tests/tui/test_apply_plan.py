"""The Apply screen before a run: the plan, what is marked, and why there may be none."""

from dataclasses import replace
from pathlib import Path

import pytest

from ocm_tui.core.errors import TransportError
from ocm_tui.core.positioned.problems import InvalidConfiguration, Problem
from ocm_tui.tui.screens.dialog import ConfirmScreen
from tests.tui.apply_support import (
    FakeProvisioner,
    change,
    keys_of,
    open_apply,
    planned,
    some_plan,
)
from tests.tui.support import console


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
