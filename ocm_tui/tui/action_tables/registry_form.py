"""What opens over the Registry pane: the form of a row, and the dead letters of the event stream."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action("registry_form.open", ("enter",), "Change", "Change the selected field", footer=True),
    Action(
        "registry_form.review",
        ("ctrl+s",),
        "Review and save",
        "See the difference, then write it",
        "write",
        footer=True,
    ),
    Action("registry_form.revert", ("u", "backspace"), "Revert", "Take back the change of this field", footer=True),
    Action("registry_form.filter", ("slash",), "Find field", "Narrow the list of fields", footer=True),
    Action("registry_form.changed", ("c",), "Changed only", "Show only changed fields and problems, or all again"),
    Action("registry_form.help", ("question_mark", "f1"), "Help", "All keys of the form, searchable", footer=True),
    Action("registry_form.back", ("escape",), "Back", "Leave the form", footer=True),
    Action(
        "letters.replay",
        ("p",),
        "Replay",
        "Publish the selected letter, or all marked ones, once more",
        "write",
        footer=True,
    ),
    Action("letters.replay_all", ("P",), "Replay all", "Publish every dead letter once more", "write", footer=True),
    Action("letters.mark", ("space",), "Mark", "Mark the letter, or take the mark away", footer=True),
    Action("letters.read", ("enter",), "Read", "Go to the text of the letter, to scroll through it", footer=True),
    Action("letters.refresh", ("r",), "Reload", "Read the dead letters again", footer=True),
    Action("letters.help", ("question_mark", "f1"), "Help", "All keys of the dead letters, searchable", footer=True),
    Action("letters.back", ("escape",), "Back", "Clear the marks, or go back to the registry", footer=True),
)
