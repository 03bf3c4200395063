"""The schema of a registry that is ours: numbered SQL files, each applied once, in order, and never undone.

What was applied is remembered with its checksum, so that a file that changed since, or one that a newer program
applied, stops the run before anything happens. A dialect supplies the lock and the statements.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, Literal, Protocol

from ocm_tui.core.registry.errors import DatabaseFailed

__all__ = ["TABLE", "Dialect", "Migration", "MigrationTarget", "known_migrations", "migrate", "to_apply"]

Dialect = Literal["postgres", "sqlite"]

TABLE: Final = "schema_migrations"  # (id integer primary key, name text, sha256 text, applied_at)
_NAME: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """`sql` is several statements, to be run in one transaction."""

    id: int
    name: str
    sql: str
    sha256: str


class MigrationTarget(Protocol):
    """A database while it is migrated."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def address(self) -> str: ...

    def locked(self) -> AbstractAsyncContextManager[None]:
        """One transaction that nobody else migrates in: all of it happens, or nothing."""
        ...

    async def applied(self) -> Mapping[int, str]:
        """The checksums by id; makes the table when it is not there."""
        ...

    async def apply(self, migration: Migration) -> None:
        """Run it, and remember it."""
        ...


async def migrate(target: MigrationTarget) -> Sequence[Migration]:
    """What was applied; empty when nothing was to do. DatabaseFailed when the history is not ours."""
    async with target.locked():
        waiting = to_apply(known_migrations(target.dialect), await target.applied(), target.address)
        for migration in waiting:
            await target.apply(migration)
    return waiting


@cache
def known_migrations(dialect: Dialect) -> tuple[Migration, ...]:
    """Those of this program, in order."""
    found: list[Migration] = []
    for file in files("ocm_tui.core.registry").joinpath("migrations", dialect).iterdir():
        if match := _NAME.fullmatch(file.name):
            content = file.read_bytes()
            found.append(Migration(int(match[1]), match[2], content.decode(), sha256(content).hexdigest()))
    return tuple(sorted(found, key=lambda one: one.id))


def to_apply(known: Sequence[Migration], applied: Mapping[int, str], address: str) -> tuple[Migration, ...]:
    """What is missing. DatabaseFailed when the database says something else than we know of what it has."""
    by_id = {migration.id: migration for migration in known}
    for number, checksum in sorted(applied.items()):
        if number not in by_id:
            raise DatabaseFailed(
                f"the registry at {address} has migration {number:04}, which this version does not know",
                hint="a newer ocm-tui made it: use that one",
            )
        if by_id[number].sha256 != checksum:
            raise DatabaseFailed(
                f"migration {number:04}_{by_id[number].name} of the registry at {address} was another one when it ran",
                hint="the schema may not be what this version expects; nothing was changed",
            )
    return tuple(migration for migration in known if migration.id not in applied)
