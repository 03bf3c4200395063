"""Clearing up after processes that were killed: what is their own, and nothing else."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.diagnosis.minimise.clean_up import clean_up
from ocm_tui.core.diagnosis.minimise.journal import PREFIX, PendingTrial, at_work, now
from ocm_tui.core.errors import TransportError
from tests.contract.minimise_support import trials

pytestmark = pytest.mark.usefixtures("short_pauses")


async def test_clean_up_touches_only_what_is_its_own(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        server, here = it.bench.server, it.bench.server.base_url
        rows = {
            f"{PREFIX}there": ("run-1", here),
            f"{PREFIX}gone": ("run-1", here),
            f"{PREFIX}busy": ("run-2", here),
            f"{PREFIX}far": ("run-1", "https://other.example.com/pf-admin-api/v1"),
            "orders-api": ("run-1", here),  # nobody but a forger has written that
        }
        for client_id, (run_id, base_url) in rows.items():
            it.journal.sending(PendingTrial(client_id, run_id, "test", base_url, now() - 60))
        for name in ("there", "busy", "stranger"):
            document = {
                "clientId": f"{PREFIX}{name}",
                "name": name,
                "grantTypes": ["IMPLICIT"],
                "redirectUris": ["a:b"],
            }
            await server.create(ClientDocument(document))
        with at_work(tmp_path, "run-2"):
            done = await clean_up(it.journal, server, policy=it.policy)
        assert (done.removed, done.absent) == ((f"{PREFIX}there",), (f"{PREFIX}gone",))
        assert (done.at_work, done.strangers) == (("run-2",), (f"{PREFIX}stranger",))
        assert list(done.elsewhere.values()) == [1]
        assert it.bench.stored("orders-api") is not None
        assert sorted(it.left()) == [f"{PREFIX}busy", f"{PREFIX}stranger"]
        await server.delete(f"{PREFIX}stranger")
        assert (await clean_up(it.journal, server, policy=it.policy)).removed == (f"{PREFIX}busy",)


async def test_clean_up_waits_for_what_a_killed_process_has_sent(tmp_path: Path) -> None:
    """The creation arrives after the first look."""
    async with trials(tmp_path) as it:
        client_id = f"{PREFIX}late"
        it.journal.sending(PendingTrial(client_id, "run-1", "test", it.bench.server.base_url, now()))
        waits: list[float] = []
        document = {"clientId": client_id, "name": "n", "grantTypes": ["IMPLICIT"], "redirectUris": ["a:b"]}
        arriving: list[asyncio.Task[Any]] = []

        def on_wait(seconds: float) -> None:
            waits.append(seconds)
            arriving.append(asyncio.create_task(it.bench.server.create(ClientDocument(document))))

        done = await clean_up(it.journal, it.bench.server, policy=it.policy, settling=0.3, on_wait=on_wait)
        await asyncio.gather(*arriving)
        assert done.removed == (client_id,)
        assert len(waits) == 1
        assert it.left() == it.pending() == []


async def test_clean_up_of_a_dead_server(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        for number in range(3):
            trial = PendingTrial(f"{PREFIX}{number}", "run-1", "test", it.bench.server.base_url, now() - 60)
            it.journal.sending(trial)
        await it.bench.simulator.stop()
        done = await clean_up(it.journal, it.bench.server, policy=it.policy)
        assert isinstance(done.error, TransportError)
        assert len(done.left_over) == len(it.pending()) == 3
