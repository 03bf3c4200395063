"""Paths of the API. A clientId is anyone's text, and must stay one segment of the path."""

from typing import Final
from urllib.parse import quote

from ocm_tui.core.clients.ids import checked_client_id
from ocm_tui.core.errors import UsageError

__all__ = ["CLIENTS", "client_path", "secret_path"]

CLIENTS: Final = "/oauth/clients"


def client_path(client_id: str) -> str:
    """UsageError for an id that would address something else: an empty one the whole list, `..` the parent."""
    if checked_client_id(client_id) in {".", ".."}:
        raise UsageError(f"the client id {client_id} cannot be addressed: in a URL it means a directory")
    return f"{CLIENTS}/{quote(client_id, safe='')}"


def secret_path(client_id: str) -> str:
    return f"{client_path(client_id)}/clientAuth/clientSecret"
