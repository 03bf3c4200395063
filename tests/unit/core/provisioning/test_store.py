"""What is remembered of clients, and what becomes of a file that is not usable."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocm_tui.core.provisioning.store import (
    FILE_NAME,
    Memory,
    Scope,
    Unusable,
    forget,
    open_store,
    read_memory,
    remember,
)
from ocm_tui.core.sqlite_files import transaction
from tests.unit.core.provisioning.runs_support import SCOPE, last

OTHER = Scope("prod", SCOPE.base_url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / FILE_NAME


def write(path: Path, *records: tuple[str, object], found: bool = False, scope: Scope = SCOPE) -> None:
    database, notice = open_store(path)
    assert notice is None
    with transaction(database):
        remember(database, scope, records, found=found)  # type: ignore[arg-type]
    database.close()


def test_nothing_was_ever_applied(path: Path) -> None:
    assert dict(read_memory(path, SCOPE)) == {}
    assert not path.parent.exists()


def test_what_was_applied_comes_back_by_its_folded_id(path: Path) -> None:
    write(path, ("Orders-API", last("one", created=True, version=3)))
    write(path, ("orders-api", last("elsewhere")), scope=OTHER)
    memory = read_memory(path, SCOPE)
    assert list(memory) == ["orders-api"]
    assert memory["orders-api"] == last("one", created=True, version=3)
    assert read_memory(path, OTHER)["orders-api"] == last("elsewhere")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("first", "then", "created", "version"),
    [
        (last(created=True, version=1), last("two"), True, 1),
        (last(version=1), last("two", version=2), False, 2),
        (last(version=5), last("two", version=2), False, 5),
        (last(), last("two", created=True, version=1), True, 1),
    ],
)
def test_created_stays_true_and_a_version_never_falls(
    path: Path, first: object, then: object, created: bool, version: int | None
) -> None:
    write(path, ("a", first))
    write(path, ("a", then))
    found = read_memory(path, SCOPE)["a"]
    assert (found.document, found.created, found.secret_version) == ({"description": "two"}, created, version)


def test_what_is_found_as_declared_changes_nothing_that_is_known(path: Path) -> None:
    known = last("one", created=True, version=1)
    write(path, ("a", known))
    write(path, ("a", last("one", version=1)), ("b", last("two")), found=True)
    memory = read_memory(path, SCOPE)
    assert memory["a"] == known
    assert memory["b"] == last("two")


def test_forgetting(path: Path) -> None:
    write(path, ("A", last()), ("b", last()))
    database, _ = open_store(path)
    with transaction(database):
        forget(database, SCOPE, ["a"])
        forget(database, OTHER, ["b"])
    database.close()
    assert list(read_memory(path, SCOPE)) == ["b"]


def test_a_damaged_record_is_as_if_there_were_none() -> None:
    memory = Memory([("a", "{half", 1, "", "", None), ("b", '{"clientId":"b"}', 0, "", "", None)])
    assert memory.get("a") is None
    assert memory["b"].document == {"clientId": "b"}


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_file_is_set_aside_and_said(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(Unusable, match="cannot be read"):
        read_memory(path, SCOPE)
    database, notice = open_store(path)
    database.close()
    assert notice is not None
    assert "not usable" in notice
    (aside,) = path.parent.glob(f"{FILE_NAME}.unusable-*")
    assert aside.read_bytes() == content
    assert dict(read_memory(path, SCOPE)) == {}


def test_another_programs_database_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()
    with pytest.raises(Unusable, match="another program"):
        read_memory(path, SCOPE)
    opened, notice = open_store(path)
    opened.close()
    assert notice is not None


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    write(path, ("a", last()))
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    for use in (lambda: read_memory(path, SCOPE), lambda: open_store(path)):
        with pytest.raises(Unusable, match="newer ocm-tui"):
            use()
    assert not list(path.parent.glob("*.unusable-*"))


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """The superuser writes everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


def test_a_directory_that_cannot_be_written(path: Path, request: pytest.FixtureRequest) -> None:
    path.parent.mkdir(mode=0o500)
    request.getfixturevalue("ordinary_user")
    with pytest.raises(Unusable, match="cannot be written"):
        open_store(path)


def test_a_place_that_cannot_hold_a_file(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(Unusable, match="cannot be written"):
        open_store(path)
    with pytest.raises(Unusable, match="cannot be read"):
        read_memory(path, SCOPE)
