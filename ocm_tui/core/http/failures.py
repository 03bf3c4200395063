"""Every way in which an exchange can end without a complete response, as one TransportError.

`layer` says who failed: dns, tcp, tls, proxy, deadline or http. `maybe_applied` is false only when no byte of the
request can have left. The title names host and port and what happened; the hint says what to do about it.
"""

import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from ocm_tui.core.errors import Layer, TransportError
from ocm_tui.core.http import hx
from ocm_tui.core.http.attempt import Attempt, Peer, Stage
from ocm_tui.core.http.tls_failures import CLIENT_CERTIFICATE_REFUSED, describe_tls, refused_client_certificate

__all__ = ["damaged_body", "deadline_failure", "explain", "too_large"]

_E = TypeVar("_E", bound=BaseException)

_STAGES: Final[dict[Stage, str]] = {
    "queued": "still waiting for a free connection",
    "connecting": "still connecting",
    "handshake": "still in the TLS handshake",
    "sending": "still sending the request",
    "waiting": "sent, no response yet",
    "reading": "the response had begun and was not complete",
}
_UNREACHABLE: Final = {
    errno.ECONNREFUSED: ("refused the connection", "is the server running, and is this its port?"),
    errno.EHOSTUNREACH: ("cannot be reached: no route to the host", "check the network, VPN or firewall"),
    errno.ENETUNREACH: ("cannot be reached: no route to its network", "check the network, VPN or firewall"),
    errno.ETIMEDOUT: ("did not accept the connection in time", "check the network, VPN or firewall"),
    errno.ECONNRESET: ("reset the connection", ""),
    errno.EADDRNOTAVAIL: ("could not be called: this machine has no local port free", "wait a minute"),
    errno.EMFILE: ("could not be called: this process has too many files open", "raise the limit: ulimit -n"),
}


def explain(error: BaseException, attempt: Attempt) -> TransportError:
    """The TransportError for whatever the library, TLS or the system raised during the attempt."""
    if isinstance(error, hx.LocalProtocolError) and attempt.stage == "sending":
        attempt.stage = "queued"  # refused by the library before it wrote anything
    for kind in _AFTER_SENDING if attempt.sent else _BEFORE_SENDING:
        failure = kind(error, attempt)
        if failure is not None:
            return failure
    return _tcp(error, attempt)


def deadline_failure(attempt: Attempt) -> TransportError:
    title = f"{attempt.peer} gave no complete answer within {attempt.deadline:g} s"
    return _failure(attempt, "deadline", title, "", _STAGES[attempt.stage])


def too_large(attempt: Attempt, limit: int) -> TransportError:
    title = f"the response of {attempt.peer} is larger than {limit:,} bytes and was not read to its end"
    return _failure(attempt, "http", title, "is this the right address?")


def damaged_body(attempt: Attempt, reason: str) -> TransportError:
    return _failure(attempt, "http", f"{attempt.peer} sent a body that cannot be decompressed", "", reason)


def _local(error: BaseException, attempt: Attempt) -> TransportError | None:
    peer = attempt.peer
    if isinstance(error, hx.PoolTimeout):
        return _failure(attempt, "deadline", f"no connection to {peer} became free in time", "is the server very slow?")
    if isinstance(error, (hx.LocalProtocolError, hx.InvalidURL, hx.UnsupportedProtocol)):
        return _failure(attempt, "http", f"the request to {peer} is not valid HTTP", "", str(error))
    return None


def _proxy(error: BaseException, attempt: Attempt) -> TransportError | None:
    peer = attempt.peer
    hint = f"HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names it; NO_PROXY={peer.host} goes past it"
    if isinstance(error, hx.ProxyError):
        return _failure(attempt, "proxy", f"the proxy {peer.proxy} does not connect to {peer}: {error}", hint)
    if peer.proxy and attempt.stage == "connecting":
        return _failure(attempt, "proxy", f"the proxy {peer.proxy} {_connecting(error)[0]}", hint)
    return None


def _dns(error: BaseException, attempt: Attempt) -> TransportError | None:
    if not (_first(error, socket.gaierror) or _first(error, UnicodeError)):
        return None
    title = f"the host name {attempt.peer.host} (of {attempt.peer}) is not known here"
    return _failure(attempt, "dns", title, "check the host in base_url, and the name service or VPN", str(error))


def _tls(error: BaseException, attempt: Attempt) -> TransportError | None:
    peer, tls = attempt.peer, _tls_error(error)
    if tls is not None:
        words, hint = describe_tls(tls, peer)
        return _failure(attempt, "tls", f"{peer} {words}", hint)
    if attempt.stage != "handshake":
        return None
    if isinstance(error, hx.TimeoutException):
        title = f"{peer} did not finish the TLS handshake in time"
        return _failure(attempt, "tls", title, "does the port speak TLS at all?")
    return _failure(attempt, "tls", f"{peer} {CLIENT_CERTIFICATE_REFUSED}", refused_client_certificate(peer))


def _tcp(error: BaseException, attempt: Attempt) -> TransportError:
    words, hint = _connecting(error)
    return _failure(attempt, "tcp", f"{attempt.peer} {words}", hint)


def _connecting(error: BaseException) -> tuple[str, str]:
    if isinstance(error, hx.TimeoutException):
        return _UNREACHABLE[errno.ETIMEDOUT]
    if _first(error, socket.gaierror):
        return "is not known by that name here", ""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
            return _UNREACHABLE[cause.errno]
    return f"could not be connected to ({error})", ""


def _silent_close(error: BaseException, attempt: Attempt) -> TransportError | None:
    """The connection ended before the first byte of a response.

    With TLS 1.3 a refused client certificate shows only here, after the request was written.
    """
    disconnected = isinstance(error, hx.RemoteProtocolError) and "without sending a response" in str(error)
    broken = not isinstance(error, (hx.RemoteProtocolError, hx.TimeoutException)) and not _tls_error(error)
    if attempt.stage == "reading" or not (disconnected or broken):
        return None
    peer = attempt.peer
    if peer.scheme == "https" and attempt.fresh:
        hint = refused_client_certificate(peer)
        return _failure(attempt, "tls", f"{peer} {CLIENT_CERTIFICATE_REFUSED}", hint, str(error))
    hint = f"does the port want TLS? use https://{peer} in base_url" if attempt.fresh else ""
    return _failure(attempt, "http", f"{peer} closed the connection without an answer", hint, str(error))


def _silence(error: BaseException, attempt: Attempt) -> TransportError | None:
    if not isinstance(error, hx.TimeoutException):
        return None
    return _failure(attempt, "deadline", f"{attempt.peer} was silent for too long", "", _STAGES[attempt.stage])


def _broken_response(error: BaseException, attempt: Attempt) -> TransportError:
    peer = attempt.peer
    if attempt.stage == "reading":
        return _failure(attempt, "http", f"{peer} broke off in the middle of its response", "", str(error))
    return _failure(attempt, "http", f"{peer} did not answer in proper HTTP", _protocol_hint(error, peer), str(error))


_Kind = Callable[[BaseException, Attempt], TransportError | None]
_BEFORE_SENDING: Final[tuple[_Kind, ...]] = (_local, _proxy, _dns, _tls)
_AFTER_SENDING: Final[tuple[_Kind, ...]] = (_silent_close, _tls, _silence, _broken_response)


def _protocol_hint(error: BaseException, peer: Peer) -> str:
    if peer.scheme == "http" and ("\\x15\\x03" in str(error) or "\\x16\\x03" in str(error)):
        return f"the port speaks TLS: use https://{peer} in base_url"
    if "Receive buffer too long" in str(error):
        return "the response headers are too long"
    return "is this the port of an HTTP server?"


def _failure(attempt: Attempt, layer: Layer, title: str, hint: str, detail: str = "") -> TransportError:
    return TransportError(
        title,
        layer=layer,
        maybe_applied=attempt.sent,
        detail=detail,
        hint=hint,
        exchange_id=attempt.exchange_id or None,
    )


def _first(error: BaseException, kind: type[_E]) -> _E | None:
    return next((cause for cause in _causes(error) if isinstance(cause, kind)), None)


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """The one that says something: those that merely want more bytes are behind every wait."""
    errors = (cause for cause in _causes(error) if isinstance(cause, ssl.SSLError))
    return next((tls for tls in errors if not isinstance(tls, ssl.SSLWantReadError | ssl.SSLWantWriteError)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what caused it, and what a group holds; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend(cause for cause in (current.__cause__, current.__context__) if cause is not None)
