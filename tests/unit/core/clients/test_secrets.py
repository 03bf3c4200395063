import os
import stat
import string
import sys
import types
from pathlib import Path

import pytest

from ocm_tui.core.clients.secret_files import SecretFile
from ocm_tui.core.clients.secret_keyring import KeyringEntry
from ocm_tui.core.clients.secrets import Stdout, generate_secret, parse_destination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.secret import Secret, known_secrets

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
    ["", "file:", "file", "keyring:", "keyring:service", "keyring:/user", "keyring:x/", "stdout:", "vault:x", "a\x1b"],
)
def test_other_destinations_are_refused_with_the_list(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_destination(text)
    assert "file:PATH, keyring:SERVICE/USER, stdout" in caught.value.hint
    assert "\x1b" not in caught.value.title


def test_aws_is_not_supported_yet() -> None:
    with pytest.raises(UsageError, match="not supported yet"):
        parse_destination("aws-secretsmanager:oauth/orders")


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


async def test_stdout_never_stages() -> None:
    destination = Stdout()
    await destination.stage(SECRET)
    assert destination.staged_name is None
    await destination.promote()
    assert destination.secret == SECRET
    await destination.discard()
    assert destination.secret is None


class Ring(types.ModuleType):
    """The part of the keyring library that is used, over a dictionary. `locked` is every call's failure."""

    def __init__(self, *, forgetful: bool = False) -> None:
        super().__init__("keyring")
        self.errors = types.SimpleNamespace(KeyringError=RuntimeError)
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False
        self._forgetful = forgetful

    def get_password(self, service: str, user: str) -> str | None:
        self._check()
        return self.entries.get((service, user))

    def set_password(self, service: str, user: str, value: str) -> None:
        self._check()
        if not self._forgetful:
            self.entries[service, user] = value

    def delete_password(self, service: str, user: str) -> None:
        self._check()
        del self.entries[service, user]

    def _check(self) -> None:
        if self.locked:
            raise RuntimeError("the collection is locked")


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
