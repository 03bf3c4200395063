"""What went wrong in the SDK, in one sentence: which layer, which host, and what to do.

The SDK wraps a vendored `requests`, which wraps `urllib3`, which wraps the system's error: the innermost that says
something is what counts. Its own words are not shown: `str()` of a service error is a page, and that of a header error
quotes the signature with the whole token.
"""

import errno
import socket
import ssl
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ocm_tui.core.errors import ApiError, Forbidden, Layer, NotFound, OcmError, TransportError, Unauthorised

__all__ = ["ProfileProblem", "WireFailure", "explain", "wire_failure"]

_E = TypeVar("_E", bound=BaseException)

_ERRNO: Final = {
    errno.ECONNREFUSED: ("refused the connection", "is the endpoint right, and is a firewall between?"),
    errno.EHOSTUNREACH: ("cannot be reached: no route to the host", "check the network, VPN or firewall"),
    errno.ENETUNREACH: ("cannot be reached: no route to its network", "check the network, VPN or firewall"),
    errno.ECONNRESET: ("reset the connection", "a firewall or proxy may do that"),
    errno.ETIMEDOUT: ("did not accept the connection in time", "a far region, a firewall or a missing VPN"),
}
_STATUS: Final = {401: Unauthorised, 403: Forbidden, 402: Forbidden, 404: NotFound}


@dataclass(frozen=True, slots=True)
class WireFailure:
    """Why no complete answer came; the words hold nothing of what was sent."""

    layer: Layer
    message: str
    hint: str = ""


class ProfileProblem(OcmError):
    """The profile itself keeps a request from being made: nothing was sent. `field` is the one at fault, or ""."""

    def __init__(self, title: str, *, field: str = "", hint: str = "") -> None:
        super().__init__(title, hint=hint)
        self.field = field


def wire_failure(error: BaseException, url: str, *, connect: float, read: float) -> WireFailure:
    """For what the sending of one request raised; `connect` and `read` are the seconds that it was given."""
    parts = urllib.parse.urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    for kind in (_proxy, _dns, _tls, _tcp, _timeout):
        found = kind(error, host, parts.scheme, connect, read)
        if found is not None:
            return found
    if _named(error, "InvalidHeader") or _first(error, UnicodeError):
        return WireFailure("http", "the request cannot be sent: a header holds what no header may hold", "")
    if _named(error, "ChunkedEncodingError", "IncompleteRead"):
        return WireFailure("http", f"{host} broke off in the middle of its answer")
    if _named(error, "ContentDecodingError"):
        return WireFailure("http", f"{host} answered with more than an answer can be", "is this the right endpoint?")
    if _named(error, "ProtocolError", "RemoteDisconnected", "ConnectionError"):
        return WireFailure("http", f"{host} closed the connection without an answer", "does the port speak TLS?")
    return WireFailure("http", f"{host} could not be asked ({type(error).__name__})")


def explain(error: BaseException, seen: WireFailure | None) -> OcmError:
    """The error of the tree for whatever the SDK raised; `seen`: how its last request ended, if not with an answer."""
    if isinstance(error, OcmError):
        return error
    if _named(error, "ServiceError", "TransientServiceError"):
        return _service_error(error)
    if seen is not None:
        return TransportError(seen.message, layer=seen.layer, maybe_applied=False, hint=seen.hint)
    local = _local(error)
    if local is not None:
        return local
    return ProfileProblem(
        f"the SDK cannot use this profile ({type(error).__name__})",
        hint="`ocm-tui oci show PROFILE` lists what it says",
    )


def _service_error(error: Any) -> OcmError:
    """Status, code and message, redacted; the rest of the error is advice for programmers."""
    from ocm_tui.core.exchanges.redaction import session_redactor

    status = int(error.status or 0)
    code = "" if error.code is None else session_redactor.sentence(str(error.code))
    message = "" if error.message is None else session_redactor.sentence(str(error.message)).strip()
    kind = _STATUS.get(status, ApiError)
    return kind(f"{status} {code}".strip(), status=status, result_id=code, detail=message[:600])


def _local(error: BaseException) -> OcmError | None:
    """What the SDK or the system says before anything is sent; by the error's name, then by its kind."""
    name = type(error).__name__
    if name == "InvalidConfig":
        problems = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        fields = sorted(problems)
        words = ", ".join(f"{field} is {problems[field]}" for field in fields)
        return ProfileProblem(words or "the SDK refuses this profile", field=fields[0] if fields else "")
    if isinstance(error, ValueError) and "endpoint host" in str(error):
        return ProfileProblem("region is no name that a host can have", field="region")
    if isinstance(error, OSError):
        return ProfileProblem(f"a file that this profile needs cannot be read: {error.strerror or name}")
    return None


def _proxy(error: BaseException, host: str, scheme: str, *_: float) -> WireFailure | None:
    if not _named(error, "ProxyError", "InvalidProxyURL"):
        return None
    hint = f"{scheme.upper()}_PROXY or ALL_PROXY names it; NO_PROXY={host} goes past it"
    return WireFailure("proxy", f"the proxy does not connect to {host}", hint)


def _dns(error: BaseException, host: str, *_: object) -> WireFailure | None:
    if not (_first(error, socket.gaierror) or _named(error, "NameResolutionError", "LocationParseError")):
        return None
    return WireFailure(
        "dns", f"the host name {host} is not known here", "check the region, and the name service or VPN"
    )


def _tls(error: BaseException, host: str, scheme: str, connect: float, read: float) -> WireFailure | None:
    refused = _first(error, ssl.SSLCertVerificationError)
    if refused is not None:
        hint = "REQUESTS_CA_BUNDLE names the roots to trust; a proxy may be opening TLS"
        return WireFailure("tls", f"the certificate of {host} is not trusted: {refused.verify_message}", hint)
    if _first(error, ssl.SSLError) is not None:
        return WireFailure("tls", f"{host} and we cannot agree on TLS", "does the port speak TLS at all?")
    # The handshake runs on the connect timeout, and the library calls that a read.
    stalled = scheme == "https" and connect < read and f"read timeout={connect}" in str(error)
    if not stalled:
        return None
    return WireFailure(
        "tls", f"{host} did not finish the TLS handshake in {connect:g} s", "a proxy or firewall stalls it"
    )


def _tcp(error: BaseException, host: str, _scheme: str, connect: float, _read: float) -> WireFailure | None:
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _ERRNO:
            words, hint = _ERRNO[cause.errno]
            return WireFailure("tcp", f"{host} {words}", hint)
    if _named(error, "ConnectTimeout", "ConnectTimeoutError"):  # the library calls a refused connection that as well
        return WireFailure("tcp", f"{host} did not accept the connection in {connect:g} s", _ERRNO[errno.ETIMEDOUT][1])
    return None


def _timeout(error: BaseException, host: str, *_: object) -> WireFailure | None:
    if not _named(error, "ReadTimeout", "ReadTimeoutError", "Timeout"):
        return None
    return WireFailure("deadline", f"{host} gave no complete answer in time")


def _named(error: BaseException, *names: str) -> bool:
    """By name: asking by class would import the SDK where it is not needed."""
    return any(kind.__name__ in names for cause in _causes(error) for kind in type(cause).__mro__)


def _first(error: BaseException, kind: type[_E]) -> _E | None:
    return next((cause for cause in _causes(error) if isinstance(cause, kind)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it came from, what it carries; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        waiting.extend(one for one in inner if isinstance(one, BaseException))
