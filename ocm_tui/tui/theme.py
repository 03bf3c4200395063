"""Themes are YAML files of `name: value` lines: the shipped ones in `themes/`, and the user's own beside the config.

The shipped ones are read line by line: loading the YAML library costs more than the first frame may. A test proves that
both ways of reading agree.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["DEFAULT_THEME", "read_theme", "register_themes", "shipped_themes"]

DEFAULT_THEME: Final = "ocm-night"
_LINE: Final = re.compile(r'^([a-z][a-z-]*):\s*"?([^"#\s][^"\s]*|#[0-9a-fA-F]{6})"?\s*(?:#.*)?$')
_COLOURS: Final = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)


def read_theme(text: str) -> Theme:
    """Raises ValueError that names what is missing or wrong."""
    values: dict[str, str] = {match[1]: match[2] for line in text.splitlines() if (match := _LINE.match(line))}
    missing = [name for name in ("name", "dark", *_COLOURS) if name not in values]
    if missing:
        raise ValueError(f"a theme needs {', '.join(missing)}")
    variables = {name: value for name, value in values.items() if name not in ("name", "dark", *_COLOURS)}
    colours: dict[str, Any] = {name: values[name] for name in _COLOURS}
    return Theme(name=values["name"], dark=values["dark"] == "true", variables=variables, **colours)


def shipped_themes() -> list[Path]:
    """In a wheel they lie in the package; in a checkout, beside it."""
    inside = Path(__file__).parents[1] / "themes"
    folder = inside if inside.is_dir() else inside.parent.parent / "themes"
    return sorted(folder.glob("*.yaml"))


def register_themes(app: "App[None]", wanted: str | None) -> str:
    """Makes the shipped themes known to the app; the name of the one to start with."""
    for path in shipped_themes():
        app.register_theme(read_theme(path.read_text(encoding="utf-8")))
    return wanted if wanted in app.available_themes else DEFAULT_THEME
