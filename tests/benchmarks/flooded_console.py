"""`python -m tests.benchmarks.flooded_console RATE`: the console over a log that takes RATE exchanges a second."""

import asyncio
import sys
import time

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange, Message, Timings
from ocm_tui.core.session import Session
from ocm_tui.tui.run import run

_TICK = 0.01  # seconds


def _exchange(log: ExchangeLog, number: int) -> Exchange:
    path = f"/oauth/clients/client-{number % 5000:05}"
    status = 422 if number % 50 == 0 else 200
    body = '{"message": "Validation error(s) occurred."}' if status == 422 else f'{{"clientId": "client-{number}"}}'
    return Exchange(
        id=log.next_id(),
        started_at=time.time(),
        target="server",
        method="GET",
        url=f"https://pf-admin.example.com:9999/pf-admin-api/v1{path}",
        path=path,
        status=status,
        duration_ms=5 + number % 40,
        timings=Timings(first_byte=4.0, total=5.0),
        request=Message((("X-XSRF-Header", "PingFederate"), ("Accept", "application/json"))),
        response=Message((("Content-Type", "application/json"),), body * 8, len(body) * 8),
    )


async def _flood(log: ExchangeLog, rate: int) -> None:
    sent, start = 0, time.monotonic()
    while True:
        await asyncio.sleep(_TICK)
        due = int((time.monotonic() - start) * rate)
        while sent < due:
            log.append(_exchange(log, sent))
            sent += 1


async def _open() -> Session:
    session = Session(environment="flood", policy=WritePolicy(), log=ExchangeLog())
    flood = asyncio.create_task(_flood(session.log, int(sys.argv[1])))

    async def stop() -> None:
        flood.cancel()

    session.closers.append(stop)
    return session


if __name__ == "__main__":
    sys.exit(run(_open, environment="flood", protected=False, demo=False))
