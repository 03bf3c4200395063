"""New, edited and deleted rows of the registry, and its dead letters: over a real embedded registry."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from textual.widgets import Input, TextArea

from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.events.model import DeadLetter, Delivery
from ocm_tui.core.registry.model import DEFAULT_RATE_LIMIT, RegistryEntry
from ocm_tui.core.secret import Secret
from ocm_tui.tui.difference_text import difference_content
from ocm_tui.tui.models.letter_rows import LetterRows, letter_content
from ocm_tui.tui.models.registry_form_rows import RegistryFormRows
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.registry import RegistryScreen
from ocm_tui.tui.screens.registry_form import RegistryForm
from tests.hostile.strings import NASTY, unsafe_in
from tests.tui.registry_actions import HASH, ROW, agree, letters_of, said, shown
from tests.tui.registry_support import RegistryConsole, client_id, entry, open_pane, registry_console


async def form_of(the: RegistryConsole, code: str) -> RegistryForm:
    await the.select(code)
    await the.press("e")
    return await shown(the, RegistryForm)


async def fill(the: RegistryConsole, field: str, text: str) -> None:
    """Through the editor that the field has, in place of what stood there."""
    form = await shown(the, RegistryForm)
    assert form.table.select(field)
    await the.press("enter")
    await the.until(lambda: the.app.screen is not form and the.app.screen.query("Input, TextArea"), "the editor")
    await the.pilot.pause()
    if the.app.screen.query(TextArea):
        the.app.screen.query_one(TextArea).text = text
        await the.press("ctrl+s")
    else:
        the.app.screen.query_one(Input).value = text
        await the.press("enter")
    await shown(the, RegistryForm)


async def test_a_client_is_registered(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.press("n")
        form = await shown(the, RegistryForm)
        await the.press("ctrl+s")
        await said(the, "Nothing is entered")
        await fill(the, "bap_id", "shop")
        await the.press("ctrl+s")
        await said(the, "client_code must not be empty")
        assert the.app.screen is form, "nothing is sent"
        await fill(the, "client_code", "new-shop")
        await the.until_text(str(client_id("new-shop")))
        await fill(the, "allowed_ips", "10.1.2.3/8\n::ffff:192.0.2.7")
        await the.until_text("normalised from 10.1.2.3/8, ::ffff:192.0.2.7")
        await fill(the, "metadata", '{"team": "shop"}')
        await the.press("ctrl+s")
        question = await agree(the)
        assert "+ 10.0.0.0/8" in question
        assert '+ "shop"' in question
        await shown(the, RegistryScreen)
        await said(the, "new-shop is registered, ACTIVE, and the cache knows.")
        row = await the.seeded.row("new-shop")
        assert row.client_id == client_id("new-shop")
        assert row.allowed_ips == ("10.0.0.0/8", "192.0.2.7/32")
        assert row.metadata == {"team": "shop", GIVEN_KEY: ["10.1.2.3/8", "::ffff:192.0.2.7"]}
        assert row.rate_limit == DEFAULT_RATE_LIMIT
        assert the.screen.table.selected_key == str(row.client_id)


async def test_a_client_that_is_there_is_not_registered_again(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        before = await the.seeded.row("orders-api")
        await the.press("n")
        form = await shown(the, RegistryForm)
        await fill(the, "client_code", "orders-api")
        await the.press("ctrl+s")
        await agree(the)
        await said(the, "orders-api is registered under this client_id already")
        assert the.app.screen is form
        assert await the.seeded.row("orders-api") == before
        await fill(the, "client_id", str(UUID(int=7)))
        await the.press("ctrl+s")
        assert "has this code as well" in await agree(the), "two ids with one code are possible, and said"


async def test_a_row_is_edited_and_its_secret_stays(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.registry.upsert(entry("orders-api", secret_hash=Secret(HASH), metadata={"team": "shop"}))
        await open_pane(the)
        form = await form_of(the, "orders-api")
        await the.until_text("secret set, stays as it is")
        await the.press("ctrl+s")
        await said(the, "Nothing is changed.")
        await fill(the, "rate_limit", "0")
        await the.until_text("from 1 to 2147483647")
        await the.press("ctrl+s")
        assert the.app.screen is form
        await fill(the, "rate_limit", "250")
        await fill(the, "bap_uri", "https://orders.example.com")
        await the.press("ctrl+s")
        question = await agree(the)
        assert "- 100" in question
        assert "+ 250" in question
        await said(the, "orders-api is stored, and the cache knows.")
        row = await the.seeded.row("orders-api")
        assert (row.rate_limit, row.bap_uri, row.has_secret) == (250, "https://orders.example.com", True)
        stored = await the.seeded.store.read(
            lambda database: database.execute(
                "SELECT client_secret_hash FROM clients WHERE client_id = ?", (row.client_id.bytes,)
            ).fetchone()[0]
        )
        assert stored == HASH
        assert HASH not in "".join(notice.text for notice in the.app.notices) + question + the.screen_text()


async def test_reverted_filtered_and_left(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        before = await the.seeded.row("orders-api")
        form = await form_of(the, "orders-api")
        await fill(the, "rate_limit", "7")
        await fill(the, "bap_id", "")
        await the.press("c")
        assert [form.rows.key(place) for place in range(len(form.rows))] == ["bap_id", "rate_limit"]
        assert form.table.select("bap_id")
        await the.press("u")
        assert form.rows.changed_count == 1
        await the.press("escape")
        await shown(the, ConfirmScreen)
        assert "1 changed field would be lost" in the.screen_text()
        await the.press("y")
        await shown(the, RegistryScreen)
        assert await the.seeded.row("orders-api") == before


async def test_a_row_that_was_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await form_of(the, "orders-api")
        await fill(the, "rate_limit", "7")
        await the.seeded.registry.upsert(entry("orders-api", rate_limit=55, bap_uri="https://theirs.example.com"))
        theirs = await the.seeded.row("orders-api")
        await the.press("ctrl+s")
        await agree(the)
        conflict = await shown(the, ConflictScreen)
        assert "The registry's row is newer" in the.screen_text()
        assert await the.seeded.row("orders-api") == theirs
        assert conflict.rows.undecided == ["rate_limit"]
        assert conflict.table.select("rate_limit")
        await the.press("m", "ctrl+s")
        assert "+ 7" in await agree(the)
        await said(the, "orders-api is stored")
        row = await the.seeded.row("orders-api")
        assert (row.rate_limit, row.bap_uri) == (7, "https://theirs.example.com")


async def test_a_status_that_moved_meanwhile_is_reviewed_again_and_stays(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await form_of(the, "orders-api")
        await fill(the, "rate_limit", "7")
        await the.seeded.registry.set_status(client_id("orders-api"), "REVOKED")
        await the.press("ctrl+s")
        await agree(the)
        await said(the, "was changed meanwhile")
        assert (await the.seeded.row("orders-api")).rate_limit == 100
        await agree(the)
        await said(the, "orders-api is stored")
        row = await the.seeded.row("orders-api")
        assert (row.rate_limit, row.status) == (7, "REVOKED")


async def test_a_row_that_was_deleted_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        form = await form_of(the, "orders-api")
        await fill(the, "rate_limit", "7")
        await the.seeded.registry.delete(client_id("orders-api"))
        await the.press("ctrl+s")
        await agree(the)
        await said(the, "The row was deleted meanwhile")
        assert the.app.screen is form, "what was entered is still there"
        assert await the.seeded.registry.store.get(client_id("orders-api")) is None


async def test_a_dead_database_leaves_the_form_as_it_is(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        form = await form_of(the, "orders-api")
        await fill(the, "rate_limit", "7")
        the.seeded.store.die()
        await the.press("ctrl+s")
        assert "whether another client has this code is unknown" in await agree(the)
        await the.until(lambda: any(one.severity == "error" for one in the.app.notices), "it is said")
        assert the.app.screen is form
        assert form.rows.changed_count == 1


async def test_a_dead_cache_leaves_it_not_yet_propagated(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await form_of(the, "orders-api")
        await fill(the, "rate_limit", "7")
        the.seeded.cache.die()
        await the.press("ctrl+s")
        await agree(the)
        await said(the, "orders-api is stored, but not yet propagated")
        assert (await the.seeded.row("orders-api")).rate_limit == 7


async def test_a_protected_environment_wants_the_code_typed(tmp_path: Path) -> None:
    async with registry_console(tmp_path, protected=True, wait_for_list=False) as the:
        await the.select("orders-api")
        await the.press("e", "n", "D")
        assert isinstance(the.app.screen, RegistryScreen), "locked"
        the.session.policy.unlock()
        await form_of(the, "orders-api")
        await fill(the, "rate_limit", "7")
        await the.press("ctrl+s")
        await shown(the, ConfirmScreen)
        await the.press("y", "enter")
        assert isinstance(the.app.screen, ConfirmScreen)
        the.app.screen.query_one(Input).value = "orders-api"
        await the.press("enter")
        await said(the, "orders-api is stored")


async def test_read_only_refuses_every_write(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        the.session.policy.read_only = True
        await the.select("orders-api")
        await the.press("e", "n", "D")
        assert isinstance(the.app.screen, RegistryScreen)
        await said(the, "read-only")


# Deleting


async def test_a_row_is_deleted_with_its_copy(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("orders-api")
        await open_pane(the)
        await the.select("orders-api")
        await the.press("D")
        await shown(the, ConfirmScreen)
        await the.press("escape")
        assert (await the.seeded.row("orders-api")).status == "ACTIVE"
        await the.press("D")
        question = await agree(the)
        assert "Delete orders-api?" in question
        await said(the, "orders-api was deleted.")
        await the.until(lambda: "orders-api" not in the.states, "it has left the list")
        assert await the.seeded.registry.store.get(client_id("orders-api")) is None


async def test_marked_rows_are_deleted_but_not_one_that_moved(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        for code in ("orders-api", "orders-ui"):
            await the.select(code)
            await the.press("space")
        await the.press("D")
        await shown(the, ConfirmScreen)
        await the.seeded.registry.set_status(client_id("orders-ui"), "SUSPENDED")
        assert "Delete 2 clients?" in await agree(the)
        await said(the, "2 asked for, 1 done, 1 FAILED (orders-ui was changed meanwhile")
        assert await the.seeded.registry.store.get(client_id("orders-api")) is None
        assert (await the.seeded.row("orders-ui")).status == "SUSPENDED"


# Dead letters


WHOLE = {name: text for name, text in NASTY.items() if text == text.encode(errors="ignore").decode()}


async def test_hostile_rows_and_letters_reach_the_screen_as_text(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False, size=(160, 50)) as the:
        texts = [text for text in WHOLE.values() if "\0" not in text and len(text) < 1000]
        hostile = entry(
            "orders-api",
            bap_id="".join(texts[:4])[:255],
            bap_uri="".join(texts),
            metadata={f"{number} {text}": text for number, text in enumerate(texts)},
        )
        await the.seeded.registry.upsert(hostile)
        await the.seeded.stream.join("test")
        for number, text in enumerate(texts):
            fields = {"type": text, "client_id": text, text or "empty": text, "payload": f'{{"a": "{text}"'}
            await the.seeded.stream.bury(Delivery(f"{number}-0", fields), text)
        await open_pane(the)
        form = await form_of(the, "orders-api")
        for field in ("bap_id", "bap_uri", "metadata"):
            assert form.table.select(field)
            await the.pilot.pause()
            assert not unsafe_in(the.screen_text())
            await the.press("enter")
            await the.until(lambda: the.app.screen is not form, "the editor")
            assert not unsafe_in(the.screen_text())
            await the.press("ctrl+s" if field == "metadata" else "enter")
            assert the.app.screen is form
        assert form.rows.changed_count == 0, "taken as it was shown, it is what it was"
        await fill(the, "rate_limit", "7")
        await fill(the, "bap_uri", "https://orders.example.com")
        await the.press("ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the difference")
        assert not unsafe_in(the.screen_text())
        await agree(the)
        await said(the, "orders-api is stored")
        assert (await the.seeded.row("orders-api")).metadata == hostile.metadata
        screen = await letters_of(the)
        await the.until(lambda: len(screen.rows) == len(texts), "all of them are listed")
        for _ in range(3):
            assert not unsafe_in(the.screen_text())
            await the.press("down")


def test_hostile_letters_are_words() -> None:
    rows = LetterRows(str)
    rows.replace(
        [
            DeadLetter(text, text, text, {"type": text, "client_id": text, text: text, "payload": f'{{"a": "{text}"'})
            for text in WHOLE.values()
        ]
    )
    for place, letter in enumerate(rows.letters):
        assert not unsafe_in("\n".join(cell.text for cell in rows.cells(place)))
        assert not unsafe_in(letter_content(letter).plain)


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_hostile_values_are_words_in_the_form(text: str) -> None:
    """Whatever is entered: it is shown safely, and either it is refused at its field or it makes an entry."""
    rows = RegistryFormRows(ROW)
    rows.set_value(rows.at("bap_id"), text)
    rows.set_value(rows.at("bap_uri"), text)
    rows.set_value(rows.at("allowed_ips"), [text])
    rows.set_value(rows.at("metadata"), {text: [text]})
    for place in range(len(rows)):
        spec = rows.at(rows.key(place))
        assert not unsafe_in("\n".join(cell.text for cell in rows.cells(place)))
        assert not unsafe_in(f"{rows.problem(spec)}\n{rows.note(spec)}\n{rows.shown(spec)}")
    assert rows.problem(rows.at("allowed_ips"))
    assert not unsafe_in(difference_content(rows.changes()).plain)


def test_a_letter_without_anything_is_shown() -> None:
    rows = LetterRows(str)
    letter = DeadLetter("1", "not-an-id", "", {})
    rows.replace([letter])
    assert [cell.text for cell in rows.cells(0)] == ["??:??:??", "–", "–", "–"]
    assert "no error was written down" in letter_content(letter).plain


def test_a_form_of_a_row_without_a_code_wants_one() -> None:
    rows = RegistryFormRows(replace(ROW, client_code=""))
    assert rows.first_problem() == "client_code"
    rows.set_value(rows.at("client_code"), "orders-api")
    assert isinstance(rows.entry(), RegistryEntry)
