"""Every request of the SDK passes here: bounded in time and size, and seen.

The SDK's own timeouts are per read, some of them are hard-coded to a minute, and its log prints signatures. So the
one function that all its clients and signers send through is wrapped, once. The wrapper does nothing in threads that
are not `on_wire`: whoever else uses the SDK in this process does not notice.
"""

import contextlib
import importlib
import io
import ipaddress
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ocm_tui.core.oci.sdk_failures import WireFailure, wire_failure

__all__ = ["Seen", "Wire", "install", "on_wire"]

_MOST_BYTES: Final = 8 * 2**20
_KEPT_BYTES: Final = 128 * 1024
_PIECE: Final = 64 * 1024
_LEAST_SECONDS: Final = 0.05

_here = threading.local()
_installing = threading.Lock()
_NEEDED: Final = (
    "oci.auth.signers",
    "oci.auth.signers.oke_workload_identity_resource_principal_signer",
    "oci.circuit_breaker",
    "oci.config",
    "oci.object_storage",
    "oci.retry",
    "oci.signer",
)


@dataclass(slots=True, kw_only=True)
class Seen:
    """One request and how it ended, raw: for the log to redact. The authorization header is not in it.

    `started_at` is seconds since the epoch; `body` are the first bytes of what came, `received` counts all of them.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    sent: bytes
    started_at: float
    duration_ms: float = 0.0
    first_byte_ms: float | None = None
    status: int | None = None
    answer_headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    received: int = 0
    failure: WireFailure | None = None

    def answer_header(self, name: str) -> str:
        return next((value for key, value in self.answer_headers if key.lower() == name), "")


@dataclass(slots=True)
class Wire:
    """The terms on which one thread sends. `deadline` is `time.monotonic`'s; `seen` is called in that thread."""

    deadline: float
    seen: Callable[[Seen], None]


@contextlib.contextmanager
def on_wire(wire: Wire) -> Iterator[None]:
    """Within the block the SDK's requests of this thread keep to `wire`."""
    former = getattr(_here, "wire", None)
    _here.wire = wire
    try:
        yield
    finally:
        _here.wire = former


def install() -> None:
    """Load the SDK and wrap its sending; a second call does nothing.

    Its modules import each other in circles: threads that loaded different ones at the same time would each find the
    other's half made. So one thread loads all that probes need, and the others wait for it.
    """
    with _installing:
        for module in _NEEDED:
            importlib.import_module(module)
        from oci._vendor.requests import sessions

        original = sessions.Session.send
        if getattr(original, "keeps_to_wire", False):
            return

        def send(session: Any, request: Any, **settings: Any) -> Any:
            wire: Wire | None = getattr(_here, "wire", None)
            return (
                original(session, request, **settings)
                if wire is None
                else _sent(original, session, request, wire)(**settings)
            )

        send.keeps_to_wire = True  # type: ignore[attr-defined]
        sessions.Session.send = send


def _sent(original: Callable[..., Any], session: Any, request: Any, wire: Wire) -> Callable[..., Any]:
    def send(**settings: Any) -> Any:
        left = wire.deadline - time.monotonic()
        connect, read = (max(min(each, left), _LEAST_SECONDS) for each in _pair(settings.get("timeout"), left))
        settings |= {"timeout": (connect, read), "stream": True, "allow_redirects": False}
        if _is_local(request.url):
            settings["proxies"] = {}  # a proxy would look for it on its own machine
        seen = Seen(
            method=str(request.method),
            url=str(request.url),
            headers=tuple((str(n), str(v)) for n, v in request.headers.items() if str(n).lower() != "authorization"),
            sent=_bytes(request.body),
            started_at=time.time(),
        )
        start = time.perf_counter()
        try:
            _refuse_late(request, wire.deadline)
            response = original(session, request, **settings)
            seen.first_byte_ms = (time.perf_counter() - start) * 1e3
            seen.status = response.status_code
            seen.answer_headers = tuple((str(name), str(value)) for name, value in response.headers.items())
            _read(response, request, wire.deadline, seen)
        except Exception as error:
            seen.failure = wire_failure(error, seen.url, connect=connect, read=read)
            raise
        else:
            return response
        finally:
            seen.duration_ms = (time.perf_counter() - start) * 1e3
            wire.seen(seen)

    return send


def _read(response: Any, request: Any, deadline: float, seen: Seen) -> None:
    """The whole body, which the SDK then finds already read; a drip does not outlive the deadline by a read."""
    import urllib3
    from oci._vendor.requests import exceptions

    pieces: list[bytes] = []
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            pieces.append(piece)
            seen.received += len(piece)
            _refuse_huge(seen)
            _refuse_late(request, deadline)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise exceptions.ReadTimeout(error, request=request) from error
    except urllib3.exceptions.HTTPError as error:
        raise exceptions.ChunkedEncodingError(error, request=request) from error
    except BaseException:
        response.close()
        raise
    finally:
        seen.body = b"".join(pieces)[:_KEPT_BYTES]
    content = b"".join(pieces)
    response._content = content  # noqa: SLF001  # where the library itself keeps what it has read
    response._content_consumed = True  # noqa: SLF001
    # The metadata's reader goes below the library: it finds the same bytes once more.
    response.raw = urllib3.HTTPResponse(io.BytesIO(content), status=response.status_code, preload_content=False)


def _refuse_late(request: Any, deadline: float) -> None:
    from oci._vendor.requests import exceptions

    if time.monotonic() >= deadline:
        raise exceptions.ReadTimeout("the deadline has passed", request=request)


def _refuse_huge(seen: Seen) -> None:
    from oci._vendor.requests import exceptions

    if seen.received > _MOST_BYTES:
        raise exceptions.ContentDecodingError(f"the answer is larger than {_MOST_BYTES:,} bytes")


def _pair(timeout: Any, left: float) -> tuple[float, float]:
    if isinstance(timeout, tuple):
        connect, read = timeout
        return (left if connect is None else connect, left if read is None else read)
    return (left, left) if timeout is None else (float(timeout), float(timeout))


def _is_local(url: str) -> bool:
    """Loopback and link-local: this machine, and the metadata of this instance."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_link_local


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""
