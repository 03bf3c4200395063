"""The one table of what the console can do.

Keys, footer, command palette, `?` help and the README's key table are all made from it. A binding's id is the action's
id (`pane.verb`); the method behind it is `action_<verb>` of the screen that the pane names, or of the app for `app`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from textual.binding import Binding

__all__ = ["ACTIONS", "Action", "Kind", "actions_of", "bindings_of", "find_action"]

Kind = Literal["look", "write", "destroy"]


@dataclass(frozen=True, slots=True)
class Action:
    """`keys` are alternatives, the first is the one shown; `footer` puts it there; `kind` decides what refuses it."""

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    kind: Kind = "look"
    footer: bool = False
    shown_key: str = ""

    @property
    def pane(self) -> str:
        return self.id.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.id.partition(".")[2]

    @property
    def key_text(self) -> str:
        return self.shown_key or _KEY_NAMES.get(self.keys[0], self.keys[0])


_KEY_NAMES: Final = {
    "slash": "/",
    "question_mark": "?",
    "enter": "⏎",
    "space": "space",
    "escape": "esc",
    "ctrl+p": "^p",
    "ctrl+s": "^s",
    "ctrl+q": "^q",
    "delete": "del",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}

ACTIONS: Final[tuple[Action, ...]] = (
    # Everywhere
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
    # Clients
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
    # Log
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
    Action("log.next_match", ("n",), "Next match", "In the detail: the next place of what / searches for"),
    Action("log.previous_match", ("p",), "Previous match", "In the detail: the place before"),
    Action("log.next_tab", ("right_square_bracket",), "Next tab", "Show the next tab of the detail"),
    Action("log.previous_tab", ("left_square_bracket",), "Previous tab", "Show the previous tab of the detail"),
    Action("log.back", ("escape",), "Back", "Close the search, the detail, marks, the filter or the history"),
    # Two exchanges compared
    Action("compare.next", ("n", "right_square_bracket"), "Next", "To the next difference", footer=True),
    Action("compare.previous", ("p", "left_square_bracket"), "Previous", "To the difference before", footer=True),
    Action("compare.help", ("question_mark", "f1"), "Help", "All keys of the comparison, searchable", footer=True),
    Action("compare.back", ("escape", "q"), "Close", "Back to the log", footer=True),
    # The search for the smallest payload
    Action("minimise.fix", ("e",), "Fix", "Open the form at the field that was found", footer=True),
    Action("minimise.copy_failing", ("y",), "Copy failing", "Copy the smallest payload that fails", footer=True),
    Action("minimise.copy_passing", ("Y",), "Copy passing", "Copy the largest payload that passes", footer=True),
    Action("minimise.help", ("question_mark", "f1"), "Help", "All keys of the search, searchable", footer=True),
    Action("minimise.back", ("escape",), "Stop/close", "Stop the search; when it has ended, close it", footer=True),
    # Plan and apply
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
    # The form
    Action("form.open", ("enter",), "Change", "Change the selected field", footer=True),
    Action("form.flip", ("space",), "Flip", "Switch a yes/no field over", footer=True),
    Action("form.revert", ("u", "backspace"), "Revert", "Take back the change of this field", footer=True),
    Action("form.filter", ("slash",), "Find field", "Narrow the list of fields", footer=True),
    Action("form.changed", ("c",), "Changed only", "Show only changed fields, or all again"),
    Action("form.review", ("ctrl+s",), "Review and save", "See the difference, then send it", footer=True),
    Action("form.help", ("question_mark", "f1"), "Help", "All keys of the form, searchable", footer=True),
    Action("form.back", ("escape",), "Back", "Leave the form", footer=True),
    # The conflict
    Action("conflict.mine", ("m", "left"), "Mine", "Take my value of the field", footer=True),
    Action("conflict.theirs", ("t", "right"), "Theirs", "Take their value of the field", footer=True),
    Action("conflict.all_mine", ("M",), "All mine", "Take my value of every field"),
    Action("conflict.all_theirs", ("T",), "All theirs", "Take their value of every field"),
    Action(
        "conflict.accept", ("ctrl+s", "enter"), "Save again", "Review what was put together, then send it", footer=True
    ),
    Action("conflict.back", ("escape",), "Leave", "Back to the form; nothing is sent", footer=True),
)


def actions_of(pane: str) -> Iterator[Action]:
    return (action for action in ACTIONS if action.pane == pane)


def find_action(action_id: str) -> Action:
    return next(action for action in ACTIONS if action.id == action_id)


def bindings_of(pane: str) -> list[Binding]:
    """Bindings for a screen's `BINDINGS`; the first key carries the action's id, so that a keymap can name it."""
    return [
        Binding(",".join(action.keys), action.verb, action.title, id=action.id, tooltip=action.help, show=False)
        for action in actions_of(pane)
    ]
