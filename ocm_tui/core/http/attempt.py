"""One attempt under way: whom it talks to and how far it has come. Recorder, failures and client share it."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from urllib.parse import urlsplit

from ocm_tui.core.errors import TransportError
from ocm_tui.core.exchanges.model import RequestContext

__all__ = ["EXTENSION", "Attempt", "Peer", "Stage"]

# The key of the attempt in a request's extensions.
EXTENSION: Final = "ocm_attempt"

Stage = Literal["queued", "connecting", "handshake", "sending", "waiting", "reading"]


@dataclass(frozen=True, slots=True)
class Peer:
    """The server that a URL names; `proxy` is `host:port` when a proxy stands between."""

    scheme: str
    host: str
    port: int
    proxy: str | None = None
    client_certificate: str | None = None  # the file, for messages; so is the next
    ca_file: str | None = None

    def behind(self, proxy: str) -> "Peer":
        """The same server, reached through the proxy of this URL."""
        parts = urlsplit(proxy)
        return replace(self, proxy=f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(slots=True, kw_only=True)
class Attempt:
    """Mutable; written by the recorder while the library reports its phases. Clock values are `perf_counter` seconds.

    `scope` is the caller's deadline: a cancellation while it is expired is the deadline, any other one is the user's.
    `failure` is set when there is no complete response; who reads the body may set it before closing.
    """

    peer: Peer
    context: RequestContext = field(default_factory=RequestContext)
    number: int = 1
    exchange_id: str = ""
    scope: asyncio.Timeout | None = None
    deadline: float = 0.0  # seconds, for messages
    stage: Stage = "queued"
    fresh: bool = False  # a new connection was made for it
    started: float = field(default_factory=time.perf_counter)
    connect_from: float = 0.0
    connect_ms: float | None = None
    tls_from: float = 0.0
    tls_ms: float | None = None
    failure: TransportError | None = None

    @property
    def sent(self) -> bool:
        """Whether a byte of the request may have left this machine."""
        return self.stage in ("sending", "waiting", "reading")

    @property
    def deadline_passed(self) -> bool:
        return self.scope is not None and self.scope.expired()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started
