"""Which files a pattern finds, and several of them as one inventory."""

import os
from pathlib import Path

import pytest

from ocm_tui.core.provisioning.inventory import InvalidInventory
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from tests.unit.core.provisioning.inventory_support import GOOD, written


def team(directory: Path, name: str, *ids: str) -> Path:
    (directory / name).parent.mkdir(parents=True, exist_ok=True)
    clients = "".join(f"  - {{clientId: {one}, {GOOD}}}\n" for one in ids)
    return written(directory, f"version: 1\nclients:\n{clients}", name)


def ids(directory: Path, *patterns: str | Path) -> list[str]:
    inventory = load_inventory(patterns, environment="dev", base=directory)
    return [client.client_id for client in inventory.clients]


@pytest.fixture
def teams(tmp_path: Path) -> Path:
    team(tmp_path, "b.yaml", "b")
    team(tmp_path, "a.yaml", "a2", "a1")
    team(tmp_path, "sub/deep/c.yaml", "c")
    team(tmp_path, "sub/d.yml", "d")
    team(tmp_path, ".draft.yaml", "draft")
    (tmp_path / "directory.yaml").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["a.yaml"], ["a2", "a1"]),
        (["*.yaml"], ["a2", "a1", "b"]),
        (["b.yaml", "*.yaml"], ["b", "a2", "a1"]),
        (["b.yaml", "b.yaml", "./sub/../b.yaml"], ["b"]),
        (["**/*.yaml"], ["a2", "a1", "b", "c"]),
        (["sub/**/*.y*ml"], ["d", "c"]),
        (["[ab].yaml"], ["a2", "a1", "b"]),
        ([".d*.yaml"], ["draft"]),
    ],
)
def test_patterns(teams: Path, patterns: list[str], expected: list[str]) -> None:
    assert sorted(ids(teams, *patterns)) == sorted(expected)
    assert ids(teams, *patterns)[0] == expected[0]


def test_absolute_patterns(teams: Path) -> None:
    assert ids(Path("/nowhere"), str(teams / "*.yaml")) == ["a2", "a1", "b"]


def test_links_count_once(teams: Path) -> None:
    (teams / "link.yaml").symlink_to(teams / "b.yaml")
    os.link(teams / "b.yaml", teams / "hard.yaml")
    assert ids(teams, "*.yaml") == ["a2", "a1", "b"]


def test_a_name_that_looks_like_a_pattern(tmp_path: Path) -> None:
    team(tmp_path, "[prod].yaml", "x")
    assert ids(tmp_path, "[prod].yaml") == ["x"]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("*.json", "no file matches"),
        ("a**.yaml", "cannot be used"),
        ("x.yaml", "does not exist"),
        ("~nobody-at-all/x.yaml", "does not exist"),
        ("directory.yaml", "is a directory"),
        ("a\0.yaml", "no file can have"),
    ],
)
def test_patterns_without_a_file(teams: Path, pattern: str, words: str) -> None:
    with pytest.raises(InvalidInventory, match=words):
        ids(teams, pattern)


def test_every_file_is_told_about(teams: Path) -> None:
    os.mkfifo(teams / "pipe.yaml")
    written(teams, "version: 1\nclients: [\n", "broken.yaml")
    with pytest.raises(InvalidInventory) as caught:
        ids(teams, "*.yaml", "absent.yaml")
    names = [Path(problem.path or "").name for problem in caught.value.problems]
    assert names == ["broken.yaml", "pipe.yaml", "absent.yaml"]
    assert "pipe.yaml: the file is not a regular file" in caught.value.detail


def test_duplicates_across_files(tmp_path: Path) -> None:
    first, second = team(tmp_path, "a.yaml", "x", "Orders"), team(tmp_path, "b.yaml", "orders", "y")
    with pytest.raises(InvalidInventory) as caught:
        ids(tmp_path, "*.yaml")
    (problem,) = caught.value.problems
    assert problem.path == second
    assert problem.message == f"clientId orders is declared twice; the first as Orders is in {first}:4"
    assert (problem.line, problem.column, problem.key) == (3, 16, "clients[0].clientId")


def test_templates_are_shared_and_defaults_are_not(tmp_path: Path) -> None:
    written(tmp_path, f"version: 1\ndefaults: {{requireDpop: true}}\ntemplates: {{t: {{{GOOD}}}}}\n", "base.yaml")
    written(tmp_path, "version: 1\nclients: [{clientId: a, template: t}]\n", "team.yaml")
    (client,) = load_inventory(["team.yaml", "base.yaml"], environment="dev", base=tmp_path).clients
    assert "requireDpop" not in client.document
    assert client.where("grantTypes").path == tmp_path / "base.yaml"


def test_a_template_has_one_place(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        written(tmp_path, "version: 1\ntemplates: {web: {}}\n", name)
    with pytest.raises(InvalidInventory, match=r"template web is declared twice; the first is in .*a\.yaml:2"):
        ids(tmp_path, "*.yaml")


def test_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    team(tmp_path, "a.yaml", "a")
    assert ids(Path("/nowhere"), "~/*.yaml") == ["a"]
