"""100,000 clients: loading them, filtering them, and what they cost in memory."""

import asyncio
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.servers import ConsoleFiles, running_simulator
from tests.benchmarks.table import Row, quantile
from tests.terminal import Terminal

__all__ = ["run"]

CLIENTS = 100_000
FEW = 1_000
PAGE = 500
_WORDS = ("orders-api", "billing-4", "payments", "e-1")


def run(rounds: int) -> list[Row]:
    bare, engine, console = list[float](), list[float](), list[float]()
    strokes, few_strokes, memory = list[float](), list[float](), list[float]()
    with (
        running_simulator(CLIENTS) as many,
        running_simulator(FEW) as few,
        ConsoleFiles(many) as files,
        ConsoleFiles(few) as few_files,
    ):
        for _ in range(rounds):
            bare.append(_in_own_process("bare", many.base_url, many.username, many.password))
            engine.append(_in_own_process("engine", many.base_url, many.username, many.password))
            loaded, typed, peak = _console(files, CLIENTS)
            console.append(loaded)
            strokes += typed
            memory.append(peak)
            few_strokes += _console(few_files, FEW)[1]
    base = statistics.median(bare)
    return [
        Row("100,000 clients: engine", statistics.median(engine), base, 1.3, "ms", "bare httpx2 loop"),
        Row(
            "100,000 clients: in the console",
            statistics.median(console),
            base,
            1.3,
            "ms",
            "bare httpx2 loop",
            "first paint to complete",
        ),
        Row("filter keystroke, p95", quantile(strokes, 0.95), None, 50.0, "ms", note=f"{len(strokes)} keys"),
        Row(
            "filter keystroke, median",
            statistics.median(strokes),
            statistics.median(few_strokes),
            2.0,
            "ms",
            "the same with 1,000 clients",
        ),
        Row("memory of the console", max(memory), None, 400.0, "MB", note="peak resident set"),
    ]


def _console(files: ConsoleFiles, clients: int) -> tuple[float, list[float], float]:
    """Milliseconds to load all, milliseconds a keystroke, megabytes at the peak."""
    with Terminal([sys.executable, "-m", "ocm_tui"], environment=files.environment, timeout=120) as terminal:
        terminal.wait("Clients ──")
        start = time.perf_counter()
        terminal.until(lambda screen: f"Clients ── {clients:,} ─" in screen and "loading" not in screen, "all clients")
        loaded = (time.perf_counter() - start) * 1000
        shown = [_typed(terminal, word, clients) for word in _WORDS]
        strokes = [
            took
            for word, titles in zip(_WORDS, shown, strict=True)
            for took in _strokes(terminal, word, titles, clients)
        ]
        status = Path(f"/proc/{terminal.pid}/status").read_text()
        peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
        terminal.key("q")
        assert terminal.end() == 0
        return loaded, strokes, peak


def _typed(terminal: Terminal, word: str, clients: int) -> list[str]:
    """What the title says after each key of `word`, read when the screen has come to rest."""
    terminal.respond("/")
    titles = []
    for key in word:
        terminal.respond(key)
        found = re.search(r"Clients ── ([\d,]+ of [\d,]+)", terminal.text)
        assert found is not None, terminal.text
        titles.append(found[1])
    _clear(terminal, clients)
    return titles


def _strokes(terminal: Terminal, word: str, titles: list[str], clients: int) -> list[float]:
    """Milliseconds from each key to the title that counts the rows it left, which is painted with those rows.

    A key that leaves all rows where they are changes nothing that could be waited for, and is not counted.
    """
    terminal.respond("/")
    took, before = [], ""
    for key, title in zip(word, titles, strict=True):
        if title == before:
            terminal.respond(key)
        else:
            took.append(terminal.respond(key, title) * 1000)
        before = title
    _clear(terminal, clients)
    return took


def _clear(terminal: Terminal, clients: int) -> None:
    terminal.key("escape")
    terminal.wait(f"Clients ── {clients:,} ─")


def _in_own_process(what: str, base_url: str, username: str, password: str) -> float:
    """Milliseconds, as the process itself measures them: neither side pays for its imports."""
    command = [sys.executable, "-m", "tests.benchmarks.long_list", what, base_url, username]
    done = subprocess.run(command, input=password, capture_output=True, text=True, check=True)
    return float(done.stdout)


async def _bare(base_url: str, username: str, password: str) -> float:
    import httpx2

    async with httpx2.AsyncClient(auth=(username, password), headers={"X-XSRF-Header": "PingFederate"}) as client:
        start = time.perf_counter()
        count, page = 0, 1
        while True:
            reply = await client.get(f"{base_url}/oauth/clients", params={"page": page, "numberPerPage": PAGE})
            items = reply.json()["items"]
            count += len(items)
            page += 1
            if len(items) < PAGE:
                break
        assert count == CLIENTS
        return (time.perf_counter() - start) * 1000


async def _engine(base_url: str, username: str, password: str) -> float:
    from ocm_tui.core.clients.model import ClientRow
    from ocm_tui.core.clients.pingfederate.adapter import PingFederate
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.http.client import UnifiedHTTPClient
    from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
    from ocm_tui.core.secret import Secret

    config = HTTPClientConfig(base_url=base_url, auth=BasicAuth(username, Secret(password)), trust_env=False)
    async with UnifiedHTTPClient(config, ExchangeLog()) as http:
        server = PingFederate(http)
        start = time.perf_counter()
        rows: list[ClientRow] = []
        async for page in server.pages(page_size=PAGE):
            rows += map(ClientRow.of, page.documents)
        assert len(rows) == CLIENTS
        return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    measure = {"bare": _bare, "engine": _engine}[sys.argv[1]]
    print(asyncio.run(measure(sys.argv[2], sys.argv[3], sys.stdin.read())))  # noqa: T201
