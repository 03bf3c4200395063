"""The `registry:` blocks of an inventory against the rows of the client registry: what a plan says, an apply writes.

A block declares what it names and no more: the other fields of a row, its status above all, stay as they are.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ocm_tui.core.errors import Conflict, NotConfigured, OcmError
from ocm_tui.core.provisioning.model import Change, DeclaredClient, FieldDrift, RowChange
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.registry.model import RegistryClient, RegistryEntry
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = [
    "PREFIX",
    "OpenRegistry",
    "RowsFound",
    "compare_rows",
    "fingerprint_of_row",
    "refuse_outdated_rows",
    "with_rows",
    "write_row",
]

OpenRegistry = Callable[[], Awaitable["ClientRegistry"]]

PREFIX: Final = "registry."
_MOST_NAMED: Final = 10
_STAYS_REVOKED: Final = (
    "its registry row is REVOKED, and stays so: declare another `registry.client_id` for a row that is in force"
)


@dataclass(frozen=True, slots=True)
class RowsFound:
    """By case-folded clientId: the rows to be written, with their fields, and what else a change has to say of its
    row."""

    changes: Mapping[str, tuple[RowChange, tuple[FieldDrift, ...]]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __or__(self, other: "RowsFound") -> "RowsFound":
        """Of other clients."""
        return RowsFound(
            {**self.changes, **other.changes},
            (*self.warnings, *other.warnings),
            {**self.reasons, **other.reasons},
        )


async def compare_rows(
    open_registry: OpenRegistry | None, clients: Sequence[DeclaredClient], base_url: str, environment: str
) -> RowsFound:
    """Reads only. A registry that is missing or dead is a warning: the server's side of the plan is good without."""
    declared = [client for client in clients if client.registry]
    if not declared:
        return RowsFound()
    count = f"{len(declared)} {'client declares' if len(declared) == 1 else 'clients declare'} a `registry:` row"
    if open_registry is None:
        where = f"environments.{environment}.registry"
        return RowsFound(warnings=(f"{count}, and {where} is not configured: no row is compared or written",))
    from ocm_tui.core.registry.declared import current_rows

    try:
        registry = await open_registry()
        codes = {client.client_id: client.registry for client in declared}
        rows = await current_rows(registry, {code: _given_id(block) for code, block in codes.items()}, base_url)
    except OcmError as error:
        return RowsFound(
            warnings=(f"{count}, and the registry cannot be read, so none is compared or written: {error}",)
        )
    found, reasons = {}, {}
    for code, block in codes.items():
        client_id, row = rows[code]
        if row is not None and row.status == "REVOKED":
            reasons[code.casefold()] = (_STAYS_REVOKED,)
        fields = _fields(_entry(code, block, client_id, row), row)
        if fields:
            found[code.casefold()] = RowChange(str(client_id), block, fingerprint_of_row(row)), fields
    return RowsFound(found, reasons=reasons)


def with_rows(change: Change, rows: RowsFound) -> Change:
    """The change with its row, when there is something to write for it."""
    key = change.client_id.casefold()
    if change.action in {"create", "delete"}:  # of a client that stays they are no news
        change = replace(change, reasons=(*change.reasons, *rows.reasons.get(key, ())))
    found = rows.changes.get(key)
    if found is None or change.action == "blocked":
        return change
    row, fields = found
    action = "update" if change.action == "unchanged" else change.action
    return replace(change, action=action, fields=(*change.fields, *fields), row=row)


async def write_row(open_registry: OpenRegistry | None, change: Change) -> list[str]:
    """Write the row of `change`, unless it is as declared; what people should know of it.

    Conflict when it is neither that nor what the plan saw. Writing it again does no harm.
    """
    planned = change.row
    assert planned is not None
    if open_registry is None:
        raise NotConfigured("the environment has no client registry any more", hint="plan again")
    registry = await open_registry()
    client_id = UUID(planned.client_id)
    row = await registry.store.get(client_id)
    entry = _entry(change.client_id, planned.declared, client_id, row)
    if not _fields(entry, row):
        return ["its registry row was as declared already"]
    if fingerprint_of_row(row) != planned.seen:
        raise _changed([change.client_id])
    written = await registry.upsert(entry)
    return [] if written.propagated else ["its registry row is written, and not yet propagated to the cache"]


async def refuse_outdated_rows(open_registry: OpenRegistry | None, changes: Collection[Change]) -> None:
    """Conflict naming every client whose row is not as it was when the plan was made."""
    planned = {UUID(change.row.client_id): change for change in changes if change.row is not None}
    if not planned:
        return
    if open_registry is None:
        raise NotConfigured("the plan writes rows of a client registry, and the environment has none")
    rows = await (await open_registry()).store.get_many(list(planned))
    changed = [
        change.client_id
        for client_id, change in planned.items()
        if change.row is not None and fingerprint_of_row(rows.get(client_id)) != change.row.seen
    ]
    if changed:
        raise _changed(changed)


def _changed(client_ids: Sequence[str]) -> Conflict:
    names = ", ".join(clean(client_id, 80) for client_id in client_ids[:_MOST_NAMED])
    more = f" and {len(client_ids) - _MOST_NAMED} more" if len(client_ids) > _MOST_NAMED else ""
    return Conflict(f"changed in the registry since the plan: {names}{more}", hint="plan again")


def _given_id(block: Mapping[str, Any]) -> UUID | None:
    return UUID(str(block["client_id"])) if block.get("client_id") else None


def _entry(code: str, block: Mapping[str, Any], client_id: UUID, row: "RegistryClient | None") -> "RegistryEntry":
    from ocm_tui.core.registry.declared import entry_over, spelled

    return entry_over(spelled(code, row), block, client_id, row)


def _fields(entry: "RegistryEntry", row: "RegistryClient | None") -> tuple[FieldDrift, ...]:
    from ocm_tui.core.registry.declared import differences

    return tuple(FieldDrift(f"{PREFIX}{name}", before, after) for name, before, after in differences(entry, row))


def fingerprint_of_row(row: "RegistryClient | None") -> str | None:
    """Of what a block can declare: a status that changed meanwhile is no conflict."""
    if row is None:
        return None
    from ocm_tui.core.registry.declared import profile

    text = json.dumps(profile(row), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
