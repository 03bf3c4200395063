"""A new secret for a client: where it goes is decided first, because the server will never tell it again."""

from ocm_tui.tui.screens.dialog import Dialog

__all__ = ["RotateScreen"]


class RotateScreen(Dialog[bool]):
    """Dismissed with True when the server has the new secret and it lies at its destination."""
