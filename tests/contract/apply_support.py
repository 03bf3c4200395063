"""An inventory, a state directory and a simulator, for the tests of applies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.model import Change, Plan, PlanOptions, StepResult
from ocm_tui.core.provisioning.service import Provisioning
from ocm_tui.simulator.faults import FaultPlan
from ocm_tui.simulator.wire import RecordedRequest
from tests.campaigns.requests import repeated_after_4xx
from tests.contract.servers import Bench, bench

__all__ = ["Apply", "another", "applying", "desired", "public", "with_secret"]

_HEAD = "version: 1\ndefaults: {grantTypes: [CLIENT_CREDENTIALS], clientAuth: {type: SECRET}}\nclients:\n"


def with_secret(client_id: str, description: str = "one", *, version: int = 1, deliver: str | None = None) -> str:
    """A client whose generated secret goes into a file of its name."""
    secret = f'{{from: generate, deliver: "{deliver or f"file:{client_id}.secret"}", version: {version}}}'
    return f"- clientId: {client_id}\n  description: {description}\n  secret: {secret}\n"


def public(client_id: str, description: str = "one") -> str:
    """A client that has no secret."""
    return (
        f"- clientId: {client_id}\n  description: {description}\n  grantTypes: [AUTHORIZATION_CODE]\n"
        "  clientAuth: {type: NONE}\n  redirectUris: [https://app.example.com/callback]\n"
    )


def desired(change: Change, **members: Any) -> ClientDocument:
    """What the change wants, with other values."""
    assert change.desired is not None
    return ClientDocument({**change.desired, **members})


@dataclass
class Apply:
    """`directory` holds the inventory and the secrets."""

    bench: Bench
    directory: Path
    provisioning: Provisioning

    def declare(self, *clients: str) -> None:
        text = _HEAD + "".join(clients) if clients else _HEAD.replace("clients:\n", "clients: []\n")
        (self.directory / "inventory.yaml").write_text(text, encoding="utf-8")

    async def plan(self, *clients: str, prune: bool = False) -> Plan:
        if clients:
            self.declare(*clients)
        return await self.provisioning.plan(options=PlanOptions(prune=prune))

    async def settle(self, *clients: str) -> None:
        """Apply without faults."""
        plan = await self.plan(*clients)
        result = await self.provisioning.apply(plan)
        assert result.count("succeeded") == len(plan.steps), result

    def break_down(self, faults: str) -> None:
        """From now on; "" ends it."""
        simulator = self.bench.simulator
        simulator._service.faults = FaultPlan.parse(faults, simulator.settings.seed)
        simulator._log.clear()

    def secret(self, client_id: str) -> str | None:
        path = self.directory / f"{client_id}.secret"
        return path.read_text(encoding="utf-8") if path.exists() else None

    def stored(self, client_id: str) -> Any:
        return self.bench.stored(client_id)

    def description(self, client_id: str) -> str | None:
        stored = self.stored(client_id)
        return None if stored is None else stored.document.get("description")

    def staged(self) -> list[str]:
        return [path.name for path in self.directory.iterdir() if ".staged-" in path.name]

    def methods(self) -> list[str]:
        return [one.method for one in self.bench.simulator.requests]

    async def sent(self, method: str) -> None:
        """Wait until a request with this method has arrived."""
        service, arrived = self.bench.simulator._service, asyncio.Event()
        record = service.record

        def watch(request: RecordedRequest) -> None:
            record(request)
            if request.method == method:
                arrived.set()

        service.record = watch
        if method not in self.methods():
            await arrived.wait()
        service.record = record

    async def one(self, plan: Plan, **options: Any) -> StepResult:
        (result,) = (await self.provisioning.apply(plan, **options)).results
        return result


@asynccontextmanager
async def applying(directory: Path, *, concurrency: int = 4, **settings: Any) -> AsyncIterator[Apply]:
    """At the end the simulator's log is asked whether anything was repeated after a 4xx."""
    async with bench(clients=2, **settings) as it:
        yield Apply(it, directory, another(it, directory, concurrency=concurrency))
        assert repeated_after_4xx(it.simulator.requests) == []


def another(it: Bench, directory: Path, *, environment: str = "test", concurrency: int = 4) -> Provisioning:
    """As another process would have it."""
    return Provisioning(
        it.service,
        it.log,
        environment=environment,
        state_directory=directory / "state",
        inventory=(directory / "inventory.yaml",),
        concurrency=concurrency,
    )
