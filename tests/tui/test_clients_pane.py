"""The Clients pane against a real simulator: state first, then what stands on the screen."""

from pathlib import Path

import pytest

from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.rotate import RotateScreen
from tests.tui.support import Console, console


async def select(the: Console, client_id: str) -> None:
    assert the.clients.table.select(client_id)
    await the.pilot.pause()


async def test_list_banner_and_detail(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        assert the.clients.rows.total == 40
        assert the.app.connection.phase == "connected"
        assert the.app.connection.account == "Admin"
        await select(the, "orders-api")
        await the.until_text("Identity")
        assert "PingFederate 12.1.0.4" in the.screen_text()
        assert "Clients ── 40" in the.screen_text()


async def test_the_first_page_is_on_the_screen_before_the_second_is_asked_for(tmp_path: Path) -> None:
    settings = SimulatorSettings(clients=2_000, latency_ms=30)
    async with console(tmp_path, settings=settings, wait_for_list=False) as the:
        await the.until_text("orders-api")
        asked = [request for request in the.simulator.requests if request.path.endswith("/oauth/clients")]
        pages = {request.query.split("page=")[1].split("&")[0] for request in asked}
        assert pages <= {"1", "2"}, "at most the next page is under way when the first is painted"
        assert the.clients.rows.total < 2_000
        await the.until(lambda: the.clients.rows.total == 2_000, "all pages")


async def test_filter_narrows_and_keeps_the_selection(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "orders-ui")
        await the.press("slash", *"orders")
        assert the.clients.table.selected_key == "orders-ui"
        shown = [the.clients.rows.key(n) for n in range(len(the.clients.rows))]
        assert shown
        assert all("orders" in key for key in shown)
        assert f"Clients ── {len(shown)} of 40" in the.screen_text()
        await the.press("enter")
        assert the.clients.table.has_focus
        await the.press("escape")
        assert len(the.clients.rows) == 40
        assert the.clients.table.selected_key == "orders-ui"


async def test_a_wrong_filter_says_what_is_wrong(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.press("slash", *"iss:disabled")
        assert "did you mean is:?" in the.screen_text()
        await the.press("escape")
        assert "did you mean" not in the.screen_text()
        assert len(the.clients.rows) == 40


async def test_disable_shows_the_difference_and_puts_it(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "orders-api")
        await the.press("t")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the difference is shown")
        assert "enabled" in the.screen_text()
        assert not [request for request in the.simulator.requests if request.method == "PUT"]
        await the.press("y")
        row = the.clients.rows.get("orders-api")
        await the.until(lambda: not (the.clients.rows.get("orders-api") or row).enabled, "the row is disabled")  # type: ignore[union-attr]
        assert len([request for request in the.simulator.requests if request.method == "PUT"]) == 1


async def test_escape_in_the_confirmation_sends_nothing(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "orders-api")
        await the.press("D")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        await the.press("escape")
        assert the.clients.rows.get("orders-api") is not None
        assert {request.method for request in the.simulator.requests if "rights-probe" not in request.path} == {"GET"}


async def test_delete(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "mobile-app-beta")
        await the.press("D")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        await the.press("y")
        await the.until(lambda: the.clients.rows.get("mobile-app-beta") is None, "the row is gone")


async def test_edit_a_field_review_and_save(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "orders-api")
        await the.press("e")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        form.table.select("description")
        await the.press("enter")
        await the.press("!", "ctrl+s")
        assert form.rows.changed_count == 1
        await the.press("ctrl+s")
        await the.until_text("description")
        assert isinstance(the.app.screen, ConfirmScreen)
        await the.press("y")
        await the.until(lambda: the.app.screen is the.clients, "the form is closed")
        document = await the.session.require_clients().get("orders-api")
        assert str(document["description"]).endswith("!")


async def test_a_refused_edit_keeps_the_form_and_anchors_the_error(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "reports-ui")
        await the.press("e")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        form.rows.set_value(form.rows.at("restrictScopes"), value=True)
        form.rows.set_value(form.rows.at("restrictedScopes"), ["ordres.read"])
        await the.press("ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
        await the.press("y")
        await the.until(lambda: form.rows.first_problem() == "restrictedScopes", "the field carries the error")
        assert form.rows.changed_count >= 1
        assert the.app.screen is form


async def test_a_newer_document_is_not_overwritten(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "orders-api")
        await the.press("e")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        form.rows.set_value(form.rows.at("description"), "mine")
        service = the.session.require_clients()
        theirs = await service.get("orders-api")
        await service.update(theirs, type(theirs)({**theirs, "logoUrl": "https://example.com/theirs.png"}))
        await the.press("ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
        await the.press("y")
        await the.until(lambda: isinstance(the.app.screen, ConflictScreen), "the conflict")
        conflict = the.app.screen
        assert isinstance(conflict, ConflictScreen)
        assert {one.path: one.choice for one in conflict.rows.fields} == {"description": "mine", "logoUrl": "theirs"}
        await the.press("j")
        assert "https://example.com/theirs.png" in the.screen_text(), "the values in full under the table"
        await the.press("ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review, on their document")
        assert "orders-api: 1 change" in the.screen_text(), "what is theirs already is no change"
        await the.press("y")
        await the.until(lambda: the.app.screen is the.clients, "stored")
        stored = await service.get("orders-api")
        assert (stored["description"], stored["logoUrl"]) == ("mine", "https://example.com/theirs.png")


async def test_create(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.press("n")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        form.rows.set_value(form.rows.at("clientId"), "fresh-client")
        form.rows.set_value(form.rows.at("clientAuth.type"), "SECRET")
        form.rows.set_value(form.rows.at("clientAuth.secret"), "a-secret-of-the-test-9")
        await the.press("ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
        assert "a-secret-of-the-test-9" not in the.screen_text()
        await the.press("y")
        await the.until(lambda: the.clients.rows.get("fresh-client") is not None, "the row is there")
        assert the.clients.table.selected_key == "fresh-client"


async def fill(the: Console, path: str, text: str) -> None:
    """As a user does: to the field, open it, type, take it."""
    form = the.app.screen
    assert isinstance(form, ClientForm)
    form.table.select(path)
    await the.press("enter", *text, "enter")
    await the.until(lambda: the.app.screen is form, f"{path} is taken\n{the.screen_text()}")


async def test_a_client_is_created_by_keys_alone(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.press("n")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        await fill(the, "clientId", "typed-client")
        await fill(the, "name", "Typed client")
        await fill(the, "clientAuth.secret", "a-secret-that-was-typed")
        await the.press("ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
        await the.press("y")
        await the.until(lambda: the.clients.rows.get("typed-client") is not None, "the row is there")
        stored = await the.session.require_clients().get("typed-client")
        assert stored["name"] == "Typed client"
        held = the.simulator.api.store.get("typed-client")
        assert held is not None
        assert held.secret == "a-secret-that-was-typed"  # of the test


async def test_rotate_to_a_file(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "orders-api")
        await the.press("R")
        await the.until(lambda: isinstance(the.app.screen, RotateScreen), "the dialog")
        target = tmp_path / "orders-api.secret"
        the.app.screen.query_one("Input").value = f"file:{target}"  # type: ignore[attr-defined]
        await the.press("enter")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        assert not target.exists()
        await the.press("y")
        await the.until(target.exists, "the secret is delivered")
        assert target.stat().st_mode & 0o777 == 0o600
        secret = target.read_text().strip()
        assert len(secret) >= 32
        assert all(secret not in str(exchange.as_json()) for exchange in the.session.log.snapshot())


async def test_refresh_replaces_the_list_and_keeps_the_selection(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await select(the, "orders-ui")
        service = the.session.require_clients()
        await service.delete("mobile-app-beta")
        await service.set_enabled("orders-ui", enabled=False)
        await the.press("r")
        await the.until(lambda: the.clients.rows.get("mobile-app-beta") is None, "the deleted client is gone")
        assert the.clients.rows.total == 39
        assert the.clients.table.selected_key == "orders-ui"
        row = the.clients.rows.get("orders-ui")
        assert row is not None
        assert not row.enabled


async def test_a_server_that_dies_keeps_its_list_on_the_screen(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.simulator.stop()
        await the.press("r")
        await the.until(lambda: any("refused" in notice.text for notice in the.app.notices), "the failure is said")
        assert the.clients.rows.total == 40
        assert "incomplete" in the.screen_text()


async def test_an_auditor_gets_a_read_only_console(tmp_path: Path) -> None:
    async with console(tmp_path, auditor=True) as the:
        await the.until(lambda: the.app.connection.account == "Auditor", "the account is known")
        await select(the, "orders-api")
        await the.press("t")
        await the.pilot.pause()
        assert the.app.screen is the.clients
        assert "may only read" in the.app.notices[-1].text
        assert "read-only" in the.screen_text()


async def test_protected_is_read_only_until_its_name_is_typed(tmp_path: Path) -> None:
    async with console(tmp_path, protected=True, wait_for_list=False) as the:
        await the.until(lambda: the.app.connection.as_of is not None, "the list")
        await select(the, "orders-api")
        await the.press("t")
        assert the.app.screen is the.clients
        assert "locked" in the.app.notices[-1].text
        await the.press("U", *"test", "enter")
        assert the.app.connection.refusal is None
        await the.press("t")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        await the.press("y")
        assert isinstance(the.app.screen, ConfirmScreen), "in a protected environment a key is not enough"
        field = the.app.screen.query_one("Input")
        field.value = "orders-api"  # type: ignore[attr-defined]
        await the.press("enter")
        await the.until(lambda: (row := the.clients.rows.get("orders-api")) and not row.enabled, "disabled")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50)])
async def test_every_size_shows_list_and_detail(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size=size) as the:
        await select(the, "orders-api")
        await the.until_text("orders-api")
        await the.press("enter")
        await the.until_text("Overview")
        if size[0] < 100:
            assert not the.clients.table.is_on_screen, "the detail replaces the list"
        await the.press("escape")
        assert the.clients.table.has_focus
