"""Inventories that were made to hurt: refused with one clear sentence, in little time and memory."""

import os
import tracemalloc
from pathlib import Path

import pytest

from ocm_tui.core.positioned.marked import Marked
from ocm_tui.core.provisioning import inventory_files
from ocm_tui.core.provisioning.inventory import InvalidInventory
from ocm_tui.core.provisioning.inventory_files import MAX_BYTES, parsed_inventory
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from tests.unit.config.support import as_plain_user
from tests.unit.core.provisioning.inventory_support import GOOD, loaded, problems, written

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGED = "a: &a {k0: v}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 10)}], {name}: [{', '.join([f'*{before}'] * 10)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "more than 200"),
        (MERGED, "more than 200"),
        ("clients:\n  " + "&a [" * 500 + "]" * 500, "nested more than 64 levels deep"),
        ("[" * 100_000, "nested more than 64 levels deep"),
        ("{a: " * 100_000, "nested more than 64 levels deep"),
        ("- " * 100_000, "nested more than 64 levels deep"),
        ("version: 1\nclients:\n\t- a\n", "a tab in the indentation"),
        ("version: 1\nversion: 1\n", "the key `version` is there twice"),
        ("version: 1\nclients: !!python/object/apply:os.system [ls]\n", "a tag"),
        ("version: 1\nclients: [!secret x]\n", "a tag"),
        ("version: 1\nyes: 1\n", "a key must be text, and this is `yes`, which YAML reads as yes or no"),
        ("version: 1\n4711: 1\n", "a key must be text"),
        ("version: 1\n? [a]\n: 1\n", "a key must be text"),
        ("version: 1\nclients: *nowhere\n", "an alias (`*…`) stands for nothing"),
        ("version: 1\nclients: &a [*a]\n", "would never end"),
        ("version: 1\n---\nversion: 1\n", "a second document starts here"),
        ("version: 1\x00\n", "the character U+0000"),
        ("version: 1\u2028\n", "the character U+2028"),
        ('version: "\\ud800"\n', "a `\\u` sequence that is no character"),
        ("version: 1\nclients: 'never closed\n" + "x\n" * 1000, "a quote that is never closed"),
    ],
    ids=lambda value: value[:20],
)
def test_yaml(tmp_path: Path, text: str, words: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert words in problem.message
    assert problem.line
    assert problem.column


def test_a_bomb_costs_no_memory(tmp_path: Path) -> None:
    path = written(tmp_path, BOMB)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInventory):
            load_inventory([path], environment="dev")
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 << 30)  # sparse
    with pytest.raises(InvalidInventory, match=f"larger than {MAX_BYTES >> 20} MiB"):
        load_inventory([path], environment="dev")


def test_too_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory_files, "_MOST_VALUES", 1000)
    (problem,) = problems(tmp_path, "version: 1\nclients: [" + "[]," * 2000 + "]\n")
    assert "more than 1000 values" in problem.message


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    written(tmp_path, "", "binary").write_bytes(b"version: 1\n\xff\xfe")
    names = [tmp_path, tmp_path / "pipe", tmp_path / "binary", Path(os.devnull)]
    with pytest.raises(InvalidInventory) as caught:
        load_inventory(names, environment="dev")
    said = [problem.message for problem in caught.value.problems]
    for message, words in zip(said, ("a directory", "not a regular", "not UTF-8 text", "not a regular"), strict=True):
        assert words in message


def test_what_may_not_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "version: 1\nclients: []\n")
    path.chmod(0)
    with as_plain_user(), pytest.raises(InvalidInventory, match="permission denied"):
        load_inventory([path], environment="dev")


def test_mistakes_without_number_are_all_told(tmp_path: Path) -> None:
    """Looking for what was meant takes time, so that ends; the telling does not."""
    clients = "".join(f"  - {{clientId: c{number}, x{'y' * 200}{number}: 1}}\n" for number in range(3000))
    found = problems(tmp_path, f"version: 1\nclients:\n{clients}")
    assert sum("unknown field" in problem.message for problem in found) == 3000


def test_a_long_key_is_cut(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, f"version: 1\nclients:\n  - {{clientId: a, {GOOD}, {'k' * 1000}: 1}}\n")
    assert len(problem.message) < 200


def test_anchors_are_fine(tmp_path: Path) -> None:
    text = """\
version: 1
clients:
  - &a
    clientId: a
    grantTypes: &grants [CLIENT_CREDENTIALS]
    clientAuth: &auth {type: SECRET}
  - <<: *a
    clientId: b
  - {clientId: c, grantTypes: *grants, clientAuth: {<<: *auth, type: CLIENT_SECRET_JWT}}
"""
    a, b, c = loaded(tmp_path, text).clients
    assert a.document["clientAuth"] == b.document["clientAuth"] == {"type": "SECRET"}
    assert c.document["clientAuth"] == {"type": "CLIENT_SECRET_JWT"}
    assert (b.where("grantTypes").line, c.where("clientAuth.type").line) == (5, 9)


def test_an_ordinary_inventory_goes_the_quick_way() -> None:
    assert isinstance(parsed_inventory("version: 1\nclients: [{clientId: a}]\n", Path("x")), Marked)
