"""Fields that a server of this version does not know yet: it would refuse the whole document for them."""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.clients.fields import FIELDS
from ocm_tui.core.clients.fields.paths import split_path
from ocm_tui.core.clients.model import ServerInfo
from ocm_tui.core.errors import UsageError

__all__ = ["SINCE", "refuse_unknown"]

SINCE: Final = {spec.path: spec.since for spec in FIELDS if spec.since is not None}


def refuse_unknown(document: Mapping[str, Any], server: ServerInfo, *, stored: Mapping[str, Any] | None = None) -> None:
    """UsageError naming field and version for a newly set field that is younger than the server.

    Nothing is dropped silently, and nothing that stands in `stored`, the server's own document, is refused. A version
    that cannot be read gates nothing: the server will judge.
    """
    if server.parsed == (0, 0):
        return
    for path, since in SINCE.items():
        names = split_path(path)
        if server.parsed < since and _has(document, names) and not (stored is not None and _has(stored, names)):
            raise UsageError(
                f"{path} needs version {since[0]}.{since[1]}, and the server is {server.version}",
                hint="leave the field out",
            )


def _has(document: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    """Whether the member is there at all: an old server refuses the name, whatever its value."""
    node: Any = document
    for name in names:
        if not isinstance(node, Mapping) or name not in node:
            return False
        node = node[name]
    return True
