"""The embedded registry's file: hostile, half-written, read-only, shared with other processes, killed."""

import asyncio
import os
import sqlite3
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from ocm_tui.core.registry.errors import DatabaseFailed, DatabaseUnreachable, RegistryDenied
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.model import RegistryQuery
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.contract.registry.backends import entry


async def _made(path: Path, count: int = 1) -> None:
    store = SqliteStore(path)
    await store.upsert_many([entry(f"c{number}") for number in range(count)])
    await store.close()


async def test_a_new_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "registry.sqlite3"
    await _made(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [b"not a database, but a text that is longer than a header" * 10, b"\x00" * 5000])
async def test_a_file_that_is_none_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "registry.sqlite3"
    path.write_bytes(content)
    store = SqliteStore(path)
    with pytest.raises(DatabaseFailed) as caught:
        await store.get(uuid4())
    assert str(path) in str(caught.value)
    await store.close()
    assert path.read_bytes() == content


async def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()
    store = SqliteStore(path)
    with pytest.raises(DatabaseFailed, match=r"registry\.sqlite3") as caught:
        await store.upsert(entry())
    assert "another program" in caught.value.detail
    await store.close()
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    database.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE schema_migrations SET sha256 = 'x' WHERE id = 1", "0001_clients"),
        ("INSERT INTO schema_migrations (id, name, sha256) VALUES (9999, 'later', 'x')", "9999"),
    ],
)
async def test_a_schema_of_another_version_is_left_alone(tmp_path: Path, change: str, says: str) -> None:
    path = tmp_path / "registry.sqlite3"
    await _made(path)
    with sqlite3.connect(path) as database:
        database.execute(change)
    database.close()
    store = SqliteStore(path)
    with pytest.raises(DatabaseFailed, match=says):
        await store.counts()
    await store.close()


async def test_a_damaged_file_fails_in_words(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    await _made(path, 2000)
    content = bytearray(path.read_bytes())
    content[4096:-4096] = os.urandom(len(content) - 8192)
    path.write_bytes(content)
    store = SqliteStore(path)
    with pytest.raises(DatabaseFailed):
        await store.page(RegistryQuery())
    await store.close()


async def test_where_no_file_can_be_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = SqliteStore(tmp_path / "file" / "registry.sqlite3")
    for _ in range(2):
        with pytest.raises(DatabaseUnreachable, match="cannot be used"):
            await store.counts()
    await store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_file_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    path = tmp_path / "home" / "registry.sqlite3"
    await _made(path, 3)
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        await _only_read(path)
    finally:
        path.parent.chmod(0o700)


async def test_a_writer_that_is_refused_still_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a read-only disk, which no test can mount."""
    path = tmp_path / "registry.sqlite3"
    await _made(path, 3)

    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("ocm_tui.core.registry.sqlite_file.make_private", refused)
    await _only_read(path)


async def _only_read(path: Path) -> None:
    store = SqliteStore(path)
    assert (await store.counts()).total == 3
    assert "write" not in store.capabilities
    with pytest.raises(RegistryDenied, match="only be read"):
        await store.upsert(entry())
    await store.close()


async def test_a_failed_write_leaves_nothing_and_blocks_nobody(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.sqlite3")

    def half(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM clients")
        raise ValueError("in between")

    await store.upsert(entry())
    with pytest.raises(ValueError, match="in between"):
        await store.write(half)
    assert (await store.counts()).total == 1
    await store.upsert(entry("next"))
    await store.close()


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.sqlite3")
    with pytest.raises(RegistryDenied):
        await store.read(lambda database: database.execute("DELETE FROM clients"))
    await store.close()


async def test_after_close_it_says_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.sqlite3")
    await store.counts()
    await store.close()
    with pytest.raises(DatabaseUnreachable, match="closed"):
        await store.counts()
    assert os.listdir(tmp_path) == ["registry.sqlite3"]  # noqa: PTH208


async def test_two_who_begin_at_once_make_one_schema(tmp_path: Path) -> None:
    stores = [SqliteStore(tmp_path / "registry.sqlite3") for _ in range(4)]
    await asyncio.gather(*(store.upsert(entry(f"c{number}")) for number, store in enumerate(stores)))
    assert (await stores[0].counts()).total == 4
    for store in stores:
        await store.close()


_WRITER = """
import asyncio, pathlib, sys
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.contract.registry.backends import entry
async def main():
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    while True:
        await store.upsert_many([entry("c") for _ in range(100)])
asyncio.run(main())
"""


async def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    store = SqliteStore(path)
    await store.counts()
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", _WRITER, str(path))
    while not (await store.counts()).total:
        pass
    writer.kill()
    await writer.wait()
    total = (await store.counts()).total
    assert total % 100 == 0
    assert await store.outbox_size() == total
    await store.upsert(entry("next"))
    await store.close()


async def test_what_another_process_writes_empties_this_ones_cache(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    here, there = (ClientRegistry(SqliteStore(path), MemoryCache()) for _ in range(2))
    one = entry()
    await here.upsert(one)
    assert (await here.get(one.client_id)).source == "cache"
    revoked = await there.set_status(one.client_id, "REVOKED")
    assert revoked.propagated
    here.start_relay()
    while (await here.get(one.client_id)).client.status != "REVOKED":
        await here.store.counts()
    await here.close()
    await there.close()
