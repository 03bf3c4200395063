"""What events do to the table of clients: a batch in one transaction, each event once, whoever delivers it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast
from uuid import UUID

from ocm_tui.core.errors import NotConfigured
from ocm_tui.core.registry.events.arrivals import Arrival
from ocm_tui.core.registry.events.fold import Outcome

if TYPE_CHECKING:
    from ocm_tui.core.registry.ports import ClientStore
    from ocm_tui.core.registry.postgres import PostgresStore
    from ocm_tui.core.registry.sqlite_store import SqliteStore

__all__ = ["Applied", "EventEffects", "applied", "effects_of", "first_of_each"]


@dataclass(frozen=True, slots=True)
class Applied:
    """`outcomes` by stream id. `touched` are the clients of all events, duplicates too: a redelivery may be there
    because the cache never heard of the first."""

    outcomes: Mapping[str, Outcome]
    touched: Sequence[UUID]


class EventEffects(Protocol):
    """Raises what a `ClientStore` raises, DatabaseBusy above all; then nothing was written."""

    async def apply(self, arrivals: Sequence[Arrival]) -> Applied: ...

    async def forget(self, before: datetime) -> int:
        """Drop what is remembered of events that were applied before; the stream must not hold them any more."""
        ...

    async def ready(self) -> None:
        """Raises when the tables are not there, or not what events need: then no event is to blame."""
        ...

    async def newest(self) -> datetime | None:
        """When an event was last applied, by anyone."""
        ...


def effects_of(store: "ClientStore") -> EventEffects:
    if store.kind == "postgres":
        from ocm_tui.core.registry.events.effects_postgres import PostgresEffects

        return PostgresEffects(cast("PostgresStore", store))
    if store.kind == "sqlite":
        from ocm_tui.core.registry.events.effects_sqlite import SqliteEffects

        return SqliteEffects(cast("SqliteStore", store))
    raise NotConfigured(f"the registry at {store.address} takes no events")


def first_of_each(arrivals: Sequence[Arrival]) -> dict[str, Arrival]:
    """By event id: one batch may hold an event twice."""
    first: dict[str, Arrival] = {}
    for one in arrivals:
        first.setdefault(one.event_id, one)
    return first


def applied(arrivals: Sequence[Arrival], fresh: Mapping[str, Outcome]) -> Applied:
    """`fresh` says what became of those that were new."""
    outcomes = {one.stream_id: fresh.get(one.stream_id, "duplicate") for one in arrivals}
    return Applied(outcomes, sorted({one.client_id for one in arrivals}))
