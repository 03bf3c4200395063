"""One client on the four planes, in words: what each of them holds, what disagrees, and what cures it."""

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.content import Content

from ocm_tui.core.text import clean
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocm_tui.core.registry.planes import Disagreement, Planes

__all__ = ["planes_content"]

_MARKS: Final = {
    "present": ("●", "good"),
    "absent": ("○", "warn"),
    "unknown": ("?", "warn"),
    "not configured": ("·", "dim"),
}
_NAME_WIDTH: Final = 10
_KEYS: Final = {"refresh": ("f", "puts the row into the cache"), "set-status": ("t", "sets the status"),
                "apply": ("a", "in the Clients pane plans and applies")}  # fmt: skip


def planes_content(planes: "Planes") -> Content:
    from ocm_tui.core.registry.planes import PLANES

    wrong = {name for one in planes.disagreements for name in _odd(one)}
    lines: list[Content] = []
    for name in PLANES:
        view = planes[name]
        mark, tone = _MARKS[view.state]
        if name in wrong and view.state == "present":
            mark, tone = "▲", "bad"
        lines.append(
            Content.assemble(
                (f"{mark} ", TONES[tone]),
                (f"{name:<{_NAME_WIDTH}} ", TONES["strong"]),
                (clean(view.text or view.state, 300), TONES[tone if tone != "good" else ""]),
            )
        )
    lines.append(Content(""))
    if planes.disagreements:
        count = len(planes.disagreements)
        lines.append(Content.styled(f"▲ {count} disagreement{'s' if count != 1 else ''}", TONES["bad"]))
        for one in planes.disagreements:
            lines += _disagreement(one)
        return Content("\n").join(lines)
    unknown = [name for name in PLANES if planes[name].state == "unknown"]
    if unknown:
        lines.append(Content.styled(f"? Not all of it is known: {', '.join(unknown)} did not tell.", TONES["warn"]))
    else:
        lines.append(Content.styled("● Nothing disagrees.", TONES["good"]))
    return Content("\n").join(lines)


def _disagreement(one: "Disagreement") -> "Iterator[Content]":
    odd = _odd(one)
    yield Content("")
    yield Content.styled(clean(one.field, 80), TONES["name"])
    for name, value in one.values.items():
        shown = clean(value, 400) or "–"
        tone = "bad" if name in odd else ""
        yield Content.assemble(("  " + name.ljust(_NAME_WIDTH) + " ", TONES["dim"]), (shown, TONES[tone]))
    if one.cure:
        yield Content.assemble(("  cure       ", TONES["dim"]), (clean(one.cure, 500), TONES["strong"]))
        hint = [Content.assemble(("Y", TONES["key"]), " copies it")]
        if one.action in _KEYS:
            key, does = _KEYS[one.action]
            hint.insert(0, Content.assemble((key, TONES["key"]), f" {does}"))
        yield Content.assemble(" " * cell_len("  cure       "), Content(" · ").join(hint))
    else:
        yield Content.assemble(
            ("  cure       ", TONES["dim"]), ("somebody has to decide which is right", TONES["warn"])
        )


def _odd(one: "Disagreement") -> set[str]:
    """The planes that stand against the first one that says something: it is what was wanted."""
    values = list(one.values.items())
    return {name for name, value in values[1:] if value != values[0][1]}
