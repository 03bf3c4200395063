"""Themes: complete, readable, and the same for the quick reader and for YAML."""

from pathlib import Path

import pytest
import yaml
from textual.color import Color

from ocm_tui.tui.theme import DEFAULT_THEME, read_theme, shipped_themes

_THEMES = shipped_themes()


def test_two_themes_are_shipped_and_the_default_is_one_of_them() -> None:
    names = {read_theme(path.read_text()).name for path in _THEMES}
    assert DEFAULT_THEME in names
    assert len(names) >= 2


@pytest.mark.parametrize("path", _THEMES, ids=lambda path: path.stem)
def test_both_ways_of_reading_agree(path: Path) -> None:
    theme, values = read_theme(path.read_text()), yaml.safe_load(path.read_text())
    quick = {"name": theme.name, "dark": theme.dark, **theme.variables}
    quick |= {name: getattr(theme, name) for name in values if hasattr(theme, name)}
    assert quick == values


@pytest.mark.parametrize("path", _THEMES, ids=lambda path: path.stem)
def test_contrast(path: Path) -> None:
    """Text on every ground it stands on, by the WCAG ratio: 4.5 for text, 3 for what only marks."""
    values = yaml.safe_load(path.read_text())
    pairs = [
        *(
            (ink, paper, 4.5)
            for ink in ("foreground", "success", "warning", "error", "accent")
            for paper in ("background", "surface")
        ),
        ("foreground-dim", "background", 4.5),
        ("foreground-dim", "surface", 4.5),
        ("environment-text", "environment", 4.5),
        ("environment-protected-text", "environment-protected", 4.5),
        ("cursor-text", "cursor", 4.5),
        ("foreground", "cursor-blurred", 4.5),
        ("border-focus", "background", 3.0),
    ]
    for ink, paper, least in pairs:
        assert _contrast(values[ink], values[paper]) >= least, (ink, paper)


def _contrast(one: str, other: str) -> float:
    def luminance(text: str) -> float:
        parts = [channel / 255 for channel in Color.parse(text).rgb]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_an_incomplete_theme_is_refused() -> None:
    with pytest.raises(ValueError, match="a theme needs"):
        read_theme('name: half\ndark: true\nprimary: "#112233"\n')
