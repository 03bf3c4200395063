"""What a write did, as a structure: the difference that goes to stderr, and to a confirmation before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ocm_tui.core.clients.difference import DiffLine, FieldChange, difference, difference_lines
from ocm_tui.core.text import clean

__all__ = ["ClientChange", "created", "deleted", "updated"]

Action = Literal["create", "update", "delete", "unchanged"]

_SIGNS = {"create": "+", "update": "~", "delete": "-", "unchanged": " "}


@dataclass(frozen=True, slots=True)
class ClientChange:
    """`changes` is empty for delete and unchanged. The clientId is the server's own and not cleaned."""

    action: Action
    client_id: str
    changes: tuple[FieldChange, ...] = ()

    @property
    def title(self) -> str:
        """One safe line: `~ orders-api: update, 2 fields`."""
        count = len(self.changes)
        fields = f", {count} field{'s' if count != 1 else ''}" if count else ""
        return f"{_SIGNS[self.action]} {clean(self.client_id, 200)}: {self.action}{fields}"

    def lines(self) -> list[DiffLine]:
        return [DiffLine(" ", self.title), *difference_lines(self.changes)]


def created(document: Mapping[str, Any]) -> ClientChange:
    return ClientChange("create", str(document.get("clientId") or ""), tuple(difference({}, document)))


def updated(before: Mapping[str, Any], after: Mapping[str, Any]) -> ClientChange:
    changes = tuple(difference(before, after))
    client_id = str(before.get("clientId") or after.get("clientId") or "")
    return ClientChange("update" if changes else "unchanged", client_id, changes)


def deleted(client_id: str) -> ClientChange:
    return ClientChange("delete", client_id)
