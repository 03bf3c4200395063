"""Profiles in memory: create, update and delete as the seed has them, without what it loses."""

import asyncio
from pathlib import Path

import pytest

from ocm_tui.core.errors import Conflict
from ocm_tui.core.oci.registry import NoSuchProfile
from ocm_tui.core.oci.schemas import OciProfileUpdate
from ocm_tui.core.secret import Secret
from tests.contract.oci_support import cloud

GOOD, OTHER = "orders-jobs", "billing-batch"


async def test_names_are_compared_without_their_case(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        assert registry.get("ORDERS-Jobs").name == GOOD
        with pytest.raises(NoSuchProfile, match="no OCI profile order-jobs") as raised:
            registry.get("order-jobs")
        assert "orders-jobs" in raised.value.hint


async def test_a_new_profile_is_probed_and_kept(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        change = await the.service.registry.create(the.config(GOOD, auth_profile="new-jobs"))
        assert change.accepted
        assert the.service.registry.get("new-jobs").config.useable
        assert change.entry.modified, "the file does not have it"
        assert not change.entry.draft


async def test_a_name_that_is_taken_is_a_conflict_before_anything_is_sent(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        with pytest.raises(Conflict, match=GOOD):
            await the.service.registry.create(the.config(OTHER, auth_profile=GOOD.upper()))
        assert the.asked() == 0


async def test_a_refused_create_leaves_a_draft_that_the_same_create_mends(tmp_path: Path) -> None:
    """In the seed the profile stays, and its second create is a conflict."""
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        wrong = the.config(GOOD, auth_profile="new-jobs", user=the.config("new-hire").user)
        refused = await registry.create(wrong)
        assert (refused.accepted, refused.tried.reason) == (False, "credentials")
        assert registry.get("new-jobs").draft
        mended = await registry.create(the.config(GOOD, auth_profile="new-jobs"))
        assert mended.accepted
        assert not registry.get("new-jobs").draft
        assert [entry.name for entry in registry.list()].count("new-jobs") == 1


async def test_a_refused_update_of_a_useable_profile_is_rolled_back(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        before = await the.service.probe(GOOD)
        change = await registry.update(GOOD, OciProfileUpdate(user=the.config("new-hire").user))
        assert (change.accepted, change.rolled_back, change.tried.reason) == (False, True, "credentials")
        assert registry.get(GOOD) is before, "with the time at which it was verified"


async def test_a_refused_update_of_a_broken_profile_keeps_the_new_values(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        await the.service.probe("new-hire")
        change = await registry.update("new-hire", OciProfileUpdate(region="eu-zurich-1"))
        assert (change.accepted, change.rolled_back) == (False, False)
        assert registry.get("new-hire").config.region == "eu-zurich-1"
        mended = await registry.update("new-hire", OciProfileUpdate(user=the.config(GOOD).user))
        assert mended.accepted
        assert registry.get("new-hire").config.region == "eu-zurich-1"


@pytest.mark.parametrize("fault", ["503", "reset-before"])
async def test_an_outage_is_no_reason_to_lose_an_edit(tmp_path: Path, fault: str) -> None:
    """The refusal says that it was the network; then the same edit can be kept anyway."""
    async with cloud(tmp_path, faults=f"{fault}@/n=50%,seed=3") as the:
        registry = the.service.registry
        while not (await the.service.probe(GOOD)).config.useable:
            pass
        while (change := await registry.update(GOOD, OciProfileUpdate(region="eu-zurich-1"))).accepted:
            await registry.update(GOOD, OciProfileUpdate(region="eu-frankfurt-1"), keep_anyway=True)
            while not (await the.service.probe(GOOD)).config.useable:
                pass
        assert change.rolled_back
        assert change.tried.reason in {"network", "service"}
        kept = await registry.update(GOOD, OciProfileUpdate(region="eu-zurich-1"), keep_anyway=True)
        assert kept.accepted
        assert registry.get(GOOD).config.region == "eu-zurich-1"


async def test_an_empty_secret_means_as_before_and_none_removes_it(tmp_path: Path) -> None:
    """A form that shows no secret sends none back; the seed wipes it then."""
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        before = the.config(OTHER).pass_phrase
        change = await registry.update(OTHER, OciProfileUpdate(pass_phrase=Secret(""), region="eu-zurich-1"))
        assert change.accepted
        assert registry.get(OTHER).config.pass_phrase == before
        removed = await registry.update(OTHER, OciProfileUpdate(pass_phrase=None), keep_anyway=True)
        assert removed.entry.config.pass_phrase is None
        assert removed.tried.reason == "configuration"


async def test_delete_and_create_again(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        config = the.config(GOOD)
        registry.delete(GOOD.upper())
        with pytest.raises(NoSuchProfile):
            registry.delete(GOOD)
        assert list(registry.deleted) == [GOOD]
        change = await registry.create(config)
        assert not change.entry.modified, "it is what the file says"
        assert not registry.deleted


async def test_two_updates_of_one_profile_wait_for_each_other(tmp_path: Path) -> None:
    async with cloud(tmp_path, latency_ms=50) as the:
        registry = the.service.registry
        first, second = await asyncio.gather(
            registry.update(GOOD, OciProfileUpdate(region="eu-zurich-1")),
            registry.update(GOOD, OciProfileUpdate(genai_region="eu-frankfurt-1")),
        )
        assert first.accepted
        assert second.accepted
        config = registry.get(GOOD).config
        assert (config.region, config.genai_region) == ("eu-zurich-1", "eu-frankfurt-1")


async def test_a_probe_of_what_was_changed_meanwhile_is_dropped(tmp_path: Path) -> None:
    async with cloud(tmp_path, latency_ms=150) as the:
        registry = the.service.registry
        probe = asyncio.create_task(the.service.probe(GOOD))
        await the.begun()
        await registry.update(GOOD, OciProfileUpdate(user=the.config("new-hire").user))
        await probe
        result = registry.get(GOOD).result
        assert result is not None
        assert result.status == "not useable"


async def test_a_reload_forgets_edits_and_keeps_what_is_known(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        await the.service.probe(GOOD)
        await the.service.registry.update("migration", OciProfileUpdate(region="eu-zurich-1"))
        the.service.registry.delete(OTHER)
        file = the.estate.files.config_file
        assert not the.service.changed_on_disk()
        file.write_text(file.read_text() + "\n[late-comer]\nregion=eu-zurich-1\n")
        assert the.service.changed_on_disk()
        await the.service.load()
        registry = the.service.registry
        assert registry.get(GOOD).status == "useable"
        assert registry.get("migration").config.region == "eu-frankfort-1"
        assert registry.get("migration").status == "unknown"
        assert registry.find(OTHER) is not None
        assert registry.find("late-comer") is not None


async def test_saving_is_explicit_and_validated_by_the_sdk(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        file = the.estate.files.config_file
        before = file.read_text()
        registry = the.service.registry
        await registry.update("migration", OciProfileUpdate(region="eu-zurich-1"))
        await registry.create(the.config(GOOD, auth_profile="new-jobs"))
        registry.delete("status-page")
        assert file.read_text() == before, "nothing is written before it is asked for"
        plan = await the.service.plan_save()
        saved = await the.service.save(plan)
        assert saved.backup is not None
        after = file.read_text()
        assert "region=eu-zurich-1" in after
        assert "[new-jobs]" in after
        assert "[status-page]" not in after
        assert "# The OCI profiles of the demo." in after
        assert the.service.pending_edits() == ()
        assert (await the.service.probe("new-jobs")).status == "useable"


async def test_what_was_refused_is_kept_without_asking_again(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        await the.service.probe(GOOD)
        wrong = the.config("new-hire").user
        change = await registry.update(GOOD, OciProfileUpdate(user=wrong))
        refused = await registry.create(the.config(GOOD, auth_profile="new-jobs", user=wrong))
        asked = the.asked()
        assert registry.keep(change).config.user == wrong
        assert registry.keep(refused).draft is False
        assert the.asked() == asked
        registry.delete(GOOD)
        with pytest.raises(Conflict, match="meanwhile"):
            registry.keep(change)


async def test_edits_are_put_on_top_of_what_the_file_says_now(tmp_path: Path) -> None:
    """Fields of mine, others of theirs; what only memory had, what was deleted, and what the file lost meanwhile."""
    async with cloud(tmp_path) as the:
        registry, file = the.service.registry, the.estate.files.config_file
        await registry.update("migration", OciProfileUpdate(region="eu-zurich-1"), keep_anyway=True)
        await registry.create(the.config(GOOD, auth_profile="new-jobs", user="x"))
        await registry.update("new-hire", OciProfileUpdate(genai_region="eu-frankfurt-1"), keep_anyway=True)
        registry.delete("status-page")
        text = file.read_text().replace("[new-hire]", "[hired]")
        file.write_text(text.replace("[migration]\n", "[migration]\ngenai_region=uk-london-1\n"))
        await the.service.load(keep_edits=True)
        migration = registry.get("migration")
        assert (migration.config.region, migration.config.genai_region) == ("eu-zurich-1", "uk-london-1")
        assert not [finding for finding in migration.findings if finding.code == "region-unknown"]
        assert registry.get("new-jobs").draft
        assert registry.get("new-hire").config.genai_region == "eu-frankfurt-1"
        assert registry.find("hired") is not None
        assert list(registry.deleted) == ["status-page"]
        plan = await the.service.plan_save()
        assert plan.touched == ("status-page", "migration", "new-hire")


async def test_a_save_leaves_drafts_and_key_content_in_memory(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry, file = the.service.registry, the.estate.files.config_file
        key = Secret("-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n")
        await registry.create(the.config(GOOD, auth_profile="kept", key_content=key), keep_anyway=True)
        await registry.create(the.config(GOOD, auth_profile="refused", user="x"))
        await the.service.save(await the.service.plan_save())
        assert "[kept]" in file.read_text()
        assert "PRIVATE KEY" not in file.read_text()
        assert "[refused]" not in file.read_text()
        assert registry.get("kept").config.key_content == key
        assert registry.get("refused").draft
        assert the.service.pending_edits() == ()
        assert the.service.unsaved == 2


async def test_a_new_profile_does_not_repeat_what_default_gives(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry, file = the.service.registry, the.estate.files.config_file
        default = the.config("DEFAULT")
        before = file.read_text()
        wanted = the.config("DEFAULT", auth_profile="heir", region="eu-zurich-1")
        await registry.create(wanted, keep_anyway=True)
        await the.service.save(await the.service.plan_save())
        assert file.read_text().removeprefix(before).split() == ["[heir]", "region=eu-zurich-1"]
        heir = registry.get("heir")
        assert not heir.modified
        assert (heir.config.user, heir.config.fingerprint) == (default.user, default.fingerprint)
