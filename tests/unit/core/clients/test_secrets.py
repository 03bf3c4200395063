import os
import stat
import string
import sys
from pathlib import Path

import pytest

from ocm_tui.core.clients.secret_files import SecretFile
from ocm_tui.core.clients.secret_keyring import KeyringEntry
from ocm_tui.core.clients.secrets import Stdout, generate_secret, parse_destination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.secret import Secret, known_secrets
from tests.unit.core.ring import Ring

SECRET = Secret("delivered-secret-1")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def staged_path(directory: Path) -> Path:
    """The one file that is staged there."""
    (path,) = directory.glob(".*.staged-*")
    return path


def text_of(name: str | None) -> str:
    """Of a staged file, by the name that a destination gives it."""
    assert name is not None
    return Path(name.removeprefix("file:")).read_text()


def test_generated_secrets_are_long_mixed_different_and_known() -> None:
    values = {generate_secret().reveal() for _ in range(200)} | {generate_secret(16).reveal() for _ in range(200)}
    assert len(values) == 400
    assert {len(value) for value in values} == {48, 16}
    for value in values:
        assert set(value) <= set(string.ascii_letters + string.digits)
        assert set(value) & set(string.ascii_lowercase)
        assert set(value) & set(string.ascii_uppercase)
        assert set(value) & set(string.digits)
    assert values <= known_secrets.forms
    with pytest.raises(UsageError):
        generate_secret(15)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("file:secret.txt", SecretFile, "file:secret.txt"),
        ("file:/a:b", SecretFile, "file:/a:b"),
        ("keyring:oauth/orders", KeyringEntry, "keyring:oauth/orders"),
        ("keyring:https://pf/orders", KeyringEntry, "keyring:https://pf/orders"),
        ("stdout", Stdout, "stdout"),
    ],
)
def test_destinations(text: str, kind: type, name: str) -> None:
    destination = parse_destination(text)
    assert isinstance(destination, kind)
    assert destination.name == name
    assert destination.staged_name is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "file:",
        "file",
        "keyring:",
        "keyring:service",
        "keyring:/user",
        "keyring:x/",
        "stdout:",
        "aws-secretsmanager:",
        "vault:x",
        "a\x1b",
    ],
)
def test_other_destinations_are_refused_with_the_list(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_destination(text)
    assert "file:PATH, keyring:SERVICE/USER, stdout" in caught.value.hint
    assert "\x1b" not in caught.value.title


async def test_a_file_is_staged_beside_its_place_and_then_promoted(tmp_path: Path) -> None:
    target = tmp_path / "orders.secret"
    target.write_text("old")
    destination = parse_destination(f"file:{target}")
    await destination.stage(SECRET)
    staged = staged_path(tmp_path)
    assert destination.staged_name == f"file:{staged}"
    assert target.read_text() == "old"
    assert staged.read_text() == "delivered-secret-1"
    assert stat.S_IMODE(staged.stat().st_mode) == 0o600
    await destination.promote()
    assert names(tmp_path) == ["orders.secret"]
    assert target.read_text() == "delivered-secret-1"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert destination.staged_name is None


async def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    destination = parse_destination(f"file:{tmp_path / 'x'}")
    before = os.umask(0)
    try:
        await destination.stage(SECRET)
    finally:
        os.umask(before)
    assert stat.S_IMODE(staged_path(tmp_path).stat().st_mode) == 0o600


async def test_a_discarded_file_leaves_nothing(tmp_path: Path) -> None:
    destination = parse_destination(f"file:{tmp_path / 'x'}")
    await destination.stage(SECRET)
    await destination.discard()
    assert names(tmp_path) == []
    await destination.discard()
    await destination.promote()
    assert names(tmp_path) == []


async def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "secret")
    destination = parse_destination(f"file:{tmp_path / 'link'}")
    await destination.stage(SECRET)
    await destination.promote()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "secret").read_text() == "delivered-secret-1"


@pytest.mark.parametrize("path", ["missing/secret", "file/secret", ".", "a\0b", "x" * 300])
async def test_a_place_that_cannot_be_written_is_refused_before_anything_is_sent(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    destination = parse_destination(f"file:{tmp_path}/{path}")
    with pytest.raises(UsageError) as caught:
        await destination.stage(SECRET)
    assert destination.staged_name is None
    assert "delivered" not in f"{caught.value} {caught.value.hint}"
    assert names(tmp_path) == ["file"]


async def test_a_promotion_that_fails_names_the_copy_that_is_left(tmp_path: Path) -> None:
    target = tmp_path / "x"
    destination = parse_destination(f"file:{target}")
    await destination.stage(SECRET)
    target.mkdir()
    (target / "in the way").write_text("")
    with pytest.raises(OcmError) as caught:
        await destination.promote()
    assert destination.staged_name
    assert destination.staged_name in caught.value.hint
    assert text_of(destination.staged_name) == "delivered-secret-1"


async def test_what_another_process_staged_is_found_by_its_tag(tmp_path: Path, ring: Ring) -> None:
    for place in (f"file:{tmp_path / 'x'}", "keyring:oauth/orders"):
        first = parse_destination(place)
        assert await first.recover("run-1") is None
        assert first.staged_name is None
        await first.stage(SECRET, tag="run-1")
        second = parse_destination(place)
        assert await second.recover("run-2") is None
        assert await second.recover("run-1") == SECRET
        assert second.staged_name == first.staged_name
        await second.discard()
        assert await parse_destination(place).recover("run-1") is None
    assert names(tmp_path) == []
    assert ring.entries == {}


async def test_a_promotion_that_keeps_its_copy_can_be_repeated(tmp_path: Path, ring: Ring) -> None:
    """As by a process that was killed after the first, and then resumed."""
    for place in (f"file:{tmp_path / 'x'}", "keyring:oauth/orders"):
        first = parse_destination(place)
        await first.stage(SECRET, tag="run-1")
        await first.promote(keep=True)
        second = parse_destination(place)
        assert await second.recover("run-1") == SECRET
        await second.promote(keep=True)
        await second.promote(keep=True)
        assert second.staged_name
        await second.discard()
    assert names(tmp_path) == ["x"]
    assert (tmp_path / "x").read_text() == "delivered-secret-1"
    assert (tmp_path / "x").stat().st_nlink == 1
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600
    assert ring.entries == {("oauth", "orders"): "delivered-secret-1"}


async def test_a_promotion_without_hard_links_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    destination = parse_destination(f"file:{tmp_path / 'x'}")
    await destination.stage(SECRET, tag="run-1")
    await destination.promote(keep=True)
    assert names(tmp_path) == [".x.staged-run-1", "x"]
    assert (tmp_path / "x").read_text() == text_of(destination.staged_name) == "delivered-secret-1"
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


async def test_what_a_kill_leaves_in_the_middle_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / ".x.staged-run-1.part").write_text("half a sec")
    (tmp_path / ".x.staged-run-1.new").write_text("half a sec")
    destination = parse_destination(f"file:{tmp_path / 'x'}")
    assert await destination.recover("run-1") is None
    await destination.stage(SECRET, tag="run-1")
    await destination.promote(keep=True)
    await destination.discard()
    assert names(tmp_path) == ["x"]
    assert (tmp_path / "x").read_text() == "delivered-secret-1"


@pytest.mark.parametrize("kind", ["link", "empty", "directory", "binary", "pipe"])
async def test_a_staged_copy_that_nobody_here_wrote_is_not_used(tmp_path: Path, kind: str) -> None:
    staged = tmp_path / ".x.staged-run-1"
    match kind:
        case "link":
            (tmp_path / "planted").write_text("planted-secret")
            staged.symlink_to(tmp_path / "planted")
        case "empty":
            staged.touch()
        case "directory":
            staged.mkdir()
        case "binary":
            staged.write_bytes(b"\xff\xfe")
        case "pipe":
            os.mkfifo(staged)
    with pytest.raises(UsageError, match="cannot be used") as caught:
        await parse_destination(f"file:{tmp_path / 'x'}").recover("run-1")
    assert "only copy" in caught.value.hint


async def test_stdout_never_stages() -> None:
    destination = Stdout()
    await destination.stage(SECRET)
    assert destination.staged_name is None
    await destination.promote()
    assert destination.secret == SECRET
    await destination.discard()
    assert destination.secret is None


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    return ring


async def test_a_keyring_entry_is_staged_and_promoted(ring: Ring) -> None:
    ring.entries["oauth", "orders"] = "old"
    destination = parse_destination("keyring:oauth/orders")
    await destination.stage(SECRET)
    assert destination.staged_name == "keyring:oauth/orders/staged"
    assert ring.entries == {("oauth", "orders"): "old", ("oauth", "orders/staged"): "delivered-secret-1"}
    await destination.promote()
    assert ring.entries == {("oauth", "orders"): "delivered-secret-1"}
    assert destination.staged_name is None


async def test_a_staged_entry_of_an_unclear_rotation_is_not_overwritten(ring: Ring) -> None:
    ring.entries["oauth", "orders/staged"] = "maybe in force"
    destination = parse_destination("keyring:oauth/orders")
    with pytest.raises(UsageError, match="earlier rotation"):
        await destination.stage(SECRET)
    await destination.discard()
    assert ring.entries == {("oauth", "orders/staged"): "maybe in force"}


async def test_a_keyring_that_is_locked_forgets_or_is_missing(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    ring.locked = True
    with pytest.raises(UsageError, match="locked"):
        await parse_destination("keyring:oauth/orders").stage(SECRET)
    monkeypatch.setitem(sys.modules, "keyring", Ring(forgetful=True))
    with pytest.raises(UsageError, match="did not keep"):
        await parse_destination("keyring:oauth/orders").stage(SECRET)
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UsageError, match="not installed") as caught:
        await parse_destination("keyring:oauth/orders").stage(SECRET)
    assert "ocm-tui[keyring]" in caught.value.hint


async def test_a_keyring_that_locks_afterwards_names_the_copy_that_is_left(ring: Ring) -> None:
    destination = parse_destination("keyring:oauth/orders")
    await destination.stage(SECRET)
    ring.locked = True
    with pytest.raises(OcmError, match="orders/staged"):
        await destination.promote()
    assert destination.staged_name == "keyring:oauth/orders/staged"
    ring.locked = False
    await destination.discard()
    assert ring.entries == {}
