"""Hostile data in every place of the console that shows it: nothing crashes, nothing is obeyed, keys are answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocm_tui.tui.exchange_detail import DETAIL_TABS
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen, Dialog
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.screens.rotate import RotateScreen
from tests.hostile.documents import JSON_SAFE, MISSHAPEN, document_of, hostile_inventory
from tests.hostile.server import Asked, Lie, LyingServer
from tests.hostile.strings import HUGE, NASTY, WIRE_SAFE
from tests.hostile.support import LiedTo, lied_to

HEADERS = [(f"X-Nasty-{number}", text) for number, text in enumerate(WIRE_SAFE.values())]


@pytest.fixture
def server() -> Iterator[LyingServer]:
    """Every answer carries nasty headers and a nasty reason phrase."""
    with LyingServer(
        clients=hostile_inventory(),
        choices=[text for text in JSON_SAFE.values() if text],
        version=f"12.1 {NASTY['title']}[/x]{NASTY['bidi override']}",
        headers=HEADERS,
        reason=WIRE_SAFE["colour"],
    ) as running:
        yield running


async def test_the_list_and_each_tab_of_the_detail(tmp_path: Path, server: LyingServer) -> None:
    async with lied_to(tmp_path, server, username=NASTY["title"], environment=NASTY["closing tag"]) as the:
        table = the.clients.table
        assert the.clients.rows.total == len(server.clients)
        for client in server.clients:
            await the.select(client["clientId"])
            assert table.selected_key == client["clientId"]
            for _ in range(3):
                await the.press("right_square_bracket")
        await the.still_answers()


@pytest.mark.parametrize("size", [(60, 20), (200, 50)])
async def test_other_sizes_sorting_and_filtering(tmp_path: Path, server: LyingServer, size: tuple[int, int]) -> None:
    async with lied_to(tmp_path, server, size=size) as the:
        for _ in range(4):
            await the.press("o", "G", "g")
        for text in ("[/x]", '"half [', "\\", "$(", "is:disabled grant:"):
            await the.press("slash", *text)
            await the.press("escape")
        await the.still_answers()


@pytest.mark.parametrize("number", range(4))
async def test_the_form_and_the_editor_of_every_field(tmp_path: Path, number: int) -> None:
    """Four documents put every string into most fields; the choices that the server offers are nasty as well."""
    document = document_of("a client", number * len(JSON_SAFE) // 4)
    choices = [text for text in JSON_SAFE.values() if text]
    with LyingServer(clients=[document], choices=choices) as server:
        async with lied_to(tmp_path, server) as the:
            await _walk_through_the_form(the)


@pytest.mark.parametrize("document", MISSHAPEN, ids=lambda document: str(document["clientId"]))
async def test_the_form_of_a_misshapen_document(tmp_path: Path, document: dict[str, object]) -> None:
    with LyingServer(clients=[document]) as server:
        async with lied_to(tmp_path, server) as the:
            await _walk_through_the_form(the)


async def _walk_through_the_form(the: LiedTo) -> None:
    await the.press("e")
    await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
    form = the.app.screen
    assert isinstance(form, ClientForm)
    await the.until(lambda: form._choices is not None, "the server's choices")
    for position in range(len(form.rows)):
        assert form.table.select(form.rows.key(position))
        await the.press("enter")
        assert isinstance(the.app.screen, Dialog), form.rows.key(position)
        assert the.app.screen is not form
        await the.press("escape")
        assert the.app.screen is form
    await the.still_answers()


async def test_review_conflict_and_refusals(tmp_path: Path) -> None:
    """The difference of a change, the difference that somebody else made meanwhile, and what the server says of it."""
    nasty = list(JSON_SAFE.values())
    mine, theirs = document_of("a client", 3), document_of("a client", 20)
    mine["modificationDate"], theirs["modificationDate"] = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
    violations = [{"errorId": text, "fieldPath": text, "message": text} for text in nasty]
    known = [{"errorId": "e", "fieldPath": "description", "message": text} for text in (NASTY["title"], HUGE)]
    with LyingServer(clients=[mine]) as server:
        async with lied_to(tmp_path, server) as the:
            await the.press("e")
            await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
            form = the.app.screen
            assert isinstance(form, ClientForm)
            for spec in [spec for spec in form.rows._specs if spec.kind in ("text", "set", "list", "mapping")]:
                if not spec.secret:
                    form.rows.set_value(spec, document_of("x", 31).get(spec.path.partition(".")[0]) or ["[/x]"])
            await the.press("ctrl+s")
            await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
            await the.press(*("down",) * 20, "escape")
            form.rows.edited = {**mine, "description": "changed"}  # type: ignore[assignment]

            for errors in (violations, known):
                server.lie("PUT", "/", Lie.json({"resultId": nasty[0], "message": HUGE, "validationErrors": errors}, 422))
                await the.press("ctrl+s")
                await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
                before = len(the.app.notices)
                await the.press("y")
                await the.until(lambda before=before: len(the.app.notices) > before, "the refusal")  # type: ignore[misc]
                await the.until(lambda: the.app.screen is form, "the form is back")

            server.lie("GET", "/oauth/clients/", Lie.json(theirs))
            await the.press("ctrl+s", "y")
            await the.until(lambda: "Changed under us" in the.screen_text(), "the conflict")
            await the.press(*("down",) * 20, "y")
            await the.until(lambda: the.app.screen is form, "the form, on their document")
            await the.still_answers()


@pytest.mark.parametrize("name", JSON_SAFE)
async def test_every_string_as_id_of_what_is_changed(tmp_path: Path, name: str) -> None:
    """The dialogs that name the client: enable, delete, rotate; and its exchanges in the log."""
    client_id = JSON_SAFE[name] or "-"
    with LyingServer(clients=[{"clientId": client_id, "name": client_id, "enabled": False}]) as server:
        async with lied_to(tmp_path, server, protected=True) as the:
            the.session.policy.unlock()
            for key, screen in (("t", ConfirmScreen), ("D", ConfirmScreen), ("R", RotateScreen)):
                announced = len(the.app.notices)
                await the.press(key)
                await the.until(
                    lambda screen=screen, announced=announced: (  # type: ignore[misc]
                        isinstance(the.app.screen, screen) or len(the.app.notices) > announced
                    ),
                    "the dialog, or why not",
                )
                if the.app.screen.is_modal:
                    await the.press("escape")
            await the.press("x")
            await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log")
            await the.press("1")
            await the.press("y")
            await the.still_answers()


async def test_the_log_list_and_each_tab(tmp_path: Path, server: LyingServer) -> None:
    """Errors in the API's own shape with every string, beside all that the list has brought."""
    texts = iter([*JSON_SAFE.values(), HUGE])

    def refuse(_: Asked) -> Lie:
        text = next(texts, "")
        error = {"errorId": text, "fieldPath": text, "message": text, "developerMessage": text}
        return Lie.json({"resultId": text, "message": text, "validationErrors": [error]}, 422, headers=HEADERS)

    async with lied_to(tmp_path, server) as the:
        server.lie("GET", "/oauth/clients/", refuse)
        for client in list(server.clients)[: len(JSON_SAFE) + 1]:
            the.clients.fetch(client["clientId"])
            await the.until(lambda: not the.session.log.in_flight, "the answer")
        await the.press("4")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log")
        log = the.app.screen
        assert isinstance(log, LogScreen)
        await the.until(lambda: len(log.rows) == len(the.session.log), "all exchanges")
        await the.press("g")
        for _ in range(len(log.rows)):
            for _ in DETAIL_TABS:
                await the.press("right_square_bracket")
            await the.press("j")
        await the.press("enter", "G", "escape")
        for text in ("[/x]", 'client:"', "status:[", "took:>\\"):
            await the.press("slash", *text)
            await the.press("escape", "escape")
        await the.still_answers()


async def test_notices_and_toasts(tmp_path: Path, server: LyingServer) -> None:
    async with lied_to(tmp_path, server) as the:
        for severity in ("information", "warning", "error"):
            for text in [*NASTY.values(), HUGE]:
                the.app.announce(text, severity=severity)  # type: ignore[arg-type]
        await the.press("N")
        await the.until_text("Notices")
        await the.press("pagedown", "end", "escape")
        await the.still_answers()
        assert isinstance(the.app.screen, ClientsScreen)
