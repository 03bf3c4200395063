"""One request and its response, or its failure: redacted, cleaned, immutable.

Nothing in an `Exchange` is secret and every string in it is safe to show: capture has seen to both.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

__all__ = [
    "Exchange",
    "ExchangeFailure",
    "ExchangeSink",
    "Message",
    "RequestContext",
    "Target",
    "Timings",
    "current_run",
    "utc_text",
]

Target = Literal["server", "token", "oci", "registry"]

# The run on whose behalf this task, and the tasks that it starts, send requests.
current_run: ContextVar[str | None] = ContextVar("current_run", default=None)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What a request is about; it travels beside the request and ends up in its exchange."""

    client_id: str | None = None
    run_id: str | None = field(default_factory=current_run.get)
    purpose: str = ""  # a few words for the log, such as "background traffic"


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds. `connect` and `tls` are None on a reused connection; `first_byte` counts from the start."""

    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Message:
    """One side of an exchange. `body` is redacted text, cut at the cap; `body_bytes` counts the wire, uncut."""

    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    body_bytes: int = 0
    truncated: bool = False

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class ExchangeFailure:
    """Why there is no complete response. `layer` is one of dns, tcp, tls, proxy, deadline, http, cancelled."""

    layer: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`id` is unique across processes; `started_at` is seconds since the epoch, UTC; `url` is absolute and redacted."""

    id: str
    started_at: float
    target: Target
    method: str
    url: str
    path: str  # of the URL below the base URL, with the query: what a list shows
    status: int | None
    duration_ms: float
    timings: Timings
    request: Message
    response: Message | None
    error: ExchangeFailure | None = None
    client_id: str | None = None
    run_id: str | None = None
    purpose: str = ""
    attempt: int = 1
    http_version: str = ""
    reused_connection: bool = False

    @property
    def failed(self) -> bool:
        return self.error is not None or self.status is None or self.status >= 400

    @property
    def size(self) -> int:
        """About how many bytes of memory the exchange keeps."""
        kept = 700 + len(self.url) + len(self.request.body) + (len(self.response.body) if self.response else 0)
        messages = (self.request, self.response) if self.response else (self.request,)
        return kept + sum(len(name) + len(value) + 120 for message in messages for name, value in message.headers)

    def as_json(self) -> dict[str, Any]:
        """The members of `ocm-tui/exchange/v1`, without the schema."""
        return {
            "id": self.id,
            "started_at": utc_text(self.started_at),
            "target": self.target,
            "method": self.method,
            "url": self.url,
            "status": self.status,
            "duration_ms": round(self.duration_ms, 3),
            "timings_ms": {
                "connect": self.timings.connect,
                "tls": self.timings.tls,
                "first_byte": self.timings.first_byte,
                "total": self.timings.total,
            },
            "request": {
                "headers": _headers_json(self.request),
                "body": self.request.body or None,
                "body_bytes": self.request.body_bytes,
            },
            "response": self.response
            and {
                "headers": _headers_json(self.response),
                "body": self.response.body or None,
                "body_bytes": self.response.body_bytes,
                "truncated": self.response.truncated,
            },
            "error": self.error and {"layer": self.error.layer, "message": self.error.message},
            "client_id": self.client_id,
            "run_id": self.run_id,
            "purpose": self.purpose,
            "attempt": self.attempt,
            "http_version": self.http_version,
            "reused_connection": self.reused_connection,
        }


ExchangeSink = Callable[[Exchange], None]


def _headers_json(message: Message) -> dict[str, str]:
    """Name to value; a repeated header's values are joined by newlines, which no header value can hold."""
    joined: dict[str, str] = {}
    for name, value in message.headers:
        joined[name] = f"{joined[name]}\n{value}" if name in joined else value
    return joined


def utc_text(epoch: float) -> str:
    """`2026-01-31T12:04:31.377Z`."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
