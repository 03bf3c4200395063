"""Hostile data in every place of the console that shows it: nothing crashes, nothing is obeyed, keys are answered."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from ocm_tui.core.clients.fields import field, parse_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.tui.exchange_detail import DETAIL_TABS
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen, Dialog
from ocm_tui.tui.screens.field_editors import LineEditor, LinesEditor, editor_for
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.screens.rotate import RotateScreen
from tests.hostile.answers import WRONG_ANSWERS
from tests.hostile.documents import JSON_SAFE, MISSHAPEN, ONE_OF_EACH_KIND, document_of, hostile_inventory
from tests.hostile.server import Asked, Lie, LyingServer
from tests.hostile.strings import HUGE, NASTY, NASTY_HEADERS, WIRE_SAFE
from tests.hostile.support import LiedTo, lied_to

CHOICES = [text for text in JSON_SAFE.values() if text]
SMALL = (80, 20)  # paints quicker


@pytest.fixture
def server() -> Iterator[LyingServer]:
    """Every answer carries nasty headers and a nasty reason phrase."""
    with LyingServer(
        clients=hostile_inventory(),
        choices=CHOICES,
        version=f"12.1 {NASTY['title']}[/x]{NASTY['bidi override']}",
        headers=NASTY_HEADERS,
        reason=WIRE_SAFE["colour"],
    ) as running:
        yield running


async def test_the_list_and_each_tab_of_the_detail(tmp_path: Path, server: LyingServer) -> None:
    """Every id in the list and in the detail's title; some of the documents hold all strings between them."""
    async with lied_to(tmp_path, server, username=NASTY["title"], environment=NASTY["closing tag"]) as the:
        assert the.clients.rows.total == len(server.clients)
        for number, client in enumerate(server.clients):
            await the.select(client["clientId"])
            the.check()
            thorough = number % 24 == 0 or number > len(JSON_SAFE)
            for _ in range(3 if thorough else 0):
                await the.press("right_square_bracket")
        await the.press("enter", "G", "escape")
        await the.still_answers()


@pytest.mark.parametrize("size", [(60, 20), (200, 50)])
async def test_other_sizes_sorting_and_filtering(tmp_path: Path, server: LyingServer, size: tuple[int, int]) -> None:
    async with lied_to(tmp_path, server, size=size) as the:
        for _ in range(4):
            await the.press("o", "G")
        for text in ("[/x]", '"half [', "\\", "is:disabled grant:"):
            await the.press("slash", *text)
            await the.press("escape")
        await the.still_answers()


async def _open_form(the: LiedTo) -> ClientForm:
    await the.press("e")
    await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
    form = the.app.screen
    assert isinstance(form, ClientForm)
    await the.until(lambda: form._choices is not None, "the server's choices")
    return form


async def _open_and_close_editor(the: LiedTo, form: ClientForm, path: str) -> None:
    assert form.table.select(path)
    await the.press("enter")
    assert isinstance(the.app.screen, Dialog), path
    assert the.app.screen is not form, path
    await the.press("escape")
    assert the.app.screen is form, path


async def test_the_form_and_the_editor_of_every_field(tmp_path: Path) -> None:
    with LyingServer(clients=[document_of("a client", 0)], choices=CHOICES) as server:
        async with lied_to(tmp_path, server, size=SMALL) as the:
            form = await _open_form(the)
            for path in [form.rows.key(position) for position in range(len(form.rows))]:
                await _open_and_close_editor(the, form, path)
            await the.press("escape")
            await the.still_answers()


async def test_every_string_in_an_input(tmp_path: Path) -> None:
    """Where text can be edited it stays what it is, and is painted harmlessly."""
    with LyingServer(clients=[document_of("a client", 0)], choices=CHOICES) as server:
        async with lied_to(tmp_path, server, size=SMALL) as the:
            form = await _open_form(the)
            form.table.select("logoUrl")
            await the.press("enter")
            assert isinstance(the.app.screen, LineEditor)
            field = the.app.screen.query_one(Input)
            for text in NASTY.values():
                field.value = text
                await the.press("end")
                assert field.value == text
            await the.press("escape")
            form.table.select("description")
            await the.press("enter")
            assert isinstance(the.app.screen, LinesEditor)
            area = the.app.screen.query_one(TextArea)
            for text in NASTY.values():
                area.text = text
                await the.press("end")
            area.text = "\n".join(text for text in NASTY.values())
            await the.press("pagedown", "pagedown", "escape")


async def test_an_editor_that_was_only_looked_at_changes_nothing(tmp_path: Path) -> None:
    """However many line separators and blanks the value has, and whatever its shape."""
    odd = document_of("an odd one", 0)
    misshapen = [document for document in MISSHAPEN if re.search("number|list e|object|thrice", document["clientId"])]
    with LyingServer(clients=[odd, *misshapen], choices=["a", *CHOICES]) as server:
        async with lied_to(tmp_path, server, size=SMALL) as the:
            for document in (odd, *misshapen):
                await the.select(document["clientId"])
                form = await _open_form(the)
                for path in ONE_OF_EACH_KIND:
                    assert form.table.select(path)
                    await the.press("enter")
                    await the.press("ctrl+s" if isinstance(the.app.screen, LinesEditor) else "enter")
                    assert the.app.screen is form, (path, document["clientId"])
                    assert form.rows.edited == form.rows.original, (path, document["clientId"])
                await the.press("escape")
                await the.until(lambda: the.app.screen is the.clients, "the list")


@pytest.mark.parametrize("name", JSON_SAFE)
def test_every_string_can_be_edited_without_damage(name: str) -> None:
    """What an editor shows for a value is what the program reads back from it."""
    for path in ("logoUrl", "description", "redirectUris", "extendedParameters", "requestPolicyRef.id"):
        spec = field(path)
        assert spec is not None
        text = JSON_SAFE[name]
        value = {"redirectUris": [text, "x"], "extendedParameters": {text: {"values": [text]}}}.get(path, text)
        editor = editor_for(spec, value, None)
        assert isinstance(editor, LineEditor | LinesEditor)
        back = parse_value(spec, editor._shown) if not editor_splits_lines(editor) else editor._shown.split("\n")
        assert back == value or (back is None and isinstance(value, str) and not value.strip())


def editor_splits_lines(editor: LineEditor | LinesEditor) -> bool:
    return isinstance(editor, LinesEditor) and editor._one_a_line


async def test_review_conflict_and_refusals(tmp_path: Path) -> None:
    """The difference of a change, the difference that somebody else made meanwhile, and what the server says of it."""
    nasty = list(JSON_SAFE.values())
    mine, theirs = document_of("a client", 3), document_of("a client", 20)
    mine["modificationDate"], theirs["modificationDate"] = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
    for document in (mine, theirs):  # the client service refuses to send what no server can take
        for name in ("clientAuth", "jwksSettings", "clientAuthentication"):
            del document[name]
    violations = [{"errorId": text, "fieldPath": text, "message": text} for text in nasty]
    known = [{"errorId": "e", "fieldPath": "description", "message": text} for text in (NASTY["title"], HUGE[:500_000])]
    with LyingServer(clients=[mine]) as server:
        async with lied_to(tmp_path, server) as the:
            form = await _open_form(the)
            form.rows.edited = theirs  # type: ignore[assignment]
            await the.press("ctrl+s")
            await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
            await the.press(*("down",) * 20, "escape")
            form.rows.edited = {**mine, "description": "changed"}  # type: ignore[assignment]

            for errors in (violations, known):
                answer = {"resultId": nasty[0], "message": NASTY["title"], "validationErrors": errors}
                server.lie("PUT", "/", Lie.json(answer, 422))
                await the.press("ctrl+s")
                await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
                before = len(the.app.notices)
                await the.press("y")
                await the.until(lambda before=before: len(the.app.notices) > before, "the refusal")  # type: ignore[misc]
                await the.until(lambda: the.app.screen is form, "the form is back")
            assert "⟨" in form.rows._problems["description"] or "␛" in form.rows._problems["description"]

            server.lie("GET", "/oauth/clients/", Lie.json(theirs))
            await the.press("ctrl+s", "y")
            await the.until(lambda: isinstance(the.app.screen, ConflictScreen), "the conflict")
            await the.press(*("down",) * 20, "T", "ctrl+s")
            await the.until(lambda: the.app.screen is the.clients, "theirs is taken, and nothing is left to send")
            form = await _open_form(the)
            form.rows.go_on_from(mine, ClientDocument({**mine, "description": NASTY["title"]}))  # type: ignore[arg-type]
            await the.press("ctrl+s", "y")
            await the.until(lambda: isinstance(the.app.screen, ConflictScreen), "the conflict")
            await the.press("M", "ctrl+s")
            await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
            await the.press("escape")
            await the.until(lambda: the.app.screen is form, "the form, on their document")
            assert form.rows.original == theirs
            await the.press("escape", "y")
            await the.until(lambda: the.app.screen is the.clients, "the list")
            await the.still_answers()


async def test_every_id_in_the_dialogs_that_name_the_client(tmp_path: Path) -> None:
    """Enable, delete and rotate take turns; then the log narrowed to the client, and its id to the clipboard."""
    clients = [{"clientId": text, "name": text, "enabled": False} for text in CHOICES]
    with LyingServer(clients=clients) as server:
        async with lied_to(tmp_path, server, protected=True, size=SMALL) as the:
            the.session.policy.unlock()
            for number, client_id in enumerate(CHOICES):
                await the.select(client_id)
                announced = len(the.app.notices)
                key, screen = (("t", ConfirmScreen), ("D", ConfirmScreen), ("R", RotateScreen))[number % 3]
                await the.press(key)
                await the.until(
                    lambda screen=screen, announced=announced: (  # type: ignore[misc]
                        isinstance(the.app.screen, screen) or len(the.app.notices) > announced
                    ),
                    "the dialog, or why not",
                )
                if the.app.screen.is_modal:
                    await the.press("escape")
                if number % 8 == 0:
                    await the.press("x")
                    await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log")
                    await the.press("1", "y")
            await the.still_answers()


async def test_the_log_list_and_each_tab(tmp_path: Path, server: LyingServer) -> None:
    """Errors in the API's own shape with every string, beside all that the list has brought."""
    texts = iter([*JSON_SAFE.values(), HUGE])

    def refuse(_: Asked) -> Lie:
        text = next(texts, "")
        error = {"errorId": text, "fieldPath": text, "message": text, "developerMessage": text}
        return Lie.json({"resultId": text, "message": text, "validationErrors": [error]}, 422, headers=NASTY_HEADERS)

    async with lied_to(tmp_path, server) as the:
        server.lie("GET", "/oauth/clients/", refuse)
        for client in list(server.clients)[: len(JSON_SAFE) + 1]:
            if client["clientId"] not in (".", ".."):
                the.clients.fetch(client["clientId"])
                await the.pilot.app.workers.wait_for_complete()
        await the.press("4")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log")
        log = the.app.screen
        assert isinstance(log, LogScreen)
        await the.until(lambda: len(log.rows) == len(the.session.log), "all exchanges")
        await the.press("g", *["right_square_bracket"] * len(DETAIL_TABS))
        for _ in range(len(log.rows) // 5):
            await the.press("j", "j", "j", "j", "j", "right_square_bracket")
        await the.press("enter", "G", "escape")
        for text in ("[/x]", 'client:"', "status:[", "took:>\\"):
            await the.press("slash", *text)
            await the.press("escape", "escape")
        await the.still_answers()


@pytest.mark.parametrize("version", ["12.²", "9" * 5000 + ".1", "-1.", NASTY["lines"]])
async def test_a_version_that_is_none(tmp_path: Path, version: str) -> None:
    with LyingServer(clients=[{"clientId": "a client", "name": "x"}], version=version) as server:
        async with lied_to(tmp_path, server) as the:
            await the.until(lambda: the.app.connection.phase == "connected", "the connection")
            form = await _open_form(the)
            assert len(form.rows) > 30


async def test_notices_and_toasts(tmp_path: Path, server: LyingServer) -> None:
    async with lied_to(tmp_path, server) as the:
        for number, text in enumerate([*NASTY.values(), HUGE]):
            the.app.announce(text, severity=("information", "warning", "error")[number % 3])
        await the.press("N")
        await the.until_text("Notices")
        await the.press("pagedown", "end", "escape")
        await the.still_answers()
        assert isinstance(the.app.screen, ClientsScreen)


async def test_every_wrong_answer(tmp_path: Path) -> None:
    """The console stays, says one sentence, and `r` tries again until the server has come to its senses."""
    with LyingServer(clients=[{"clientId": "a client", "name": "x"}]) as server:
        server.lie("*", "/", WRONG_ANSWERS["no HTTP"][0])
        async with lied_to(tmp_path, server, wait_for_list=False) as the:
            await the.until_text("r tries again")
            for name, (answer, code, words) in WRONG_ANSWERS.items():
                if code == 0:
                    continue
                server.honest()
                server.lie("*", "/", answer)
                announced = len(the.app.notices)
                await the.press("r")
                await the.until(lambda announced=announced: len(the.app.notices) > announced, name)  # type: ignore[misc]
                await the.app.workers.wait_for_complete()
                await the.settle()
                the.check()
                assert the.app.connection.phase == "failed"
                assert words in the.app.notices[announced].text
                assert "r tries again" in the.screen_text()
            server.honest()
            await the.press("r")
            await the.until(lambda: the.app.connection.phase == "connected", "the connection")
            await the.until(lambda: the.clients.rows.total == 1, "the list")
            server.lie("*", "/", WRONG_ANSWERS["an HTML page"][0])
            await the.press("r")
            await the.until_text("incomplete")
            assert the.clients.rows.total == 1, "what was loaded stays"
            await the.still_answers()
