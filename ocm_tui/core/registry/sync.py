"""Filling a registry from what is known elsewhere: an inventory, a file, or the authorization server.

The rows are compared first and written then, so that one run shows what the next one would do, and one that was
interrupted goes on where it was.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from ocm_tui.core.errors import ConfigError, OcmError, UsageError
from ocm_tui.core.registry.declared import current_rows, differences, entry_over
from ocm_tui.core.registry.documents import entry_from, read_documents
from ocm_tui.core.registry.model import BulkWritten, ClientStatus, RegistryEntry
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
    "declaration_of",
    "from_file",
    "from_inventory",
    "from_server",
    "plan_sync",
]

_ANY_SERVER: Final = "https://server.invalid"  # for checking documents whose ids are given or derived elsewhere


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a source says of one client: `values` alone are written, `if_new` and `status` only to a row that is not
    there yet. `where` names its place."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    client_id: UUID | None = None
    if_new: Mapping[str, Any] = field(default_factory=dict)
    status: ClientStatus | None = None
    secret_hash: Secret | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class SyncChange:
    """`fields` are (name, row's value, declared value). `problem` is why it is refused."""

    code: str
    client_id: UUID
    action: Literal["create", "update", "refused"]
    fields: Sequence[tuple[str, Any, Any]] = ()
    entry: RegistryEntry | None = None
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "client_id": str(self.client_id),
            "client_code": clean(self.code, 300),
            "action": self.action,
            "fields": [{"path": path, "before": before, "after": after} for path, before, after in self.fields],
            "problem": self.problem or None,
        }


@dataclass(frozen=True, slots=True)
class SyncPlan:
    changes: Sequence[SyncChange]
    unchanged: int

    @property
    def summary(self) -> dict[str, int]:
        counts = {"create": 0, "update": 0, "refused": 0}
        for change in self.changes:
            counts[change.action] += 1
        return {**counts, "unchanged": self.unchanged}

    @property
    def entries(self) -> list[RegistryEntry]:
        return [change.entry for change in self.changes if change.entry is not None]

    async def carry_out(
        self, registry: "ClientRegistry", on_progress: Callable[[int], None] | None = None
    ) -> BulkWritten:
        return await registry.upsert_many(self.entries, on_progress=on_progress)


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


async def from_server(clients: "ClientService") -> AsyncIterator[Declaration]:
    """Ids and names of every client; a row that is there is left as it is."""
    async with aclosing(clients.pages()) as pages:
        async for page in pages:
            for document in page.documents:
                code, name = document.get("clientId"), document.get("name")
                if not isinstance(code, str) or not code:
                    continue
                named = isinstance(name, str) and name not in ("", code)
                yield Declaration(code, if_new={"metadata": {"name": name}} if named else {})


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
