"""Marks, and one change for all marked clients."""

from pathlib import Path

import pytest

from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.screens.bulk import BulkScreen
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.widgets.row_table import MARK
from tests.tui.support import Console, console

SLOW = SimulatorSettings(clients=400, latency_ms=60)  # deleting all of them takes seconds


def written(the: Console, method: str) -> int:
    return len([one for one in the.simulator.requests if one.method == method and "rights-probe" not in one.path])


async def mark(the: Console, *client_ids: str) -> None:
    for client_id in client_ids:
        assert the.clients.table.select(client_id)
        await the.press("space")


async def test_marks_are_seen_counted_and_cleared(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.press("g", "space", "space")
        assert the.clients.table.marks == {the.clients.rows.key(0), the.clients.rows.key(1)}
        assert the.clients.table.cursor == 2, "the next one is at hand"
        assert the.screen_text().count(MARK) == 2
        assert "Clients ── 40 ── 2 marked" in the.screen_text()
        await the.press("k", "space")
        assert the.clients.table.marks == {the.clients.rows.key(0)}
        await the.press("escape")
        assert the.clients.table.marks == set()
        assert MARK not in the.screen_text()


@pytest.mark.parametrize("key", ["asterisk", "ctrl+a"])
async def test_all_that_is_shown_is_marked_on_top_of_what_is(tmp_path: Path, key: str) -> None:
    async with console(tmp_path) as the:
        await mark(the, "admin-cli")
        await the.press("slash", *"orders", "enter", key)
        shown = {the.clients.rows.key(n) for n in range(len(the.clients.rows))}
        assert the.clients.table.marks == shown | {"admin-cli"}
        await the.press("escape")
        assert the.clients.table.marks == set(), "esc clears the marks first"
        assert the.clients.filter_bar.text == "orders"


async def test_disable_all_marked_after_one_question(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await mark(the, "orders-api", "billing-api", "stock-service")
        await the.press("t")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        text = the.screen_text()
        assert all(name in text for name in ("Disable 3 clients?", "orders-api", "billing-api", "stock-service"))
        assert not written(the, "PUT")
        await the.press("y")
        await the.until_text("3 done")
        assert isinstance(the.app.screen, BulkScreen)
        await the.press("escape")
        await the.until(lambda: the.app.screen is the.clients, "the list")
        assert written(the, "PUT") == 3
        for name in ("orders-api", "billing-api", "stock-service"):
            row = the.clients.rows.get(name)
            assert row is not None
            assert not row.enabled
        assert the.clients.table.marks == set(), "what is done is marked no more"


async def test_enable_or_disable_is_asked_when_both_would_change_something(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await mark(the, "orders-api", "mobile-app-beta")
        await the.press("t")
        await the.until(lambda: isinstance(the.app.screen, ChoiceScreen), "the choice")
        await the.press("e")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        assert "Enable 1 client?" in the.screen_text()
        await the.press("y")
        await the.until_text("1 done")
        await the.press("enter")
        row = the.clients.rows.get("mobile-app-beta")
        assert row is not None
        assert row.enabled


async def test_hidden_marks_are_named_before_anything_is_deleted(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await mark(the, "admin-cli", "orders-ui")
        await the.press("slash", *"orders", "enter", "D")
        await the.until_text("Delete 2 clients?")
        assert "1 of them are not in the list as it is filtered now" in the.screen_text()
        await the.press("escape")
        assert the.app.screen is the.clients
        assert not written(the, "DELETE")


async def test_a_failure_is_shown_kept_and_stays_marked(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        service = the.session.require_clients()
        await mark(the, "orders-ui", "reports-ui", "stock-service")
        await service.set_enabled("reports-ui", enabled=False)
        await the.press("D")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        await the.press("y")
        await the.until_text("2 done, 1 failed")
        table = the.app.screen.query_one("RowTable")
        assert table.source.key(0) == "reports-ui", "what went wrong stands on top"  # type: ignore[attr-defined]
        await the.press("g")
        await the.until_text("was changed on the server since the list was loaded")
        await the.press("enter")
        await the.until(lambda: the.app.screen is the.clients, "the list")
        assert the.clients.table.marks == {"reports-ui"}
        assert the.clients.rows.get("orders-ui") is None
        assert any("reports-ui" in notice.text and "was changed" in notice.text for notice in the.app.notices)


async def all_being_deleted(the: Console) -> BulkScreen:
    await the.press("asterisk", "D")
    await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
    await the.press("y")
    await the.until(lambda: isinstance(the.app.screen, BulkScreen), "the progress")
    bulk = the.app.screen
    assert isinstance(bulk, BulkScreen)
    return bulk


async def test_escape_finishes_what_is_in_flight_and_says_what_was_done(tmp_path: Path) -> None:
    async with console(tmp_path, settings=SLOW) as the:
        bulk = await all_being_deleted(the)
        await the.until(lambda: bulk.rows.results, "the first results")
        await the.press("escape")
        await the.until(lambda: not bulk.running, "what was in flight has ended")
        counts = bulk.rows.counts
        assert counts["skipped"] > 0
        # Some are in use, which the server refuses to delete.
        assert {str(result.error)[:28] for result in bulk.rows.wrong} <= {"The client is referenced by "}
        left = counts["skipped"] + counts["failed"]
        assert counts["succeeded"] + left == SLOW.clients
        await the.press("escape")
        await the.until(lambda: the.app.screen is the.clients, "the list")
        assert the.clients.rows.total == left
        assert f"{counts['succeeded']} done" in the.app.notices[-1].text
        assert the.clients.table.marks == {row.client_id for row in the.clients.rows.rows}


async def test_leaving_in_the_middle_asks(tmp_path: Path) -> None:
    async with console(tmp_path, settings=SLOW) as the:
        bulk = await all_being_deleted(the)
        await the.press("ctrl+q")
        await the.until_text("leaving now cuts them off")
        await the.press("escape", "escape")
        await the.until(lambda: not bulk.running, "it was stopped instead")


async def test_a_protected_environment_wants_its_name_typed(tmp_path: Path) -> None:
    async with console(tmp_path, protected=True, wait_for_list=False) as the:
        await the.until(lambda: the.app.connection.as_of is not None, "the list")
        await the.press("space", "D")
        assert "locked" in the.app.notices[-1].text
        await the.press("U", *"test", "enter", "D")
        await the.until_text("Delete 1 client?")
        await the.press("y")
        assert isinstance(the.app.screen, ConfirmScreen)
        the.app.screen.query_one("Input").value = "test"  # type: ignore[attr-defined]
        await the.press("enter")
        await the.until_text("1 done")
        await the.press("enter")
        assert the.clients.rows.total == 39


async def test_marks_of_what_is_gone_are_gone_after_a_reload(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await mark(the, "orders-ui", "reports-ui")
        await the.session.require_clients().delete("orders-ui")
        await the.press("r")
        await the.until(lambda: the.clients.rows.get("orders-ui") is None, "the reloaded list")
        assert the.clients.table.marks == {"reports-ui"}
