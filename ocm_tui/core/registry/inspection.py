"""Each cached client against its row: the sweep over all of them, and the close look at one."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.cache_states import (
    CACHE_STATES,
    CacheFinding,
    CacheState,
    ClientInspection,
    CompareReport,
    SweepProgress,
)
from ocm_tui.core.registry.errors import NotRegistered
from ocm_tui.core.registry.model import RegistryClient
from ocm_tui.core.registry.ports import GONE
from ocm_tui.core.registry.verdicts import verdict

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import CacheWork, ClientRegistry

__all__ = [
    "CACHE_STATES",
    "CacheFinding",
    "CacheState",
    "ClientInspection",
    "CompareReport",
    "Inspection",
    "SweepProgress",
]

_AGAIN_AFTER: Final = 1.0  # seconds: longer than any write is under way between table and cache
_AGAIN_SOON: Final = 0.02  # a cache in process is written in the same moment as the table
_IN_ORDER: Final = frozenset({"fresh", "negative", None})


class Inspection:
    """Reads only, but for `repair`, which goes through the service and its policy."""

    def __init__(self, registry: "ClientRegistry", *, again_after: float | None = None) -> None:
        self.registry = registry
        if again_after is None:
            again_after = _AGAIN_AFTER if registry.cache.kind == "redis" else _AGAIN_SOON
        self._again_after = again_after

    async def sweep(
        self,
        *,
        compare: bool = True,
        keep_fresh: bool = False,
        on_progress: Callable[[SweepProgress], None] | None = None,
        throttle: bool = True,
        deep: bool = False,
        stop: asyncio.Event | None = None,
    ) -> CompareReport:
        """Every `client:*` key once, and with `compare` every row against it.

        Set `stop` to end early: what was seen by then is compared and told, and `complete` is false. Between two
        batches it sleeps as long as a batch takes, unless told not to. What looks stale, orphaned or corrupt is looked
        at once more after a second, for cache and table are not read at one moment. Raises CacheUnreachable,
        DatabaseUnreachable and RegistryDenied.

        A value is known by the version that it begins with. With `deep` those that have their row's version are read
        whole, and so are the rows, which takes some ten times as long: what says something else is corrupt.
        """
        from ocm_tui.core.registry.sweep import Sweep

        sweep = Sweep(
            self.registry, on_progress, stop or asyncio.Event(), again_after=self._again_after, throttle=throttle
        )
        await sweep.scan()
        if compare:
            return await sweep.compared(keep_fresh=keep_fresh, deep=deep)
        return await sweep.listed()

    async def look(self, client_id: UUID) -> ClientInspection:
        """A dead cache, or a dead database, is said in the result."""
        (value, ttl_ms, cache_problem), (row, database_problem) = await asyncio.gather(
            self._cached(client_id), self._row(client_id)
        )
        told = verdict(client_id, value, row)
        cached = told.cached
        both = not cache_problem and not database_problem
        return ClientInspection(
            client_id=client_id,
            row=row,
            cached=cached.client if cached else None,
            ttl_ms=ttl_ms,
            state=told.state if both else None,
            cache_version=cached.version if cached and cached.version >= 0 else None,
            differences=told.differences,
            raw=value,
            problem=told.problem,
            approximate=told.foreign or (row is not None and not row.row_version),
            cached_at=cached.cached_at if cached else None,
            database_problem=database_problem,
            cache_problem=cache_problem,
        )

    async def repair(self, findings: Sequence[CacheFinding]) -> "CacheWork":
        """Each cached copy as its row is: no copy where there is no row. Refused before anything is done.

        What is fresh, or rightly negative, is left alone; a missing one is filled when it is asked for.
        """
        wrong = [one.client_id for one in findings if one.state not in _IN_ORDER]
        return await self.registry.refresh(wrong)

    async def _cached(self, client_id: UUID) -> tuple[bytes | None, int, str]:
        try:
            value, ttl_ms = (await self.registry.cache.get_many([client_id]))[0]
        except OcmError as error:
            return None, GONE, str(error)
        return value, ttl_ms, ""

    async def _row(self, client_id: UUID) -> tuple[RegistryClient | None, str]:
        try:
            return await self.registry.store.get(client_id), ""
        except NotRegistered:
            return None, ""
        except OcmError as error:
            return None, str(error)
