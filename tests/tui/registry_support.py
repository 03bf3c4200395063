"""The Registry pane over a real embedded registry, in whatever state the test wants it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from ocm_tui.core.registry.entries import NEGATIVE, encode, key_of
from ocm_tui.core.registry.events.model import ClientEvent, EventStream
from ocm_tui.core.registry.events.sqlite_stream import SqliteStream
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, derived_id
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from ocm_tui.core.session import Session
from ocm_tui.tui.screens.registry import RegistryScreen
from tests.contract.registry.interposed import Interposed, cache_of, store_of
from tests.tui.support import Console, console

__all__ = ["CODES", "RegistryConsole", "client_id", "entry", "registry_console"]

BASE_URL = "https://pf-admin.test.example.com:9999/pf-admin-api/v1"
_STREAM = "stream:admin.client.events"
CODES = ("billing-api", "orders-api", "orders-ui", "partner-acme", "reports-ui", "stock-service")


def client_id(code: str) -> UUID:
    return derived_id(BASE_URL, code)


def entry(code: str, **members: Any) -> RegistryEntry:
    given = {"bap_id": code.partition("-")[0], "allowed_ips": ("10.0.0.0/8",), "rate_limit": 100, **members}
    return RegistryEntry(client_id=client_id(code), client_code=code, **given)


class Between(Interposed):
    """The status asks what kind of store and cache it has before it."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._inner)


@dataclass(slots=True)
class Seeded:
    """The parts of one registry; `store`, `cache` and `streaming` can be made to fail: what the console has of them."""

    registry: ClientRegistry
    store: Interposed
    cache: Interposed
    values: MemoryCache
    stream: EventStream
    streaming: Interposed

    async def row(self, code: str) -> RegistryClient:
        return await self.registry.find(code)

    async def cached(self, code: str, **changed: Any) -> None:
        """A cached copy that says something else than its row, or the same."""
        from dataclasses import replace

        row = await self.row(code)
        self.values.set(key_of(row.client_id), encode(replace(row, **changed)), 250_000)

    def orphan(self, code: str) -> None:
        left = RegistryClient(client_id=client_id(code), client_code=code, row_version=2)
        self.values.set(key_of(left.client_id), encode(left), 250_000)

    def corrupt(self, code: str, value: bytes = b"\xff\x00not ours") -> None:
        self.values.set(key_of(client_id(code)), value, None)

    def negative(self, code: str) -> None:
        self.values.set(key_of(client_id(code)), NEGATIVE, 10_000)

    async def publish(self, *events: tuple[str, str, dict[str, Any]]) -> None:
        """(type, code, payload) each."""
        await self.stream.publish(
            [
                ClientEvent(
                    event_id=f"00000000-0000-4000-8000-{number:012}",
                    type=kind,  # type: ignore[arg-type]
                    client_id=client_id(code),
                    version=number,
                    payload=payload,
                )
                for number, (kind, code, payload) in enumerate(events, 1)
            ]
        )


@dataclass(slots=True)
class RegistryConsole(Console):
    seeded: Seeded

    @property
    def screen(self) -> RegistryScreen:
        screen = self.app.screen
        assert isinstance(screen, RegistryScreen), screen
        return screen

    @property
    def states(self) -> dict[str, str]:
        """What the pane says of each client's cached copy, by code (of an orphan: by id)."""
        rows = self.screen.rows
        shown: dict[str, str] = {}
        for place in range(len(rows)):
            one = rows.id_at(place)
            row, seen = rows.get(one), rows.seen(one)
            shown[row.client_code if row is not None else str(one)] = (seen.state or "") if seen is not None else ""
        return shown

    async def select(self, code: str) -> None:
        assert self.screen.table.select(str(client_id(code))), code
        await self.pilot.pause()

    async def compared(self) -> None:
        await self.press("s")
        await self.until(lambda: self.screen.sweep.report is not None and not self.screen.sweep.running, "compared")
        await self.pilot.pause()


async def seed(directory: Path, codes: Sequence[str], session: Session, stream_url: str = "") -> Seeded:
    store = SqliteStore(directory / "registry.sqlite3")
    await store.upsert_many([entry(code) for code in codes])
    await store.confirm(await store.outbox(limit=1_000_000))
    values = MemoryCache()
    between_store, between_cache = Between(store), Between(values)
    stream = _stream(store, stream_url)
    between_stream = Between(stream)
    registry = ClientRegistry(
        store_of(between_store),
        cache_of(between_cache),
        stream=cast("EventStream", between_stream),
        policy=session.policy,
        server_base_url=BASE_URL,
    )

    async def made() -> ClientRegistry:
        return registry

    session.make_registry = made
    return Seeded(registry, between_store, between_cache, values, stream, between_stream)


def _stream(store: SqliteStore, url: str) -> EventStream:
    """The embedded one, or that of the server at `url`."""
    if not url:
        return SqliteStream(store, _STREAM)
    from ocm_tui.core.registry.events.redis_stream import RedisStream

    return RedisStream(url, _STREAM)


@asynccontextmanager
async def registry_console(
    tmp_path: Path, codes: Sequence[str] = CODES, *, opened: bool = True, stream_url: str = "", **options: Any
) -> AsyncIterator[RegistryConsole]:
    """On the Registry pane, with its rows, and what the cache holds of those on the screen. With `opened` false the
    test seeds more first, and presses 3 itself. `stream_url` is where the events are, unless they are embedded."""
    async with console(tmp_path, **options) as base:
        seeded = await seed(tmp_path, codes, base.session, stream_url)
        the = RegistryConsole(base.app, base.pilot, base.simulator, base.session, seeded)
        if opened:
            await open_pane(the)
        try:
            yield the
        finally:
            await seeded.registry.close()


async def open_pane(the: RegistryConsole) -> None:
    await the.press("3")
    await the.until(lambda: isinstance(the.app.screen, RegistryScreen), "the pane")
    await the.until(lambda: the.screen.read_at is not None and the.screen.feed == "live", "rows, and a live feed")
    await the.until(lambda: the.screen.history.newest is not None, "the status")
