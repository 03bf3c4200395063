"""Saving: whole or not at all, private, and only over the file that was looked at."""

import fcntl
import multiprocessing
import os
import re
import signal
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from ocm_tui.core.errors import Conflict, UsageError
from ocm_tui.core.oci import write_back
from ocm_tui.core.oci.model import AddProfile, MakePrivate, RemoveProfile, SetField
from ocm_tui.core.oci.parser import read_profiles
from ocm_tui.core.oci.write_back import make_private, plan_edit, save
from ocm_tui.core.secret import Secret
from tests.unit.core.oci.samples import private

TEXT = "# mine\r\n[A]\r\nuser=u\r\n"


def the_sdk(path: Path, names: Collection[str]) -> Mapping[str, str]:
    from oci.config import from_file

    said = {}
    for name in names:
        try:
            from_file(str(path), name)
        except Exception as error:  # noqa: BLE001 - whatever it raises is its refusal
            said[name] = type(error).__name__
    return said


def left_over(directory: Path) -> list[str]:
    return sorted(re.sub(r"\.bak\..*", ".bak", path.name) for path in directory.iterdir())


def test_a_save_replaces_backs_up_and_tightens(tmp_path: Path) -> None:
    path = private(tmp_path / "config", TEXT)
    path.chmod(0o644)
    file = read_profiles(path)
    saved = save(file, plan_edit(file, [SetField("A", "user", "v")]), the_sdk)
    assert path.read_bytes() == TEXT.replace("=u", "=v").encode()
    assert saved.backup is not None
    assert saved.backup.read_bytes() == TEXT.encode()
    assert path.stat().st_mode & 0o777 == saved.backup.stat().st_mode & 0o777 == 0o600
    assert left_over(tmp_path) == [".config.lock", "config", "config.bak"]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    real = private(tmp_path / "dotfiles" / "oci-config", TEXT)
    link = tmp_path / "home" / "config"
    link.parent.mkdir()
    link.symlink_to("../dotfiles/oci-config")
    file = read_profiles(link)
    saved = save(file, plan_edit(file, [SetField("A", "user", "v")]), the_sdk)
    assert link.is_symlink()
    assert saved.path == real
    assert b"user=v" in real.read_bytes()
    assert left_over(link.parent) == ["config"]


def test_a_file_that_was_not_there_is_made_with_its_directory(tmp_path: Path) -> None:
    file = read_profiles(tmp_path / ".oci" / "config")
    saved = save(file, plan_edit(file, [AddProfile("A", {"user": "u"})]), the_sdk)
    assert saved.backup is None
    assert saved.path.read_text() == "[A]\nuser=u\n"
    assert saved.path.stat().st_mode & 0o777 == 0o600
    assert saved.path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("meanwhile", ["changed", "gone", "came"])
def test_a_file_that_is_another_now_is_a_conflict(tmp_path: Path, meanwhile: str) -> None:
    path = tmp_path / "config"
    if meanwhile != "came":
        private(path, TEXT)
    file = read_profiles(path)
    plan = plan_edit(file, [AddProfile("B", {"user": "v"})])
    path.unlink() if meanwhile == "gone" else private(path, "[other]\n")
    with pytest.raises((Conflict, UsageError)):
        save(file, plan, the_sdk)
    assert (path.read_text() if path.exists() else "") == ("" if meanwhile == "gone" else "[other]\n")
    assert not [name for name in left_over(tmp_path) if "draft" in name or "bak" in name]


def test_an_editor_that_saves_during_the_validation_is_noticed(tmp_path: Path) -> None:
    path = private(tmp_path / "config", TEXT)
    file = read_profiles(path)

    def validate(draft: Path, names: Collection[str]) -> Mapping[str, str]:
        private(path, "[other]\n")
        return {}

    with pytest.raises(Conflict, match="changed on disk"):
        save(file, plan_edit(file, [SetField("A", "user", "v")]), validate)
    assert path.read_text() == "[other]\n"
    assert left_over(tmp_path) == [".config.lock", "config"]


def test_what_the_sdk_would_refuse_is_not_saved(tmp_path: Path) -> None:
    path = private(tmp_path / "config", TEXT)
    file = read_profiles(path)
    plan = plan_edit(file, [SetField("A", "key_file", Secret("/nowhere/canary.pem"))])
    with pytest.raises(UsageError, match=r"the SDK would refuse profile \[A\]") as caught:
        save(file, plan, the_sdk)
    assert "canary" not in str(caught.value)
    assert path.read_bytes() == TEXT.encode()
    assert left_over(tmp_path) == [".config.lock", "config"]


def test_what_was_refused_before_does_not_forbid_a_repair(tmp_path: Path) -> None:
    path = private(tmp_path / "config", "[A]\nkey_file=/nowhere\n[B]\nuser=u\n")
    file = read_profiles(path)
    save(file, plan_edit(file, [SetField("B", "user", "v")]), the_sdk)
    private(path, "[A]\nuser=u\n[A]\n[B]\nuser=u\n")
    file = read_profiles(path)
    save(file, plan_edit(file, [SetField("B", "user", "v")]), the_sdk)
    assert "user=v" in path.read_text()


def test_few_backups_are_kept_and_other_files_are_left_alone(tmp_path: Path) -> None:
    path = private(tmp_path / "config", TEXT)
    for name in ("config.bak", "config.bak.mine", "config.bak.20200101", "config2.bak.20200101T000000Z"):
        private(tmp_path / name, "keep")
    old = private(tmp_path / "config.bak.20200101T000000Z", "old")
    for number in range(7):
        file = read_profiles(path)
        save(file, plan_edit(file, [SetField("A", "user", f"v{number}")]), the_sdk)
    backups = sorted(tmp_path.glob("config.bak.*Z*"))
    assert len(backups) == 5
    assert old not in backups
    assert b"user=v5" in backups[-1].read_bytes()
    assert len(list(tmp_path.iterdir())) == 5 + 4 + 2


def test_a_draft_of_a_killed_process_is_cleared_away(tmp_path: Path) -> None:
    path = private(tmp_path / "config", TEXT)
    private(tmp_path / ".config.draft.abc", "pass_phrase=old")
    file = read_profiles(path)
    save(file, plan_edit(file, [RemoveProfile("A")]), the_sdk)
    assert left_over(tmp_path) == [".config.lock", "config", "config.bak"]


def test_a_place_where_nothing_can_be_written() -> None:
    file = read_profiles(Path("/proc/ocm-tui/config"))
    with pytest.raises(UsageError, match="cannot be written"):
        save(file, plan_edit(file, [AddProfile("A", {})]), the_sdk)


def test_a_save_of_another_process_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_back, "_PATIENCE", 0.0)
    path = private(tmp_path / "config", TEXT)
    file = read_profiles(path)
    plan = plan_edit(file, [SetField("A", "user", "v")])
    with (tmp_path / ".config.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another process is saving"):
            save(file, plan, the_sdk)
    save(file, plan, the_sdk)
    assert b"user=v" in path.read_bytes()


def _save_one(path: Path, number: int) -> bool:
    file = read_profiles(path)
    try:
        save(file, plan_edit(file, [SetField("A", f"x{number}", "1")]), lambda _path, _names: {})
    except Conflict:
        return False
    return True


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    path = private(tmp_path / "config", TEXT)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        won = pool.starmap(_save_one, [(path, number) for number in range(12)], chunksize=1)
    present = read_profiles(path).profiles[0].fields
    assert any(won)
    assert [f"x{number}" in present for number in range(12)] == won


def _die(_draft: Path, _names: Collection[str]) -> Mapping[str, str]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def _save_and_die(path: Path) -> None:
    file = read_profiles(path)
    save(file, plan_edit(file, [SetField("A", "user", "lost")]), _die)


def test_a_process_that_is_killed_while_it_saves_harms_nothing(tmp_path: Path) -> None:
    path = private(tmp_path / "config", TEXT)
    process = multiprocessing.get_context("spawn").Process(target=_save_and_die, args=(path,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert path.read_bytes() == TEXT.encode()
    assert [name for name in left_over(tmp_path) if "draft" in name]
    file = read_profiles(path)
    save(file, plan_edit(file, [SetField("A", "user", "v")]), the_sdk)
    assert left_over(tmp_path) == [".config.lock", "config", "config.bak"]


def test_the_mode_of_what_a_link_leads_to_is_changed(tmp_path: Path) -> None:
    path = private(tmp_path / "key.pem", "x")
    path.chmod(0o644)
    (tmp_path / "link").symlink_to(path)
    make_private(MakePrivate(Secret(str(tmp_path / "link"), search=False)))
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="cannot be changed"):
        make_private(MakePrivate(Secret(os.devnull + "/x", search=False)))
