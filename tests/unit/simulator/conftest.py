"""Real simulators on loopback, and HTTP clients that speak to them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest

from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings

Opened = AbstractAsyncContextManager[tuple[Simulator, httpx2.AsyncClient]]
Opener = Callable[..., Opened]


def admin_client(simulator: Simulator) -> httpx2.AsyncClient:
    """Administrator, XSRF header, URLs relative to the API."""
    return httpx2.AsyncClient(
        base_url=simulator.base_url,
        auth=(simulator.username, simulator.password),
        headers={"X-XSRF-Header": "PingFederate"},
        timeout=20,
        trust_env=False,
    )


@pytest.fixture
def simulate() -> Opener:
    """`async with simulate(clients=3) as (simulator, http):`"""

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[tuple[Simulator, httpx2.AsyncClient]]:
        async with Simulator(SimulatorSettings(**settings)) as simulator, admin_client(simulator) as http:
            yield simulator, http

    return opened


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as running:
        yield running


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[httpx2.AsyncClient]:
    async with admin_client(simulator) as client:
        yield client
