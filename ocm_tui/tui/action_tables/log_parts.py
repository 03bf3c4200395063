"""The screens that open from the Log pane: two exchanges compared, and the search for the smallest payload."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action("compare.next", ("n", "right_square_bracket"), "Next", "To the next difference", footer=True),
    Action("compare.previous", ("p", "left_square_bracket"), "Previous", "To the difference before", footer=True),
    Action("compare.help", ("question_mark", "f1"), "Help", "All keys of the comparison, searchable", footer=True),
    Action("compare.back", ("escape", "q"), "Close", "Back to the log", footer=True),
    Action("minimise.fix", ("e",), "Fix", "Open the form at the field that was found", footer=True),
    Action("minimise.copy_failing", ("y",), "Copy failing", "Copy the smallest payload that fails", footer=True),
    Action("minimise.copy_passing", ("Y",), "Copy passing", "Copy the largest payload that passes", footer=True),
    Action("minimise.help", ("question_mark", "f1"), "Help", "All keys of the search, searchable", footer=True),
    Action("minimise.back", ("escape",), "Stop/close", "Stop the search; when it has ended, close it", footer=True),
)
