"""One batch of deliveries, from their fields to their acknowledgement."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.errors import CacheUnreachable, DatabaseBusy, DatabaseFailed, DatabaseUnreachable
from ocm_tui.core.registry.events.arrivals import Arrival, arrival
from ocm_tui.core.registry.events.codec import Unparsable
from ocm_tui.core.registry.events.effects import Applied, EventEffects
from ocm_tui.core.registry.events.fold import Outcome
from ocm_tui.core.registry.events.model import Delivery, EventStream

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["Batch"]

_BUSY_TRIES: Final = 5
_DELIVERIES: Final = 5  # an entry that is refused so often becomes a dead letter


class Batch:
    """`work` may be called again after DatabaseFailed: then nothing was lost, and nothing is counted twice."""

    def __init__(
        self, registry: "ClientRegistry", effects: EventEffects, stream: EventStream, deliveries: Sequence[Delivery]
    ) -> None:
        self._registry, self._effects, self._stream = registry, effects, stream
        self._open = {one.stream_id: one for one in deliveries}
        self._outcomes = Counter[Outcome]()
        self.buried = 0
        self.gone = 0
        self.problem = ""

    def count(self, outcome: Outcome) -> int:
        return self._outcomes[outcome]

    async def work(self) -> int:
        """How many stay pending. DatabaseFailed: the database, not an event, is to blame. StreamUnreachable."""
        arrivals = await self._parsed()
        try:
            applied = await self._together(arrivals)
        except (DatabaseUnreachable, DatabaseBusy):
            raise
        except (UsageError, DatabaseFailed):
            await self._effects.ready()  # raises when no event can be applied
            await self._one_by_one(arrivals)
        else:
            await self._finish(applied)
        return len(self._open)

    async def _parsed(self) -> list[Arrival]:
        arrivals, gone = [], []
        for one in list(self._open.values()):
            if one.fields is None:
                gone.append(one.stream_id)
                continue
            try:
                arrivals.append(arrival(one.stream_id, one.fields))
            except Unparsable as error:
                await self._bury(one, str(error))
        await self._acknowledge(gone)
        self.gone += len(gone)
        return arrivals

    async def _together(self, arrivals: Sequence[Arrival]) -> Applied:
        for _ in range(_BUSY_TRIES - 1):
            try:
                return await self._effects.apply(arrivals)
            except DatabaseBusy:
                continue  # it waited for the lock already; the locks are taken in one order, so somebody went on
        return await self._effects.apply(arrivals)

    async def _one_by_one(self, arrivals: Iterable[Arrival]) -> None:
        """Each in its own transaction: one that is refused leaves the others alone."""
        for one in arrivals:
            delivery = self._open[one.stream_id]
            try:
                applied = await self._together([one])
            except DatabaseUnreachable:
                raise
            except DatabaseBusy as error:
                self.problem = str(error)  # somebody holds that client; no reason to give the event up
            except (UsageError, DatabaseFailed) as error:
                self.problem = f"{one.stream_id}: {error}"
                if delivery.times >= _DELIVERIES:
                    await self._bury(delivery, str(error))
            else:
                await self._finish(applied)

    async def _finish(self, applied: Applied) -> None:
        """The cache first: until the entries are acknowledged somebody will do it again. Where there is an outbox,
        that remembers what the cache missed."""
        if not await self._registry.bring(applied.touched) and "outbox" not in self._registry.store.capabilities:
            raise CacheUnreachable("the cache did not take the events' clients", hint="they are tried again")
        await self._acknowledge(list(applied.outcomes))
        self._outcomes.update(applied.outcomes.values())

    async def _acknowledge(self, stream_ids: Sequence[str]) -> None:
        await self._stream.acknowledge(stream_ids)
        for one in stream_ids:
            self._open.pop(one, None)

    async def _bury(self, delivery: Delivery, error: str) -> None:
        await self._stream.bury(delivery, error)
        self._open.pop(delivery.stream_id, None)
        self.buried += 1
