"""The Clients pane."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "clients.filter",
        ("slash",),
        "Filter",
        "Narrow the list: words, state:drifted, is:disabled, grant:code, auth:none, atm:ID",
        footer=True,
    ),
    Action("clients.open", ("enter",), "Open", "Open the detail of the selected client", footer=True),
    Action(
        "clients.edit",
        ("e",),
        "Edit",
        "Edit the client; the difference is shown before anything is sent",
        "write",
        footer=True,
    ),
    Action("clients.new", ("n",), "New", "Create a client", "write", footer=True),
    Action("clients.mark", ("space",), "Mark", "Mark the client, or take the mark away", footer=True),
    Action("clients.mark_all", ("asterisk", "ctrl+a"), "Mark all", "Mark all clients that are shown"),
    Action(
        "clients.apply",
        ("a",),
        "Plan and apply",
        "Hold the inventory against the server, and carry out what differs",
        footer=True,
        stays=True,
    ),
    Action(
        "clients.switch",
        ("t",),
        "Enable/disable",
        "Enable or disable the client, or all marked ones",
        "write",
        footer=True,
    ),
    Action("clients.clone", ("c",), "Clone", "Create a client that starts as a copy, without its secret", "write"),
    Action("clients.edit_text", ("E",), "Edit as text", "Edit the document as YAML in $VISUAL, $EDITOR or vi", "write"),
    Action("clients.write_back", ("w",), "Write back", "Write what the server has into the inventory file"),
    Action("clients.rotate", ("R",), "Rotate secret", "Give the client a new secret", "write"),
    Action(
        "clients.delete", ("delete", "D"), "Delete", "Delete the client, or all marked ones", "destroy", shown_key="D"
    ),
    Action("clients.exchanges", ("x",), "Exchanges", "Show the requests about this client in the Log pane"),
    Action("clients.copy", ("y",), "Copy id", "Copy the client's id to the clipboard"),
    Action("clients.sort", ("o",), "Sort", "Sort by the next column: server's order, id, name, age"),
    Action("clients.refresh", ("r",), "Refresh", "Load the list again"),
    Action("clients.next_tab", ("right_square_bracket",), "Next tab", "Show the next tab of the detail"),
    Action("clients.previous_tab", ("left_square_bracket",), "Previous tab", "Show the previous tab of the detail"),
    Action("clients.back", ("escape",), "Back", "Close the detail, clear marks or the filter, or stop loading"),
)
