from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from ocm_tui.core.registry.errors import DatabaseFailed
from ocm_tui.core.registry.migrations import Dialect, Migration, known_migrations, migrate, to_apply

_ONE, _TWO = Migration(1, "clients", "…", "aa"), Migration(2, "events", "…", "bb")


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_each_dialect_has_its_own_in_one_unbroken_row(dialect: Dialect) -> None:
    known = known_migrations(dialect)
    assert [one.id for one in known] == list(range(1, len(known) + 1))
    assert known
    assert all(one.sql.strip() and len(one.sha256) == 64 for one in known)


def test_what_is_missing_is_applied_in_order() -> None:
    assert to_apply([_ONE, _TWO], {}, "here") == (_ONE, _TWO)
    assert to_apply([_ONE, _TWO], {1: "aa"}, "here") == (_TWO,)
    assert to_apply([_ONE, _TWO], {1: "aa", 2: "bb"}, "here") == ()


@pytest.mark.parametrize(
    ("applied", "says"), [({1: "zz"}, "0001_clients"), ({1: "aa", 3: "cc"}, "0003"), ({7: "aa"}, "0007")]
)
def test_a_history_that_is_not_ours_stops_it(applied: Mapping[int, str], says: str) -> None:
    with pytest.raises(DatabaseFailed, match=says) as caught:
        to_apply([_ONE, _TWO], applied, "db.example.com")
    assert "db.example.com" in str(caught.value)


@dataclass
class _Target:
    """What was committed, and what is only written."""

    dialect: Dialect = "sqlite"
    address: str = "here"
    done: dict[int, str] = field(default_factory=dict)
    fails_at: int = 0

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        before = dict(self.done)
        try:
            yield
        except BaseException:
            self.done = before
            raise

    async def applied(self) -> Mapping[int, str]:
        return self.done

    async def apply(self, migration: Migration) -> None:
        if migration.id == self.fails_at:
            raise DatabaseFailed("no")
        self.done[migration.id] = migration.sha256


async def test_all_of_them_or_none() -> None:
    target = _Target(fails_at=2)
    with pytest.raises(DatabaseFailed):
        await migrate(target)
    assert target.done == {}
    target.fails_at = 0
    assert [one.id for one in await migrate(target)] == [one.id for one in known_migrations("sqlite")]
    assert await migrate(target) == ()
