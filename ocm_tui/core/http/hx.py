"""The one module that imports the HTTP library: httpx2, the maintained continuation of httpx.

`client.py` drives the library's transport itself: no redirects, no cookie jar, no auth flow and no retries are wanted,
so its client class would only cost time. The asynchronous backend lets a few exceptions of other libraries through
unmapped; `escaping_errors` names everything that an exchange can end in.
"""

import logging
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any

from httpx2 import (
    URL,
    AsyncBaseTransport,
    AsyncByteStream,
    AsyncHTTPTransport,
    ConnectError,
    ConnectTimeout,
    HTTPError,
    InvalidURL,
    Limits,
    LocalProtocolError,
    MockTransport,
    PoolTimeout,
    Proxy,
    ProxyError,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    Request,
    RequestNotRead,
    Response,
    TimeoutException,
    UnsupportedProtocol,
    WriteError,
    WriteTimeout,
    create_ssl_context,
)

if TYPE_CHECKING:
    import httpcore2 as core

__all__ = [
    "URL",
    "AsyncBaseTransport",
    "AsyncByteStream",
    "AsyncHTTPTransport",
    "ConnectError",
    "ConnectTimeout",
    "HTTPError",
    "InvalidURL",
    "Limits",
    "LocalProtocolError",
    "MockTransport",
    "PoolTimeout",
    "Proxy",
    "ProxyError",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "Request",
    "RequestNotRead",
    "Response",
    "TimeoutException",
    "UnsupportedProtocol",
    "WriteError",
    "WriteTimeout",
    "core",
    "create_ssl_context",
    "escaping_errors",
]

# At INFO the library logs whole URLs with their queries, at DEBUG the headers.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def __getattr__(name: str) -> Any:
    """`core` is the library below, which holds the connections; it is loaded with the first of them."""
    if name != "core":
        raise AttributeError(f"module {__name__} has no attribute {name}")
    import httpcore2

    globals()["core"] = httpcore2  # from now on it is found at once
    return httpcore2


@cache
def escaping_errors() -> tuple[type[Exception], ...]:
    """Every exception that sending a request or reading a response may raise, cancellation apart.

    `ssl.SSLError` is an OSError and comes raw when a TLS alert is read late; `UnicodeError` is a host name that the
    resolver cannot encode; the last two come when a connection is closed under a waiting reader.
    """
    import anyio  # loaded with the first connection anyway

    return (
        HTTPError,
        InvalidURL,
        OSError,
        ssl.SSLError,
        UnicodeError,
        anyio.BrokenResourceError,
        anyio.ClosedResourceError,
    )
