"""The registry's rows of clients that a plan deletes: who is gone from the server gets in by no row either.

A row is set to REVOKED and never deleted: whose it was can still be told, and no late event makes it anew.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ocm_tui.core.errors import Conflict, NotConfigured, OcmError
from ocm_tui.core.provisioning.model import Change, FieldDrift, RowChange
from ocm_tui.core.provisioning.registry_rows import PREFIX, OpenRegistry, RowsFound, fingerprint_of_row
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.registry.model import RegistryClient
    from ocm_tui.core.registry.ports import Guard

__all__ = ["revoke_row", "rows_to_revoke"]

_MOST_NAMED: Final = 10


async def rows_to_revoke(open_registry: OpenRegistry | None, client_ids: Sequence[str]) -> RowsFound:
    """Of the clients that are to be deleted. Reads only; whoever made a row, the `client_code` says whose it is.

    A registry that is dead, or that nobody may write to from here, is a warning: the server's side is good without.
    """
    if open_registry is None or not client_ids:
        return RowsFound()
    from ocm_tui.core.registry.declared import rows_by_code
    from ocm_tui.core.registry.values import storable

    try:
        registry = await open_registry()
        found = await rows_by_code(registry, [code for code in client_ids if storable(code)])
    except OcmError as error:
        told = f"{_clients(len(client_ids))} to be deleted, and the registry cannot be read, so no row is revoked"
        return RowsFound(warnings=(f"{told}: {error}",))
    in_force = {code: [row for row in rows if row.status != "REVOKED"] for code, rows in found.items()}
    in_force = {code: rows for code, rows in in_force.items() if rows}
    if in_force and "write" not in registry.store.capabilities:
        named = ", ".join(clean(code, 80) for code in list(in_force)[:_MOST_NAMED])
        more = f" and {len(in_force) - _MOST_NAMED:,} more" if len(in_force) > _MOST_NAMED else ""
        told = "the registry cannot be written to from here, so the rows of deleted clients stay in force"
        return RowsFound(warnings=(f"{told}: {named}{more}",))
    return RowsFound(
        {code.casefold(): _revoked(rows[0]) for code, rows in in_force.items() if len(rows) == 1},
        reasons={code.casefold(): (_ambiguous(rows),) for code, rows in in_force.items() if len(rows) > 1},
    )


async def revoke_row(open_registry: OpenRegistry | None, change: Change) -> list[str]:
    """Revoke the row of a client that the server does not have any more; what people should know of it.

    A row that is another client's by now is left alone. Doing it again does no harm.
    """
    planned = change.row
    assert planned is not None
    if open_registry is None:
        raise NotConfigured("the environment has no client registry any more", hint="plan again")
    from ocm_tui.core.registry.errors import NotRegistered

    registry = await open_registry()
    try:
        written = await registry.set_status(UUID(planned.client_id), "REVOKED", guard=_only_of(change.client_id))
    except NotRegistered:
        return ["its registry row was gone already"]
    except _AnotherClients as error:
        return [error.title]
    if not written.changed:
        return ["its registry row was REVOKED already"]
    note = "its registry row is REVOKED"
    return [note if written.propagated else f"{note}, and that is not yet propagated to the cache"]


class _AnotherClients(Conflict):
    """Somebody gave the row to another client meanwhile."""


def _only_of(code: str) -> "Guard":
    def guard(now: "RegistryClient | None") -> None:
        if now is not None and now.client_code != code:
            raise _AnotherClients(
                f"its registry row is that of {clean(now.client_code, 80)} by now, and was left alone"
            )

    return guard


def _revoked(row: "RegistryClient") -> tuple[RowChange, tuple[FieldDrift, ...]]:
    change = RowChange(str(row.client_id), {}, fingerprint_of_row(row))
    return change, (FieldDrift(f"{PREFIX}status", row.status, "REVOKED"),)


def _ambiguous(rows: "Sequence[RegistryClient]") -> str:
    ids = ", ".join(str(row.client_id) for row in rows[:_MOST_NAMED])
    return (
        f"{len(rows)} registry rows have its client_code, so none is revoked with it: `registry set-status` for {ids}"
    )


def _clients(count: int) -> str:
    return f"{count:,} {'client is' if count == 1 else 'clients are'}"
