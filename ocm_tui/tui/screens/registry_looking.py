"""How the Registry pane knows what it shows: rows page by page, the status, the live feed, the events.

Each of them fails by itself: a dead cache leaves the rows here, a dead database leaves what was read, with its age.
Nothing is sent for each change: a timer looks at what has piled up.
"""

import asyncio
import time
from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from uuid import UUID

from textual import on, work
from textual.message import Message

from ocm_tui.core.errors import NotConfigured, OcmError
from ocm_tui.core.session import Session
from ocm_tui.tui.list_pane import ListPane
from ocm_tui.tui.models.registry_cards import StatusHistory
from ocm_tui.tui.models.registry_rows import RegistryRows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ocm_tui.core.registry.glance import Glance
    from ocm_tui.core.registry.model import RegistryClient, RegistryQuery
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.registry.status import RegistryStatus
    from ocm_tui.tui.models.event_rows import EventLine

__all__ = ["FEED_AGAIN", "MOST_ROWS", "LookingAtRegistry"]

MOST_ROWS: Final = 100_000  # what is kept here; beyond that the filter asks the database
FEED_AGAIN: Final = 5.0  # seconds until a feed that was lost is tried again
_PAGE: Final = 500
_WHILE_LOADING: Final = 0.2  # seconds between two looks at a list that is still coming
_STATUS_SECONDS: Final = 2.0
_TICK_SECONDS: Final = 0.25
_AT_ONCE: Final = 300  # clients of one glance
_RELOADED_UNASKED: Final = 5_000  # a list up to this is read again when rows have changed
_EVENTS: Final = 200


class RegistryOpened(Message):
    def __init__(self, registry: "ClientRegistry | None", error: OcmError | None = None) -> None:
        super().__init__()
        self.registry, self.error = registry, error


class RowsCame(Message):
    """`whole` replaces the list; else they come behind it. `last` is the end, `capped` where we stopped reading."""

    def __init__(
        self, generation: int, clients: "Sequence[RegistryClient]", *, whole: bool, last: bool, capped: bool = False
    ) -> None:
        super().__init__()
        self.generation, self.clients, self.whole, self.last, self.capped = generation, clients, whole, last, capped


class RowsFailed(Message):
    def __init__(self, generation: int, error: OcmError) -> None:
        super().__init__()
        self.generation, self.error = generation, error


class StatusRead(Message):
    def __init__(self, status: "RegistryStatus", events: "Sequence[EventLine] | None", problem: str = "") -> None:
        super().__init__()
        self.status, self.events, self.problem = status, events, problem


class Glanced(Message):
    def __init__(self, asked: "Sequence[UUID]", seen: "Glance | None") -> None:
        super().__init__()
        self.asked, self.seen = asked, seen


class LookingAtRegistry(ListPane):
    """`registry` is None until it is open; `trouble` says why it never will be. `problem` is why rows are missing."""

    def __init__(self) -> None:
        super().__init__()
        self.registry: ClientRegistry | None = None
        self.trouble: OcmError | None = None
        self.rows = RegistryRows()
        self.rows.set_sort(1)
        self.history = StatusHistory()
        self.events: Sequence[EventLine] = ()
        self.events_problem = ""
        self.feed = "connecting"
        self.fetching = False
        self.problem: OcmError | None = None
        self.capped = False  # there are more rows than are kept here
        self.changed_since = False  # rows have changed since the list was read
        self.read_at: float | None = None  # of the monotonic clock: when the list was last complete
        self._generation = 0
        self._shown_at = 0.0
        self._coming: list[RegistryClient] = []
        self._changed: set[UUID] = set()
        self._resync = False
        self._glancing = False
        self._looking = False
        self._feed_retry_at = 0.0

    @abstractmethod
    def show_cards(self) -> None: ...

    @abstractmethod
    def show_detail(self) -> None: ...

    # Opening

    def session_opened(self, session: Session) -> None:
        self._open(session)
        self.show_state()

    @work(exclusive=True, group="registry.open", exit_on_error=False, description="open the registry")
    async def _open(self, session: Session) -> None:
        try:
            registry = await session.require_registry()
        except OcmError as error:
            self.post_message(RegistryOpened(None, error))
        else:
            if not session.demo:  # there something is meant to be behind
                registry.start_relay()
            self.post_message(RegistryOpened(registry))

    @on(RegistryOpened)
    def _opened(self, event: RegistryOpened) -> None:
        self.registry, self.trouble = event.registry, event.error
        if event.error is not None and not isinstance(event.error, NotConfigured):
            self.console.announce_error(event.error)
        if self.registry is not None:
            self.load()
            self._follow_cache(self.registry)
            self._follow_rows(self.registry)
            self._read_status(self.registry)
            self.set_interval(_STATUS_SECONDS, self.look_at_status)
            self.set_interval(_TICK_SECONDS, self._tick)
        self.show_state()
        self.show_cards()

    # Rows

    def load(self) -> None:
        """Read the rows; those of the filter if there are too many. A reload replaces them when it is complete."""
        if self.registry is None:
            return
        self._generation += 1
        self.fetching, self.problem, self.changed_since = True, None, False
        self._coming = []
        query = self.rows.query if self.capped else None
        self._load(self.registry, self._generation, query, quiet=bool(self.rows.total))
        self.show_state()

    @work(exclusive=True, group="registry.rows", exit_on_error=False, description="read the registry's rows")
    async def _load(
        self, registry: "ClientRegistry", generation: int, query: "RegistryQuery | None", *, quiet: bool
    ) -> None:
        from ocm_tui.core.registry.model import RegistryQuery

        after: UUID | None = None
        held: list[RegistryClient] = []
        count = 0
        try:
            while True:
                page = await registry.page(query or RegistryQuery(), after=after, limit=_PAGE)
                count += len(page.items)
                after = page.next
                capped = after is not None and count >= MOST_ROWS
                last = after is None or capped
                if quiet:
                    held += page.items
                    if last:
                        self.post_message(RowsCame(generation, held, whole=True, last=True, capped=capped))
                else:
                    self.post_message(RowsCame(generation, page.items, whole=False, last=last, capped=capped))
                if last:
                    return
        except OcmError as error:
            self.post_message(RowsFailed(generation, error))

    @on(RowsCame)
    def _rows_came(self, event: RowsCame) -> None:
        if event.generation != self._generation:
            return
        self._coming += event.clients
        now = time.monotonic()
        if not event.last and now - self._shown_at < _WHILE_LOADING:
            return  # sorting and painting each page would cost more than the page
        self._shown_at = now
        if event.whole:
            self.rows.replace(self._coming)
        else:
            self.rows.extend(self._coming)
        self._coming = []
        if event.last:
            self.fetching, self.capped, self.read_at = False, event.capped or (self.capped and self.rows.filtered), now
            self.table.marks &= {str(client.client_id) for client in self.rows.clients}
        self._rows_moved()

    @on(RowsFailed)
    def _rows_failed(self, event: RowsFailed) -> None:
        if event.generation != self._generation:
            return
        self.fetching, self.problem = False, event.error
        self.console.announce_error(event.error)
        self._rows_moved()

    def _rows_moved(self) -> None:
        self.table.rows_changed()
        self.show_state()
        self.show_cards()
        self.show_detail()

    @work(exclusive=True, group="registry.wake", exit_on_error=False, description="follow the registry's rows")
    async def _follow_rows(self, registry: "ClientRegistry") -> None:
        with suppress(OcmError):  # without it the pane is read again on demand
            async for _ in registry.store.changes():
                self.changed_since = True

    # Status and events

    def look_at_status(self) -> None:
        """One look at a time, and only while somebody sees it: a server that hangs is not asked over and over."""
        if self.registry is not None and self.is_current and not self._looking:
            self._read_status(self.registry)

    @work(group="registry.status", exit_on_error=False, description="look at the registry's servers")
    async def _read_status(self, registry: "ClientRegistry") -> None:
        from ocm_tui.core.registry.status import read_status
        from ocm_tui.tui.models.event_rows import event_line

        self._looking = True
        try:
            status = await read_status(registry, self.history.newest)
            events, problem = None, ""
            if registry.stream is not None:
                try:
                    events = tuple(event_line(one) for one in await registry.stream.tail(_EVENTS))
                except OcmError as error:
                    problem = str(error)
            if waiting := set(self.rows.unpropagated):
                arrived = waiting.difference(await self._still_waiting(registry, waiting))
                self.rows.unpropagated.difference_update(arrived)
            self.post_message(StatusRead(status, events, problem))
        finally:
            self._looking = False

    async def _still_waiting(self, registry: "ClientRegistry", client_ids: set[UUID]) -> "Collection[UUID]":
        """All of them, as long as the database cannot tell."""
        try:
            return await registry.unpropagated(client_ids)
        except OcmError:
            return client_ids

    @on(StatusRead)
    def _status_read(self, event: StatusRead) -> None:
        self.history.add(event.status)
        if event.events is not None:
            self.events = event.events
        self.events_problem = event.problem
        self.show_cards()
        self.show_state()

    # What the cache holds: of what is on the screen, and of what the feed names

    @work(exclusive=True, group="registry.feed", exit_on_error=False, description="follow the cache")
    async def _follow_cache(self, registry: "ClientRegistry") -> None:
        from ocm_tui.core.registry.errors import RegistryDenied

        try:
            async for change in registry.cache.changes():
                client_id = _client_of(change.key)
                if client_id is not None:
                    self._changed.add(client_id)
                elif change.key is None:
                    self.feed, self._resync = "resyncing", True
            self.feed = "off"
        except RegistryDenied:
            self.feed = "denied"
        except OcmError:
            self.feed, self._feed_retry_at = "lost", time.monotonic() + FEED_AGAIN

    def _tick(self) -> None:
        registry = self.registry
        if registry is None or not self.is_current:
            return
        if self.feed == "lost" and time.monotonic() >= self._feed_retry_at:
            self.feed = "connecting"
            self._follow_cache(registry)
        if self.changed_since and not self.fetching and self.rows.total <= _RELOADED_UNASKED and self._rested():
            self.load()
        if self._resync:
            self._resync = False
            self._changed.clear()
            self.rows.forget_cache()
        self.table.refresh()  # times to live count down
        if self._glancing:
            return
        due = self._due()
        if due:
            self._glancing = True
            self._glance(registry, due)
        elif self.feed == "resyncing":
            self.feed = "live"
            self.show_cards()

    def _rested(self) -> bool:
        return self.read_at is None or time.monotonic() - self.read_at >= 1.0

    def _due(self) -> list[UUID]:
        """What was never looked at or has expired, as far as it is on the screen; then what the feed named."""
        visible = self.rows.visible(self.table.scroll_offset.y, max(self.table.size.height, 1))
        due = [one for one in visible if self.rows.seen(one) is None or self.rows.time_left(one) == 0.0]
        for client_id in list(self._changed)[: max(_AT_ONCE - len(due), 0)]:
            self._changed.discard(client_id)
            due.append(client_id)
        return list(dict.fromkeys(due))

    @work(group="registry.glance", exit_on_error=False, description="look at cached clients")
    async def _glance(self, registry: "ClientRegistry", client_ids: "Sequence[UUID]") -> None:
        from ocm_tui.core.registry.glance import glance

        seen: Glance | None = None
        try:
            seen = await glance(registry, client_ids)
        except OcmError:
            await asyncio.sleep(1.0)  # the cards say what is dead; it is not asked at every tick
        finally:
            self.post_message(Glanced(client_ids, seen))

    @on(Glanced)
    def _glanced(self, event: Glanced) -> None:
        self._glancing = False
        if event.seen is None:
            return
        gone = [one for one in event.asked if one not in event.seen.rows]
        self.rows.put(event.seen.rows.values() if not self.capped else _listed(self.rows, event.seen.rows), gone)
        self.rows.see(event.seen.findings)
        self.rows.forget(set(event.asked) - {finding.client_id for finding in event.seen.findings})
        self.table.rows_changed()
        self.show_state()
        self.show_cards()
        if self.table.selected_key is not None and UUID(self.table.selected_key) in set(event.asked):
            self.show_detail()


def _listed(rows: RegistryRows, found: "Mapping[UUID, RegistryClient]") -> "list[RegistryClient]":
    """Of a list that is only a part, what is in it."""
    return [client for client_id, client in found.items() if rows.get(client_id) is not None]


def _client_of(key: str | None) -> UUID | None:
    """`client:<uuid>`; None for any other key."""
    with suppress(ValueError):
        return UUID((key or "").removeprefix("client:"))
    return None
