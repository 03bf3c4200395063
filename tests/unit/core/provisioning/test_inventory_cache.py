"""A long inventory is read once; whatever could make a difference has it read again."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from ocm_tui.core.provisioning import inventory_files, inventory_loading
from ocm_tui.core.provisioning.inventory import InvalidInventory
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from ocm_tui.core.provisioning.model import Inventory

HEAD = """version: 1
defaults:
  grantTypes: [CLIENT_CREDENTIALS]
  clientAuth: {type: SECRET}
  environments: {prod: {logoUrl: https://example.com/logo.png}}
templates:
  web: {grantTypes: [AUTHORIZATION_CODE], redirectUris: [https://web.example.com/callback]}
clients:
"""
COUNT = 300


def clients(count: int = COUNT) -> str:
    secret = "secret: {from: file, path: ~/secrets/one, deliver: 'file:delivered/{clientId}'}"
    return "".join(
        f"  - clientId: client-{number:05}\n    template: {'web' if number % 2 else 'null'}\n"
        f"    description: {'A long description of what this client is for. ' * 20}{number}\n"
        f"    registry: {{rate_limit: {number + 1}, allowed_ips: [10.0.0.0/8]}}\n"
        + ("    name: Another\n" if number == 3 else "")
        + (f"    {secret}\n" if number % 3 == 0 else "")
        + ("    restrictScopes: true\n" if number % 5 == 0 else "")
        for number in range(count)
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.yaml"
    path.write_text(HEAD + clients(), encoding="utf-8")
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many files each reading took apart; empty while everything comes from the cache."""
    readings: list[int] = []
    original = inventory_files.read_inventories

    def counted(paths: list[Path], *rest: object) -> object:
        readings.append(len(paths))
        return original(paths, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(inventory_loading, "read_inventories", counted)
    return readings


def load(path: Path, environment: str = "dev") -> Inventory:
    return load_inventory([path], environment=environment, cache=path.parent / "cache")


def cached_file(path: Path) -> Path:
    (file,) = (path.parent / "cache" / "inventories").iterdir()
    return file


def test_the_second_time_it_is_the_same_and_is_not_read(path: Path, reads: list[int]) -> None:
    first = load(path)
    second = load(path)
    assert reads == [1]
    assert second == first
    assert second.warnings == first.warnings
    assert second.warnings, "what was worth a warning still is"
    for one, other in zip(first.clients[:50], second.clients[:50], strict=True):
        for field in ("description", "grantTypes[0]", "redirectUris[0]", "registry.rate_limit", "nowhere.at.all"):
            assert other.where(field) == one.where(field)
    assert second.clients[1].where("redirectUris[0]").line == 7, "in the template"


def test_it_is_what_a_cache_less_reading_gives(path: Path) -> None:
    load(path)
    assert load(path) == load_inventory([path], environment="dev")
    assert load(path, "prod") == load_inventory([path], environment="prod")
    assert load(path, "prod") != load(path, "dev")


def _changed(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("client-00007", "client-7"), encoding="utf-8")


def _damaged(path: Path) -> None:
    file = cached_file(path)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _cut(path: Path) -> None:
    cached_file(path).write_bytes(cached_file(path).read_bytes()[:1000])


def _emptied(path: Path) -> None:
    cached_file(path).write_bytes(b"")


def _foreign(path: Path) -> None:
    cached_file(path).write_bytes(pickle.dumps({"not": "ours"}))


def _open_to_others(path: Path) -> None:
    cached_file(path).chmod(0o666)


def _linked(path: Path) -> None:
    file = cached_file(path)
    elsewhere = path.parent / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)


def _piped(path: Path) -> None:
    file = cached_file(path)
    file.unlink()
    os.mkfifo(file, 0o600)


@pytest.mark.parametrize(
    "happens",
    [_changed, _damaged, _cut, _emptied, _foreign, _open_to_others, _linked, _piped],
    ids=lambda happens: happens.__name__.strip("_"),
)
def test_what_is_not_certain_is_read_again(path: Path, reads: list[int], happens: Callable[[Path], None]) -> None:
    load(path)
    happens(path)
    assert load(path) == load_inventory([path], environment="dev")
    assert load(path) == load_inventory([path], environment="dev")
    assert reads == [1, 1], "once for the cache, once because of what happened to it, and not again"
    assert cached_file(path).stat().st_mode & 0o777 == 0o600


def test_another_home_is_another_inventory(path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    load(path)
    monkeypatch.setenv("HOME", "/home/somebody")
    again = load(path)
    assert reads == [1, 1]
    secret = again.clients[0].secret
    assert secret is not None
    assert secret.argument == "/home/somebody/secrets/one"


def test_a_cache_that_cannot_be_written_is_none(path: Path, reads: list[int]) -> None:
    (path.parent / "cache").write_text("a file", encoding="utf-8")
    assert load(path) == load(path)
    assert reads == [1, 1]


def test_short_inventories_and_those_with_anchors_are_not_kept(tmp_path: Path, reads: list[int]) -> None:
    short, anchored = tmp_path / "short.yaml", tmp_path / "anchored.yaml"
    short.write_text(HEAD + clients(20), encoding="utf-8")
    anchored.write_text(HEAD.replace("web:", "web: &web") + clients(), encoding="utf-8")
    for path in (short, anchored):
        assert load(path) == load(path)
    assert reads == [1, 1, 1, 1]
    assert not (tmp_path / "cache").exists()


def test_a_wrong_inventory_is_wrong_each_time(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "  - clientId: [wrong]\n", encoding="utf-8")
    problems = []
    for _ in range(2):
        with pytest.raises(InvalidInventory) as caught:
            load(path)
        problems.append(caught.value.problems)
    assert problems[0] == problems[1]
    assert not (path.parent / "cache").exists()


def test_a_file_that_is_gone_is_said(path: Path) -> None:
    load(path)
    path.unlink()
    with pytest.raises(InvalidInventory, match="does not exist"):
        load(path)
