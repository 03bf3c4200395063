"""An apply beside a client registry, whose database a test can make fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import OcmError
from ocm_tui.core.provisioning.model import Plan, PlanOptions
from ocm_tui.core.provisioning.service import Provisioning
from ocm_tui.core.registry.errors import DatabaseUnreachable
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.model import ClientStatus, RegistryClient, RegistryEntry, Written, derived_id
from ocm_tui.core.registry.ports import Guard, StoreCapability
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from tests.contract.apply_support import Apply, applying

__all__ = ["Subject", "applying_with_registry", "row"]


class Store(SqliteStore):
    """`dead` is how many writes find no database; `read_only` as where this account may not write."""

    dead = 0
    read_only = False

    @property
    def capabilities(self) -> frozenset[StoreCapability]:
        found = super().capabilities
        return found - {"write"} if self.read_only else found

    def _live(self) -> None:
        if self.dead:
            self.dead -= 1
            raise DatabaseUnreachable("the database did not answer")

    async def upsert(self, entry: RegistryEntry, *, guard: Guard | None = None) -> Written:
        self._live()
        return await super().upsert(entry, guard=guard)

    async def set_status(self, client_id: UUID, status: ClientStatus, *, guard: Guard | None = None) -> Written:
        self._live()
        return await super().set_status(client_id, status, guard=guard)


class Subject:
    def __init__(self, apply: Apply, registry: ClientRegistry, store: Store) -> None:
        self.apply, self.registry, self.store = apply, registry, store
        self.unreachable: OcmError | None = None
        self.provisioning = self.again()
        self.base_url = self.provisioning.base_url

    def again(self, *, configured: bool = True) -> Provisioning:
        """As another process would have it."""
        it = self.apply
        return Provisioning(
            it.bench.service,
            it.bench.log,
            environment="test",
            state_directory=it.directory / "state",
            inventory=(it.directory / "inventory.yaml",),
            concurrency=4,
            open_registry=self._open if configured else None,
        )

    async def _open(self) -> ClientRegistry:
        if self.unreachable is not None:
            raise self.unreachable
        return self.registry

    async def plan(self, *clients: str, prune: bool = False) -> Plan:
        self.apply.declare(*clients)
        return await self.provisioning.plan(options=PlanOptions(prune=prune))

    async def settle(self, *clients: str) -> None:
        plan = await self.plan(*clients)
        result = await self.provisioning.apply(plan)
        assert result.count("succeeded") == len(plan.steps), result

    async def row(self, code: str) -> RegistryClient | None:
        return await self.registry.store.get(derived_id(self.base_url, code))


@asynccontextmanager
async def applying_with_registry(directory: Path) -> AsyncIterator[Subject]:
    async with applying(directory) as apply:
        store = Store(directory / "registry.sqlite3")
        registry = ClientRegistry(store, MemoryCache(), policy=WritePolicy())
        yield Subject(apply, registry, store)
        await registry.close()


def row(client: str, text: str) -> str:
    return f"{client}  registry: {{{text}}}\n"
