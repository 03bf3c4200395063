"""Filling a registry from what is known elsewhere: an inventory, a file, or the authorization server.

The rows are compared first and written then, so that one run shows what the next one would do, and one that was
interrupted goes on where it was.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args
from uuid import UUID

from ocm_tui.core.errors import ConfigError, Conflict, OcmError, UsageError
from ocm_tui.core.registry.declared import current_rows, differences, entry_over, profile
from ocm_tui.core.registry.documents import entry_from, read_documents
from ocm_tui.core.registry.masking import holds_hash
from ocm_tui.core.registry.model import ClientStatus, RegistryClient, RegistryEntry
from ocm_tui.core.registry.row_edits import only_if_still
from ocm_tui.core.registry.sync_server import left_over, listed_clients, name_drift, named
from ocm_tui.core.registry.values import checked
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.core.provisioning.model import Inventory
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = [
    "Declaration",
    "SyncChange",
    "SyncPlan",
    "SyncWritten",
    "declaration_of",
    "from_file",
    "from_inventory",
    "plan_server_sync",
    "plan_sync",
]

Action = Literal["create", "update", "refused", "differs", "gone"]

_ANY_SERVER: Final = "https://server.invalid"  # for checking documents whose ids are given or derived elsewhere


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a source says of one client: `values` alone are written, `if_new` and `status` only to a row that is not
    there yet. `name` is the server's, of a source that knows it; `where` names the declaration's place."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    client_id: UUID | None = None
    if_new: Mapping[str, Any] = field(default_factory=dict)
    status: ClientStatus | None = None
    secret_hash: Secret | None = None
    where: str = ""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SyncChange:
    """`fields` are (name, row's value, declared value). `problem` is why it is refused, or left alone.

    differs: the row has another name, which did not come from the server. gone: the row is in force, and the server has
    no such client. Of `seen` the write makes sure that the row is still so.
    """

    code: str
    client_id: UUID
    action: Action
    fields: Sequence[tuple[str, Any, Any]] = ()
    entry: RegistryEntry | None = None
    problem: str = ""
    seen: RegistryClient | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "client_id": str(self.client_id),
            "client_code": clean(self.code, 300),
            "action": self.action,
            "fields": [{"path": path, "before": before, "after": after} for path, before, after in self.fields],
            "problem": self.problem or None,
        }


@dataclass(frozen=True, slots=True)
class SyncWritten:
    """How many rows. `conflicts` are the clients whose rows were changed by somebody else since they were compared."""

    created: int
    updated: int
    unchanged: int
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncPlan:
    changes: Sequence[SyncChange]
    unchanged: int

    @property
    def summary(self) -> dict[str, int]:
        counts = dict.fromkeys(get_args(Action), 0)
        for change in self.changes:
            counts[change.action] += 1
        return {**counts, "unchanged": self.unchanged}

    @property
    def entries(self) -> list[RegistryEntry]:
        """What is to be written."""
        return [change.entry for change in self.changes if change.entry is not None]

    async def carry_out(
        self, registry: "ClientRegistry", on_progress: Callable[[int], None] | None = None
    ) -> SyncWritten:
        """In bulk, and then one by one what is only right as long as its row is what was seen."""
        bulk = [change.entry for change in self.changes if change.entry is not None and change.seen is None]
        written = await registry.upsert_many(bulk, on_progress=on_progress)
        updated, conflicts = written.updated, list[str]()
        careful = [change for change in self.changes if change.entry is not None and change.seen is not None]
        for number, change in enumerate(careful, 1):
            assert change.entry is not None
            try:
                await registry.upsert(change.entry, guard=only_if_still(change.seen))
                updated += 1
            except Conflict:
                conflicts.append(change.code)
            if on_progress is not None:
                on_progress(len(bulk) + number)
        return SyncWritten(written.created, updated, written.unchanged, tuple(conflicts))


async def plan_sync(registry: "ClientRegistry", declared: Iterable[Declaration]) -> SyncPlan:
    """Reads only. A declaration that no registry can hold is refused, and the others are good without it."""
    by_code: dict[str, Declaration] = {}
    for one in declared:
        if one.code in by_code:
            raise UsageError(f"{clean(one.code, 120)} is declared twice: {by_code[one.code].where} and {one.where}")
        by_code[one.code] = one
    wanted = {code: one.client_id for code, one in by_code.items()}
    rows = await current_rows(registry, wanted, registry.server_base_url)
    changes, unchanged = [], 0
    for code, one in by_code.items():
        client_id, row = rows[code]
        if one.name is not None and row is not None:
            renamed = _renamed(one, one.name, row, registry.server_base_url)
            changes += [renamed] if renamed is not None else []
            unchanged += renamed is None
            continue
        try:
            told = one.values if row is not None else {**one.if_new, **one.values}
            entry = entry_over(code, told, client_id, row)
            entry = checked(replace(entry, status=one.status, secret_hash=one.secret_hash))
        except OcmError as error:
            where = f"{one.where}: " if one.where else ""
            changes.append(SyncChange(code, client_id, "refused", problem=f"{where}{error.title}"))
            continue
        if (fields := differences(entry, row)) or entry.secret_hash is not None:
            changes.append(SyncChange(code, client_id, "update" if row else "create", fields, entry))
        else:
            unchanged += 1
    return SyncPlan(changes, unchanged)


async def plan_server_sync(registry: "ClientRegistry", clients: "ClientService") -> SyncPlan:
    """Of every client on the server: a row for each, with its name; what else a row says is left as it is. Rows in
    force that the server has no client for are told. Reads only."""
    declared = [
        Declaration(code, if_new={"metadata": named(code, name)}, name=name)
        async for code, name in listed_clients(clients)
    ]
    plan = await plan_sync(registry, declared)
    gone = [
        SyncChange(row.client_code, row.client_id, "gone", problem=f"{row.status}, and no client of the server")
        async for row in left_over(registry, [one.code for one in declared])
    ]
    return replace(plan, changes=[*plan.changes, *gone])


def _renamed(one: Declaration, name: str, row: RegistryClient, base_url: str) -> SyncChange | None:
    """What the server's name asks of a row that is there."""
    if row.client_code != one.code:
        fields = [("client_code", row.client_code, one.code)]
        return SyncChange(one.code, row.client_id, "differs", fields, problem="the row with its id is another client's")
    drift, ours = name_drift(row, name, base_url)
    if drift is None:
        return None
    changed = [("metadata.name", *drift)]
    if not ours:
        problem = "the row's name did not come from the server, and is left alone"
        return SyncChange(one.code, row.client_id, "differs", changed, problem=problem)
    if holds_hash(row.metadata):  # which nobody shows us, so it would be lost
        problem = "the row's metadata holds a hash, and is left alone"
        return SyncChange(one.code, row.client_id, "refused", changed, problem=problem)
    entry = entry_over(one.code, {"metadata": named(one.code, name, profile(row)["metadata"])}, row.client_id, row)
    return SyncChange(one.code, row.client_id, "update", changed, checked(entry), seen=row)


def from_inventory(inventory: "Inventory") -> list[Declaration]:
    """The clients that have a `registry:` block."""
    return [
        Declaration(
            client.client_id,
            client.registry,
            UUID(client.registry["client_id"]) if client.registry.get("client_id") else None,
            where=str(client.place),
        )
        for client in inventory.clients
        if client.registry
    ]


def from_file(path: Path) -> list[Declaration]:
    """Of CSV or JSON lines; blocks. ConfigError with its line for what cannot be meant."""
    return [declaration_of(values, f"{path}:{line}", path, line) for line, values in read_documents(path)]


def declaration_of(values: Mapping[str, Any], where: str, path: Path, line: int) -> Declaration:
    """Of one document with a `client_code`. ConfigError with its place."""
    try:
        entry = entry_from(values, server_base_url=_ANY_SERVER, search=False)
    except UsageError as error:
        raise ConfigError(error.title, path=path, line=line, hint=error.hint) from None
    given = entry.client_id if values.get("client_id") else None
    return Declaration(
        entry.client_code, values, given, status=entry.status, secret_hash=entry.secret_hash, where=where
    )
