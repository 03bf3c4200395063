"""What else changes OCI profiles from the console: fixes, the save, deletions, against the simulated services."""

from pathlib import Path

import pytest
from textual.widgets import Input

from ocm_tui.tui.oci_fix import proposals
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.oci_refused import RefusedScreen
from ocm_tui.tui.screens.oci_save import ChangedScreen, SaveScreen
from tests.tui.oci_write_support import GOOD, pane


async def test_a_fix_of_the_profile_is_made_in_memory_and_probed(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        before = on.file.read_bytes()
        assert on.screen.table.select("migration")
        await on.the.press("f")
        await on.the.until(lambda: on.entry("migration").status == "useable", "fixed and probed")
        await on.the.until(lambda: on.said.startswith("Fixed: use eu-frankfurt-1"), "the sentence")
        assert on.file.read_bytes() == before
        assert on.service.pending_edits()


async def test_a_fix_of_the_file_is_shown_first_and_leaves_edits_alone(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        on.file.write_bytes(b"\xef\xbb\xbf" + on.file.read_bytes())
        on.file.chmod(0o644)
        await on.service.load()
        await on.the.press("D")
        await on.on(ConfirmScreen)
        await on.the.press("y")
        await on.back()
        gone = list(on.service.registry.deleted)
        assert gone
        await on.the.press("f")
        await on.on(ChoiceScreen)
        await on.the.until_text("make it 0600 (at once)")
        assert on.screen.selected is not None
        labels = [one.fix.label for one in proposals(on.screen.selected, on.service.findings)]
        await on.the.press(str(labels.index("make it 0600") + 1))
        await on.the.until(lambda: on.file.stat().st_mode & 0o777 == 0o600, "private")
        await on.back()
        await on.the.press("f")
        await on.on(SaveScreen)
        await on.the.until_text("byte order mark")
        await on.the.press("y")
        await on.the.until(lambda: not on.file.read_bytes().startswith(b"\xef\xbb\xbf"), "written")
        await on.back()
        assert list(on.service.registry.deleted) == gone, "what was changed in memory waits for its own save"


async def test_a_save_shows_the_difference_first_and_names_the_backup(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        await on.the.press("w")
        assert "Nothing is to be saved" in on.said
        form = await on.form("e", "migration")
        on.set(form, "region", "eu-zurich-1")
        await on.the.press("ctrl+s")
        await on.back()
        before = on.file.read_bytes()
        await on.the.press("w")
        await on.on(SaveScreen)
        for text in ("-region=eu-frankfort-1", "+region=eu-zurich-1", "config.bak.TIME"):
            await on.the.until_text(text)
        await on.the.press("escape")
        await on.back()
        assert on.file.read_bytes() == before
        await on.the.press("w")
        await on.on(SaveScreen)
        await on.the.press("y")
        await on.the.until(lambda: "is written" in on.said, "the sentence")
        backup = on.said.rsplit(" ", 1)[1].rstrip(".")
        assert on.file.with_name(backup).read_bytes() == before
        assert b"region=eu-zurich-1" in on.file.read_bytes()
        assert on.entry("migration").status == "useable", "what is known stays"
        assert not on.entry("migration").modified


@pytest.mark.parametrize("answer", ["r", "d", "escape"])
async def test_a_file_that_was_changed_meanwhile_is_never_overwritten(tmp_path: Path, answer: str) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("e", "migration")
        on.set(form, "region", "eu-zurich-1")
        await on.the.press("ctrl+s")
        await on.back()
        await on.the.press("w")
        await on.on(SaveScreen)
        on.file.write_text(on.file.read_text() + "\n[late-comer]\nregion=eu-zurich-1\n")
        theirs = on.file.read_bytes()
        await on.the.press("y")
        await on.on(ChangedScreen)
        assert on.file.read_bytes() == theirs
        await on.the.press(answer)
        if answer == "r":
            await on.on(SaveScreen)
            await on.the.press("y")
            await on.back()
            await on.the.until(lambda: b"region=eu-zurich-1\n" in on.file.read_bytes(), "written")
            assert b"[late-comer]" in on.file.read_bytes()
            assert b"frankfort" not in on.file.read_bytes()
        else:
            await on.back()
            assert on.file.read_bytes() == theirs
        await on.the.until(lambda: (on.service.registry.find("late-comer") is None) == (answer == "escape"), "read")
        assert on.entry("migration").modified is (answer == "escape")


async def test_a_protected_environment_must_be_unlocked_and_its_name_typed(tmp_path: Path) -> None:
    async with pane(tmp_path, protected=True) as on:
        on.service.registry.delete("status-page")
        on.screen.profiles_changed()
        await on.the.press("w")
        assert "protected" in on.said
        assert on.the.app.screen is on.screen
        on.the.session.policy.unlock()
        await on.the.press("w")
        await on.on(SaveScreen)
        await on.the.press(*"test", "enter")
        await on.the.until(lambda: b"[status-page]" not in on.file.read_bytes(), "written")
        await on.back()


async def test_deleting_marked_profiles_is_undone_by_reading_the_file(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        on.screen.table.marks |= {GOOD, "DEFAULT"}
        await on.the.press("D")
        await on.on(ConfirmScreen)
        await on.the.until_text("Delete 2 profiles?")
        await on.the.press("y")
        await on.back()
        assert set(on.service.registry.deleted) == {GOOD, "DEFAULT"}
        assert not on.screen.table.marks
        await on.service.load()
        assert on.service.registry.find(GOOD) is not None


async def test_leaving_the_console_tells_what_only_memory_has(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        on.service.registry.delete("status-page")
        await on.the.press("1", "ctrl+q")
        await on.on(ConfirmScreen)
        await on.the.until_text("1 OCI profiles are changed in memory only")
        await on.the.press("escape")


HOSTILE = ["[/x]", "[@click=app.quit]x[/]", "\x1b]0;owned\x07", "a\nb = c", "\ud800", "x" * 5000]


@pytest.mark.parametrize("text", HOSTILE)
async def test_odd_values_are_shown_as_text_and_never_break_the_file(tmp_path: Path, text: str) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("e", GOOD)
        on.set(form, "user", text)
        await on.the.until(lambda: form.rows.findings, "the finding")
        await on.the.press("ctrl+s")
        await on.on(RefusedScreen)
        await on.the.press("d")
        await on.back()
        assert "\x1b" not in on.the.screen_text()
        before = on.file.read_bytes()
        await on.the.press("w")
        await on.the.until(lambda: on.the.app.screen is not on.screen or "cannot stand" in on.said, "an answer")
        assert on.file.read_bytes() == before
        assert on.the.app.is_running


@pytest.mark.parametrize("size", [(80, 24), (60, 20)], ids=["80x24", "60x20"])
async def test_what_a_dialog_asks_for_is_in_sight_on_a_small_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    async with pane(tmp_path, size=size) as on:
        assert on.screen.table.select("migration")
        await on.the.press("f")
        await on.the.until(lambda: on.said.startswith("Fixed"), "something to save")
        await on.the.press("w")
        await on.on(SaveScreen)
        await on.the.until_text("y  write the file    esc  cancel")
        await on.the.press("escape")
        await on.back()
        await on.the.press("question_mark")
        await on.the.until_text("type to find · esc closes")
        assert "Help: OCI profiles" in on.the.screen_text()
        await on.the.press("escape")
        form = await on.form("e", "new-hire")
        on.set(form, "additional_user_agent", "nightly")
        await on.the.press("escape")
        await on.the.until_text("1 changed field would be lost")
        await on.the.until_text("y  leave    esc  cancel")
        await on.the.press("escape", "ctrl+s")
        await on.on(RefusedScreen)
        await on.the.until_text("leave new-hire with the new values")
        await on.the.until_text("esc cancels")


async def test_the_name_that_a_protected_environment_asks_for_is_in_sight(tmp_path: Path) -> None:
    async with pane(tmp_path, size=(60, 20), protected=True) as on:
        on.the.session.policy.unlock()
        assert on.screen.table.select("migration")
        await on.the.press("f")
        await on.the.until(lambda: on.said.startswith("Fixed"), "something to save")
        await on.the.press("w")
        await on.on(SaveScreen)
        await on.the.until_text("and ⏎ to write the file")
        assert on.the.app.screen.query_one(Input).region.bottom < 20
