"""Saving an inventory: whole or not at all, and never over what somebody else has written."""

import stat
from pathlib import Path

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.inventory_edit import save_inventory
from tests.unit.config.support import as_plain_user
from tests.unit.core.provisioning.inventory_edit_support import TEXT
from tests.unit.core.provisioning.inventory_support import written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, TEXT)


def test_save(path: Path) -> None:
    path.chmod(0o640)
    save_inventory(path, TEXT, TEXT + "# more\n")
    assert path.read_text(encoding="utf-8") == TEXT + "# more\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_save_follows_a_link(path: Path) -> None:
    link = path.parent / "link.yaml"
    link.symlink_to(path.name)
    save_inventory(link, TEXT, "version: 1\nclients: []\n")
    assert link.is_symlink()
    assert path.read_text() == "version: 1\nclients: []\n"


def test_save_refuses_a_file_that_changed(path: Path) -> None:
    path.write_text(TEXT + "# theirs\n", encoding="utf-8")
    with pytest.raises(UsageError, match="has changed since it was read"):
        save_inventory(path, TEXT, TEXT + "# mine\n")
    assert path.read_text(encoding="utf-8").endswith("# theirs\n")
    path.unlink()
    with pytest.raises(UsageError, match="cannot be written"):
        save_inventory(path, TEXT, TEXT)


def test_save_refuses_what_is_read_only(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    path.chmod(0o444)
    with as_plain_user(), pytest.raises(UsageError, match=r"read-only|cannot be written"):
        save_inventory(path, TEXT, TEXT + "# mine\n")
    assert path.read_text(encoding="utf-8") == TEXT
