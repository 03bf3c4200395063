"""What a tone looks like: one place that turns meanings (good, warn, bad, dim …) into the theme's colours.

Component classes would do the same, but each of them is matched against the style sheet for every widget at start-up,
and that is a quarter of the time to the first frame.
"""

from typing import TYPE_CHECKING, Any, Final

from rich.style import Style

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["TONES", "rich_style"]

# Theme variables, as they stand in a Content style.
TONES: Final = {
    "": "$foreground",
    "good": "$success",
    "warn": "$warning",
    "bad": "$error",
    "dim": "$foreground-dim",
    "strong": "bold $foreground",
    "head": "bold $foreground-dim",
    "key": "bold $accent",
    "name": "$accent",  # of a header, of a member of JSON
    "value": "$primary",  # numbers, yes and no: what is no text
    "match": "$background on $warning",
    "active": "bold underline $foreground",
    "cursor": "$cursor-text on $cursor",
    "cursor-blurred": "$foreground on $cursor-blurred",
}


def rich_style(app: "App[Any]", tone: str) -> Style:
    """The tone as a Rich style without a background of its own, for widgets that paint lines."""
    variables = app.theme_variables
    words = TONES[tone].split()
    resolved = [variables[word[1:]] if word.startswith("$") else word for word in words]
    return Style.parse(" ".join(resolved))
