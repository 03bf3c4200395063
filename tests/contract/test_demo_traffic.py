"""The demo's background traffic against the simulator: some of it fails, none of it changes anything."""

import asyncio
import contextlib

import pytest

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.markers import body_loss, body_places
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from ocm_tui.demo_traffic import REFUSED, browse
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings

REQUESTS = 40


async def browsed(simulator: Simulator, policy: WritePolicy) -> list[Exchange]:
    """The first exchanges of it."""
    auth = BasicAuth(simulator.username, Secret(simulator.password))
    config = HTTPClientConfig(base_url=simulator.base_url, auth=auth, trust_env=False)
    log, enough = ExchangeLog(), asyncio.Event()
    log.subscribe(lambda _: enough.set() if log.revision >= REQUESTS else None)
    async with UnifiedHTTPClient(config, log) as http:
        traffic = asyncio.create_task(browse(http, policy, pauses=(0.0, 0.0)))
        await enough.wait()
        traffic.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await traffic
    return log.snapshot()[:REQUESTS]


async def test_a_create_is_refused_now_and_then_and_nothing_is_stored() -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        before = len(list(simulator.api.store.rows()))
        exchanges = await browsed(simulator, WritePolicy())
        creates = [one for one in exchanges if one.method == "POST"]
        assert 2 <= len(creates) <= REQUESTS / 10
        assert creates[0] in exchanges[:5], "soon, so that there is something to diagnose"
        for one in creates:
            assert (one.status, one.client_id) == (422, REFUSED["clientId"])
            assert not body_places(one.request.body), "no secret in it: it can be sent again as it was"
            assert not body_loss(one.request)
            finding = diagnose(one)[0]
            assert finding.field_path == "restrictedScopes[2]"
        assert {one.method for one in exchanges} == {"GET", "POST"}
        assert {one.status for one in exchanges} == {200, 404, 422}
        assert len(list(simulator.api.store.rows())) == before
        assert simulator.api.store.get(REFUSED["clientId"]) is None


@pytest.mark.parametrize("policy", [WritePolicy(read_only=True)])
async def test_nobody_writes_in_a_read_only_demo(policy: WritePolicy) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        assert {one.method for one in await browsed(simulator, policy)} == {"GET"}
