"""A million exchanges through the ring and the history, the first page of a query over them, and what recording costs.

A word that is nowhere has to be looked for everywhere: there it counts how soon a search says something, and ends.

Fewer than five rounds take a share of the million. Memory is measured in a process of its own: there nothing else has
grown. The recorder is held against the client class of the library in the same process, by the processor's time.
"""

import asyncio
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from ocm_tui.core.exchanges.history import HistoryReader, HistoryWriter
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from tests.benchmarks.history_traffic import QUERIES, traffic
from tests.benchmarks.servers import Server, running_simulator
from tests.benchmarks.table import Row, interleaved

__all__ = ["run"]

MANY, FEW, PAGE, REQUESTS = 1_000_000, 10_000, 40, 5_000
_T = TypeVar("_T")
_NOWHERE = "nowhere-to-be-found"
_WAITING = 4_000  # exchanges: what is made faster than the disk takes it would only be dropped
_HEADERS = {"X-XSRF-Header": "PingFederate"}
_DOCUMENT = {
    "clientId": "bench",
    "name": "Bench",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "secret": "a-secret-of-the-benchmark"},
    "redirectUris": ["https://bench.example.com/callback"],
}


def run(rounds: int) -> list[Row]:
    many = MANY * min(rounds, 5) // 5
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.sqlite3", Path(folder) / "large.sqlite3"
        _apart(_through, small, FEW)
        through = _apart(_through, large, many)
        return [through, *_pages(small, large, rounds), *_search(large, many, rounds), *_recorder(rounds)]


def _apart(work: Callable[..., _T], *arguments: Any) -> _T:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


# --- ring and history ----------------------------------------------------------------------------------------------


def _through(path: Path, count: int) -> Row:
    """As many exchanges as there can be, one after the other; the bounds of the file are out of the way."""
    log, writer = ExchangeLog(), HistoryWriter(path, max_age=1e12, max_count=10**9, max_bytes=2**50)
    log.subscribe(writer)
    exchanges = traffic(count, until=time.time())
    for exchange in islice(exchanges, min(count // 10, 30_000)):  # until the ring is full
        log.append(exchange)
        _wait(writer)
    first, before, started = log.revision, _resident(), time.perf_counter()
    for exchange in exchanges:
        log.append(exchange)
        _wait(writer)
    grown, rate = _resident() - before, (count - first) / (time.perf_counter() - started)
    writer.close()
    assert writer.problem is None, writer.problem
    assert writer.dropped == 0, writer.dropped
    note = f"{rate:,.0f}/s through ring and file, {path.stat().st_size / 2**20:,.0f} MB of it"
    return Row(f"memory growth over {count:,} exchanges", max(grown, 0.0), None, 64.0, "MB", note=note)


def _wait(writer: HistoryWriter) -> None:
    while writer.waiting > _WAITING and writer.problem is None:
        time.sleep(0.002)


def _resident() -> float:
    """Megabytes."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


# --- pages ---------------------------------------------------------------------------------------------------------


def _pages(small: Path, large: Path, rounds: int) -> list[Row]:
    """A query that fills the page in both files, and one that has to look for its few matches."""
    full, needles = list[tuple[float, float, float, str]](), list[tuple[float, str]]()
    for text in QUERIES:
        page_of = {path: len(HistoryReader(path).list(parse_query(text), PAGE)) for path in (small, large)}
        few, many = interleaved(rounds, partial(_page, small, text), partial(_page, large, text))
        if min(page_of.values()) == PAGE:
            full.append((many / few, many, few, text))
        else:
            needles.append((many, text))
    _, many, few, worst = max(full)
    longest, needle = max(needles)
    return [
        Row("first page of a query", many, few, 3.0, "ms", f"over {FEW:,}", f"{worst!r}, worst of {len(full)}"),
        Row("page of few matches", longest, None, 250.0, "ms", note=f"{needle!r}, worst of {len(needles)}"),
    ]


def _page(path: Path, text: str) -> float:
    """Milliseconds, parsing included."""
    started = time.perf_counter()
    HistoryReader(path).list(parse_query(text), PAGE)
    return (time.perf_counter() - started) * 1000


def _search(large: Path, count: int, rounds: int) -> list[Row]:
    """All of the history, beside the same question asked as one statement that copies every document; and the longest
    silence in it: as long a console waits for news, or for a search to end that it has left."""
    searched = [_searched(large) for _ in range(rounds)]
    cpu, silence = min(one for one, _ in searched), min(other for _, other in searched)
    copied = min(_copied(large) for _ in range(rounds))
    return [
        Row("CPU of a word that is nowhere", cpu, copied, 0.7, "ms", "lower() of each", f"{count:,} exchanges"),
        Row("longest silence of that search", silence, None, 300.0, "ms"),
    ]


def _searched(large: Path) -> tuple[float, float]:
    """Milliseconds of the processor, and the longest ones on the clock between two signs of life."""
    heard = [time.perf_counter()]
    started = time.process_time()
    search = HistoryReader(large).newest(parse_query(_NOWHERE), watch=lambda _: heard.append(time.perf_counter()))
    assert not list(search)
    took = time.process_time() - started
    heard.append(time.perf_counter())
    return took * 1000, max(later - earlier for earlier, later in pairwise(heard)) * 1000


def _copied(path: Path) -> float:
    started = time.process_time()
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        wanted = "instr(lower(document), ?) OR instr(document, '\\u')"  # as `contains` has it for other letters
        sql = f"SELECT document FROM exchange INDEXED BY exchange_started WHERE {wanted}"
        database.execute(f"{sql} ORDER BY started_at DESC, seq DESC", (_NOWHERE,)).fetchall()
    return (time.process_time() - started) * 1000


# --- recorder ------------------------------------------------------------------------------------------------------


def _recorder(rounds: int) -> list[Row]:
    count = REQUESTS * min(rounds, 5) // (5 * rounds)
    with running_simulator(10) as server, tempfile.TemporaryDirectory() as folder:
        _cpu(_bare, server, 100)
        _cpu(_recorded, server, 100, None)
        bare, recorded, kept = interleaved(
            rounds,
            partial(_cpu, _bare, server, count),
            partial(_cpu, _recorded, server, count, None),
            partial(_cpu, _recorded, server, count, Path(folder) / "history.sqlite3"),
        )
    peer = "bare httpx2.AsyncClient"
    return [
        Row("recorder: CPU of a request", recorded, bare, 1.15, "µs", peer, f"{count} POSTs a round"),
        Row("recorder and history: CPU of a request", kept, bare, 1.3, "µs", peer, "the writer's thread included"),
    ]


def _cpu(loop: Callable[..., Coroutine[Any, Any, float]], *arguments: Any) -> float:
    """Microseconds of the processor for one request."""
    return asyncio.run(loop(*arguments))


async def _bare(server: Server, count: int) -> float:
    auth = (server.username, server.password)
    async with httpx2.AsyncClient(base_url=server.base_url, auth=auth, headers=_HEADERS, trust_env=False) as client:
        await client.post("oauth/clients", json=_DOCUMENT)
        started = time.process_time()
        for _ in range(count):
            await client.post("oauth/clients", json=_DOCUMENT)
        return (time.process_time() - started) / count * 1e6


async def _recorded(server: Server, count: int, history: Path | None) -> float:
    auth = BasicAuth(server.username, Secret(server.password))
    log, writer = ExchangeLog(), HistoryWriter(history) if history else None
    if writer is not None:
        log.subscribe(writer)
    async with UnifiedHTTPClient(
        HTTPClientConfig(base_url=server.base_url, auth=auth, headers=_HEADERS), log
    ) as client:
        await client.post("oauth/clients", json=_DOCUMENT)
        started = time.process_time()
        for _ in range(count):
            await client.post("oauth/clients", json=_DOCUMENT)
        took = time.process_time() - started
    if writer is not None:
        writer.close()
    return took / count * 1e6
