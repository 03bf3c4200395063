"""What the Log pane does over several steps: marks, comparisons, copies, exports, replays, saved filters, history."""

import json
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.exchanges import history_reader
from ocm_tui.core.exchanges.export.har import har_text
from ocm_tui.core.exchanges.history import FILE_NAME, HistoryWriter
from ocm_tui.core.exchanges.history_search import HistorySearch
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui import log_history
from ocm_tui.tui.exchange_compare import is_difference
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.file_name import FileNameScreen
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.screens.log_compare import CompareScreen
from ocm_tui.tui.screens.log_filters import FiltersScreen
from ocm_tui.tui.screens.log_minimise import MinimiseScreen
from ocm_tui.tui.widgets.line_pane import LinePane
from tests.tui.log_support import detail_text, open_log, refused_create, refused_update
from tests.tui.support import Console, console
from tests.unit.core.exchanges.examples import exchange as made

NIGHT = time.time() - 36_000  # the history lets go of what is too old
PUBLIC = {
    "clientId": "newcomer",
    "name": "newcomer",
    "grantTypes": ["AUTHORIZATION_CODE"],
    "redirectUris": ["https://orders.example.com/callback"],
    "clientAuth": {"type": "NONE"},
}


async def shown(the: Console, kind: type, what: str) -> None:
    await the.until(lambda: isinstance(the.app.screen, kind), what)
    await the.pilot.pause()


async def said(the: Console, text: str) -> None:
    await the.until(lambda: any(text in notice.text for notice in the.app.notices), f"notice {text!r}")


async def select(the: Console, log: LogScreen, exchange_id: str) -> None:
    log.following = False
    assert log.table.select(exchange_id)
    await the.pilot.pause()


async def test_two_marked_exchanges_are_compared_the_older_first(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.session.require_clients().get("orders-api")
        await the.session.require_clients().get("orders-ui")
        log = await open_log(the)
        await the.press("G", "k", "space", "v")
        await said(the, "Mark two exchanges")
        await the.press("space", "v")
        await shown(the, CompareScreen, "the comparison")
        text = the.screen_text()
        assert "/oauth/clients/orders-api" in text
        assert "/oauth/clients/orders-ui" in text
        assert "Request headers  the same" in text
        await the.press("n", "n", "p", "escape")
        await the.until(lambda: the.app.screen is log, "back")
        assert len(log.table.marks) == 2
        await the.press("escape")
        assert not log.table.marks


async def test_a_failure_is_compared_with_the_last_success_of_the_same_call(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        service = the.session.require_clients()
        document = await service.get("orders-api")
        await service.update(document, document | {"description": "before it went wrong"})  # type: ignore[arg-type]
        failed = await refused_update(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("b")
        await shown(the, CompareScreen, "the comparison")
        assert "+" in the.screen_text()
        text = "\n".join(one.text for one in the.app.screen.query_one(LinePane).view.lines)
        assert '+     "orders:raed"' in text
        assert '-   "description": "before it went wrong",' in text
        assert "same call" in the.screen_text()


async def test_a_wide_terminal_shows_them_side_by_side(tmp_path: Path) -> None:
    async with console(tmp_path, size=(160, 40)) as the:
        await the.session.require_clients().get("orders-api")
        await the.session.require_clients().get("orders-ui")
        log = await open_log(the)
        await the.press("G", "space", "k", "space", "v")
        await shown(the, CompareScreen, "the comparison")

        def request_line() -> list[str]:
            return [line for line in the.screen_text().splitlines() if "+ GET" in line]

        (line,) = request_line()
        left, _, right = line.partition(" │ ")
        assert "orders-api" in left
        assert "orders-ui" in right
        pane = the.app.screen.query_one(LinePane)
        await the.press("n")
        assert is_difference(pane.view.lines[pane.cursor])
        await the.pilot.resize_terminal(120, 40)
        await the.until(lambda: " │ " not in "".join(request_line()), "one below the other")
        await the.pilot.resize_terminal(140, 40)
        await the.until(lambda: " │ " in "".join(request_line()), "side by side again")
        await the.press("escape")
        await the.until(lambda: the.app.screen is log, "back")


async def test_the_last_success_may_be_in_the_history(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_update(the)
        writer = HistoryWriter(tmp_path / FILE_NAME)
        writer(replace(failed, id="night-1", status=200, started_at=failed.started_at - 3600, run_id="nightly"))
        writer.close()
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("b")
        await shown(the, CompareScreen, "the comparison")
        await the.until_text("night-1")
        await the.press("escape", "H")
        await the.until(lambda: log.past != "" and len(log.rows) == 1, "the history in the list")
        assert log.selected is not None
        assert log.selected.run_id == "nightly"
        await the.press("H")
        await the.until(lambda: log.past == "" and len(log.rows) == len(the.session.log), "this session again")


async def test_a_filter_looks_through_the_whole_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More was kept than is shown without a filter; what is found is there before the search is through."""
    monkeypatch.setattr(log_history, "_MOST_PAST", 20)
    monkeypatch.setattr(history_reader, "_FIRST_STRETCH", 10)
    monkeypatch.setattr(history_reader, "_next_size", lambda size, _: size)
    writer = HistoryWriter(tmp_path / FILE_NAME)
    for number in range(200):
        writer(made(number, started_at=NIGHT + number, purpose="the needle" if number in {3, 180} else ""))
    writer.close()
    go_on, watch = threading.Event(), HistorySearch._watch

    def hesitant(search: HistorySearch, share: float) -> None:
        if share > 0.5:
            go_on.wait(30)
        watch(search, share)

    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("H")
        await the.until(lambda: log.kind == "History" and len(log.rows) == 20 and not log.searching, "the newest")
        assert log.selected is not None
        assert log.selected.id == "test-199"
        monkeypatch.setattr(HistorySearch, "_watch", hesitant)
        await the.press("slash", *"needle", "enter")
        await the.until(lambda: [one.id for one in log.rows.exchanges] == ["test-180"], "the first one")
        assert log.searching
        await the.until_text("searched")
        await the.press("j", "k")
        go_on.set()
        await the.until(lambda: [one.id for one in log.rows.exchanges] == ["test-3", "test-180"], "both")
        await the.until(lambda: not log.searching, "the end")
        assert log.selected.id == "test-180", "the cursor stays where it was"
        await the.press("slash", *"less", "enter")
        await the.until_text("No exchange of the history matches")
        go_on.clear()
        await the.press("escape")
        await the.until(lambda: len(log.rows) == 20, "the newest again")
        await the.press("slash", *"needle", "enter")
        await the.until(lambda: len(log.rows) == 1 and log.searching, "half of it")
        await the.press("f")
        await the.until(lambda: log.past == "" and not log.searching, "this session again")
        go_on.set()
        await the.press("escape")
        await the.until(lambda: len(log.rows) == len(the.session.log), "and nothing else")


async def test_a_history_that_cannot_be_read_leaves_the_log_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all" * 100)
    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("H")
        await said(the, "cannot be read")
        assert (log.past, log.kind) == ("", "Log")
        assert len(log.rows) == len(the.session.log)


async def test_a_browsers_recording_is_opened_and_diagnosed(tmp_path: Path) -> None:
    recording = tmp_path / "colleague.har"
    async with console(tmp_path) as the:
        failed = await refused_update(the)
        recording.write_text(har_text([replace(failed, id="browser-1")]), encoding="utf-8")
        log = await open_log(the)
        await the.press("O")
        await shown(the, FileNameScreen, "the question for a file")
        await the.press("x", "enter")
        await the.until_text("There is no such file.")
        the.app.screen.query_one(Input).value = str(recording)
        await the.press("enter")
        await the.until(lambda: log.kind == "File" and len(log.rows) == 1, "the file in the list")
        await the.until_text("colleague.har")
        await the.press("d")
        await the.until(lambda: "orders:read" in detail_text(log), "its diagnosis")
        await the.press("f")
        await the.until(lambda: log.past == "" and len(log.rows) == len(the.session.log), "this session again")


@pytest.mark.parametrize(("content", "words"), [(b"{}", "no HAR file"), (b"\xff\xfe", "UTF-8"), (b"[", "no HAR file")])
async def test_a_file_that_is_no_recording(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "some.har").write_bytes(content)
    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("O")
        await shown(the, FileNameScreen, "the question for a file")
        the.app.screen.query_one(Input).value = str(tmp_path / "some.har")
        await the.press("enter")
        await said(the, "some.har")
        assert words in the.app.notices[-1].text, the.app.notices[-1].text
        assert log.past == ""


async def test_without_a_success_that_is_said(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_create(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("b")
        await said(the, "No success of this call")


@pytest.mark.parametrize(
    ("key", "held"), [("y", "test-"), ("c", "curl"), ("r", "HTTP/1.1"), ("u", "http://"), ("m", "# ")]
)
async def test_copies(tmp_path: Path, key: str, held: str) -> None:
    async with console(tmp_path) as the:
        failed = await refused_update(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("y")
        await shown(the, ChoiceScreen, "the menu")
        await the.press(key)
        await said(the, "clipboard")
        assert held in the.app.clipboard
        assert the.simulator.password not in the.app.clipboard


async def test_an_export_is_private_and_replaces_nothing_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("g", "space")
        for _ in range(2):
            await the.press("E")
            await shown(the, ChoiceScreen, "the formats")
            await the.press("h")
            await shown(the, FileNameScreen, "the name")
            dialog = the.app.screen
            field = dialog.query_one("Input")
            field.value = str(tmp_path / "out.har")  # type: ignore[attr-defined]
            await the.press("enter")
            if dialog.is_current:
                assert "replaces it" in the.screen_text()
                await the.press("enter")
            await the.until(lambda: the.app.screen is log, "written")
        await said(the, "out.har")
        path = tmp_path / "out.har"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(json.loads(path.read_text())["log"]["entries"]) == 1


async def test_a_read_is_replayed_at_once_and_a_write_asks_first(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.session.require_clients().get("orders-api")
        read = the.session.log.snapshot()[-1]
        failed = await refused_update(the)
        log = await open_log(the)
        await select(the, log, read.id)
        await the.press("R")
        await said(the, "200 now, 200 before")
        await the.until(lambda: log.rows.position(failed.id) is not None, "the failure")
        await select(the, log, failed.id)
        sent = len(the.session.log)
        await the.press("R")
        await the.until(lambda: not isinstance(the.app.screen, LogScreen) or len(the.app.notices) > 1, "an answer")
        if isinstance(the.app.screen, ConfirmScreen):
            await the.press("escape")
        else:  # the stored document has a redacted secret in it: it cannot be sent as it was
            assert "cannot be replayed" in the.app.notices[-1].text
        assert len(the.session.log) == sent


async def test_a_write_is_replayed_when_it_is_confirmed(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_create(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("R")
        await shown(the, ConfirmScreen, "the question")
        await the.press("y")
        await said(the, "422 now, 422 before")


async def test_a_put_shows_what_it_would_change_and_meets_a_newer_document(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        service = the.session.require_clients()
        stored = await service.create(ClientDocument(PUBLIC))
        stored = await service.update(stored, ClientDocument(stored | {"description": "as it should be"}))
        former = the.session.log.snapshot()[-1]
        assert former.method == "PUT"
        stored = await service.update(stored, ClientDocument(stored | {"description": "newer"}))
        log = await open_log(the)
        await select(the, log, former.id)
        await the.press("R")
        await shown(the, ConfirmScreen, "the question")
        text = the.screen_text()
        assert "~ newcomer: update, 1 field" in text
        assert "- newer" in text
        assert "+ as it should be" in text
        await service.update(stored, ClientDocument(stored | {"description": "newest"}))
        await the.press("y")
        await said(the, "client newcomer was changed on the server meanwhile; nothing was sent")
        assert (await service.get("newcomer"))["description"] == "newest"
        await the.press("R")
        await shown(the, ConfirmScreen, "the question once more")
        assert "- newest" in the.screen_text()
        await the.press("y")
        await said(the, "200 now, 200 before")
        assert (await service.get("newcomer"))["description"] == "as it should be"


async def test_a_create_of_what_exists_is_not_even_asked_for(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.session.require_clients().create(ClientDocument(PUBLIC))
        former = the.session.log.snapshot()[-1]
        log = await open_log(the)
        await select(the, log, former.id)
        await the.press("R")
        await said(the, "client newcomer exists already; nothing was sent")
        assert the.app.screen is log


async def test_a_protected_environment_refuses_a_replay_of_a_write(tmp_path: Path) -> None:
    async with console(tmp_path, protected=True, wait_for_list=False) as the:
        failed = await refused_create(the)
        log = await open_log(the)
        await select(the, log, failed.id)
        sent = len(the.session.log)
        await the.press("R")
        await said(the, "protected and locked")
        await the.press("m")
        await the.until(lambda: len(the.app.notices) > 1, "refused as well")
        assert len(the.session.log) == sent


async def test_filters_are_picked_saved_and_deleted(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        log = await open_log(the)
        await the.press("s")
        await shown(the, FiltersScreen, "the filters")
        await the.press("enter")
        await the.until(lambda: log.filter_bar.text == "status:>=400,error", "the filter is set")
        await the.press("escape", "slash", *"method:GET", "enter", "s")
        await shown(the, FiltersScreen, "the filters")
        await the.press("s", *"mine", "enter")
        await the.until_text("mine")
        assert json.loads((tmp_path / "log-filters.json").read_text()) == {"filters": {"mine": "method:GET"}}
        await the.press("D")
        await the.until(lambda: json.loads((tmp_path / "log-filters.json").read_text()) == {"filters": {}}, "deleted")


async def test_the_filter_completes_and_points_at_a_mistake(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        await the.session.require_clients().get("orders-api")
        log = await open_log(the)
        await the.press("slash", *"cli")
        await the.until_text("client:")
        await the.press("tab", *"ord", "tab")
        assert log.filter_bar.text == "client:orders-api"
        assert len(log.rows) == 1
        await the.press("end", *" took:x")
        await the.until_text("▔")
        line = next(line for line in the.screen_text().splitlines() if "▔" in line)
        typed = next(line for line in the.screen_text().splitlines() if "took:x" in line)
        assert line.index("▔") == typed.index("x", typed.index("took:"))


async def test_minimise_shows_its_trials_and_the_field(tmp_path: Path) -> None:
    async with console(tmp_path) as the:
        failed = await refused_create(the, description="Orders")
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("m")
        await shown(the, ConfirmScreen, "the question")
        await the.press("y")
        await shown(the, MinimiseScreen, "the search")
        await the.until_text("1 cause")
        assert "restrictedScopes" in the.screen_text()
        assert "smallest payload that fails" in the.screen_text()
        await the.press("y")
        await said(the, "The smallest payload that fails")
        assert "orders:raed" in the.app.clipboard
        await the.press("escape")
        await the.until(lambda: the.app.screen is log, "back")
        assert not [row for row in the.simulator.api.store.rows() if str(row).startswith("ocm-trial")]


async def test_a_search_that_is_stopped_leaves_nothing_behind(tmp_path: Path) -> None:
    async with console(tmp_path, settings=SimulatorSettings(latency_ms=400)) as the:
        failed = await refused_create(the, description="Orders")
        log = await open_log(the)
        await select(the, log, failed.id)
        await the.press("m")
        await shown(the, ConfirmScreen, "the question")
        await the.press("y")
        await shown(the, MinimiseScreen, "the search")
        await the.press("escape")
        await the.until_text("ended early")
        assert not the.session.closers or all("MinimiseRun" not in repr(one) for one in the.session.closers)
        await the.press("escape")
        await the.until(lambda: the.app.screen is log, "back")
        assert not [row for row in the.simulator.api.store.rows() if str(row).startswith("ocm-trial")]
