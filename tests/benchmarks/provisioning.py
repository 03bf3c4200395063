"""Planning 10,000 clients and creating 5,000, against bare loops that do nothing but the HTTP of it."""

import asyncio
import importlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.benchmarks.servers import Server, running_simulator
from tests.benchmarks.table import Row

__all__ = ["run"]

PLANNED = 10_000
CREATED = 5_000
PAGE = 500
CONCURRENCY = 8
_HEADERS = {"X-XSRF-Header": "PingFederate"}
# What a server says that nobody declares.
_SERVERS_OWN = {"creationDate", "modificationDate", "clientSecretChangedTime", "replicationStatus", "encryptedSecret",
                "secondarySecrets"}  # fmt: skip
_EMPTY: tuple[Any, ...] = (None, "", [], {}, "SERVER_DEFAULT")  # what nobody writes down


def run(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return [*_planning(Path(folder), rounds), *_creating(Path(folder), rounds)]


def _planning(folder: Path, rounds: int) -> list[Row]:
    inventory = folder / "planned.yaml"
    loops, reads, firsts, plans, gets = (list[float]() for _ in range(5))
    requests = memory = 0.0
    with running_simulator(PLANNED) as server:
        _write_inventory(server, inventory)
        for number in range(rounds):
            loops.append(_measured("list", server, inventory)["ms"])
            reads.append(_measured("read", server, inventory)["ms"])
            shutil.rmtree(_cache_of(inventory), ignore_errors=True)
            firsts.append(_measured("plan", server, inventory)["ms"])
            planned = _measured("plan", server, inventory)
            plans.append(planned["ms"])
            requests, memory = planned["requests"], max(memory, planned["mb"])
            if number == 0:
                gets.append(_measured("gets", server, inventory)["ms"])
    loop, plan, first = statistics.median(loops), statistics.median(plans), statistics.median(firsts)
    pages = PLANNED / PAGE + 1
    return [
        Row("plan of 10,000: wall", plan, loop, 1.3, "ms", "bare httpx2 loop over the pages"),
        Row(
            "… of an inventory that was never read",
            first,
            loop,
            1.3,
            "ms",
            "bare httpx2 loop over the pages",
            "reading 4 MB of YAML is most of it",
        ),
        Row(
            "… against a loop that reads it as well",
            first,
            loop + statistics.median(reads),
            1.3,
            "ms",
            "bare httpx2 loop, and yaml.load by libyaml",
        ),
        Row(
            "plan of 10,000: requests", requests, None, pages + 10, "requests", note=f"{pages:.0f} pages and a constant"
        ),
        Row("plan of 10,000: memory", memory, None, 300.0, "MB", note="peak resident set"),
        Row("plan of 10,000 / one GET a client", plan, statistics.median(gets), 1.0, "ms", "bare GETs, 8 at once"),
    ]


def _creating(folder: Path, rounds: int) -> list[Row]:
    rows = []
    for what in ("keys", "secrets"):
        inventory = folder / f"{what}.yaml"
        _write_creates(inventory, folder, generated=what == "secrets")
        bare, ours = list[float](), list[float]()
        for _ in range(rounds):
            with running_simulator(0) as server:
                bare.append(_measured("create", server, inventory)["ms"])
            with running_simulator(0) as server:
                ours.append(_measured("apply", server, inventory)["ms"])
        words = "generated secrets into files" if what == "secrets" else "no secrets"
        rows.append(
            Row(
                f"5,000 creates, {words}",
                statistics.median(ours),
                statistics.median(bare),
                1.25,
                "ms",
                "bare httpx2 POSTs of the same bodies",
                f"{CONCURRENCY} at once; 1.25 is 0.8 of the throughput",
            )
        )
    return rows


def _write_inventory(server: Server, path: Path) -> None:
    """Every client of the server as it is, one in a hundred with another description."""
    documents = asyncio.run(_documents(server))
    clients = []
    for number, document in enumerate(documents):
        client = {name: written for name, value in document.items() if (written := _written(name, value)) is not None}
        if number % 100 == 0:
            client["description"] = f"Declared differently, {number}"
        clients.append(client)
    content = {"version": 1, "name_policy": "keep", "clients": clients}
    path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")


def _written(name: str, value: Any) -> Any:
    """What a person would write down of a stored member; None for what the server fills in by itself."""
    if isinstance(value, dict):
        inner = {key: part for key, child in value.items() if (part := _written(key, child)) is not None}
        return inner or None
    filled = name in _SERVERS_OWN or name.endswith("TimeUnit") or (name == "logoutMode" and value == "NONE")
    empty = value in _EMPTY or (value is False and name != "enabled")
    return None if filled or empty else value


def _write_creates(path: Path, folder: Path, *, generated: bool) -> None:
    defaults: dict[str, Any] = {"grantTypes": ["CLIENT_CREDENTIALS"], "clientAuth": {"type": "PRIVATE_KEY_JWT"}}
    defaults["jwksSettings"] = {"jwksUrl": "https://keys.example.com/jwks.json"}
    if generated:
        (folder / "delivered").mkdir()
        defaults = {"grantTypes": ["CLIENT_CREDENTIALS"], "clientAuth": {"type": "SECRET"}}
        defaults["secret"] = {"from": "generate", "deliver": f"file:{folder}/delivered/{{clientId}}"}
    clients = [{"clientId": f"created-{number:05}"} for number in range(CREATED)]
    content = {"version": 1, "defaults": defaults, "clients": clients}
    path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")


async def _documents(server: Server) -> list[dict[str, Any]]:
    import httpx2

    async with httpx2.AsyncClient(auth=(server.username, server.password), headers=_HEADERS, timeout=60) as client:
        return [document async for page in _pages(client, server.base_url) for document in page]


async def _pages(client: Any, base_url: str) -> Any:
    page = 1
    while True:
        reply = await client.get(f"{base_url}/oauth/clients", params={"page": page, "numberPerPage": PAGE})
        items = reply.json()["items"]
        yield items
        page += 1
        if len(items) < PAGE:
            return


# In a process of its own: neither side pays for the other's imports or memory


def _measured(what: str, server: Server, inventory: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.provisioning", what, server.base_url, server.username]
    done = subprocess.run(
        [*command, str(inventory)], input=server.password, stdout=subprocess.PIPE, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _elapsed(start: float) -> dict[str, float]:
    took = (time.perf_counter() - start) * 1000
    status = Path("/proc/self/status").read_text(encoding="utf-8")  # getrusage would count the parent's memory too
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    return {"ms": took, "mb": peak}


async def _list(server: Server, inventory: Path) -> dict[str, float]:
    import httpx2

    async with httpx2.AsyncClient(auth=(server.username, server.password), headers=_HEADERS, timeout=60) as client:
        start = time.perf_counter()
        async for _ in _pages(client, server.base_url):
            pass
        return _elapsed(start)


async def _read(server: Server, inventory: Path) -> dict[str, float]:
    start = time.perf_counter()
    _content(inventory)
    return _elapsed(start)


async def _gets(server: Server, inventory: Path) -> dict[str, float]:
    """As Terraform's providers read: each client by its id."""
    ids = iter([client["clientId"] for client in _content(inventory)["clients"]])
    return await _in_parallel(server, ids, lambda client, one: client.get(f"{server.base_url}/oauth/clients/{one}"))


async def _create(server: Server, inventory: Path) -> dict[str, float]:
    from ocm_tui.core.clients.secrets import generate_secret

    content = _content(inventory)
    defaults = content["defaults"]
    generated = defaults.pop("secret", None) is not None
    bodies = []
    for client in content["clients"]:
        body = {**defaults, **client, "name": client["clientId"]}
        if generated:
            body["clientAuth"] = {**body["clientAuth"], "secret": generate_secret().reveal()}
        bodies.append(body)
    url = f"{server.base_url}/oauth/clients"
    return await _in_parallel(server, iter(bodies), lambda client, body: client.post(url, json=body))


async def _in_parallel(server: Server, items: Iterator[Any], send: Any) -> dict[str, float]:
    import httpx2

    async with httpx2.AsyncClient(auth=(server.username, server.password), headers=_HEADERS, timeout=60) as client:

        async def work() -> None:
            for item in items:
                reply = await send(client, item)
                assert reply.status_code in (200, 201), reply.text
                reply.json()

        start = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return _elapsed(start)


def _cache_of(inventory: Path) -> Path:
    return inventory.with_suffix(".cache")


def _content(inventory: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(inventory.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return content


async def _plan(server: Server, inventory: Path) -> dict[str, float]:
    from ocm_tui.core.provisioning.model import PlanOptions

    with tempfile.TemporaryDirectory() as state:
        async with _engine(server, inventory, Path(state)) as provisioning:
            start = time.perf_counter()
            plan = await provisioning.plan(None, PlanOptions())
            figures = _elapsed(start)
    assert plan.count("update") == PLANNED // 100, plan.summary
    assert plan.count("unchanged") == PLANNED - PLANNED // 100, plan.summary
    return {**figures, "requests": plan.requests}


async def _apply(server: Server, inventory: Path) -> dict[str, float]:
    from ocm_tui.core.provisioning.runs import ApplyOptions

    with tempfile.TemporaryDirectory() as state:
        async with _engine(server, inventory, Path(state)) as provisioning:
            plan = await provisioning.plan()
            start = time.perf_counter()
            result = await provisioning.apply(plan, ApplyOptions(concurrency=CONCURRENCY))
            figures = _elapsed(start)
    assert result.count("succeeded") == CREATED, result.summary
    return figures


# What the program loads when it plans and applies for the first time: the bare loops have theirs before the clock runs.
_LOADED = (
    *(f"provisioning.{name}" for name in ("planner", "inventory_loading", "journal", "lock", "listing", "run")),
    *(f"http.{name}" for name in ("connecting", "pool", "sockets")),
    *(f"clients.{name}" for name in ("checks", "documents", "pingfederate.versions", "secret_sources", "unclear")),
)


def _engine(server: Server, inventory: Path, state: Path) -> Any:
    from contextlib import asynccontextmanager

    from ocm_tui.core.clients.pingfederate.adapter import PingFederate
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.core.collector import collect_seldom
    from ocm_tui.core.exchanges.history import HistoryWriter
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.http.client import UnifiedHTTPClient
    from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
    from ocm_tui.core.provisioning.service import Provisioning
    from ocm_tui.core.secret import Secret

    for name in _LOADED:
        importlib.import_module(f"ocm_tui.core.{name}")
    collect_seldom()  # as the commands do

    @asynccontextmanager
    async def opened() -> Any:
        log = ExchangeLog()
        history = HistoryWriter(state / "history.sqlite3")  # as every run of the program has one
        log.subscribe(history)
        auth = BasicAuth(server.username, Secret(server.password))
        config = HTTPClientConfig(base_url=server.base_url, auth=auth, trust_env=False)
        async with UnifiedHTTPClient(config, log) as http:
            clients = ClientService(PingFederate(http), WritePolicy())
            yield Provisioning(
                clients, log, environment="bench", state_directory=state, inventory=(inventory,),
                concurrency=CONCURRENCY, cache_directory=_cache_of(inventory),
            )  # fmt: skip
        history.close()

    return opened()


_MEASURES = {"list": _list, "read": _read, "gets": _gets, "create": _create, "plan": _plan, "apply": _apply}


if __name__ == "__main__":
    measure = _MEASURES[sys.argv[1]]
    target = Server(sys.argv[2], sys.argv[3], sys.stdin.read())
    print(json.dumps(asyncio.run(measure(target, Path(sys.argv[4])))))  # noqa: T201
