"""A new client that starts as another one."""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.clients.documents import READ_ONLY, displayable
from ocm_tui.core.clients.model import ClientDocument

__all__ = ["clone_of"]

_IDENTITY: Final = frozenset({"clientId", "name"})
_ABSENT: Final = object()


def clone_of(document: Mapping[str, Any]) -> ClientDocument:
    """A copy without what is one client's own: its id and name, its secrets and private keys, the server's dates.

    `clientAuth` keeps its type: whoever creates the clone is told that a secret is wanted.
    """
    kept = {name: value for name, value in document.items() if name not in _IDENTITY | READ_ONLY}
    open_members = _without_masked(kept, displayable(kept))
    return ClientDocument(open_members if isinstance(open_members, dict) else {})


def _without_masked(value: Any, shown: Any) -> Any:
    """Without the parts that nobody may see: those that `displayable` has changed. An item of a list goes whole."""
    if value == shown:
        return value
    if isinstance(value, Mapping) and isinstance(shown, Mapping):
        parts = {name: _without_masked(inner, shown.get(name)) for name, inner in value.items()}
        return {name: part for name, part in parts.items() if part is not _ABSENT} or _ABSENT
    if isinstance(value, list) and isinstance(shown, list) and len(value) == len(shown):
        return [item for item, seen in zip(value, shown, strict=True) if item == seen] or _ABSENT
    return _ABSENT
