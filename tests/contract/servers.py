"""Real servers on loopback for the contract tests: the simulator with its adapter, and ad-hoc ones that misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ocm_tui.core.clients.pingfederate import PingFederate
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from tests.contract.openapi import DOCUMENT, request_problems

__all__ = ["Bench", "RawServer", "bench", "raw_server", "refuse_invalid_requests"]


@dataclass
class Bench:
    """One simulator, and everything that is needed to work on it."""

    simulator: Simulator
    server: PingFederate
    service: ClientService
    log: ExchangeLog

    def stored(self, client_id: str) -> Any:
        """What the simulator holds, past its API; None when it has no such client."""
        return self.simulator.api.store.get(client_id)

    def sent(self, method: str) -> list[str]:
        """Paths below the base URL of the requests with `method`."""
        base = self.simulator.base_url.removeprefix(self.simulator.origin)
        return [one.path.removeprefix(base) for one in self.simulator.requests if one.method == method]


@asynccontextmanager
async def bench(
    *, auditor: bool = False, password: str | None = None, deadline: float = 30.0, policy: WritePolicy | None = None,
    concurrency: int = 4, **settings: Any,
) -> AsyncIterator[Bench]:  # fmt: skip
    """At the end every request that was sent is held against the contract."""
    async with Simulator(SimulatorSettings(**settings)) as simulator:
        user = simulator.auditor_username if auditor else simulator.username
        word = password or (simulator.auditor_password if auditor else simulator.password)
        log = ExchangeLog()
        config = HTTPClientConfig(
            base_url=simulator.base_url, auth=BasicAuth(user, Secret(word)), deadline=deadline, trust_env=False
        )
        async with UnifiedHTTPClient(config, log) as http:
            server = PingFederate(http, concurrency=concurrency)
            yield Bench(simulator, server, ClientService(server, policy or WritePolicy()), log)
        refuse_invalid_requests(simulator)


def refuse_invalid_requests(simulator: Simulator) -> None:
    """The document is that of 12.1: newer servers are sent newer fields, so only older ones are checked."""
    base = simulator.base_url.removeprefix(simulator.origin)
    newer = simulator.settings.server_version.startswith(("12.2", "12.3", "13"))
    for request in simulator.requests:
        if not request.path.startswith(base):  # the token endpoint is not a part of the API
            continue
        headers = {name.lower(): value for name, value in request.headers}
        assert headers["x-xsrf-header"] == "PingFederate"
        assert headers["accept"] == "application/json"
        if newer or not DOCUMENT.exists():
            continue
        body = json.loads(request.body) if request.body else None
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        problems = request_problems(request.method, request.path.removeprefix(base), query, body)
        assert not problems, (request.method, request.path, problems)


@dataclass
class RawServer:
    """A server that answers whatever `answer` gives for a request line and body: bytes, sent as they are."""

    base_url: str
    requests: list[str] = field(default_factory=list)


@asynccontextmanager
async def raw_server(answer: Callable[[str], bytes]) -> AsyncIterator[tuple[RawServer, PingFederate]]:
    """One answer per connection, then it is closed."""
    seen = RawServer("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line = head.split("\r\n", 1)[0].removesuffix(" HTTP/1.1")
            length = next((int(one[15:]) for one in head.lower().split("\r\n") if one.startswith("content-length:")), 0)
            await reader.readexactly(length)
            seen.requests.append(line)
            writer.write(answer(line))
            await writer.drain()
        except ConnectionError:
            pass  # the client has what it wanted
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    seen.base_url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/api"
    config = HTTPClientConfig(base_url=seen.base_url, deadline=20.0, trust_env=False)
    try:
        async with UnifiedHTTPClient(config, ExchangeLog()) as http:
            yield seen, PingFederate(http)
    finally:
        listener.close()
        await listener.wait_closed()


def http_answer(status: int, body: bytes | Any = b"", *headers: str, length: int | None = None) -> bytes:
    """An answer that closes its connection; `length` may promise another size than the body has."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    size = len(data) if length is None else length
    lines = [f"HTTP/1.1 {status} Some", f"Content-Length: {size}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + data
