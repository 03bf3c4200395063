"""The detail of the Log pane: tabs, folding, searching, the diagnosis and the way from it to the fix."""

from pathlib import Path

from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.log import LogScreen
from tests.tui.log_support import detail_text, open_log, refused_create, refused_update
from tests.tui.support import Console, console


async def select(the: Console, log: LogScreen, exchange_id: str) -> None:
    await the.until(lambda: log.rows.position(exchange_id) is not None, exchange_id)
    log.following = False
    log.table.select(exchange_id)
    await the.until(lambda: log.panel.border_title and exchange_id in str(log.panel.border_title), "its detail")


async def test_blocks_fold_and_open_and_a_search_opens_what_hides_the_word(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.session.require_clients().get("orders-api")
        wanted = the.session.log.snapshot()[-1]
        log = await open_log(the)
        await select(the, log, wanted.id)
        await the.press("enter", "minus")
        assert '"grantTypes": [ … 1 ]' in detail_text(log)
        assert "CLIENT_CREDENTIALS" not in detail_text(log)
        await the.press("slash", *"client_cred", "enter")
        assert "CLIENT_CREDENTIALS" in detail_text(log)
        await the.until_text("1 of 1")
        await the.press("h")
        assert "CLIENT_CREDENTIALS" not in detail_text(log)
        await the.press("enter")
        assert "CLIENT_CREDENTIALS" in detail_text(log)
        await the.press("slash", *"no such word", "enter")
        await the.until_text("not found")
        await the.press("escape")
        assert not log.panel.sought
        assert log.in_detail
        await the.press("escape")
        assert log.table.has_focus


async def test_the_search_in_the_detail_leaves_the_filter_of_the_list_alone(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        log = await open_log(the)
        held = len(log.rows)
        await the.press("enter", "slash", *"version", "enter")
        assert len(log.rows) == held
        assert log.filter_bar.text == ""


async def test_every_tab_of_a_failure(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_update(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        assert "d explains" in detail_text(log)
        await the.press("right_square_bracket")
        assert '"orders:raed"' in detail_text(log)
        await the.press("right_square_bracket")
        assert "first byte" in detail_text(log)
        assert "total" in detail_text(log)
        await the.press("right_square_bracket")
        assert "unknown-scope" in detail_text(log)
        await the.press("right_square_bracket")
        assert "PUT /oauth/clients/orders-api HTTP/1.1" in detail_text(log)
        assert the.simulator.password not in detail_text(log)


async def test_d_explains_the_newest_failure_from_the_clients_pane(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_update(the)
        await the.until_text("→ d explains")
        await the.press("d")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log pane")
        log = the.app.screen
        assert isinstance(log, LogScreen)
        await the.until(lambda: log.selected is not None and log.selected.id == failed.id, "the failure")
        await the.until(lambda: log.panel.active_tab == "Diagnosis" and log.in_detail, "its diagnosis")
        await the.until_text("orders:raed")
        await the.until(lambda: log.diagnoses.of(failed).complete, "the server was asked")
        await the.until(lambda: "looking at" not in detail_text(log), "the full diagnosis")
        assert "evidence" in detail_text(log)


async def test_a_filter_that_hides_the_failure_gives_way(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("slash", *"method:DELETE", "enter", "1")
        failed = await refused_update(the)
        await the.press("d")
        await the.until(lambda: log.selected is not None and log.selected.id == failed.id, "the failure")
        assert log.filter_bar.text == ""


async def test_while_following_nothing_is_asked_about_failures(tmp_path: Path) -> None:
    """Else the questions themselves, where they fail, would be the next failures."""
    async with console(tmp_path) as the:
        failed = await refused_update(the)
        log = await open_log(the)
        await the.press("left_square_bracket", "left_square_bracket")
        assert log.panel.active_tab == "Diagnosis"
        await the.until(lambda: log.selected is not None and log.selected.id == failed.id, "the failure")
        sent = len(the.session.log)
        assert log.following
        await the.pilot.pause(0.3)
        assert len(the.session.log) == sent
        await the.press("d")
        await the.until(lambda: log.diagnoses.of(failed).complete, "asked when it is asked for")


async def test_the_fix_opens_the_form_at_the_field_and_stores_what_was_meant(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_update(the, description="Orders of all regions", restrictScopes=True,
                                      restrictedScopes=["openid", "orders:raed"])  # fmt: skip
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("d")
        await the.until(lambda: log.diagnoses.of(failed).complete, "the server was asked")
        await the.press("e")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        await the.until(lambda: form.table.selected_key == "restrictedScopes", "the field")
        assert form.rows.edited["restrictedScopes"] == ["openid", "orders:read"]
        assert form.rows.edited["description"] == "Orders of all regions"
        await the.press("ctrl+s", "y")
        await the.until(lambda: the.app.screen is log, "back in the log")
        stored = await the.session.require_clients().get("orders-api")
        assert stored["restrictedScopes"] == ["openid", "orders:read"]
        assert stored["description"] == "Orders of all regions"


async def test_the_fix_of_a_create_is_a_new_client_without_marks_of_redaction(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_create(the, clientAuth={"type": "SECRET", "secret": "a-secret-that-is-long-enough"})
        assert "a-secret-that" not in failed.request.body
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("d", "e")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        assert form.rows.new
        assert form.rows.edited["clientId"] == "newcomer"
        assert "secret" not in form.rows.edited["clientAuth"]
        assert "***" not in str(form.rows.edited)


async def test_without_a_field_to_fix_the_key_says_why(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await open_log(the)
        await the.press("g", "e")
        await the.until(lambda: any("names a field to fix" in notice.text for notice in the.app.notices), "the reason")


async def test_narrow_terminal(tmp_path: Path) -> None:
    async with console(tmp_path, size=(60, 20)) as the:
        failed = await refused_update(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("d")
        await the.until_text("sure")
        await the.press("G", "minus", "plus", "g", "escape")
        assert log.table.has_focus


async def test_a_server_that_is_gone_leaves_the_diagnosis_that_needs_none(tmp_path: Path) -> None:
    async with console(tmp_path, settings=SimulatorSettings()) as the:
        failed = await refused_update(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.simulator.__aexit__(None, None, None)
        await the.press("d")
        await the.until(lambda: log.diagnoses.of(failed).complete, "given up asking")
        assert "orders:raed" in detail_text(log)
