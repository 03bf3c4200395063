"""What changes OCI profiles from the console: forms, fixes and the save, against the simulated services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from ocm_tui.core.oci.registry import ProfileEntry
from ocm_tui.core.oci.service import OciService
from ocm_tui.core.secret import Secret
from ocm_tui.tui.oci_fix import proposals
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.help import HelpScreen
from ocm_tui.tui.screens.oci import OciScreen
from ocm_tui.tui.screens.oci_form import OciForm
from ocm_tui.tui.screens.oci_refused import RefusedScreen
from ocm_tui.tui.screens.oci_save import ChangedScreen, SaveScreen
from tests.tui.oci_support import OciConsole, oci_console

GOOD, OTHER = "orders-jobs", "billing-batch"


@dataclass
class Pane:
    the: OciConsole
    screen: OciScreen

    @property
    def service(self) -> OciService:
        return self.the.service

    @property
    def file(self) -> Path:
        return self.the.file

    @property
    def said(self) -> str:
        return self.the.app.notices[-1].text

    def entry(self, name: str) -> ProfileEntry:
        return self.service.registry.get(name)

    async def on(self, kind: type[Any]) -> Any:
        await self.the.until(lambda: isinstance(self.the.app.screen, kind), f"a {kind.__name__}")
        return self.the.app.screen

    async def back(self) -> None:
        await self.the.until(lambda: self.the.app.screen is self.screen, "back in the list")

    async def form(self, key: str, name: str) -> OciForm:
        assert self.screen.table.select(name)
        await self.the.press(key)
        form = await self.on(OciForm)
        assert isinstance(form, OciForm)
        await self.the.until(lambda: form.rows.findings or not self.entry(name).findings, "it was looked at")
        return form

    def set(self, form: OciForm, name: str, value: object) -> None:
        form._set(form.rows.at(name), value)

    async def enter(self, form: OciForm, name: str, text: str) -> None:
        """As a person does: the field's dialog, the text, Enter."""
        assert form.table.select(name)
        await self.the.press("enter")
        self.the.app.screen.query_one(Input).value = text
        await self.the.press("enter")
        await self.the.until(lambda: self.the.app.screen is form, "the form again")


@asynccontextmanager
async def pane(
    tmp_path: Path, *, size: tuple[int, int] = (120, 36), protected: bool = False, **settings: Any
) -> AsyncIterator[Pane]:
    async with oci_console(tmp_path, size=size, settings=settings, protected=protected) as the:
        yield Pane(the, the.screen)


async def test_an_edit_is_checked_at_once_probed_and_kept_in_memory(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        before = on.file.read_bytes()
        form = await on.form("e", "migration")
        await on.the.until_text("use eu-frankfurt-1")
        await on.enter(form, "region", "zurich")
        assert form.rows.edited.region == "eu-zurich-1"
        await on.the.until(lambda: not form.rows.findings_of(form.rows.at("region")), "the finding is gone")
        await on.the.press("ctrl+s")
        await on.back()
        entry = on.entry("migration")
        assert (entry.status, entry.modified) == ("useable", True)
        assert "in memory" in on.said
        assert on.file.read_bytes() == before
        assert on.screen.table.selected_key == "migration"


async def test_a_region_that_no_list_has_is_taken_as_it_was_typed(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("e", GOOD)
        await on.enter(form, "region", "eu-atlantis-1")
        assert form.rows.edited.region == "eu-atlantis-1"
        await on.the.until_text("is no known region")


async def test_a_refused_create_leaves_a_draft_that_is_mended_in_the_same_form(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("c", GOOD)
        await on.enter(form, "auth_profile", "new-jobs")
        on.set(form, "user", on.entry("new-hire").config.user)
        await on.the.press("ctrl+s")
        refused = await on.on(RefusedScreen)
        await on.the.until_text("The credentials were refused")
        assert on.entry("new-jobs").draft
        await on.the.press("e")
        assert on.the.app.screen is form, refused
        assert on.service.pending_edits() == (), "a draft is not saved"
        await on.enter(form, "auth_profile", "newer-jobs")
        on.set(form, "user", on.entry(GOOD).config.user)
        await on.the.press("ctrl+s")
        await on.back()
        assert on.entry("newer-jobs").status == "useable"
        assert on.service.registry.find("new-jobs") is None, "the draft has got another name"
        assert on.screen.table.selected_key == "newer-jobs"


@pytest.mark.parametrize(("key", "draft"), [("k", False), ("d", True)])
async def test_a_refused_create_is_kept_anyway_or_left_as_a_draft(tmp_path: Path, key: str, draft: bool) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("c", GOOD)
        await on.enter(form, "auth_profile", "new-jobs")
        on.set(form, "user", on.entry("new-hire").config.user)
        await on.the.press("ctrl+s")
        await on.on(RefusedScreen)
        asked = on.the.asked()
        await on.the.press(key)
        await on.back()
        assert on.entry("new-jobs").draft is draft
        assert on.the.asked() == asked, "nobody waits for a second probe"


async def test_a_name_is_needed_and_must_be_free(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("c", GOOD)
        for name, words in (("", "needs a name"), (GOOD.upper(), "already"), ("a b", "letters, digits")):
            on.set(form, "auth_profile", name)
            await on.the.press("ctrl+s")
            assert words in on.said
            assert on.the.app.screen is form
        assert on.the.asked() == 0


async def test_a_refused_edit_of_a_useable_profile_is_rolled_back_and_may_be_kept(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        before = await on.service.probe(GOOD)
        on.screen.profiles_changed()
        form = await on.form("e", GOOD)
        on.set(form, "user", on.entry("new-hire").config.user)
        await on.the.press("ctrl+s")
        await on.on(RefusedScreen)
        await on.the.until_text("It was rolled back: the profile is useable as before")
        assert on.entry(GOOD) is before
        await on.the.press("e")
        assert on.the.app.screen is form
        assert form.rows.changed_count == 1, "nothing that was entered is lost"
        await on.the.press("ctrl+s")
        await on.on(RefusedScreen)
        await on.the.press("k")
        await on.back()
        assert on.entry(GOOD).config.user == on.entry("new-hire").config.user
        assert on.entry(GOOD).status == "not useable"


async def test_an_outage_is_told_apart_from_wrong_credentials(tmp_path: Path) -> None:
    async with pane(tmp_path, faults="503@/n=100%") as on:
        form = await on.form("c", GOOD)
        await on.enter(form, "auth_profile", "new-jobs")
        await on.the.press("ctrl+s")
        await on.on(RefusedScreen)
        await on.the.until_text("It was the service, not the profile")
        await on.the.press("k")
        await on.back()
        assert (on.entry("new-jobs").draft, on.entry("new-jobs").status) == (False, "unknown")


async def test_a_refused_edit_of_a_broken_profile_keeps_its_values(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        await on.service.probe("new-hire")
        on.screen.profiles_changed()
        form = await on.form("e", "new-hire")
        on.set(form, "region", "eu-zurich-1")
        await on.the.press("ctrl+s")
        await on.on(RefusedScreen)
        await on.the.until_text("it was not useable before either")
        assert "keep it anyway" not in on.the.screen_text()
        await on.the.press("e")
        await on.the.press("escape")
        await on.back()
        assert on.entry("new-hire").config.region == "eu-zurich-1"


async def test_esc_stops_a_probe_and_changes_nothing(tmp_path: Path) -> None:
    async with pane(tmp_path, latency_ms=5000) as on:
        before = on.entry(GOOD)
        form = await on.form("e", GOOD)
        on.set(form, "region", "eu-zurich-1")
        await on.the.press("ctrl+s")
        await on.the.until(lambda: on.the.session.log.in_flight, "it is being probed")
        await on.the.press("ctrl+s")
        assert "esc stops that" in on.said
        await on.the.press("escape")
        await on.the.until(lambda: not form.probing, "stopped")
        assert on.the.app.screen is form
        assert on.entry(GOOD).config == before.config
        await on.the.press("escape")
        await on.on(ConfirmScreen)
        await on.the.press("y")
        await on.back()


async def test_sensitive_values_are_typed_unseen_and_never_shown(tmp_path: Path) -> None:
    phrase = "canary-of-the-form"
    async with pane(tmp_path) as on:
        form = await on.form("e", OTHER)
        secrets = [
            value.reveal()
            for name in ("fingerprint", "key_file", "pass_phrase")
            if (value := getattr(form.rows.edited, name)) is not None
        ]
        assert len(secrets) == 3
        assert form.table.select("pass_phrase")
        await on.the.press("enter", *phrase)
        assert phrase not in on.the.screen_text()
        await on.the.press("ctrl+r")
        await on.the.until_text(phrase)
        await on.the.press("enter")
        assert on.the.app.screen is form
        assert form.rows.edited.pass_phrase is not None
        assert form.rows.edited.pass_phrase.reveal() == phrase
        text = on.the.screen_text()
        assert "new, not shown" in text
        assert not [one for one in (phrase, *secrets) if one in text]
        await on.the.press("u")
        assert form.rows.changed_count == 0
        await on.the.press("enter", "enter")
        assert form.rows.changed_count == 0, "empty keeps what is there"
        await on.the.press("D")
        assert form.rows.edited.pass_phrase is None


async def test_what_default_gives_is_not_removed_here(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        on.file.write_text(on.file.read_text() + "\n[heir]\nregion=eu-zurich-1\n")
        await on.service.load()
        on.screen.profiles_changed()
        form = await on.form("e", "heir")
        assert form.table.select("user")
        await on.the.press("D")
        assert "it is removed there" in on.said
        assert form.rows.changed_count == 0
        assert "DEFAULT" in on.the.screen_text()


async def test_the_form_puts_in_what_a_finding_proposes(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("e", "migration")
        assert form.table.select("region")
        await on.the.press("f")
        assert form.rows.edited.region == "eu-frankfurt-1"
        assert form.table.select("user")
        await on.the.press("f")
        assert "Nothing is known" in on.said


async def test_the_form_explains_itself_on_a_small_terminal(tmp_path: Path) -> None:
    async with pane(tmp_path, size=(80, 24)) as on:
        form = await on.form("e", GOOD)
        await on.the.press("question_mark")
        assert isinstance(on.the.app.screen, HelpScreen)
        assert "Probe and keep" in on.the.screen_text()
        await on.the.press("escape", "slash", *"region", "enter")
        assert len(form.rows) == 2
        await on.the.press("escape", "escape")
        await on.back()


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


async def test_a_copy_holds_the_secrets_themselves(tmp_path: Path) -> None:
    async with pane(tmp_path) as on:
        form = await on.form("c", OTHER)
        before, copy = on.entry(OTHER).config, form.rows.edited
        for name in ("fingerprint", "key_file", "pass_phrase"):
            assert isinstance(getattr(copy, name), Secret)
            assert getattr(copy, name).reveal() == getattr(before, name).reveal() != "***"
        assert "it needs a name" in on.the.screen_text()
        assert "copied" in on.the.screen_text()
        await on.enter(form, "auth_profile", "the-copy")
        await on.the.press("ctrl+s")
        await on.back()
        assert on.entry("the-copy").status == "useable", "it signs in with them"
        plan = await on.service.plan_save()
        assert b"***" not in plan.new


async def test_a_copy_leaves_out_what_is_known_only_as_stars(tmp_path: Path) -> None:
    """A fingerprint in the place of a user: nobody shows it, so nobody may write the stars that stand for it."""
    content = b"[A]\nuser=12:34:56:78:9a:bc:de:f0:12:34:56:78:9a:bc:de:f0\nregion=eu-frankfurt-1\n"
    async with oci_console(tmp_path, content=content) as the:
        on = Pane(the, the.screen)
        form = await on.form("c", "A")
        assert form.rows.edited.user is None
        assert form.rows.edited.region == "eu-frankfurt-1"
        assert "User of A holds what looks like a secret: the copy starts without it." in the.notices
        kept = form.rows.edited.model_copy(update={"auth_profile": "B"})
        await on.service.registry.create(kept, keep_anyway=True)
        plan = await on.service.plan_save()
        assert b"[B]" in plan.new
        assert b"***" not in plan.new


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
