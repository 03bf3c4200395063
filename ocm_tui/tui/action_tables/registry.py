"""The Registry pane."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "registry.filter",
        ("slash",),
        "Filter",
        "Narrow the list: words, status:SUSPENDED, code:orders-*, bap:ID, id:UUID, synced:>1h",
        footer=True,
    ),
    Action("registry.open", ("enter",), "Open", "Open the detail of the selected client", footer=True),
    Action(
        "registry.sweep",
        ("s",),
        "Compare all",
        "Sweep the cache and hold every cached client against its row; esc stops it",
        footer=True,
    ),
    Action(
        "registry.planes",
        ("p",),
        "Four planes",
        "One client in the inventory, on the server, in the registry and in the cache: what disagrees, and the cure",
        footer=True,
    ),
    Action(
        "registry.fix",
        ("f",),
        "Fix entry",
        "Put the row as it is now into the cache, for the selected client or all marked ones",
        "write",
        footer=True,
    ),
    Action(
        "registry.repair",
        ("R",),
        "Repair all",
        "Repair every entry that is known to be stale, orphaned or corrupt, and bring the cache what it waits for",
        "write",
        footer=True,
    ),
    Action(
        "registry.set_status",
        ("t",),
        "Status",
        "Set the client ACTIVE, SUSPENDED or REVOKED; it says when the cache knows",
        "write",
        footer=True,
    ),
    Action(
        "registry.edit",
        ("e",),
        "Edit",
        "Edit the row; the difference is shown before anything is written",
        "write",
        footer=True,
    ),
    Action(
        "registry.problems",
        ("F",),
        "Problems only",
        "Show only clients whose cache entry is not what the row says, or all again",
        footer=True,
    ),
    Action("registry.new", ("n",), "New", "Register a client", "write"),
    Action(
        "registry.delete",
        ("delete", "D"),
        "Delete",
        "Delete the row of the client, or of all marked ones, and its cached copy",
        "destroy",
        shown_key="D",
    ),
    Action(
        "registry.letters",
        ("l",),
        "Dead letters",
        "Read the events that no consumer could apply, and publish them once more",
    ),
    Action("registry.mark", ("space",), "Mark", "Mark the client, or take the mark away"),
    Action("registry.mark_all", ("asterisk", "ctrl+a"), "Mark all", "Mark all clients that are shown"),
    Action(
        "registry.invalidate",
        ("i",),
        "Invalidate",
        "Drop the cache entry of the client, or of all marked ones: the next read takes the row",
        "write",
    ),
    Action("registry.warm", ("w",), "Warm", "Put every client that the filter shows into the cache", "write"),
    Action("registry.client", ("c",), "Client", "Go to the client in the Clients pane"),
    Action("registry.exchanges", ("x",), "Exchanges", "Show the requests about this client in the Log pane"),
    Action("registry.copy", ("y",), "Copy id", "Copy the client's registry id to the clipboard"),
    Action(
        "registry.copy_cure", ("Y",), "Copy cure", "Copy the command that cures what the four planes disagree about"
    ),
    Action(
        "registry.sort", ("o",), "Sort", "Sort by the next column: id, code, cache state, time to live, newest sync"
    ),
    Action("registry.refresh", ("r",), "Reload", "Read the rows and the status again"),
    Action("registry.next_tab", ("right_square_bracket",), "Next tab", "Show the next tab of the detail"),
    Action("registry.previous_tab", ("left_square_bracket",), "Previous tab", "Show the previous tab of the detail"),
    Action("registry.back", ("escape",), "Back", "Stop the comparison, close the detail, clear marks or the filter"),
)
