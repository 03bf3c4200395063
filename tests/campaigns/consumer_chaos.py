"""`python -m tests.campaigns.consumer_chaos`: consumers of client events that are killed in the middle of their work.

A stream of events, fully shuffled and with duplicates, on a real Valkey; consumers in processes of their own that bring
them into a real Postgres and its cache, and get SIGKILL at random moments; readers and evictions at the same time. In
the end each row has to be what its events amount to in the order of their versions, each event remembered once,
nothing pending, and no copy older than its row. Beside it, on the same stream: a consumer that writes what arrives.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.entries import decode, differences
from ocm_tui.core.registry.events.consumer import EventConsumer
from ocm_tui.core.registry.events.model import ClientEvent
from ocm_tui.core.registry.events.operations import publish
from ocm_tui.core.registry.service import ClientRegistry
from tests.contract.registry.event_support import Backend, Expected, expected, history, shuffled, stream_of
from tests.real_servers import postgres_server, valkey_server

__all__ = ["Plan", "Tally", "campaign"]

_DSN, _URL = "OCM_CHAOS_DSN", "OCM_CHAOS_URL"


@dataclass(frozen=True, kw_only=True)
class Plan:
    events: int = 20_000
    consumers: int = 3
    kills: int = 10
    seed: int = 1
    duplicates: float = 0.05
    per_client: int = 10
    batch: int = 200


@dataclass
class Tally:
    """`stale` are copies that say something other than their rows, `naive_wrong` the rows of the other consumer."""

    events: int = 0
    published: int = 0
    clients: int = 0
    kills: int = 0
    effects: int = 0
    wrong: int = 0
    pending: int = 0
    dead_letters: int = 0
    copies: int = 0
    stale: int = 0
    unpropagated: int = 0
    reads: int = 0
    exits: Counter[int] = field(default_factory=Counter)
    naive_wrong: int = 0
    naive_revoked: int = 0
    seconds: float = 0.0

    @property
    def problems(self) -> list[str]:
        found = {
            "wrong rows": self.wrong, "effects too many or too few": abs(self.effects - self.events),
            "pending": self.pending, "dead letters": self.dead_letters, "stale copies": self.stale,
            "rows in the outbox": self.unpropagated, "ends that were not orderly": self.exits.total() - self.exits[0],
        }  # fmt: skip
        return [f"{name}: {count}" for name, count in found.items() if count]

    def table(self) -> str:
        share = 100 / max(self.clients, 1)
        lines = [
            ("events, and published with duplicates", f"{self.events} / {self.published}"),
            ("clients", self.clients),
            ("SIGKILLs", self.kills),
            ("effects", self.effects),
            ("wrong rows", self.wrong),
            ("pending / dead letters", f"{self.pending} / {self.dead_letters}"),
            ("copies, stale ones", f"{self.copies} / {self.stale}"),
            ("rows that the cache was not told of", self.unpropagated),
            ("reads and evictions meanwhile", self.reads),
            ("seconds", f"{self.seconds:.1f}"),
            ("written as it arrives: wrong rows", f"{self.naive_wrong} ({self.naive_wrong * share:.1f} %)"),
            ("  revoked clients that are not", f"{self.naive_revoked} ({self.naive_revoked * share:.1f} %)"),
        ]
        return "\n".join([
            *(f"{name:<40} {value}" for name, value in lines),
            *(f"PROBLEM: {problem}" for problem in self.problems),
            f"problems: {len(self.problems)}",
        ])  # fmt: skip


def made(plan: Plan) -> dict[UUID, list[ClientEvent]]:
    """The events of each client. Every one is created, every tenth revoked, and most are suspended at some time."""
    chance = random.Random(plan.seed)
    by_client = {}
    for number in range(plan.events // plan.per_client):
        kinds = chance.choices(["updated", "rotated", "suspended"], [6, 2, 2], k=plan.per_client - 1)
        if number % 10 == 0:
            kinds[chance.randrange(len(kinds))] = "revoked"
        client_id = UUID(int=chance.getrandbits(128), version=4)
        by_client[client_id] = history(client_id, ["created", *kinds])
    return by_client


async def campaign(plan: Plan) -> Tally:
    tally, began = Tally(), time.monotonic()
    by_client = made(plan)
    events = [one for events in by_client.values() for one in events]
    mixed = shuffled(events, plan.seed, duplicates=plan.duplicates)
    tally.events, tally.published, tally.clients = len(events), len(mixed), len(by_client)
    with postgres_server(own=True) as postgres, valkey_server(own=True) as valkey:
        backend = Backend(Path(), postgres.url, valkey.url)
        await backend.migrate()
        registry = backend.open()
        await publish(registry, mixed)
        stop = asyncio.Event()
        reading = asyncio.create_task(_readers(registry, list(by_client), plan.seed, tally, stop))
        try:
            await _chaos(plan, backend, tally, {_DSN: postgres.url, _URL: valkey.url})
        finally:
            stop.set()
            await reading
        tally.seconds = time.monotonic() - began
        await _judge(registry, by_client, tally)
        await _naive(registry, mixed, by_client, tally)
        await backend.close()
    return tally


async def _chaos(plan: Plan, backend: Backend, tally: Tally, servers: dict[str, str]) -> None:
    """A kill whenever another part of the events had its effect, and a little later; who is killed is replaced."""
    consumers = [await _start(plan, servers) for _ in range(plan.consumers)]
    try:
        await _kill_them(plan, backend, tally, consumers, servers)
        for one in consumers:
            assert one.stdout is not None
            await one.stdout.readline()  # the last one may only just begin
            one.terminate()
        tally.exits.update([await one.wait() for one in consumers])
    finally:
        for one in consumers:
            if one.returncode is None:
                one.kill()


async def _kill_them(
    plan: Plan,
    backend: Backend,
    tally: Tally,
    consumers: list[asyncio.subprocess.Process],
    servers: dict[str, str],
) -> None:
    chance, registry = random.Random(plan.seed), backend.open()
    while True:
        done = await backend.execute("SELECT count(*) FROM processed_events")
        if tally.kills < plan.kills and done >= (tally.kills + 1) * plan.events // (plan.kills + 1):
            await asyncio.sleep(chance.uniform(0, 0.05))
            victim = consumers.pop(chance.randrange(len(consumers)))
            victim.kill()
            assert await victim.wait() == -signal.SIGKILL
            tally.kills += 1
            consumers.append(await _start(plan, servers))
        status = await stream_of(registry).status()
        if (status.lag, status.pending) == (0, 0) and tally.kills == plan.kills:
            break
        await asyncio.sleep(0.005)


async def _start(plan: Plan, servers: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.campaigns.consumer_chaos", "--child", "--batch", str(plan.batch),
        env={**os.environ, **servers}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def _readers(
    registry: ClientRegistry, clients: Sequence[UUID], seed: int, tally: Tally, stop: asyncio.Event
) -> None:
    """Cold reads that fill the cache while it is written, and evictions that make them cold."""
    chance = random.Random(seed)
    while not stop.is_set():
        with suppress(OcmError):
            for client_id in chance.sample(clients, min(20, len(clients))):
                with suppress(OcmError):  # most are not there yet
                    await registry.get(client_id)
                tally.reads += 1
            await registry.invalidate(chance.sample(clients, min(3, len(clients))))
        await asyncio.sleep(0.002)


async def _judge(registry: ClientRegistry, by_client: dict[UUID, list[ClientEvent]], tally: Tally) -> None:
    rows = await _fetch(registry, "SELECT client_id, status, profile_version, client_secret_hash, rate_limit "
                                         "FROM client_registry.clients")  # fmt: skip
    found = {row[0]: Expected(row[1], row[2], row[3]) for row in rows if row[2] == row[4]}
    tally.wrong = sum(found.get(client_id) != expected(events) for client_id, events in by_client.items())
    tally.wrong += abs(len(rows) - len(by_client))
    tally.effects = (await _fetch(registry, "SELECT count(*) FROM client_registry.processed_events"))[0][0]
    status = await stream_of(registry).status()
    tally.pending, tally.dead_letters = status.pending or 0, status.dead_letters or 0
    tally.unpropagated = await registry.store.outbox_size()
    clients = await registry.store.get_many(list(by_client))
    values = await registry.cache.get_many(list(by_client))
    for client_id, (value, _) in zip(by_client, values, strict=True):
        if value is not None:
            cached = decode(value)
            tally.copies += 1
            tally.stale += cached.client is None or bool(differences(cached.client, clients[client_id]))


async def _fetch(registry: ClientRegistry, question: str) -> list[Any]:
    async with registry.store.reading() as connection:  # type: ignore[attr-defined]
        return list(await connection.fetch(question))


async def _naive(
    registry: ClientRegistry, mixed: Sequence[ClientEvent], by_client: dict[UUID, list[ClientEvent]], tally: Tally
) -> None:
    """What is usual: an upsert for a profile, an update for a status, in the order of arrival."""
    async with registry.store.writing(seconds=60) as connection:  # type: ignore[attr-defined]
        await connection.execute(
            "CREATE TEMP TABLE arrived (client_id uuid PRIMARY KEY, version int, status text DEFAULT 'ACTIVE')"
        )
        for one in mixed:
            if one.type in {"client.created", "client.updated"}:
                statement = (
                    "INSERT INTO arrived (client_id, version) VALUES ($1, $2) "
                    "ON CONFLICT (client_id) DO UPDATE SET version = excluded.version"
                )
                await connection.execute(statement, one.client_id, one.version)
            elif one.type in {"client.suspended", "client.revoked"}:
                status = one.type.removeprefix("client.").upper()
                await connection.execute("UPDATE arrived SET status = $2 WHERE client_id = $1", one.client_id, status)
        rows = {row[0]: (row[1], row[2]) for row in await connection.fetch("SELECT * FROM arrived")}
        await connection.execute("DROP TABLE arrived")
    for client_id, events in by_client.items():
        right = expected(events)
        tally.naive_wrong += rows.get(client_id) != (right.profile_version, right.status)
        tally.naive_revoked += right.status == "REVOKED" and rows[client_id][1] != "REVOKED"


async def _child(batch: int) -> None:
    registry = Backend(Path(), os.environ[_DSN], os.environ[_URL]).open()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    await EventConsumer(registry, batch=batch, block_ms=100, claim_every=0.3, claim_idle=1.0).run(stop)
    await registry.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("events", "consumers", "kills", "seed", "batch"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Plan(), name))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    words = vars(parser.parse_args())
    if words.pop("child"):
        asyncio.run(_child(words["batch"]))
        return 0
    tally = asyncio.run(campaign(Plan(**words)))
    sys.stdout.write(f"{tally.table()}\n")
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
