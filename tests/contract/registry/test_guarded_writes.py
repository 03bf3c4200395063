"""A write that overwrites nothing but what was seen: on both backends, within the transaction."""

from dataclasses import replace
from uuid import UUID

import pytest

from ocm_tui.core.errors import Conflict
from ocm_tui.core.registry.model import RegistryEntry
from ocm_tui.core.registry.row_edits import only_if_still
from ocm_tui.core.registry.service import ClientRegistry

_ENTRY = RegistryEntry(client_id=UUID(int=7), client_code="orders-api", rate_limit=100, metadata={"team": "shop"})


async def test_what_was_seen_is_overwritten(registry: ClientRegistry) -> None:
    first = await registry.upsert(_ENTRY, guard=only_if_still(None))
    assert first.before is None
    seen = await registry.store.get(_ENTRY.client_id)
    second = await registry.upsert(replace(_ENTRY, rate_limit=9), guard=only_if_still(seen))
    assert second.before == seen
    assert second.client is not None
    assert second.client.rate_limit == 9
    await registry.delete(_ENTRY.client_id, guard=only_if_still(second.client))
    assert await registry.store.get(_ENTRY.client_id) is None


async def test_what_moved_meanwhile_is_not(registry: ClientRegistry) -> None:
    await registry.upsert(_ENTRY)
    seen = await registry.store.get(_ENTRY.client_id)
    theirs = (await registry.set_status(_ENTRY.client_id, "SUSPENDED")).client
    waiting = await registry.store.outbox()
    for stale in (None, seen):
        with pytest.raises(Conflict) as caught:
            await registry.upsert(replace(_ENTRY, rate_limit=9), guard=only_if_still(stale))
        assert caught.value.theirs == theirs
    with pytest.raises(Conflict):
        await registry.delete(_ENTRY.client_id, guard=only_if_still(seen))
    assert await registry.store.get(_ENTRY.client_id) == theirs
    assert await registry.store.outbox() == waiting, "nothing is for the cache to hear of"


async def test_what_was_deleted_meanwhile_is_not_made_again(registry: ClientRegistry) -> None:
    seen = (await registry.upsert(_ENTRY)).client
    await registry.delete(_ENTRY.client_id)
    with pytest.raises(Conflict) as caught:
        await registry.upsert(_ENTRY, guard=only_if_still(seen))
    assert caught.value.theirs is None
    assert await registry.store.get(_ENTRY.client_id) is None
