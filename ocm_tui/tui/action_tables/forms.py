"""The form of a client, and the conflict screen."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action("form.open", ("enter",), "Change", "Change the selected field", footer=True),
    Action("form.flip", ("space",), "Flip", "Switch a yes/no field over", footer=True),
    Action("form.revert", ("u", "backspace"), "Revert", "Take back the change of this field", footer=True),
    Action("form.filter", ("slash",), "Find field", "Narrow the list of fields", footer=True),
    Action("form.changed", ("c",), "Changed only", "Show only changed fields, or all again"),
    Action("form.review", ("ctrl+s",), "Review and save", "See the difference, then send it", footer=True, stays=True),
    Action("form.help", ("question_mark", "f1"), "Help", "All keys of the form, searchable", footer=True),
    Action("form.back", ("escape",), "Back", "Leave the form", footer=True),
    Action("conflict.mine", ("m", "left"), "Mine", "Take my value of the field", footer=True),
    Action("conflict.theirs", ("t", "right"), "Theirs", "Take their value of the field", footer=True),
    Action("conflict.all_mine", ("M",), "All mine", "Take my value of every field", footer=True),
    Action("conflict.all_theirs", ("T",), "All theirs", "Take their value of every field", footer=True),
    Action(
        "conflict.accept",
        ("ctrl+s", "enter"),
        "Save again",
        "Review what was put together, then send it",
        footer=True,
        stays=True,
    ),
    Action("conflict.help", ("question_mark", "f1"), "Help", "All keys of the conflict, searchable", footer=True),
    Action("conflict.back", ("escape",), "Leave", "Back to the form; nothing is sent", footer=True),
)
