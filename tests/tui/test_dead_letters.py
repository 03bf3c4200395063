"""The dead letters of the registry's event stream, embedded and on a real server: read masked, looked at, replayed."""

from pathlib import Path
from uuid import UUID

import pytest

from ocm_tui.core.registry.errors import StreamUnreachable
from ocm_tui.core.registry.events.codec import masked
from ocm_tui.core.registry.events.model import Delivery
from ocm_tui.core.secret import MASK
from ocm_tui.tui.screens.registry import RegistryScreen
from ocm_tui.tui.widgets.text_panel import ReadingPane
from tests.contract.registry.event_support import consume
from tests.tui.registry_actions import HASH, agree, bury, letters_of, said, shown
from tests.tui.registry_support import client_id, open_pane, registry_console


@pytest.fixture(params=["embedded", "valkey"], name="stream_url")
def _stream_url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "embedded" else str(request.getfixturevalue("redis_url"))


async def test_dead_letters_are_read_masked_and_replayed(tmp_path: Path, stream_url: str) -> None:
    async with registry_console(tmp_path, opened=False, stream_url=stream_url, size=(120, 44)) as the:
        await bury(the, ("orders-api", {"rate_limit": 9, "client_secret_hash": HASH}), ("orders-ui", {"bap_id": "x"}))
        await open_pane(the)
        screen = await letters_of(the)
        await the.until_text("Dead letters ── 2")
        assert [cell.text for cell in screen.rows.cells(0)][1:] == ["updated", "orders-ui", "rate_limit is wrong"]
        await the.press("down")
        await the.until_text("client_secret_hash")
        assert HASH not in the.screen_text()
        await the.press("p")
        assert "orders-api" in await agree(the)
        await said(the, "Replayed: 1 asked for, 1 published.")
        await the.until(lambda: len(screen.rows) == 1, "the other one is left")
        await the.press("P")
        await agree(the)
        await the.until_text("No dead letters")
        await the.press("p")
        await said(the, "There is no dead letter to replay.")
        deliveries = await the.seeded.stream.read(block_ms=1)
        assert [UUID((one.fields or {})["client_id"]) for one in deliveries] == [
            client_id("orders-api"), client_id("orders-ui"),
        ]  # fmt: skip
        await the.press("escape")
        await shown(the, RegistryScreen)


async def test_marked_letters_are_replayed_and_one_that_has_gone_is_said(tmp_path: Path, stream_url: str) -> None:
    async with registry_console(tmp_path, opened=False, stream_url=stream_url) as the:
        await bury(the, *((code, {}) for code in ("orders-api", "orders-ui", "reports-ui")))
        await open_pane(the)
        screen = await letters_of(the)
        await the.until(lambda: len(screen.rows) == 3, "three letters")
        await the.press("space", "space", "p")
        assert "Replay 2 dead letters?" in the.screen_text()
        await the.seeded.stream.replay([screen.rows.key(0)])
        await agree(the)
        await said(the, "there is no dead letter")
        await the.until(lambda: len(screen.rows) == 2, "the list is read again")


async def test_letters_of_a_read_only_console_can_be_read_only(tmp_path: Path, stream_url: str) -> None:
    async with registry_console(tmp_path, opened=False, stream_url=stream_url) as the:
        await bury(the, ("orders-api", {}))
        the.session.policy.read_only = True
        await open_pane(the)
        screen = await letters_of(the)
        await the.until(lambda: len(screen.rows) == 1, "it is listed")
        await the.press("p", "P")
        assert the.app.screen is screen
        await said(the, "read-only")


async def test_a_letter_is_looked_at_in_full(tmp_path: Path, stream_url: str) -> None:
    async with registry_console(tmp_path, opened=False, stream_url=stream_url, size=(120, 44)) as the:
        await bury(the, ("orders-api", {"rate_limit": 0}), error="rate_limit is no whole number")
        await open_pane(the)
        screen = await letters_of(the)
        (letter,) = await the.seeded.stream.letters()
        await the.until_text(letter.source_id)
        text = the.screen_text()
        for part in (
            "rate_limit is no whole number",
            str(client_id("orders-api")),
            "client.updated",
            '"rate_limit": 0',
        ):
            assert part in text, part
        await the.press("enter")
        assert screen.query_one(ReadingPane).has_focus
        await the.press("escape")
        assert screen.table.has_focus


async def test_a_letter_that_is_no_event_at_all_is_shown_as_it_is(tmp_path: Path, stream_url: str) -> None:
    async with registry_console(tmp_path, opened=False, stream_url=stream_url) as the:
        await the.seeded.stream.join("test")
        await the.seeded.stream.bury(Delivery("7-0", {"\x1b[31mwhat": "[/x] \u202eis this"}), "no [bold]type")
        await the.seeded.stream.bury(Delivery("8-0", None), "it was trimmed away")
        await open_pane(the)
        screen = await letters_of(the)
        assert [screen.rows.cells(place)[3].text for place in (0, 1)] == ["it was trimmed away", "no [bold]type"]
        await the.until_text("It has no fields.")
        await the.press("down")
        await the.until_text("[/x]")
        assert "\x1b" not in the.screen_text()


async def test_what_is_still_wrong_becomes_a_letter_again_and_what_is_mended_is_applied(
    tmp_path: Path, stream_url: str
) -> None:
    async with registry_console(tmp_path, opened=False, stream_url=stream_url) as the:
        await bury(the, ("orders-api", {"rate_limit": 9}), ("orders-ui", {"rate_limit": -1}), error="no database")
        await open_pane(the)
        screen = await letters_of(the)
        await the.press("P")
        assert "Replay all dead letters?" in the.screen_text()
        await agree(the)
        await said(the, "Replayed: 2 asked for, 2 published.")
        await the.until(lambda: not len(screen.rows), "none is left")
        health = await consume(the.seeded.registry, lambda now: now.applied + now.buried >= 2)
        assert (health.applied, health.buried) == (1, 1)
        assert (await the.seeded.row("orders-api")).rate_limit == 9
        await the.press("r")
        await the.until(lambda: len(screen.rows) == 1, "one has come back")
        assert screen.rows.cells(0)[2].text == "orders-ui"
        assert "rate_limit" in screen.rows.cells(0)[3].text


async def test_a_stream_that_does_not_answer_is_said_and_asked_again(tmp_path: Path, stream_url: str) -> None:
    async with registry_console(tmp_path, opened=False, stream_url=stream_url) as the:
        await bury(the, ("orders-api", {}))
        await open_pane(the)
        screen = await letters_of(the)
        the.seeded.streaming.fail("letters", "replay", error=StreamUnreachable("no route to redis.example.com"))
        await the.press("p")
        await agree(the)
        await said(the, "no route to redis.example.com")
        assert len(screen.rows) == 1, "what was read stays"
        the.seeded.streaming.recover()
        await the.press("p")
        await agree(the)
        await said(the, "Replayed: 1 asked for, 1 published.")
        await the.until_text("No dead letters")


def test_a_hash_is_masked_wherever_it_stands() -> None:
    for text in (f'{{"api_key_hash":"{HASH}"}}', f'  {{"api_key_hash":"{HASH}"}}', f'x {{"api_key_hash":"{HASH}" oops'):
        assert HASH not in masked({"payload": text})["payload"]
        assert MASK in masked({"payload": text})["payload"]
