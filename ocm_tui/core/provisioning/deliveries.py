"""Secrets that the server has, on their way into their files: in groups, beside the steps that follow.

A thread that is asked for each file alone costs more than the file. Until its secret is in its place a step has no
outcome: after a kill the staged copy is there, the client is read back, and the secret is delivered then.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.provisioning.journal import Outcome
from ocm_tui.core.provisioning.model import Change
from ocm_tui.core.provisioning.staging import StagedSecrets
from ocm_tui.core.provisioning.step import Step

__all__ = ["Deliveries"]

_GATHER: Final = 0.05  # seconds in which steps come together
_MOST: Final = 256  # steps that may wait; then those who bring more wait as well


class Deliveries:
    """`run` it beside the steps, `add` those that it `takes`, and `end` it when there are no more.

    `done` is called with the outcome of each.
    """

    def __init__(self, staged: StagedSecrets, done: Callable[[Change, Outcome], None]) -> None:
        self._staged, self._done = staged, done
        self._waiting: list[tuple[Step, OcmError | None]] = []
        self._something, self._enough, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._ended = False

    def takes(self, step: Step) -> bool:
        """A secret in a file, and nothing to be done after it."""
        return step.delivers and step.change.row is None and self._staged.is_in_file(step.change.client_id)

    async def add(self, step: Step, error: OcmError | None) -> None:
        self._waiting.append((step, error))
        self._something.set()
        if len(self._waiting) >= _MOST:
            self._enough.set()
            self._room.clear()
            await self._room.wait()

    def end(self) -> None:
        """What waits is delivered, and `run` returns."""
        self._ended = True
        self._something.set()
        self._enough.set()

    async def run(self) -> None:
        while self._waiting or not self._ended:
            await self._something.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(_GATHER):
                    await self._enough.wait()
            group, self._waiting = self._waiting, []
            if not self._ended:
                self._something.clear()
                self._enough.clear()
            self._room.set()
            await self._deliver(group)

    async def _deliver(self, group: list[tuple[Step, OcmError | None]]) -> None:
        ended = await self._staged.promote_files([step.change.client_id for step, _ in group])
        for (step, error), undelivered in zip(group, ended, strict=True):
            self._done(step.change, step.outcome(error, undelivered))
