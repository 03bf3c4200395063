"""A few clients at once, each row beside its cached value: for what is on a screen, where a sweep would be too much."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ocm_tui.core.registry.cache_states import CacheFinding
from ocm_tui.core.registry.entries import version_of
from ocm_tui.core.registry.model import RegistryClient
from ocm_tui.core.registry.verdicts import verdict

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["Glance", "glance"]

_SECOND_LOOK: Final = 0.2  # seconds; a write is in the cache by then, unless something is wrong


@dataclass(frozen=True, slots=True)
class Glance:
    """`rows` are those that are there; `findings` one for each client that has a row or a value."""

    rows: Mapping[UUID, RegistryClient]
    findings: Sequence[CacheFinding]


async def glance(registry: "ClientRegistry", client_ids: Sequence[UUID]) -> Glance:
    """Some hundred at most: one question to each of the two. What looks wrong is looked at once more, for they are not
    read at one moment. Raises CacheUnreachable, DatabaseUnreachable, DatabaseFailed, RegistryDenied."""
    rows, findings = await _look(registry, client_ids)
    suspects = [one.client_id for one in findings if one.state in ("stale", "corrupt", "orphan")]
    if suspects:
        await asyncio.sleep(_SECOND_LOOK)
        again, second = await _look(registry, suspects)
        rows = {client_id: row for client_id, row in rows.items() if client_id not in set(suspects)} | again
        findings = [one for one in findings if one.client_id not in set(suspects)] + second
    return Glance(rows, findings)


async def _look(
    registry: "ClientRegistry", client_ids: Sequence[UUID]
) -> tuple[dict[UUID, RegistryClient], list[CacheFinding]]:
    values, rows = await asyncio.gather(registry.cache.get_many(client_ids), registry.store.get_many(client_ids))
    findings: list[CacheFinding] = []
    approximate = "versions" not in registry.store.capabilities
    for client_id, (value, ttl_ms) in zip(client_ids, values, strict=True):
        row = rows.get(client_id)
        judged = verdict(client_id, value, row)
        if judged.state is None:
            continue
        findings.append(
            CacheFinding(
                client_id,
                judged.state,
                ttl_ms,
                judged.cached.version if judged.cached is not None and judged.cached.version >= 0 else None,
                version_of(row) if row is not None else None,
                len(value) if value is not None else 0,
                approximate=approximate,
            )
        )
    return dict(rows), findings
