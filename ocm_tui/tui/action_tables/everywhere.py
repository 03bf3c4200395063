"""What every pane can do."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action("app.clients", ("1",), "Clients", "Go to the Clients pane"),
    Action("app.oci", ("2",), "OCI profiles", "Go to the OCI profiles pane"),
    Action("app.registry", ("3",), "Registry", "Go to the Registry pane"),
    Action("app.log", ("4",), "Log", "Go to the Log pane: every request and response"),
    Action("app.unlock", ("U",), "Unlock or lock", "Allow writes in a protected environment, or stop allowing them"),
    Action("app.next_theme", ("T",), "Next theme", "Switch to the next theme"),
    Action(
        "app.diagnose", ("d",), "Explain", "Explain the newest failure: what was wrong, why, and the fix", footer=True
    ),
    Action("app.notices", ("N",), "Notices", "Read again everything that was announced"),
    Action("app.help", ("question_mark", "f1"), "Help", "All keys of this pane, searchable", footer=True),
    Action("app.command_palette", ("ctrl+p",), "Commands", "Search all commands", footer=True),
    Action("app.leave", ("q",), "Quit", "Leave the console (^q from everywhere)"),
)
