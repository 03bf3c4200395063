"""The Log pane and the live strip."""

from dataclasses import replace
from pathlib import Path

from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.widgets.row_table import RowTable
from tests.tui.support import Console, console


async def open_log(the: Console) -> LogScreen:
    await the.press("4")
    await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log pane")
    screen = the.app.screen
    assert isinstance(screen, LogScreen)
    await the.until(lambda: len(screen.rows) > 0, "exchanges")
    return screen


async def test_every_request_is_there_and_the_strip_shows_the_last(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.until_text("/oauth/clients?page=1")
        log = await open_log(the)
        paths = [exchange.path for exchange in the.session.log.snapshot()]
        assert len(log.rows) == len(paths)
        assert any(path.startswith("/oauth/clients?page=1") for path in paths)


async def test_moving_up_pauses_and_f_follows_again(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("k")
        held = len(log.rows)
        await the.session.require_clients().get("orders-api")
        await the.until_text("paused, 1 new")
        assert len(log.rows) == held
        await the.press("f")
        assert log.following
        assert len(log.rows) == held + 1
        assert log.query_one(RowTable).cursor == held


async def test_a_row_that_comes_at_the_same_moment_does_not_undo_the_pause(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        log = await open_log(the)
        log.table.action_move(-1)
        moved_to = log.table.cursor
        the.session.log.append(replace(the.session.log.snapshot()[-1], id="late-1"))
        log.poll()  # before the message that the cursor moved could have been handled
        assert not log.following
        assert log.table.cursor == moved_to


async def test_filter_and_failures_only(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("F")
        await the.until(lambda: len(log.rows) == 1, "only the rights probe failed")
        assert "404" in the.screen_text()
        await the.press("F")
        await the.until(lambda: len(log.rows) == len(the.session.log), "all again")
        await the.press("slash", *"method:DELETE")
        assert len(log.rows) == 1
        await the.press("escape", "slash", *"bogus:1")
        assert "bogus" in the.screen_text()


async def test_detail_shows_headers_bodies_and_timings_without_the_password(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await open_log(the)
        await the.press("g", "enter")
        await the.until_text("HTTP/1.1 200")
        assert the.simulator.password not in the.screen_text()
        await the.press("right_square_bracket")
        await the.until_text("X-XSRF-Header: PingFederate")
        assert "Authorization: Basic ***" in the.screen_text()
        await the.press("right_square_bracket")
        await the.until_text("first byte")


async def test_from_a_client_to_its_exchanges_and_back(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.session.require_clients().get("orders-ui")
        assert the.clients.table.select("orders-ui")
        await the.press("x")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log pane")
        log = the.app.screen
        assert isinstance(log, LogScreen)
        await the.until(lambda: len(log.rows) == 1, "its one exchange")
        await the.press("c")
        await the.until(lambda: isinstance(the.app.screen, ClientsScreen), "the clients pane")
        assert the.clients.table.selected_key == "orders-ui"
