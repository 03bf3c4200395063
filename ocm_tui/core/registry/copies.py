"""Copies on their way into the cache: the bytes, the version and the time to live of each."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from ocm_tui.core.registry.entries import NEGATIVE, encode, gone, version_of
from ocm_tui.core.registry.model import RegistryClient

__all__ = ["Copies", "Copy"]

_NEGATIVE_MS: Final = 10_000
_GONE_MS: Final = 30_000  # longer than any read that began before the deletion

Copy = tuple[UUID, int, bytes, int]  # id, version, value, ttl_ms: what `ClientCache.put` takes


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Copies:
    """`ttl` is in seconds. A copy lives a tenth longer or shorter, so that those of a bulk write do not end as one."""

    ttl: float
    chance: Callable[[], float] = random.random
    now: Callable[[], datetime] = _now

    def of(self, client: RegistryClient) -> Copy:
        ttl_ms = max(1, round(self.ttl * 1000 * (0.9 + 0.2 * self.chance())))
        return client.client_id, version_of(client), encode(client, cached_at=self.now()), ttl_ms

    def of_nobody(self, client_id: UUID) -> Copy:
        """There is no row: any row that comes wins over this."""
        return client_id, 0, NEGATIVE, _NEGATIVE_MS

    def of_deleted(self, client_id: UUID, version: int) -> Copy:
        return client_id, version, gone(version), _GONE_MS
