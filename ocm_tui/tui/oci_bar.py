"""The line under the list of profiles: what waits for the reader, or which file this is."""

from typing import TYPE_CHECKING

from textual.content import Content

from ocm_tui.core.text import clean, tail
from ocm_tui.tui.models.oci_rows import counted
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.tui.screens.oci_loading import LoadingProfiles

__all__ = ["bar_content"]

_PATH = 60  # characters that a path is shown with


def bar_content(screen: "LoadingProfiles") -> list[Content | str]:
    """The most urgent first; what does not fit is cut off at the end."""
    service = screen.service
    if service is None:
        return []
    parts: list[Content | str] = []
    if screen.changed_on_disk:
        parts.append(
            Content.assemble(
                ("◐ changed on disk: press ", TONES["warn"]), ("r", TONES["key"]), (" to reload", TONES["warn"])
            )
        )
    if screen.rows.probing:
        parts.append(Content.assemble((screen.progress_text, TONES["strong"]), "  ", ("esc", TONES["key"]), " stops"))
    if lost := screen.unsaved:
        parts.append(
            Content.assemble((f"{lost:,} not saved: ", TONES["warn"]), ("w", TONES["key"]), (" saves", TONES["warn"]))
        )
    if words := counted(service.findings):
        bad = any(finding.severity == "error" for finding in service.findings)
        parts.append(Content.styled(f"{words} in the file", TONES["bad" if bad else "warn"]))
    rule = f" ({service.chosen_by})" if service.chosen_by and service.chosen_by != "default" else ""
    parts.append(Content.styled(f"{tail(clean(service.config_file), _PATH)}{rule}", TONES["dim"]))
    return parts
