"""Where something is declared, in a few words."""

from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.text import clean

__all__ = ["place_text"]


def place_text(place: Place) -> str:
    """`client-inventory.yaml:12:5`, and "" for what no file says. Clean."""
    if place.path is None:
        return ""
    path = clean(place.path)
    return path if place.line is None else f"{path}:{place.line}:{place.column}"
