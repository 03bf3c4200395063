"""The dead letters of the registry's event stream: read masked, replayed, over a real embedded registry."""

from pathlib import Path
from uuid import UUID

from ocm_tui.core.registry.events.codec import masked
from ocm_tui.core.secret import MASK
from ocm_tui.tui.screens.registry import RegistryScreen
from tests.tui.registry_actions import HASH, agree, bury, letters_of, said, shown
from tests.tui.registry_support import client_id, open_pane, registry_console


async def test_dead_letters_are_read_masked_and_replayed(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False, size=(120, 44)) as the:
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


async def test_marked_letters_are_replayed_and_one_that_has_gone_is_said(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
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


async def test_letters_of_a_read_only_console_can_be_read_only(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await bury(the, ("orders-api", {}))
        the.session.policy.read_only = True
        await open_pane(the)
        screen = await letters_of(the)
        await the.until(lambda: len(screen.rows) == 1, "it is listed")
        await the.press("p", "P")
        assert the.app.screen is screen
        await said(the, "read-only")


def test_a_hash_is_masked_wherever_it_stands() -> None:
    for text in (f'{{"api_key_hash":"{HASH}"}}', f'  {{"api_key_hash":"{HASH}"}}', f'x {{"api_key_hash":"{HASH}" oops'):
        assert HASH not in masked({"payload": text})["payload"]
        assert MASK in masked({"payload": text})["payload"]
