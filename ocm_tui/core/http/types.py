"""What the rest of the program sees of HTTP: configuration in, replies out. No HTTP library appears here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ocm_tui.core.exchanges.model import RequestContext, Target
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import decode

__all__ = ["HTTP", "BasicAuth", "BearerAuth", "HTTPClientConfig", "PhaseTimeouts", "Reply", "TLSSettings"]


@dataclass(frozen=True, slots=True)
class BasicAuth:
    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class BearerAuth:
    token: Secret


@dataclass(frozen=True, slots=True)
class TLSSettings:
    """`ca_file` None means the system's roots. A client certificate needs its key; the key may be in the same file."""

    verify: bool = True
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    client_key_password: Secret | None = None


@dataclass(frozen=True, slots=True)
class PhaseTimeouts:
    """Seconds per phase: connect (TCP and TLS each), one read, one write, waiting for a free connection."""

    connect: float = 5.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPClientConfig:
    """`deadline` is seconds for one whole call, body included; no drip of bytes outlives it.

    `base_url` is absolute; requests use URLs relative to it. `max_connections` bounds the pool.
    `max_response_bytes` bounds a decoded body: a longer one is a TransportError, not a full memory.
    """

    base_url: str
    target: Target = "server"
    auth: BasicAuth | BearerAuth | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeouts: PhaseTimeouts = PhaseTimeouts()
    deadline: float = 30.0
    max_connections: int = 8
    keepalive: float = 60.0
    tls: TLSSettings = TLSSettings()
    trust_env: bool = True  # HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE
    max_response_bytes: int = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete response. `headers` keep case and order; `body` is decoded (gzip and the like) bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    exchange_id: str
    duration_ms: float

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        return decode(self.body)


class HTTP(Protocol):
    """The port that adapters use; `UnifiedHTTPClient` is it. Raises TransportError, never a library's exception."""

    @property
    def base_url(self) -> str: ...

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> Reply: ...

    async def close(self) -> None: ...
