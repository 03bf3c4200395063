"""The OCI profiles pane."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

# Changes stay in memory until they are saved: only the save is a write (a fix of the file obeys it).
ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "oci.filter",
        ("slash",),
        "Filter",
        "Narrow the list: words, status:useable, auth:token, region:frankfurt, finding:key-missing, is:modified",
        footer=True,
    ),
    Action("oci.open", ("enter",), "Open", "Open the detail of the selected profile", footer=True),
    Action("oci.probe", ("p",), "Probe", "Ask OCI whether the profile, or each marked one, is useable", footer=True),
    Action("oci.probe_all", ("P",), "Probe all", "Probe every profile that is shown, side by side", footer=True),
    Action("oci.edit", ("e",), "Edit", "Change the profile in memory; it is probed before it counts", footer=True),
    Action("oci.fix", ("f",), "Fix", "Carry out the fix of a finding: in memory, or in the file after a look"),
    Action("oci.save", ("w", "ctrl+s"), "Save", "Write what was changed into the file, difference first", "write"),
    Action("oci.new", ("n",), "New", "Create a profile in memory"),
    Action("oci.clone", ("c",), "Clone", "Create a profile that starts as a copy"),
    Action("oci.delete", ("delete", "D"), "Delete", "Delete the profile in memory, or all marked ones", shown_key="D"),
    Action("oci.mark", ("space",), "Mark", "Mark the profile, or take the mark away", footer=True),
    Action("oci.mark_all", ("asterisk", "ctrl+a"), "Mark all", "Mark all profiles that are shown"),
    Action("oci.reveal", ("v",), "Reveal", "Show a sensitive field for some seconds; that it was is noted"),
    Action("oci.genai", ("m",), "GenAI", "Ask for the generative AI endpoint and the models of the compartment"),
    Action("oci.exchanges", ("x",), "Exchanges", "Show the requests about this profile in the Log pane"),
    Action("oci.copy", ("y",), "Copy export", "Copy `export OCI_CLI_PROFILE=…` for a shell to the clipboard"),
    Action("oci.copy_name", ("Y",), "Copy name", "Copy the profile's name to the clipboard"),
    Action("oci.sort", ("o",), "Sort", "Sort by the next column: file's order, name, status, findings, token"),
    Action("oci.refresh", ("r",), "Reload", "Read the file again; asks first when that would lose changes"),
    Action("oci.next_tab", ("right_square_bracket",), "Next tab", "Show the next tab of the detail"),
    Action("oci.previous_tab", ("left_square_bracket",), "Previous tab", "Show the previous tab of the detail"),
    Action("oci.back", ("escape",), "Back", "Close the detail, clear marks or the filter, or stop probing"),
)
