"""The state column of the Clients pane, and what hangs on it, against a real simulator and a real inventory file."""

import asyncio
from pathlib import Path

import pytest

from ocm_tui.simulator.inventory import demo_inventory
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.dialog import ConfirmScreen
from tests.tui.support import Console, console


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "client-inventory.yaml"
    path.write_text(demo_inventory(), encoding="utf-8")
    return path


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def state(the: Console, client_id: str) -> str:
    return the.clients.rows.state(client_id)


async def select(the: Console, client_id: str) -> None:
    assert the.clients.table.select(client_id)
    await the.pilot.pause()


async def test_states_counts_and_missing_rows(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory) as the:
        assert state(the, "orders-api") == "in sync"
        assert state(the, "marketing-mailer") == "drifted"
        assert state(the, "returns-portal") == "missing"
        assert state(the, "admin-cli") == "unmanaged"
        counts = the.clients.rows.counts
        assert counts["missing"] == 3
        words = f"drift {counts['drifted']} · missing 3"
        assert f"Clients ── 43 ── {words}" in the.screen_text()
        assert the.screen_text().split("\n")[1].rstrip().endswith(words), "on the line of panes as well"
        assert "● in sync" in the.screen_text()
        telemetry = next(line for line in the.screen_text().split("\n") if "telemetry-collector" in line)
        assert "◐ drifted" in telemetry
        assert "disabled" in telemetry


async def test_a_filter_by_state(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory) as the:
        await the.press("slash", *"state:missing")
        shown = [the.clients.rows.key(n) for n in range(len(the.clients.rows))]
        assert shown == ["notifications-worker", "partner-hooli", "returns-portal"]
        await the.press("escape", "slash", *"state:in-sync orders-api", "enter")
        assert [the.clients.rows.key(n) for n in range(len(the.clients.rows))] == ["orders-api"]
        await the.press("t")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        await the.press("y")
        await the.until(lambda: state(the, "orders-api") == "drifted", "the write is judged")
        assert len(the.clients.rows) == 0, "it is in that state no more"


async def test_without_an_inventory_the_state_is_whether_it_is_enabled(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        assert "● enabled" in the.screen_text()
        assert "in sync" not in the.screen_text()
        await the.press("w")
        assert "there is no inventory" in the.app.notices[-1].text


async def test_rows_come_first_and_their_states_fill_in(tmp_path: Path, inventory: Path) -> None:
    settings = SimulatorSettings(clients=1_200, latency_ms=20)
    async with console(tmp_path, inventory=inventory, settings=settings, wait_for_list=False) as the:
        await the.until(lambda: the.clients.rows.total > 0, "the first page")
        await select(the, "orders-ui")
        await the.until(lambda: the.clients.listing.complete, "all of it")
        assert the.clients.table.selected_key == "orders-ui"
        assert the.clients.rows.counts["unknown"] == 0
        assert the.clients.rows.counts["missing"] == 3
        last = [the.clients.rows.key(n) for n in range(1_200, len(the.clients.rows))]
        assert last == ["notifications-worker", "partner-hooli", "returns-portal"]


async def test_a_broken_inventory_is_said_once_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "client-inventory.yaml"
    path.write_text("version: 1\nclients:\n  - clientId: a\n    grantTypes: CLIENT_CREDENTIALS\n", encoding="utf-8")
    async with console(tmp_path, inventory=path) as the:
        said = [notice.text for notice in the.app.notices if f"{path}:4:" in notice.text]
        assert len(said) == 1
        assert set(the.clients.rows.counts) == {"unknown"}
        assert "inventory unusable" in the.screen_text()
        await the.press("r")
        await the.until(lambda: not the.clients.fetching and the.clients._coming is None, "read again")
        assert [notice.text for notice in the.app.notices if f"{path}:4:" in notice.text] == said
        path.write_text(demo_inventory(), encoding="utf-8")
        await the.press("r")
        await the.until(lambda: state(the, "orders-api") == "in sync", "the mended inventory")


async def test_the_difference_tab_says_what_differs(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory, size=(160, 40)) as the:
        await select(the, "pricing-engine")
        await the.until_text("Identity")
        await the.press("right_square_bracket")
        await the.until_text("defaultAccessTokenManagerRef")
        assert "jwt-short" in the.screen_text()
        assert "client-inventory.yaml" in the.screen_text()
        await select(the, "orders-api")
        await the.until_text("Nothing differs")
        await select(the, "admin-cli")
        await the.until_text("does not declare this client")
        await select(the, "returns-portal")
        await the.until_text("plans and applies the inventory")


async def test_what_is_missing_can_be_looked_at_and_not_be_changed(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory) as the:
        await select(the, "returns-portal")
        await the.until_text("not on the server")
        for key in ("e", "E", "c", "t", "R", "D", "w"):
            await the.press(key)
            assert the.app.screen is the.clients, key
            assert "not on the server yet" in the.app.notices[-1].text
        assert "GET" in {request.method for request in the.simulator.requests}
        assert not [one for one in the.simulator.requests if one.path.endswith("/returns-portal")]


async def test_a_deleted_client_that_is_declared_is_missing(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory) as the:
        await select(the, "stock-service")
        await the.press("D")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        await the.press("y")
        await the.until(lambda: not the.clients.rows.is_stored("stock-service"), "it is gone")
        assert the.clients.rows.get("stock-service") is not None
        assert the.clients.table.selected_key == "stock-service"


async def test_write_back_shows_the_file_difference_first(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory, size=(120, 50)) as the:
        before = text_of(inventory)
        await select(the, "pricing-engine")
        await the.press("w")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the difference of the file")
        assert "jwt-short" in the.screen_text()
        assert "# on the server: five-minute tokens" in the.screen_text()
        assert text_of(inventory) == before
        await the.press("y")
        await the.until(lambda: state(the, "pricing-engine") == "in sync", "the inventory was read again")
        after = text_of(inventory)
        comments = [line for line in before.split("\n") if "#" in line]
        assert [line for line in after.split("\n") if "#" in line] == comments
        await the.press("w")
        await the.until(lambda: "nothing to write" in the.app.notices[-1].text, "there is nothing left")


async def test_an_edit_is_offered_to_the_inventory_without_what_else_differs(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory, size=(120, 50)) as the:
        await select(the, "pricing-engine")
        await the.press("e")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        form.rows.set_value(form.rows.at("description"), "Prices, edited here")
        await the.press("ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
        await the.press("y")
        await the.until_text("write the edit there too")
        assert "Prices, edited here" in the.screen_text()
        assert "jwt-short" not in the.screen_text()
        await the.press("y")
        await the.until(lambda: "Prices, edited here" in text_of(inventory), "it is written")
        await the.until(lambda: the.app.screen is the.clients, "the list")


async def test_an_edited_file_meanwhile_is_not_overwritten(tmp_path: Path, inventory: Path) -> None:
    async with console(tmp_path, inventory=inventory) as the:
        await select(the, "pricing-engine")
        await the.press("w")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the difference of the file")
        changed = text_of(inventory) + "# a colleague was here\n"
        await asyncio.to_thread(inventory.write_text, changed, encoding="utf-8")
        notices = len(the.app.notices)
        await the.press("y")
        await the.until(lambda: len(the.app.notices) > notices, "the refusal")
        assert the.app.notices[-1].severity == "error"
        assert text_of(inventory) == changed


async def test_a_client_of_a_long_list_is_read_once(tmp_path: Path) -> None:
    """Only the first documents are kept; what is read for the detail is not asked for again and again."""
    async with console(tmp_path, settings=SimulatorSettings(clients=2_100)) as the:
        await the.press("G")
        last = the.clients.table.selected_key
        await the.until_text("Identity")
        await the.pilot.pause(0.4)
        asked = [one for one in the.simulator.requests if one.path.endswith(f"/oauth/clients/{last}")]
        assert len(asked) == 1
