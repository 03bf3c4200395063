"""Keys take effect in the order in which they were pressed.

Textual gives a key to the widget that has the focus, and looks for a binding when it has bubbled up from there. What
was pressed after it can be faster: of `wrong`, five backspaces and `right`, typed ahead over a slow line, Textual makes
`wron`, and of a quickly typed `/orders` letters reach the list, where `o` and `e` are commands. Here a key waits until
the one before it was worked off, with the focus and the screen that came of it.
"""

import asyncio
import time
from collections import deque
from typing import Final

from textual import events, on
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker

from ocm_tui.tui.widgets.scrolling import LineView

__all__ = ["OrderedKeysApp"]

_ROUNDS: Final = 2  # behind the key itself, and behind what it has led to, such as a filter that was submitted
_LOOK_AGAIN: Final = 0.02  # seconds
_PATIENCE: Final = 0.5  # seconds; then the next key goes on: what one widget is stuck in must not hold up `ctrl+q`


class _Followed(Message):
    """Goes the way of a key, right behind it: when it is at the top, so was the key."""

    def __init__(self, number: int, target: DOMNode, rounds: int) -> None:
        super().__init__()
        self.number, self.target, self.rounds = number, target, rounds


class OrderedKeysApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self._pressed: deque[events.Key | events.Paste] = deque()
        self._pressed_at = time.monotonic()
        self._number = 0  # of the key that is under way
        self._under_way = False
        self._screen_before: Screen[object] | None = None
        self._work_before: set[Worker[object]] = set()
        self._patience: asyncio.TimerHandle | None = None

    @property
    def keys_under_way(self) -> bool:
        """Whether a key is being worked off, or waits for one."""
        return self._under_way

    @property
    def idle_seconds(self) -> float:
        """Since the last key."""
        return time.monotonic() - self._pressed_at

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded or not self.screen_stack:
            await super().on_event(event)
        elif self._under_way:
            self._pressed.append(event)
        else:
            await self._press(event)

    async def _press(self, event: events.Key | events.Paste) -> None:
        self._under_way, self._pressed_at = True, time.monotonic()
        self._number += 1
        self._screen_before, self._work_before = self.screen, set(self.workers)
        target = self.focused or self.screen
        if isinstance(event, events.Paste) or not await self._acted_on(event.key):
            await super().on_event(event)
        self._follow(target)

    async def _acted_on(self, key: str) -> bool:
        """At once where it cannot be text."""
        if not isinstance(self.focused, LineView):
            return False
        return await self._check_bindings(key, priority=True) or await self._check_bindings(key)

    def _follow(self, target: DOMNode) -> None:
        self._stop_waiting()
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(_PATIENCE, self.call_later, self._go_on, self._number)
        self._send_behind(target, _ROUNDS)

    def _send_behind(self, target: DOMNode, rounds: int) -> None:
        behind = _Followed(self._number, target, rounds)
        if not target.post_message(behind):  # it is gone already
            self._arrived(behind)

    @on(_Followed)
    def _arrived(self, behind: _Followed) -> None:
        self.call_later(self._worked_off, behind)  # after a change of the focus

    async def _worked_off(self, behind: _Followed) -> None:
        now = self.screen_stack[-1] if self.screen_stack else None
        if behind.number != self._number or now is None:
            return
        if now is not self._screen_before:
            self._screen_before = now
            self._follow(now)  # it has to be there before a key can be meant for it
        elif behind.rounds > 1:
            self._send_behind(behind.target, behind.rounds - 1)
        elif self._pressed and self._is_at_work():
            # It may be about to open a form that the next key is meant for.
            asyncio.get_running_loop().call_later(_LOOK_AGAIN, self.call_later, self._worked_off, behind)
        else:
            await self._go_on(behind.number)

    def _is_at_work(self) -> bool:
        return any(not worker.is_finished for worker in self.workers if worker not in self._work_before)

    async def _go_on(self, number: int) -> None:
        if number != self._number or not self._under_way:
            return
        self._stop_waiting()
        self._under_way = False
        if self._pressed:
            await self._press(self._pressed.popleft())

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
