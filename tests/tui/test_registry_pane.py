"""The Registry pane over a real embedded registry: state first, then what stands on the screen."""

import asyncio
from pathlib import Path

import pytest

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.errors import RegistryDenied
from ocm_tui.core.registry.inspection import Inspection
from ocm_tui.core.text import clean
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.log import LogScreen
from tests.hostile.strings import NASTY, unsafe_in
from tests.tui.registry_support import CODES, RegistryConsole, client_id, entry, open_pane, registry_console
from tests.tui.support import console


async def _question(the: RegistryConsole) -> ConfirmScreen:
    await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
    screen = the.app.screen
    assert isinstance(screen, ConfirmScreen)
    return screen


async def _announced(the: RegistryConsole, words: str) -> None:
    await the.until(
        lambda: any(words in notice.text for notice in the.app.notices),
        f"{words!r} is said; was: {[notice.text for notice in the.app.notices]}",
    )


# What stands there


async def test_rows_cards_and_states_of_what_is_on_the_screen(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("orders-api")
        await the.seeded.cached("orders-ui", status="SUSPENDED", row_version=1)
        the.seeded.corrupt("billing-api")
        await open_pane(the)
        await the.until(lambda: all(the.states.values()), "each of them was looked at")
        assert the.states == {
            **dict.fromkeys(CODES, "missing"), "orders-api": "fresh", "orders-ui": "stale", "billing-api": "corrupt",
        }  # fmt: skip
        assert list(the.states) == sorted(CODES), "by code"
        await the.until_text("Registry ── 6 ── 2 wrong")
        text = the.screen_text()
        assert "6 clients" in text
        assert "Database ── ● up" in text
        assert "Cache ── ▲ 2 wrong" in text
        assert "feed live" in text
        assert "never" in text, "a key without expiry is told"


async def test_a_pane_that_is_not_configured_says_what_to_add(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.press("3")
        await the.until_text("No client registry is configured here.")
        assert "environments.test.registry" in the.screen_text()
        await the.press("s", "t", "R", "f")
        assert not [notice for notice in the.app.notices if "fault in ocm-tui" in notice.text]


async def test_an_empty_registry_names_the_next_step(tmp_path: Path) -> None:
    async with registry_console(tmp_path, ()) as the:
        await the.until_text("The registry has no clients yet.")
        assert "registry sync --from inventory" in the.screen_text()


async def test_the_feed_brings_what_others_do_to_the_cache_and_to_the_rows(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.until(lambda: the.states["orders-api"] == "missing", "nothing is cached")
        await the.seeded.cached("orders-api")
        await the.until(lambda: the.states["orders-api"] == "fresh", "the feed told")
        the.seeded.orphan("gone-shop")
        await the.until(lambda: the.states.get(str(client_id("gone-shop"))) == "orphan", "an orphan is listed")
        await the.seeded.store.upsert(entry("zebra"))
        await the.until(lambda: "zebra" in the.states, "a row that somebody else wrote")
        assert len(the.screen.rows) == 8


async def test_filter_problems_only_and_sort(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("stock-service", rate_limit=1)
        await the.seeded.store.set_status(client_id("orders-ui"), "SUSPENDED")
        await open_pane(the)
        await the.select("orders-ui")
        await the.press("slash", *"ord")
        assert list(the.states) == ["orders-api", "orders-ui"]
        assert "Registry ── 2 of 6" in the.screen_text()
        the.screen.filter_bar.show("ord status:suspended")
        await the.pilot.pause()
        assert list(the.states) == ["orders-ui"]
        assert the.screen.selected == client_id("orders-ui"), "the selection stays on its client"
        await the.press("escape")
        the.screen.filter_bar.show("stat:x")
        await the.pilot.pause()
        assert "did you mean" in the.screen_text()
        the.screen.filter_bar.show("")
        await the.pilot.pause()
        await the.until(lambda: the.states["stock-service"] == "corrupt", "the same version, and another body")
        await the.press("F")
        assert list(the.states) == ["stock-service"]
        await the.press("escape")
        assert len(the.states) == 6
        await the.press("o", "o")
        assert next(iter(the.states)) == "stock-service", "by time to live: what is cached comes first"


# One client up close


async def test_the_tabs_of_a_client(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False, size=(160, 44)) as the:
        await the.seeded.cached("orders-api", status="SUSPENDED", rate_limit=7, row_version=1)
        await the.seeded.publish(("client.updated", "orders-api", {"rate_limit": 9, "client_secret_hash": "h-4711"}))
        await open_pane(the)
        await the.select("orders-api")
        await the.until_text("10.0.0.0/8")
        await the.press("right_square_bracket")
        await the.until_text("readers of the cache see something else")
        text = the.screen_text()
        assert "SUSPENDED" in text
        assert "rate_limit" in text
        await the.press("right_square_bracket")
        await the.until_text("disagreement")
        assert "cure" in the.screen_text()
        await the.press("right_square_bracket")
        await the.until_text("v1 {")
        assert "h-4711" not in the.screen_text()
        assert "stream:admin.client.events" in the.screen_text(), "the tail is in sight on a tall screen"


async def test_hashes_in_a_foreign_value_are_masked(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False, size=(160, 44)) as the:
        value = b'{"client_code":"x","client_secret_hash":"h-4711","api_key_hash":"h-0815", broken'
        the.seeded.corrupt("orders-api", value)
        await open_pane(the)
        await the.select("orders-api")
        await the.press("right_square_bracket")
        await the.until_text("corrupt:")
        await the.until_text("client_secret_hash")
        assert "h-4711" not in the.screen_text()
        assert "h-0815" not in the.screen_text()


async def test_jumps_to_the_client_and_to_its_exchanges(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.select("orders-api")
        await the.press("c")
        await the.until(lambda: isinstance(the.app.screen, ClientsScreen), "the Clients pane")
        assert the.clients.table.selected_key == "orders-api"
        await the.press("3")
        await the.press("x")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the Log pane")
        await the.until(lambda: 'client:"orders-api"' in the.screen_text(), "narrowed to the client")


async def test_the_cure_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    def put(_: object, text: str) -> str:
        copied.append(text)
        return "is copied"

    monkeypatch.setattr("ocm_tui.tui.clipboard.put", put)
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("orders-api", rate_limit=7, row_version=1)
        await open_pane(the)
        await the.select("orders-api")
        await the.press("Y")
        assert not copied, "nothing is known to disagree yet"
        await the.press("p")
        await the.until(the.screen.cures, "the planes were read")
        await the.press("Y")
        assert copied
        assert "registry" in copied[0]


# Comparing everything


async def test_a_comparison_counts_everything_and_repair_puts_it_right(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("orders-api")
        await the.seeded.cached("orders-ui", row_version=1)
        the.seeded.negative("reports-ui")
        the.seeded.negative("never-there")
        the.seeded.orphan("gone-shop")
        the.seeded.corrupt("billing-api")
        await open_pane(the)
        await the.compared()
        report = the.screen.sweep.report
        assert report is not None
        assert report.complete
        assert dict(report.summary) | {"missing": 0} == {
            "fresh": 1, "stale": 2, "orphan": 1, "corrupt": 1, "negative": 1, "missing": 0,
        }  # fmt: skip
        assert "6 of 6 keys · complete · ▲ 2 stale" in the.screen_text()
        await the.press("R")
        await _question(the)
        assert "billing-api" in the.screen_text()
        await the.press("y")
        await _announced(the, "Repaired: 4 asked for")
        await the.until(lambda: not the.screen.rows.wrong(), "nothing is wrong any more")
        after = await Inspection(the.seeded.registry).sweep(throttle=False)
        assert not any(after.summary.get(state) for state in ("stale", "orphan", "corrupt"))


async def test_a_comparison_is_stopped_by_escape_and_says_so(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.seeded.cached("orders-api")
        the.seeded.cache.hold("scan")
        await the.press("s")
        await the.seeded.cache.reached("scan")
        await the.press("s")
        await _announced(the, "esc stops it")
        await the.press("escape")
        the.seeded.cache.release("scan")
        await the.until(lambda: not the.screen.sweep.running, "it ended")
        assert the.screen.sweep.report is not None


async def test_a_comparison_that_fails_says_why_and_can_be_tried_again(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        the.seeded.cache.fail("scan")
        await the.press("s")
        await _announced(the, "the cache did not answer")
        assert not the.screen.sweep.running
        the.seeded.cache.recover()
        await the.compared()


# Writes


async def test_fix_and_invalidate_one_client_at_once(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("orders-ui", row_version=1)
        await open_pane(the)
        await the.until(lambda: the.states["orders-ui"] == "stale", "it is stale")
        await the.select("orders-ui")
        await the.press("f")
        await _announced(the, "Refreshed orders-ui: 1 asked for, 1 done, 1 verified.")
        await the.until(lambda: the.states["orders-ui"] == "fresh", "it is fresh")
        await the.press("i")
        await _announced(the, "Invalidated orders-ui: 1 asked for, 1 done, 1 verified.")
        await the.until(lambda: the.states["orders-ui"] == "missing", "it is gone")


async def test_marked_clients_are_asked_for_once_and_told_apart(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("orders-ui")
        await open_pane(the)
        await the.press("asterisk", "i")
        await _question(the)
        assert "Invalidate 6 cached clients?" in the.screen_text()
        await the.press("y")
        await _announced(the, "Invalidated: 6 asked for, 1 done, 5 had nothing to do, 6 verified.")
        assert not the.screen.table.marks


async def test_warm_fills_what_the_filter_shows(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.press("slash", *"orders", "enter")
        await the.press("w")
        await _question(the)
        await the.press("y")
        await _announced(the, "Warmed: 2 asked for, 2 done")
        await the.until(lambda: set(the.states.values()) == {"fresh"}, "both are cached")
        assert await the.seeded.values.size() == 2


async def test_revoking_asks_for_the_code_and_nobody_can_take_it_back(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.select("partner-acme")
        await the.press("t")
        await the.until(lambda: isinstance(the.app.screen, ChoiceScreen), "the choice")
        await the.press("r")
        await _question(the)
        await the.press("y", "enter")
        assert "That is not the same text" in the.screen_text()
        await the.press("backspace", *"partner-acme", "enter")
        await _announced(the, "partner-acme is REVOKED, and the cache knows.")
        assert (await the.seeded.row("partner-acme")).status == "REVOKED"
        await the.press("t")
        await _announced(the, "REVOKED is final")
        assert the.app.screen is the.screen


async def test_a_status_that_the_cache_does_not_know_yet_says_so_until_it_does(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.select("orders-api")
        the.seeded.cache.fail("put")
        await the.press("t", "s")
        await _question(the)
        await the.press("y")
        await _announced(the, "orders-api is SUSPENDED, but not yet propagated: readers of the cache may see ACTIVE.")
        await the.until_text("1 not yet propagated")
        assert "◐ not yet" in the.screen_text()
        the.seeded.cache.recover()
        await the.seeded.registry.drain_outbox()
        the.screen.look_at_status()
        await the.until(lambda: not the.screen.rows.unpropagated, "the cache knows")


async def test_a_protected_environment_refuses_until_it_is_unlocked_and_wants_its_name(tmp_path: Path) -> None:
    async with registry_console(tmp_path, protected=True, wait_for_list=False) as the:
        await the.select("orders-api")
        await the.press("i")
        await _announced(the, "protected and locked")
        the.session.policy.unlock()
        await the.press("i")
        await _question(the)
        await the.press(*"test", "enter")
        await _announced(the, "Invalidated orders-api")


async def test_an_account_that_may_not_write_is_told_by_the_server(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        await the.select("orders-api")
        the.seeded.cache.deny("invalidate")
        await the.press("i")
        await _announced(the, "this account may not do that")


# Servers that die


async def test_a_dead_cache_leaves_the_rows_and_says_since_when(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        the.seeded.cache.die()
        the.screen.look_at_status()
        await the.until(lambda: the.screen.history.dead == ("cache",), "the cache is dead")
        await the.until_text("Cache ── ▲ unreachable")
        assert "reads go to the database" in the.screen_text()
        assert len(the.screen.rows) == 6
        await the.press("r")
        await the.until(lambda: not the.screen.fetching, "the rows are read all the same")
        assert len(the.screen.rows) == 6
        the.seeded.cache.recover()
        the.screen.look_at_status()
        await the.until(lambda: not the.screen.history.dead, "it is back")


async def test_a_dead_database_keeps_what_was_read_with_its_age(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        await the.seeded.cached("orders-api")
        await open_pane(the)
        await the.until(lambda: the.states["orders-api"] == "fresh", "it was looked at")
        the.seeded.store.die()
        the.screen.look_at_status()
        await the.until(lambda: "database" in the.screen.history.dead, "the database is dead")
        await the.until_text("Database ── ▲ unreachable")
        await the.until_text("database unreachable, as of")
        await the.press("r")
        await the.until(lambda: the.screen.problem is not None, "the reload fails")
        assert len(the.screen.rows) == 6
        await the.select("orders-api")
        await the.press("right_square_bracket")
        await the.until_text("is unknown without the database")


async def test_a_hung_database_is_asked_once_and_the_pane_answers_keys(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        the.seeded.store.hold("counts")
        the.seeded.store.calls.clear()
        the.screen.look_at_status()
        await the.seeded.store.reached("counts")
        for _ in range(5):
            the.screen.look_at_status()
        await the.press("j", "o", "escape")
        assert the.seeded.store.calls.count("counts") == 1
        the.seeded.store.release("counts")


async def test_what_an_account_may_not_see_is_named_and_the_rest_works(tmp_path: Path) -> None:
    async with registry_console(tmp_path, opened=False) as the:
        the.seeded.store.fail("counts", error=RegistryDenied("this account may not count the rows"))
        await open_pane(the)
        await the.until_text("this account may not count the rows")
        assert len(the.screen.rows) == 6


# Small, large, hostile


async def test_on_a_narrow_terminal_the_cards_are_lines_and_the_detail_replaces_the_list(tmp_path: Path) -> None:
    async with registry_console(tmp_path, size=(80, 24)) as the:
        text = the.screen_text()
        assert " Database ● up · 6 clients" in text
        assert "Events ──" not in text
        await the.select("orders-api")
        await the.press("enter")
        await the.until_text("client id")
        assert "Registry ──" not in the.screen_text()
        await the.press("escape")
        await the.until_text("Registry ── 6")


async def test_more_rows_than_are_kept_are_narrowed_by_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocm_tui.tui.screens.registry_looking.MOST_ROWS", 500)
    codes = [f"client-{number:04}" for number in range(700)]
    async with registry_console(tmp_path, codes, size=(160, 44)) as the:
        assert the.screen.capped
        assert the.screen.rows.total == 500
        await the.until_text("/ asks the database")
        absent = next(code for code in codes if the.screen.rows.find(code) is None)
        await the.press("slash", *absent)
        await the.until(lambda: list(the.states) == [absent], "the database knows it")


async def test_every_nasty_string_in_rows_values_events_and_errors(tmp_path: Path) -> None:
    texts = list(NASTY.values())
    async with registry_console(tmp_path, (), opened=False, size=(160, 44)) as the:
        for number, text in enumerate(texts):
            try:
                await the.seeded.store.upsert(
                    entry(f"n{number}", bap_id=text[:200], bap_uri=text, metadata={text[:50] or "k": text})
                )
            except OcmError:
                continue  # what no registry holds
            the.seeded.corrupt(f"n{number}", text.encode("utf-8", "surrogatepass"))
        await open_pane(the)
        count = len(the.screen.rows)
        assert count > len(texts) // 2
        await the.press("right_square_bracket")
        for _ in range(count):
            the.screen.show_detail()
            the.screen._ask()
            await the.until(lambda: the.screen.detail.inspection is not None, "the cached value")
            _check(the)
            the.screen.table.action_move(1)
            await the.pilot._wait_for_screen()
        await the.press("left_square_bracket")
        for _ in range(count):
            the.screen.table.action_move(-1)
            await the.pilot._wait_for_screen()
            _check(the)
        for text in ("[/x]", 'code:"', "status:["):
            the.screen.filter_bar.show(text)
            await the.pilot._wait_for_screen()
            _check(the)
        the.screen.filter_bar.show("")
        the.seeded.cache.fail("scan", error=OcmError(NASTY["title"] + NASTY["live link"]))
        await the.press("s")
        await the.until(lambda: not the.screen.sweep.running, "it failed")
        _check(the)


def _check(the: RegistryConsole) -> None:
    """Nothing on the screen can be obeyed by a terminal or clicked, and nothing has failed unexpectedly."""
    for strip in the.app.screen._compositor.render_strips():
        for segment in strip:
            text = segment.text.replace("\ufffd", "")
            assert clean(text) == text, f"{unsafe_in(text)} in {text!r}"
            assert segment.style is None or "@click" not in segment.style.meta
    assert the.app._exception is None
    assert not [notice.text for notice in the.app.notices if "fault in ocm-tui" in notice.text]


async def test_leaving_while_everything_is_under_way(tmp_path: Path) -> None:
    async with registry_console(tmp_path) as the:
        the.seeded.cache.hold("scan")
        await the.press("s", "p")
        await the.seeded.cache.reached("scan")
        await the.press("4", "1")
        the.seeded.cache.release("scan")
        await asyncio.sleep(0)
        assert isinstance(the.app.screen, ClientsScreen)
