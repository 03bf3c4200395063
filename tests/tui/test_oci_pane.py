"""The OCI profiles pane: what is seen of the profiles, what is asked of OCI, and what is never shown."""

import sys
from pathlib import Path

import pytest

from ocm_tui.core.oci.schemas import OciProfileUpdate
from ocm_tui.tui import oci_questions, oci_reveal
from ocm_tui.tui.screens import oci_loading
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.log import LogScreen
from tests.tui.oci_support import oci_console

WORKING = ("DEFAULT", "orders-jobs", "billing-batch", "reporting")
WITH_FINDINGS = b"""\
[DEFAULT]
user=ocid1.user.oc1..aaaaaaaaexample
key_file=/nowhere/at-all/private-key.pem
pass_phrase=moonlight-canary-9

[quoted]
region="eu-frankfurt-1"
fingerprint=AA:bb

[quoted]
region=eu-frankfurt-1
"""


async def test_every_profile_is_listed_before_any_network(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        assert len(the.screen.rows) == 17
        assert set(the.statuses.values()) == {"unknown"}
        text = the.screen_text()
        assert "OCI profiles ── 17" in text
        assert "former-team" in text
        assert "1 error" in text, "what is wrong without asking anybody"
        await the.until_text("expired")
        assert the.asked() == 0
        assert the.file.name in text


async def test_probe_one_says_what_came_of_it(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        await the.select("orders-jobs")
        await the.press("p")
        await the.until(lambda: the.statuses["orders-jobs"] == "useable", "it is useable")
        await the.until(lambda: "orders-jobs is useable" in the.notices, "it was said")
        assert the.asked() == 1
        assert {status for name, status in the.statuses.items() if name != "orders-jobs"} == {"unknown"}


async def test_probe_all_and_the_reasons(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        await the.press("P")
        await the.until(lambda: any("17 probed" in one for one in the.notices), "all are known")
        statuses = the.statuses
        assert all(statuses[name] == "useable" for name in WORKING)
        assert statuses["new-hire"] == statuses["old-laptop"] == "not useable"
        assert statuses["bulk-export"] == statuses["status-page"] == "unknown", "the service is the matter"
        await the.select("new-hire")
        await the.press("right_square_bracket", "right_square_bracket")
        await the.until_text("Why, the most likely first")
        assert "The credentials are the reason." in the.screen_text()
        assert "opc-request-id" in the.screen_text()
        await the.select("former-team")
        await the.until_text("Nothing was sent.")


async def test_marked_profiles_are_probed_and_nobody_else(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        for name in ("DEFAULT", "reporting"):
            await the.select(name)
            await the.press("space")
        await the.press("p")
        await the.until(lambda: "2 probed: 2 useable." in the.notices, "both are known")
        assert sorted(name for name, status in the.statuses.items() if status == "useable") == ["DEFAULT", "reporting"]
        await the.press("escape")
        assert not the.screen.table.marks


async def test_probing_is_stopped_by_escape(tmp_path: Path) -> None:
    async with oci_console(tmp_path, settings={"latency_ms": 60_000}) as the:
        await the.press("P")
        await the.until_text("esc")
        await the.until(lambda: the.session.log.in_flight, "questions are under way")
        assert "probing" in the.screen_text()
        await the.press("escape")
        assert not the.screen.rows.probing
        assert any(one.startswith("Probing stopped;") for one in the.notices)
        await the.until(lambda: "◌ probing" not in the.screen_text(), "nothing is waited for")
        assert the.statuses["orders-jobs"] == "unknown"


async def test_sensitive_fields_are_masked_and_shown_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with oci_console(tmp_path) as the:
        await the.select("billing-batch")
        config = the.service.registry.get("billing-batch").config
        assert config.pass_phrase is not None
        phrase = config.pass_phrase.reveal()
        await the.until_text("••••••••")
        assert phrase not in the.screen_text()
        await the.press("v")
        await the.until(lambda: isinstance(the.app.screen, ChoiceScreen), "which one")
        assert phrase not in the.screen_text()
        await the.press("p")
        await the.until_text(phrase)
        assert "pass_phrase of the OCI profile billing-batch was revealed." in the.notices
        assert not any(phrase in one for one in the.notices)
        await the.press("v")
        await the.until(lambda: phrase not in the.screen_text(), "it is hidden again")
        monkeypatch.setattr(oci_questions, "REVEAL_SECONDS", 0.01)
        monkeypatch.setattr(oci_reveal, "REVEAL_SECONDS", 0.01)
        await the.press("v", "f")
        await the.until(lambda: any(one.startswith("fingerprint of") for one in the.notices), "another one was asked")
        await the.until(lambda: the.screen.facts_of(the.screen.selected).reveal is None, "its time is over")  # type: ignore[arg-type]


async def test_another_profile_or_pane_hides_what_was_revealed(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        await the.select("billing-batch")
        await the.press("v", "f")
        fingerprint = the.service.registry.get("billing-batch").config.fingerprint
        assert fingerprint is not None
        await the.until(lambda: fingerprint.reveal()[:20] in the.screen_text(), "it is shown")
        await the.select("reporting")
        await the.select("billing-batch")
        assert fingerprint.reveal()[:20] not in the.screen_text()
        await the.press("v", "f")
        await the.until(lambda: fingerprint.reveal()[:20] in the.screen_text(), "it is shown")
        await the.press("4", "2")
        assert fingerprint.reveal()[:20] not in the.screen_text()


async def test_findings_stand_with_line_and_fix(tmp_path: Path) -> None:
    async with oci_console(tmp_path, content=WITH_FINDINGS) as the:
        assert [entry.name for entry in the.screen.rows.entries] == ["DEFAULT", "quoted"]
        await the.select("quoted")
        await the.press("right_square_bracket")
        await the.until_text("fingerprint-format")
        text = the.screen_text()
        assert "line 8" in text
        assert "dup-section" in text, "those of the file stand below"
        assert "moonlight-canary-9" not in text
        await the.until_text("in the file")


async def test_effective_configuration_names_the_origin_and_the_tool(tmp_path: Path) -> None:
    (tmp_path / ".oci").mkdir()
    (tmp_path / ".oci" / "oci_cli_rc").write_text("[quoted]\nregion=us-ashburn-1\n")
    async with oci_console(tmp_path, content=WITH_FINDINGS, size=(200, 50)) as the:
        await the.select("quoted")
        await the.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        await the.until_text("the tool takes")
        text = the.screen_text()
        assert "us-ashburn-1" in text
        assert "oci_cli_rc, line 2" in text
        assert "DEFAULT, line 4" in text, "what leaks down is said"
        assert "moonlight-canary-9" not in text
        await the.select("DEFAULT")
        await the.until_text("takes the same")


async def test_generative_ai_is_asked_for_on_request(tmp_path: Path) -> None:
    async with oci_console(tmp_path, size=(200, 40)) as the:
        await the.select("orders-jobs")
        await the.press("m")
        await the.until_text("● answers")
        text = the.screen_text()
        assert "inference.generativeai.eu-frankfurt-1" in text
        assert "models" in text
        await the.select("reporting")
        await the.until_text("Nothing is generated")


async def test_filter_and_sort(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        await the.press("slash", *"auth:token finding:expired", "enter")
        assert list(the.screen.rows.names) == ["last-week"]
        assert "1 of 17" in the.screen_text()
        await the.press("P")
        await the.until(lambda: the.statuses["last-week"] == "not useable", "only it is probed")
        assert the.asked() == 0, "and an expired token is not sent"
        await the.press("escape")
        await the.press("o")
        assert the.screen.rows.names[0] == "archive-reader"
        await the.press("slash", *"stat:x", "enter")
        await the.until_text("did you mean status:?")
        await the.press("slash", "escape")
        assert len(the.screen.rows) == 17


async def test_copies_and_exchanges(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        await the.select("orders-jobs")
        await the.press("y")
        assert the.app.clipboard == "export OCI_CLI_PROFILE=orders-jobs"
        await the.press("Y")
        assert the.app.clipboard == "orders-jobs"
        await the.probe("orders-jobs", "reporting")
        await the.press("x")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log")
        await the.until_text('profile:"orders-jobs"')
        await the.until_text("/n")
        log = the.app.screen
        assert isinstance(log, LogScreen)
        await the.until(lambda: len(log.table.source) == 1, "the one request about it")


async def test_the_file_is_watched_and_read_again_on_request(tmp_path: Path) -> None:
    async with oci_console(tmp_path, content=b"[A]\nregion=eu-frankfurt-1\n") as the:
        the.write("[A]\nregion=eu-frankfurt-1\n[B]\nregion=us-ashburn-1\n")
        await the.until_text("changed on disk: press r to reload")
        assert list(the.statuses) == ["A"], "never unasked"
        await the.press("r")
        await the.until(lambda: list(the.statuses) == ["A", "B"], "it was read again")
        await the.until(lambda: "changed on disk" not in the.screen_text(), "and that is said no more")


async def test_a_reload_asks_before_changes_in_memory_are_lost(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        await the.service.registry.update("reporting", OciProfileUpdate(additional_user_agent="nightly"))
        await the.until_text("1 not saved")
        assert "modified" in the.screen_text()
        await the.press("r")
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        await the.press("escape")
        assert the.screen.unsaved == 1
        await the.press("r", "y")
        await the.until(lambda: the.screen.unsaved == 0, "it is as the file says")


@pytest.mark.parametrize("what", ["missing", "empty", "broken", "binary"])
async def test_a_file_without_profiles_says_why_and_what_next(tmp_path: Path, what: str) -> None:
    content = {"empty": b"", "broken": b"region = eu-frankfurt-1\n", "binary": bytes(range(256))}.get(what)
    async with oci_console(tmp_path, content=content, missing=what == "missing") as the:
        text = the.screen_text()
        assert "There are no profiles" in text if what == "missing" else "holds no profiles" in text
        assert "n creates" in text
        await the.press("p", "P", "v", "m", "x", "y", "space", "enter", "o", "escape")
        assert the.screen.rows.total == 0


async def test_a_file_that_appears_is_seen(tmp_path: Path) -> None:
    async with oci_console(tmp_path, missing=True) as the:
        the.write("[NEW]\nregion=eu-frankfurt-1\n")
        await the.until_text("changed on disk")
        await the.press("r")
        await the.until(lambda: list(the.statuses) == ["NEW"], "it was read")


async def test_selection_and_marks_stay_with_their_profiles(tmp_path: Path) -> None:
    async with oci_console(tmp_path) as the:
        await the.select("reporting")
        await the.press("space")
        await the.select("night-shift")
        the.service.registry.delete("DEFAULT")
        await the.until(lambda: "DEFAULT" not in the.statuses, "what changed in memory is seen")
        assert the.screen.table.selected_key == "night-shift"
        assert the.screen.table.marks == {"reporting"}
        await the.until_text("1 not saved")


async def test_at_80_columns_the_detail_takes_the_place_of_the_list(tmp_path: Path) -> None:
    async with oci_console(tmp_path, size=(80, 24)) as the:
        assert "authentication" not in the.screen_text()
        await the.press("enter")
        await the.until_text("authentication")
        assert "Findings    │" not in the.screen_text()
        await the.press("escape")
        await the.until_text("former-team" if "former-team" in the.screen_text() else "orders-jobs")
        assert not the.screen.has_class("-detail")


async def test_hostile_names_and_values_are_text(tmp_path: Path) -> None:
    content = (
        "[[/x] [@click=app.quit]bold\x1b[31m]\nregion=[red]\x1b]0;title\x07eu\nuser=\u202eocid1\n"
        f"[{'w' * 300}]\nregion={'字' * 200}\n"
    ).encode()
    async with oci_console(tmp_path, content=content) as the:
        assert the.screen.rows.total == 2
        for _ in range(5):
            await the.press("right_square_bracket")
            await the.press("j", "k")
        await the.press("P")
        await the.until(lambda: not the.screen.rows.probing, "they are probed")
        await the.press("y", "x")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log")
        assert "\x1b" not in the.screen_text()
        assert "\u202e" not in the.screen_text()


async def test_the_sdk_is_not_loaded_for_a_look(tmp_path: Path) -> None:
    before = _sdk_modules()  # other tests of this process may have probed
    async with oci_console(tmp_path) as the:
        for _ in range(5):
            await the.press("right_square_bracket")
        assert _sdk_modules() == before
        assert the.asked() == 0


def _sdk_modules() -> set[str]:
    return {name for name in sys.modules if name == "oci" or name.startswith("oci.")}


async def test_without_profiles_in_the_environment_the_pane_says_how_to_have_them(tmp_path: Path) -> None:
    from tests.tui.support import console

    async with console(tmp_path, wait_for_list=False) as the:
        await the.press("2")
        await the.until_text("No OCI profiles are configured here.")
        await the.press("p", "e", "n", "w", "f", "v")
        assert "There are no OCI profiles here yet." in the.app.notices[-1].text


@pytest.mark.parametrize("size", [(80, 24), (60, 20)], ids=["80x24", "60x20"])
async def test_a_long_ocid_goes_on_under_itself(tmp_path: Path, size: tuple[int, int]) -> None:
    async with oci_console(tmp_path, size=size) as the:
        await the.select("DEFAULT")
        await the.press("enter")
        await the.until_text("authentication")
        lines = [line.strip("│ ▁▂▃▄▅▆▇█") for line in the.screen_text().splitlines()]
        first = next(number for number, line in enumerate(lines) if line.startswith("user "))
        user = the.service.registry.get("DEFAULT").config.user
        assert user is not None
        assert lines[first].startswith("user                  ocid1.user.oc1..")
        shown = lines[first].split()[1] + "".join(lines[first + 1 : first + 3])
        assert shown.replace(" ", "").startswith(user), "all of it, below its beginning"
        await the.pilot.resize_terminal(160, 50)
        await the.until(lambda: "line 5" in the.screen_text(), "and again for another width")


async def test_a_token_that_has_ended_is_said_once(tmp_path: Path) -> None:
    async with oci_console(tmp_path, size=(160, 50)) as the:
        await the.probe("last-week")
        await the.select("last-week")
        await the.until_text("token expired")
        assert the.screen_text().count("token expired") == 1
        await the.press("right_square_bracket", "right_square_bracket")
        await the.until_text("Nothing was sent.")
        assert "the token expired" in the.screen_text(), "the probe says it with its cause"


async def test_a_renewed_token_is_seen_without_a_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oci_loading, "_STAT_EVERY", 0.05)
    async with oci_console(tmp_path) as the:
        await the.probe("last-week")
        assert the.statuses["last-week"] == "not useable"
        renewed, ended = (
            Path(secret.reveal())
            for name in ("reporting", "last-week")
            if (secret := the.service.registry.get(name).config.security_token_file) is not None
        )
        ended.write_text(renewed.read_text())

        def codes() -> set[str]:
            return {one.code for one in the.service.registry.get("last-week").findings if one.severity == "error"}

        await the.until(lambda: "token-expired" not in codes(), "the finding is gone")
        await the.until(lambda: the.statuses["last-week"] == "unknown", "and what was concluded from it")
        renewed.unlink()
        await the.until(lambda: "reporting" not in the.screen.rows.expiries, "the other one is missed")
        await the.until(
            lambda: any(one.severity == "error" for one in the.service.registry.get("reporting").findings),
            "and that is found",
        )
