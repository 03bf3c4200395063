"""What the console can do, in one table of tables.

Keys, footer, command palette, `?` help and the README's key table are all made from it. A binding's id is the action's
id (`pane.verb`); the method behind it is `action_<verb>` of the screen that the pane names, or of the app for `app`.
A pane's table is loaded when it is asked for: the first frame needs two of them.
"""

from functools import lru_cache
from importlib import import_module
from typing import Final

from textual.binding import Binding

from ocm_tui.tui.action import Action, Kind

__all__ = ["Action", "Kind", "actions_of", "all_actions", "bindings_of", "find_action"]

# The pane, and the module of `action_tables` that holds what it can do. The order is that of the README's key table.
_TABLES: Final = {
    "app": "everywhere",
    "clients": "clients",
    "log": "log",
    "compare": "log_parts",
    "minimise": "log_parts",
    "apply": "apply",
    "form": "forms",
    "conflict": "forms",
    "oci": "oci",
    "oci_form": "oci_form",
    "registry": "registry",
    "registry_form": "registry_form",
    "letters": "registry_form",
}


@lru_cache
def actions_of(pane: str) -> tuple[Action, ...]:
    table = import_module(f"ocm_tui.tui.action_tables.{_TABLES[pane]}")
    return tuple(action for action in table.ACTIONS if action.pane == pane)


def all_actions() -> tuple[Action, ...]:
    return tuple(action for pane in _TABLES for action in actions_of(pane))


def find_action(action_id: str) -> Action:
    pane = action_id.partition(".")[0]
    return next(action for action in actions_of(pane) if action.id == action_id)


def bindings_of(pane: str) -> list[Binding]:
    """Bindings for a screen's `BINDINGS`; the first key carries the action's id, so that a keymap can name it."""
    return [
        Binding(",".join(action.keys), action.verb, action.title, id=action.id, tooltip=action.help, show=False)
        for action in actions_of(pane)
    ]
