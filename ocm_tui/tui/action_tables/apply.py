"""Plan and apply."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "apply.filter",
        ("slash",),
        "Filter",
        "Narrow the plan: words, is:update, is:failed, is:marked, moved:server, field:redirectUris",
        footer=True,
    ),
    Action("apply.open", ("enter",), "Open", "Open the detail of the selected change, or fold its group", footer=True),
    Action("apply.mark", ("space",), "Mark", "Mark the change or its group: only marked ones are applied", footer=True),
    Action("apply.mark_all", ("asterisk", "ctrl+a"), "Mark all", "Mark all that is shown, or none of it"),
    Action(
        "apply.run",
        ("A", "ctrl+s"),
        "Apply",
        "Carry out the marked changes, or all when none is marked; asks first",
        "write",
        footer=True,
        stays=True,
    ),
    Action(
        "apply.retry",
        ("R",),
        "Retry",
        "Resume the run: look again at what failed or was not reached",
        "write",
        footer=True,
    ),
    Action("apply.refresh", ("r",), "Plan again", "Read the inventory and the server again", footer=True),
    Action("apply.exchanges", ("x",), "Exchanges", "Show the requests of this step in the Log pane", footer=True),
    Action("apply.prune", ("p",), "Prune on/off", "Plan with, or without, deleting what is no longer declared"),
    Action("apply.runs", ("H",), "Past runs", "List the runs in the journal; open one to see it or to resume it"),
    Action(
        "apply.replicate",
        ("C",),
        "Replicate",
        "After full success: push the configuration to the cluster's nodes",
        "write",
    ),
    Action("apply.copy", ("y",), "Copy id", "Copy the client's id to the clipboard"),
    Action("apply.next_tab", ("right_square_bracket",), "Next tab", "Show the next tab of the detail"),
    Action("apply.previous_tab", ("left_square_bracket",), "Previous tab", "Show the previous tab of the detail"),
    Action("apply.back", ("escape",), "Back", "Close the detail, clear marks or the filter, stop the run, or go back"),
)
