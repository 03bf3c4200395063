"""Made-up traffic by the million: mostly reading that succeeds, a few failures, and what somebody will look for."""

import random
from collections.abc import Iterator

from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Timings

__all__ = ["QUERIES", "traffic"]

# What is asked of the history. Some of it is everywhere, some in one exchange of a thousand, some in a handful at all.
QUERIES = (
    "",
    "status:4xx",
    "status:>=500,error",
    "status:410",
    "-status:2xx",
    "client:orders-77",
    "client:orders-77*",
    "run:run-00007",
    "took:>2s",
    "took:>9500ms",
    "error:tls",
    "method:DELETE",
    "target:token status:401",
    "path:/oauth/clients/* status:422",
    "since:15m",
    "(status:404 or error:tls) client:orders-1*",
    "secret",
    'body:"already in use"',
)
_BASE = "https://pf-admin.prod.example.com:9999/pf-admin-api/v1"
_HEADERS = (("Accept", "application/json"), ("X-XSRF-Header", "PingFederate"))
_ANSWER = (("Content-Type", "application/json"),)
_STATUSES = (200,) * 960 + (404,) * 20 + (422,) * 12 + (401,) * 4 + (503,) * 2 + (0,) * 2


def traffic(count: int, *, until: float, seed: int = 4) -> Iterator[Exchange]:
    """`count` exchanges, ten a second, the last one at `until`. A handful are unlike all others, wherever they come."""
    rare = random.Random(seed)
    special = set(rare.sample(range(count), min(5, count)))
    for number in range(count):
        yield _exchange(number, until - (count - number) / 10, rare, special=number in special)


def _exchange(number: int, started_at: float, chance: random.Random, *, special: bool) -> Exchange:
    client = f"orders-{chance.randrange(50_000)}"
    status = 410 if special else _STATUSES[chance.randrange(1000)]
    method = "DELETE" if special else chance.choice(("GET", "GET", "GET", "PUT", "POST"))
    path = f"/oauth/clients/{client}"
    took = 9_800.0 if special else chance.expovariate(1 / 400)
    failed = "the client id is already in use" if status == 422 else "it went well"
    return Exchange(
        id=f"bench-{number}",
        started_at=started_at,
        target="token" if number % 50 == 0 else "server",
        method=method,
        url=_BASE + path,
        path=path,
        status=status or None,
        duration_ms=took,
        timings=Timings(None, None, took, took),
        request=Message(_HEADERS),
        response=Message(
            _ANSWER, f'{{"clientId":"{client}","clientAuth":{{"secret":"***a1b2c3"}},"n":"{failed}"}}', 90
        ),
        error=None if status else ExchangeFailure("tls", "the certificate has expired"),
        client_id=client,
        run_id=f"run-{number // 500:05}",
    )
