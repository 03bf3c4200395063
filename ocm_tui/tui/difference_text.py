"""Differences between two documents as coloured lines."""

from collections.abc import Sequence

from textual.content import Content

from ocm_tui.core.clients.difference import FieldChange, difference_lines
from ocm_tui.core.text import clean

__all__ = ["difference_content"]

_STYLES = {"-": "$error", "+": "$success", "@": "bold", " ": "$foreground-dim"}


def difference_content(changes: Sequence[FieldChange]) -> Content:
    """One block a field: its path, what goes, what comes."""
    lines = [
        Content.styled(f"{'' if line.kind == '@' else line.kind + ' '}{clean(line.text, 1000)}", _STYLES[line.kind])
        for line in difference_lines(changes)
    ]
    return Content("\n").join(lines) if lines else Content("No difference.")
