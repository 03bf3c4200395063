"""The form of an OCI profile."""

from typing import Final

from ocm_tui.tui.action import Action

__all__ = ["ACTIONS"]

ACTIONS: Final[tuple[Action, ...]] = (
    Action("oci_form.open", ("enter",), "Change", "Change the selected field", footer=True),
    Action(
        "oci_form.probe",
        ("ctrl+s",),
        "Probe and keep",
        "Probe the profile as it is here, and keep it in memory if it is useable; the file is not touched",
        footer=True,
    ),
    Action("oci_form.fix", ("f",), "Fix", "Put in what the finding of this field proposes", footer=True),
    Action("oci_form.revert", ("u", "backspace"), "Revert", "Take back the change of this field", footer=True),
    Action("oci_form.remove", ("delete", "D"), "Remove", "Leave the field out of the profile", shown_key="D"),
    Action("oci_form.filter", ("slash",), "Find field", "Narrow the list of fields", footer=True),
    Action("oci_form.changed", ("c",), "Changed only", "Show only changed fields and problems, or all again"),
    Action("oci_form.help", ("question_mark", "f1"), "Help", "All keys of the form, searchable", footer=True),
    Action("oci_form.back", ("escape",), "Back", "Stop the probe, or leave the form", footer=True),
)
