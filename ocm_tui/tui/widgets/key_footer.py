"""The line at the bottom: what can I do. A key that is refused now is dimmed, and says why when it is pressed."""

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget

from ocm_tui.tui.actions import Action
from ocm_tui.tui.tones import TONES

__all__ = ["KeyFooter"]


class KeyFooter(Widget):
    DEFAULT_CSS = """KeyFooter { height: 1; background: $surface; }"""

    def __init__(self, actions: Sequence[Action], why_not: Callable[[Action], str | None]) -> None:
        super().__init__()
        first = {action.keys[0]: action for action in reversed(actions)}  # a pane's own key goes before the app's
        self._actions = [action for action in actions if action.footer and first[action.keys[0]] is action]
        self._why_not = why_not
        self._off: list[bool] = []

    def look_again(self) -> None:
        """Something may have changed what is allowed: paint only if it did."""
        if self._refused() != self._off:
            self.refresh()

    def _refused(self) -> list[bool]:
        return [self._why_not(action) is not None for action in self._actions]

    def render(self) -> Content:
        parts: list[Content] = []
        self._off = self._refused()
        refused = dict(zip((action.id for action in self._actions), self._off, strict=True))
        for action in self._fitting():
            off = refused[action.id]
            parts.append(Content.styled(f" {action.key_text} ", TONES["dim" if off else "key"]))
            parts.append(Content.styled(f"{action.title}  ", TONES["dim" if off else ""]))
        return Content("").join(parts)

    def _fitting(self) -> list[Action]:
        """All that fit. The last two, help and commands, never go; of the others the least important goes first."""
        most, last = self._actions[:-2], self._actions[-2:]
        from_the_end = most[::-1]
        going = sorted(from_the_end, key=lambda action: action.stays)  # those that stay are the last to go
        shown = [*most, *last]
        for action in going:
            if sum(map(_width, shown)) <= self.size.width:
                break
            shown.remove(action)
        return shown

    async def on_click(self, event: events.Click) -> None:
        start = 0
        for action in self._fitting():
            start += _width(action)
            if event.x < start:
                prefix = "app." if action.pane == "app" else "screen."
                await self.run_action(prefix + action.verb)
                return


def _width(action: Action) -> int:
    return len(f" {action.key_text} {action.title}  ")
