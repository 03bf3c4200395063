"""A profile was probed and refused: why, what became of it, and the ways to go on."""

from collections.abc import Iterable
from typing import ClassVar, Final, Literal

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.core.oci.probe import ProbeResult
from ocm_tui.core.oci.registry import Change
from ocm_tui.core.text import clean
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.state import age_text
from ocm_tui.tui.tones import TONES

__all__ = ["GoOn", "RefusedScreen", "why_text"]

GoOn = Literal["mend", "keep", "leave"]

_REASONS: Final = {
    "network": "It was the network, not the credentials",
    "service": "It was the service, not the profile",
    "credentials": "The credentials were refused",
    "clock": "The clocks are too far apart",
    "permission": "It signs in, but may not ask for the namespace",
    "configuration": "The profile itself rules it out; nothing was sent",
}
_MOST_CAUSES: Final = 5


class RefusedScreen(ChoiceScreen[GoOn]):
    """Dismissed with how to go on; None is back to where it was changed."""

    DEFAULT_CSS = "RefusedScreen #causes { height: auto; max-height: 25vh; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, change: Change, *, asked: str, mend: str, now: float) -> None:
        """`asked` is what was wanted, `mend` the words for going back to it, `now` seconds since the epoch."""
        super().__init__(f"{asked}: refused", _choices(change, mend))
        self.set_class(change.tried.reason not in {"network", "service"}, "-danger")
        self._change, self._now = change, now

    def compose_dialog(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(why_text(self._change.tried)), id="causes", can_focus=False)
        yield Static(Content.styled(f"\n{became(self._change, self._now)}\n", TONES["strong"]))
        yield from super().compose_dialog()

    def action_scroll(self, by: int) -> None:
        self.query_one("#causes").scroll_relative(y=by, animate=False)


def _choices(change: Change, mend: str) -> dict[str, tuple[GoOn, str]]:
    named = clean(change.entry.name, 60)
    choices: dict[str, tuple[GoOn, str]] = {"e": ("mend", mend)}
    if change.rolled_back or change.entry.draft:
        choices["k"] = ("keep", f"keep it anyway: it counts as {change.tried.status}, and can be saved")
    how = "as it was" if change.rolled_back else "as a draft" if change.entry.draft else "with the new values"
    return {**choices, "d": ("leave", f"leave {named} {how}")}


def why_text(tried: ProbeResult) -> Content:
    """The reason, what was said, and the likely causes: those that were seen, then those that only fit."""
    lines = [Content.styled(_REASONS.get(tried.reason, "It was refused"), "bold"), Content(tried.error)]
    if tried.hint and all(tried.hint != cause.hint for cause in tried.causes):
        lines.append(Content.styled(f"→ {tried.hint}", TONES["good"]))
    for cause in tried.causes[:_MOST_CAUSES]:
        if cause.title != tried.error:
            mark = ("● ", TONES["bad"]) if cause.certain else ("○ ", TONES["dim"])
            lines.append(Content.assemble(mark, cause.title))
        if cause.hint:
            lines.append(Content.styled(f"  → {cause.hint}", TONES["good"]))
    return Content("\n").join(lines)


def became(change: Change, now: float) -> str:
    if change.entry.draft:
        return "Nothing is lost: it stays as a draft, which can be mended, and which a save leaves out."
    if not change.rolled_back:
        return "The new values are kept in memory: it was not useable before either."
    before = change.entry.result
    verified = f", verified {age_text(now - before.verified_at)} ago" if before is not None else ""
    return f"It was rolled back: the profile is {change.entry.status} as before{verified}."
