"""The connections to one server: the library's pool of them, over sockets of our own."""

import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from ocm_tui.core.http import hx
from ocm_tui.core.http.sockets import AsyncioBackend

__all__ = ["PooledTransport"]

_MEANINGS: Final[dict[type[Exception], type[hx.HTTPError]]] = {
    hx.core.ConnectTimeout: hx.ConnectTimeout,
    hx.core.ReadTimeout: hx.ReadTimeout,
    hx.core.WriteTimeout: hx.WriteTimeout,
    hx.core.PoolTimeout: hx.PoolTimeout,
    hx.core.ConnectError: hx.ConnectError,
    hx.core.ReadError: hx.ReadError,
    hx.core.WriteError: hx.WriteError,
    hx.core.LocalProtocolError: hx.LocalProtocolError,
    hx.core.RemoteProtocolError: hx.RemoteProtocolError,
    hx.core.UnsupportedProtocol: hx.UnsupportedProtocol,
}
_FAILURES: Final = tuple(_MEANINGS)


class PooledTransport(hx.AsyncBaseTransport):
    """As `hx.AsyncHTTPTransport` without a proxy, which has no parameter for the sockets: the same errors, HTTP/1.1."""

    def __init__(self, context: ssl.SSLContext, limits: hx.Limits) -> None:
        self._pool = hx.core.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=AsyncioBackend(),
        )

    async def handle_async_request(self, request: hx.Request) -> hx.Response:
        url = request.url
        assert isinstance(request.stream, hx.AsyncByteStream)
        sent = hx.core.Request(
            method=request.method,
            url=hx.core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(sent)
        except _FAILURES as error:
            raise _MEANINGS[type(error)](str(error)) from error
        return hx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(hx.AsyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async with aclosing(self._inner.__aiter__()) as chunks:
                async for chunk in chunks:
                    yield chunk
        except _FAILURES as error:
            raise _MEANINGS[type(error)](str(error)) from error

    async def aclose(self) -> None:
        await self._inner.aclose()
