"""What a sample of the corpus needs: a simulated server, a session with it, and requests of any kind."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import TransportError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig, TLSSettings
from ocm_tui.core.secret import Secret
from ocm_tui.core.session import Session
from ocm_tui.simulator.server import Simulator
from ocm_tui.wiring import connect_server
from tests.unit.core.http.loopback import Respond, loopback, says

__all__ = ["ANYTHING", "HEADERS", "Bench", "client", "opened"]

HEADERS = {"X-XSRF-Header": "PingFederate", "Accept": "application/json"}
ANYTHING: Any = object()


def client(**changes: Any) -> dict[str, Any]:
    """A document that the server takes; None removes a member."""
    document: dict[str, Any] = {
        "clientId": "sample-client",
        "name": "Sample client",
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET", "secret": "planted-sample-secret-55aa"},
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


@dataclass
class Bench:
    """One sample's own session; its log is the sample's alone."""

    simulator: Simulator
    session: Session
    directory: Path

    async def send(
        self, method: str, path: str, body: Any = None, *, user: str | None = None, password: str | None = None,
        base_url: str | None = None, headers: Mapping[str, str] | None = None, content: bytes | None = None,
        anonymous: bool = False, tls: TLSSettings | None = None, deadline: float = 20.0, target: Any = "server",
    ) -> Exchange:  # fmt: skip
        """The exchange of one request, however it ends."""
        auth = BasicAuth(user or self.simulator.username, Secret(password or self.simulator.password))
        config = HTTPClientConfig(
            base_url=base_url or self.simulator.base_url,
            auth=None if anonymous else auth,
            tls=tls or TLSSettings(),
            trust_env=False,
            deadline=deadline,
            target=target,
        )
        async with UnifiedHTTPClient(config, self.session.log) as http:
            with suppress(TransportError):
                await http.request(
                    method, path, json=body, content=content, headers=HEADERS if headers is None else headers
                )
        return self.session.log.snapshot()[-1]

    async def create(self, **changes: Any) -> Exchange:
        return await self.send("POST", "oauth/clients", client(**changes))

    async def token(
        self, form: Mapping[str, str] | str, *, pair: tuple[str, str] | None = None, **more: Any
    ) -> Exchange:
        """A request at the token endpoint; `pair` goes into HTTP Basic."""
        text = form if isinstance(form, str) else urlencode(form)
        user, password = pair or ("", "")
        headers = {"Content-Type": "application/x-www-form-urlencoded", **more.pop("headers", {})}
        return await self.send(
            more.pop("method", "POST"), "", content=text.encode(), headers=headers, base_url=self.simulator.token_url,
            anonymous=pair is None, user=user or None, password=password or None, target="token", **more,
        )  # fmt: skip

    async def answered(
        self, data: bytes | Respond, method: str = "GET", path: str = "version", **more: Any
    ) -> Exchange:
        """What a server that says just this makes of a request."""
        async with loopback(says(data) if isinstance(data, bytes) else data, more.pop("context", None)) as server:
            base = f"{server.url}{more.pop('base_path', '/pf-admin-api/v1')}"
            return await self.send(method, path, more.pop("body", None), base_url=base, **more)


@asynccontextmanager
async def opened(simulator: Simulator, directory: Path) -> AsyncIterator[Bench]:
    log = ExchangeLog()
    session = Session(environment="dev", policy=WritePolicy(), log=log, state_directory=directory)
    auth = BasicAuth(simulator.username, Secret(simulator.password))
    connect_server(
        session,
        HTTPClientConfig(base_url=simulator.base_url, auth=auth, trust_env=False),
        simulator.username,
        token_url=simulator.token_url,
    )
    try:
        yield Bench(simulator, session, directory)
    finally:
        await session.close()


def pretty(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()
