"""The Registry pane."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = ()
