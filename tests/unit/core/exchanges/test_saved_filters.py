"""Saved filters: kept privately, and a file that is not understood is left alone."""

import stat
from pathlib import Path

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.exchanges.saved_filters import FILE_NAME, OWN, SavedFilters


def test_what_comes_with_it_is_valid() -> None:
    assert all(parse_query(one.query).parts for one in SavedFilters(None).all)


def test_saved_ones_come_first_in_every_console(tmp_path: Path) -> None:
    SavedFilters(tmp_path / "state").save("mine", "status:4xx")
    other = SavedFilters(tmp_path / "state")
    assert other.all[0] == ("mine", "status:4xx", OWN)
    assert stat.S_IMODE((tmp_path / "state" / FILE_NAME).stat().st_mode) == 0o600
    other.delete("mine")
    assert all(one.origin != OWN for one in SavedFilters(tmp_path / "state").all)


def test_two_consoles_do_not_undo_each_other(tmp_path: Path) -> None:
    one, other = SavedFilters(tmp_path), SavedFilters(tmp_path)
    one.save("a", "status:4xx")
    other.save("b", "status:5xx")
    assert [found.name for found in SavedFilters(tmp_path).all if found.origin == OWN] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "query"), [("", "status:4xx"), ("x" * 61, "status:4xx"), ("x", " "), ("x", "status:9"), ("x", "w" * 1001)]
)
def test_nonsense_is_refused_and_nothing_written(tmp_path: Path, name: str, query: str) -> None:
    with pytest.raises(UsageError):
        SavedFilters(tmp_path).save(name, query)
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize(
    "content", [b"", b'{"filters": {"a": "status:', b"[1]", b'{"filters": {"a": 1}}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_file_that_is_not_understood_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    saved = SavedFilters(tmp_path)
    assert saved.problem is not None
    assert FILE_NAME in saved.problem
    with pytest.raises(UsageError, match=FILE_NAME):
        saved.save("mine", "status:4xx")
    assert path.read_bytes() == content


def test_a_filter_of_another_version_is_not_offered_and_not_lost(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('{"filters": {"later": "newkey:1"}}')
    saved = SavedFilters(tmp_path)
    assert "later" not in [one.name for one in saved.all]
    saved.save("mine", "status:4xx")
    assert "newkey:1" in path.read_text()


def test_without_a_directory_they_last_as_long_as_the_object() -> None:
    saved = SavedFilters(None)
    saved.save("mine", "status:4xx")
    assert saved.all[0].name == "mine"


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError):
        SavedFilters(tmp_path / "file" / "state").save("mine", "status:4xx")
