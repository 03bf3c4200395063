import os
import stat
from pathlib import Path

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.headless.report_files import prepare


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "r.xml"
    (file,) = prepare([("junit", path)])
    assert not path.exists()
    file.write("<é/>\n")
    assert path.read_bytes() == "<é/>\n".encode()
    assert names(tmp_path) == ["r.xml"]
    mask = os.umask(0o022)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_an_old_file_stays_until_the_new_one_is_there(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")
    path.chmod(0o640)
    (file,) = prepare([("json", path)])
    assert path.read_text() == "old"
    file.discard()
    file.discard()
    assert (path.read_text(), names(tmp_path)) == ("old", ["r.json"])
    (file,) = prepare([("json", path)])
    file.write("new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o640)


def test_what_a_link_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    link = tmp_path / "link"
    link.symlink_to("real")
    prepare([("json", link)])[0].write("new")
    assert (link.is_symlink(), (tmp_path / "real").read_text()) == (True, "new")


def test_a_device_is_written_directly() -> None:
    prepare([("json", Path(os.devnull))])[0].write("x")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("name", ["missing/r.json", ".", "file/r.json", "a\0b", "x" * 300])
def test_what_cannot_be_written_is_a_usage_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    good = tmp_path / "good.json"
    with pytest.raises(UsageError, match="--report"):
        prepare([("json", good), ("junit", tmp_path / name)])
    assert names(tmp_path) == ["file"]


def test_one_file_twice(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="twice"):
        prepare([("json", tmp_path / "a"), ("junit", tmp_path / "a")])
