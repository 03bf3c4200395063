"""Clones, conflicts that are settled field by field, and the help of the form."""

from pathlib import Path

import pytest

from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.help import HelpScreen
from tests.tui.support import Console, console

MINE, THEIRS = "described by me", "described by somebody else"


async def open_form(the: Console, key: str, client_id: str) -> ClientForm:
    assert the.clients.table.select(client_id)
    await the.press(key)
    await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
    form = the.app.screen
    assert isinstance(form, ClientForm)
    return form


async def save(the: Console) -> None:
    await the.press("ctrl+s")
    await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
    await the.press("y")


async def change_meanwhile(the: Console, path: str, value: object) -> None:
    service = the.session.require_clients()
    stored = await service.get("orders-api")
    await service.update(stored, with_value(stored, path, value))


async def in_conflict(the: Console) -> ConflictScreen:
    """Both changed the description, somebody else the name."""
    form = await open_form(the, "e", "orders-api")
    form.rows.set_value(form.rows.at("description"), MINE)
    await change_meanwhile(the, "description", THEIRS)
    await change_meanwhile(the, "name", "Renamed meanwhile")
    await save(the)
    await the.until(lambda: isinstance(the.app.screen, ConflictScreen), "the conflict")
    screen = the.app.screen
    assert isinstance(screen, ConflictScreen)
    return screen


async def test_what_both_changed_has_to_be_decided(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        conflict = await in_conflict(the)
        assert {one.path: one.choice for one in conflict.rows.fields} == {"name": "theirs", "description": ""}
        puts = [one for one in the.simulator.requests if one.method == "PUT"]
        await the.press("ctrl+s")
        assert the.app.screen is conflict
        assert "undecided" in the.app.notices[-1].text
        assert conflict.table.selected_key == "description"
        assert THEIRS in the.screen_text()
        await the.press("m", "ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
        assert [one for one in the.simulator.requests if one.method == "PUT"] == puts
        await the.press("y")
        await the.until(lambda: the.app.screen is the.clients, "stored")
        stored = await the.session.require_clients().get("orders-api")
        assert (stored["description"], stored["name"]) == (MINE, "Renamed meanwhile")


@pytest.mark.parametrize(
    ("key", "name", "description"), [("M", "orders-api", MINE), ("T", "Renamed meanwhile", THEIRS)]
)
async def test_all_mine_or_all_theirs(tmp_path: Path, key: str, name: str, description: str) -> None:
    async with console(tmp_path) as the:
        await in_conflict(the)
        await the.press(key, "ctrl+s")
        if key == "M":
            await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
            await the.press("y")
        await the.until(lambda: the.app.screen is the.clients, "the list")
        stored = await the.session.require_clients().get("orders-api")
        assert (stored["description"], stored["name"]) == (description, name)
        row = the.clients.rows.get("orders-api")
        assert row is not None
        assert row.name == name


async def test_a_conflict_that_is_left_changes_nothing(tmp_path: Path) -> None:
    async with console(tmp_path, size=(60, 24)) as the:
        await in_conflict(the)
        assert all(word in the.screen_text() for word in ("Take", "Mine", "Theirs"))
        await the.press("escape")
        form = the.app.screen
        assert isinstance(form, ClientForm)
        assert form.rows.edited["description"] == MINE, "nothing that was entered is lost"
        stored = await the.session.require_clients().get("orders-api")
        assert stored["description"] == THEIRS


async def test_a_clone_is_a_new_client_without_identity_and_secret(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        form = await open_form(the, "c", "billing-batch")
        assert form.rows.new
        assert form.rows.changed_count == 0
        original = await the.session.require_clients().get("billing-batch")
        assert "clientId" not in form.rows.edited
        assert "modificationDate" not in form.rows.edited
        form.rows.set_value(form.rows.at("clientId"), "billing-batch-2")
        await save(the)
        await the.until(lambda: the.clients.rows.get("billing-batch-2") is not None, "the clone is there")
        assert the.clients.table.selected_key == "billing-batch-2"
        stored = await the.session.require_clients().get("billing-batch-2")
        assert stored["name"] == "billing-batch-2"
        assert stored["restrictedScopes"] == original["restrictedScopes"]
        assert stored["jwksSettings"] == original["jwksSettings"]


async def test_a_clone_that_wants_a_secret_says_so(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        form = await open_form(the, "c", "orders-api")
        form.rows.set_value(form.rows.at("clientId"), "orders-api-2")
        notices = len(the.app.notices)
        await save(the)
        await the.until(lambda: len(the.app.notices) > notices, "the refusal")
        assert the.app.screen is form
        assert "secret" in the.app.notices[-1].text


async def test_the_form_explains_itself(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        form = await open_form(the, "e", "orders-api")
        for key in ("question_mark", "f1"):
            await the.press(key)
            assert isinstance(the.app.screen, HelpScreen)
            text = the.screen_text()
            assert "Review and save" in text
            assert "Everywhere" not in text, "those keys do nothing here"
            await the.press("escape")
            assert len(the.app.screen_stack) == 2, "back in the form"
        await the.press("slash", "question_mark")
        assert len(the.app.screen_stack) == 2, "in a filter it is a letter"
        assert "?" in form.query_one("FilterBar").text  # type: ignore[attr-defined]


async def test_no_terminal_no_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("VISUAL", raising=False)
    async with console(tmp_path) as the:
        assert the.clients.table.select("orders-api")
        await the.press("E")
        await the.until(lambda: "cannot be handed over" in the.app.notices[-1].text, "the sentence")
        assert the.app.screen is the.clients


async def test_members_that_nobody_knows_survive_a_conflict(tmp_path: Path) -> None:
    """What was edited as text may name members that the form has no field for."""
    async with console(tmp_path) as the:
        form = await open_form(the, "e", "orders-api")
        edited = ClientDocument({**form.rows.original, "description": MINE})
        form.rows.go_on_from(form.rows.original, edited)
        assert form.rows.changed_count == 1
        unknown = ClientDocument({**form.rows.original, "somethingNew": {"deep": 1}})
        form.rows.go_on_from(form.rows.original, unknown)
        assert form.unsent_changes == 1, "leaving the form asks about it"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_the_conflict_says_what_is_undecided_and_how_to_go_on(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size=size) as the:
        await in_conflict(the)
        await the.until_text("1 undecided")
        await the.press("ctrl+s")
        assert "1 field is undecided" in the.screen_text()
        last = the.screen_text().splitlines()[-1]
        assert all(word in last for word in ("m Mine", "t Theirs", "^s Save again", "? Help", "esc Leave"))
        await the.press("m")
        assert "all decided" in the.screen_text()
        assert "undecided" not in the.screen_text()


async def test_the_conflict_shows_the_end_of_long_values_where_there_is_room(tmp_path: Path) -> None:
    async with console(tmp_path, size=(80, 24)) as the:
        form = await open_form(the, "e", "orders-api")
        text = " ".join(["words"] * 18)
        form.rows.set_value(form.rows.at("description"), f"{text} mine")
        await change_meanwhile(the, "description", f"{text} theirs")
        await save(the)
        await the.until(lambda: isinstance(the.app.screen, ConflictScreen), "the conflict")
        await the.until_text("both changed it")
        lines = the.screen_text().splitlines()
        assert any(line.rstrip(" │").endswith(" mine") for line in lines)
        assert any(line.rstrip(" │").endswith(" theirs") for line in lines)


async def test_the_conflict_explains_itself(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        conflict = await in_conflict(the)
        for key in ("question_mark", "f1"):
            await the.press(key)
            assert isinstance(the.app.screen, HelpScreen)
            assert all(words in the.screen_text() for words in ("Save again", "Somebody changed the same"))
            await the.press("escape")
            await the.until(lambda: the.app.screen is conflict, "back in the conflict")


async def test_a_new_client_says_what_it_needs(tmp_path: Path) -> None:
    async with console(tmp_path, size=(80, 24)) as the:
        form = await open_form(the, "n", "orders-api")
        assert "New client ── it needs a client ID" in the.screen_text()
        form.rows.set_value(form.rows.at("description"), "some words")
        form.refresh_fields()
        await the.until_text("New client ── 1 filled in ── it needs a client ID")
        form.rows.set_value(form.rows.at("clientId"), "brand-new")
        form.refresh_fields()
        await the.until_text("New client ── 2 filled in ── ^s reviews it")
