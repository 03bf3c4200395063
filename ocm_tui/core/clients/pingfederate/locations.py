"""Paths of the API. A clientId is anyone's text, and must stay one segment of the path."""

from typing import Final
from urllib.parse import quote

from ocm_tui.core.clients.checks import checked_client_id

__all__ = ["CLIENTS", "client_path", "secret_path"]

CLIENTS: Final = "/oauth/clients"


def client_path(client_id: str) -> str:
    """UsageError for an empty id: its path would be that of the whole list."""
    segment = quote(checked_client_id(client_id), safe="")
    if set(segment) == {"."}:
        segment = segment.replace(".", "%2E")  # `..` would be taken for the parent
    return f"{CLIENTS}/{segment}"


def secret_path(client_id: str) -> str:
    return f"{client_path(client_id)}/clientAuth/clientSecret"
