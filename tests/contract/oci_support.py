"""Profiles against the simulated OCI services, through the real SDK, on loopback."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.oci.endpoints import OciEndpoints
from ocm_tui.core.oci.lint import Surroundings
from ocm_tui.core.oci.regions import known_regions
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.service import OciService
from ocm_tui.simulator.oci_estate import OciEstate
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings

__all__ = ["Cloud", "cloud", "endpoints_of", "odd_server", "surroundings"]


@dataclass
class Cloud:
    simulator: Simulator
    service: OciService
    log: ExchangeLog

    @property
    def estate(self) -> OciEstate:
        return self.simulator.oci

    def config(self, name: str, **changes: Any) -> OciProfileConfig:
        """The profile as the file has it, with other values in some fields."""
        config = self.service.registry.get(name).config
        dump = {field: getattr(config, field) for field in OciProfileConfig.model_fields}
        return OciProfileConfig(**{**dump, **changes})

    async def begun(self) -> None:
        """A request is on its way."""
        while not self.log.in_flight:  # noqa: ASYNC110  # the log has no event for it
            await asyncio.sleep(0)

    def asked(self, path: str = "/n") -> int:
        """How many requests came for that path."""
        return sum(one.path == path for one in self.simulator.requests)


def endpoints_of(estate: OciEstate, origin: str, **changes: Any) -> OciEndpoints:
    said = estate.announcement(origin)
    cluster: Mapping[str, Any] = said["cluster"]
    found: dict[str, Any] = {
        "object_storage": origin,
        "generative_ai": origin,
        "inference": origin,
        "metadata": said["metadata_url"],
        "federation": said["federation_url"],
        "oke_host": cluster["host"],
        "oke_port": cluster["port"],
        "oke_ca_file": Path(cluster["ca_file"]),
        "oke_token_file": Path(cluster["token_file"]),
    }
    return OciEndpoints(**{**found, **changes})


def surroundings(home: Path) -> Surroundings:
    """Without what the machine of the test has in its environment."""
    return Surroundings(now=0.0, environment={}, home=home, directory=home, regions=known_regions())


@asynccontextmanager
async def cloud(tmp_path: Path, *, reached: Mapping[str, Any] | None = None, **settings: Any) -> AsyncIterator[Cloud]:
    """The simulated services with their profiles loaded; `reached` are other endpoints than theirs."""
    directory = tmp_path / "oci"
    async with Simulator(SimulatorSettings(oci=True, oci_directory=directory, **settings)) as simulator:
        log = ExchangeLog(session="test")
        service = OciService(
            simulator.oci.files.config_file,
            log,
            endpoints=endpoints_of(simulator.oci, simulator.origin, **(reached or {})),
            surroundings=lambda: surroundings(tmp_path),
        )
        await service.load()
        try:
            yield Cloud(simulator, service, log)
        finally:
            await service.close()


@asynccontextmanager
async def odd_server(answer: bytes) -> AsyncIterator[str]:
    """Its origin. Every request gets these bytes, and then the connection is closed."""

    served: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has seen enough
        finally:
            writer.transport.abort()
            await asyncio.sleep(0)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.create_task(serve(reader, writer)))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)
        await listener.wait_closed()
