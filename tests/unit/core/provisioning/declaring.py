"""Inventories made by hand, for tests that are not about files."""

from pathlib import Path
from typing import Any

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.provisioning.model import DeclaredClient, Inventory, LastApplied, SecretDeclaration

__all__ = ["FILE", "applied", "declared", "inventory"]

FILE = Path("client-inventory.yaml")
GENERATED = SecretDeclaration("generate", deliver="stdout")


def declared(
    client_id: str,
    secret: SecretDeclaration | None = None,
    /,
    *,
    line: int = 1,
    keep_name: bool = False,
    **members: Any,
) -> DeclaredClient:
    """`line` is where the client stands; its fields stand below it, each in column 5."""
    document: dict[str, Any] = {"clientId": client_id, "grantTypes": ["CLIENT_CREDENTIALS"]}
    if not keep_name:
        document["name"] = client_id
    document |= members
    lines = {name: line + number for number, name in enumerate(("clientId", *members), 1)}

    def where(path: str) -> Place:
        head = path.partition(".")[0].partition("[")[0]
        return Place(FILE, lines.get(head, line), 5)

    return DeclaredClient(client_id, ClientDocument(document), Place(FILE, line, 3), where, secret, {}, keep_name)


def inventory(*clients: DeclaredClient) -> Inventory:
    return Inventory((FILE,), clients)


def applied(client: DeclaredClient, *, created: bool = True, version: int | None = 1, **changes: Any) -> LastApplied:
    """That `client` was applied, with other values of some members; None removes one."""
    document = {name: value for name, value in {**client.document, **changes}.items() if value is not None}
    return LastApplied(ClientDocument(document), created, "2026-01-31T12:00:00.000Z", "run-1", version)
