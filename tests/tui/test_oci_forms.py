"""The form of an OCI profile: new, edited, copied, probed and kept or refused, against the simulated services."""

from pathlib import Path

import pytest

from ocm_tui.core.secret import Secret
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.help import HelpScreen
from ocm_tui.tui.screens.oci_refused import RefusedScreen
from tests.tui.oci_support import oci_console
from tests.tui.oci_write_support import GOOD, OTHER, Pane, pane


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
