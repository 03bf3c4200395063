"""Client ids as they may be sent."""

from ocm_tui.core.errors import UsageError
from ocm_tui.core.text import clean

__all__ = ["checked_client_id"]


def checked_client_id(client_id: str) -> str:
    """The id itself, or a UsageError: an empty one would address the whole list."""
    if not client_id.strip():
        raise UsageError("the client id is empty")
    try:
        client_id.encode()
    except UnicodeEncodeError:
        raise UsageError(f"the client id {clean(client_id, 80)} is not valid text") from None
    return client_id
