"""Who is cancelled in the middle of a call stops, at whatever moment that is, and leaves the rest as it was."""

import asyncio
import random
from contextlib import suppress
from uuid import UUID

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.service import ClientRegistry
from tests.contract.registry.backends import entry

_AT_ONCE = 20
_ROUNDS = 12
_PATIENCE = 20.0  # seconds: a limit for a task that never ends, not a measure


async def _at_work(registry: ClientRegistry, ids: list[UUID], chance: random.Random) -> None:
    calls = (registry.get, lambda one: registry.invalidate([one]), lambda one: registry.refresh([one]))
    while True:
        with suppress(OcmError):
            await chance.choice(calls)(chance.choice(ids))


async def test_a_cancelled_task_ends(registry: ClientRegistry) -> None:
    chance = random.Random(11)
    rows = [await registry.upsert(entry()) for _ in range(10)]
    ids = [row.client_id for row in rows]
    for _ in range(_ROUNDS):
        tasks = [asyncio.create_task(_at_work(registry, ids, chance)) for _ in range(_AT_ONCE)]
        for _ in range(chance.randrange(1, 200)):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        _, on = await asyncio.wait(tasks, timeout=_PATIENCE)
        for task in on:
            task.cancel()  # once more, so that the test itself ends
        assert not on
        assert all(task.cancelled() for task in tasks)
    found = await registry.get(ids[0])
    assert found.client == rows[0].client
