"""The Log pane."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "log.filter",
        ("slash",),
        "Filter",
        "Narrow the log: words, status:4xx, client:orders-*, took:>2s; in the detail, find words",
        footer=True,
    ),
    Action("log.open", ("enter",), "Open", "Open the detail; in it, fold or unfold the block", footer=True),
    Action("log.diagnose", ("d",), "Explain", "What was wrong with this exchange, why, and the fix", footer=True),
    Action("log.fix", ("e",), "Fix", "Open the form of the client at the field that the diagnosis names", footer=True),
    Action("log.follow", ("f",), "Follow/pause", "Follow new exchanges, or hold the view still", footer=True),
    Action("log.failures", ("F",), "Failures only", "Show only failed exchanges, or all again", footer=True),
    Action(
        "log.last_success",
        ("b",),
        "Compare",
        "Compare this failure with the last success of the same call, in the history as well",
        footer=True,
    ),
    Action("log.minimise", ("m",), "Minimise", "Find the smallest payload that still fails", "write", footer=True),
    Action("log.copy", ("y",), "Copy", "Copy as curl, raw HTTP, a body, or the id", footer=True),
    Action("log.client", ("c",), "Client", "Go to the client that the exchange is about", footer=True),
    Action("log.export", ("E",), "Export", "Write what is marked, or all that is shown, to a file: HAR, curl, report"),
    Action("log.replay", ("R",), "Replay", "Send the request once more; what may change something asks first"),
    Action("log.mark", ("space",), "Mark", "Mark the exchange, or take the mark away"),
    Action("log.compare", ("v",), "Compare marked", "Compare the two marked exchanges"),
    Action("log.filters", ("s",), "Filters", "Pick a saved filter, or save the one that is set"),
    Action("log.history", ("H",), "History", "What other sessions on this machine sent, or this session again"),
    Action("log.open_file", ("O",), "Open file", "Open a HAR file, such as a browser's recording, and diagnose it"),
    Action("log.next_match", ("n",), "Next match", "In the detail: the next place of what / searches for"),
    Action("log.previous_match", ("p",), "Previous match", "In the detail: the place before"),
    Action("log.next_tab", ("right_square_bracket",), "Next tab", "Show the next tab of the detail"),
    Action("log.previous_tab", ("left_square_bracket",), "Previous tab", "Show the previous tab of the detail"),
    Action("log.back", ("escape",), "Back", "Close the search, the detail, marks, the filter or the history"),
)
