"""The one way out over HTTP: relative URLs, one deadline, no retries, no redirects, every attempt in the log."""

import asyncio
import contextlib
import functools
import json as json_module
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self

from ocm_tui.core.errors import TransportError, UsageError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import RequestContext
from ocm_tui.core.http import hx
from ocm_tui.core.http.addresses import BaseURL
from ocm_tui.core.http.attempt import EXTENSION, Attempt, Peer
from ocm_tui.core.http.failures import deadline_failure, explain
from ocm_tui.core.http.headers import RequestHeaders
from ocm_tui.core.http.proxies import proxy_for
from ocm_tui.core.http.reading import StreamedReply, body_chunks, header_texts, release
from ocm_tui.core.http.recording import RecordingTransport
from ocm_tui.core.http.tls import plain_context, tls_context
from ocm_tui.core.http.types import HTTPClientConfig, Reply

__all__ = ["StreamedReply", "UnifiedHTTPClient"]

_KEPT_URLS: Final = 64


class UnifiedHTTPClient:
    """The `HTTP` port over one base URL; `async with` it, or call `close`.

    Nothing is connected or read from files before the first request. Every call is one attempt and one exchange, and
    ends in a Reply of any status, or in a TransportError; ConfigError comes from TLS files and proxy variables, and
    UsageError from a URL that is not below the base URL. `transport` replaces the network in tests.
    """

    def __init__(
        self, config: HTTPClientConfig, log: ExchangeLog, *, transport: hx.AsyncBaseTransport | None = None
    ) -> None:
        self._config, self._log, self._given = config, log, transport
        self._base = BaseURL.parse(config.base_url)
        self._headers = RequestHeaders(config)
        self._peer = Peer(
            self._base.scheme,
            self._base.host,
            self._base.port,
            client_certificate=str(config.tls.client_cert) if config.tls.client_cert else None,
            ca_file=str(config.tls.ca_file) if config.tls.ca_file else None,
        )
        phases = config.timeouts
        self._timeouts = {
            "connect": phases.connect,
            "read": phases.read,
            "write": phases.write,
            "pool": phases.pool,
        }
        # Writes of many clients go to few URLs, and parsing one costs as much as a tenth of a request.
        self._parsed = functools.lru_cache(_KEPT_URLS)(hx.URL)
        self._transport: RecordingTransport | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    @property
    def base_url(self) -> str:
        """Without a slash at its end."""
        return self._base.text

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; may be called twice. A request that is under way ends in a TransportError."""
        self._closed = True
        transport, self._transport = self._transport, None
        if transport is not None:
            with contextlib.suppress(*hx.escaping_errors()):
                await transport.aclose()

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
    ) -> Reply:
        """One attempt. `json` is encoded here; `content` goes as it is. `deadline` is seconds for all of it."""
        attempt = self._attempt(context, deadline)
        body = content if json is None else _encoded(json)
        sent = self._headers.merged(headers, is_json=json is not None)
        request = self._request(method, self._base.join(url, params), attempt, sent, body)
        try:
            async with asyncio.timeout(attempt.deadline) as attempt.scope:
                response = await self._send(request, attempt)
                try:
                    chunks = body_chunks(response, attempt, self._config.max_response_bytes)
                    async with aclosing(chunks):
                        received = b"".join([chunk async for chunk in chunks])
                finally:
                    await release(response)
        except TimeoutError:
            raise attempt.failure or deadline_failure(attempt) from None
        return Reply(response.status_code, header_texts(response), received, attempt.exchange_id, attempt.elapsed * 1e3)

    async def get(self, url: str, **options: Any) -> Reply:
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> Reply:
        return await self.request("POST", url, **options)

    async def put(self, url: str, **options: Any) -> Reply:
        return await self.request("PUT", url, **options)

    async def delete(self, url: str, **options: Any) -> Reply:
        return await self.request("DELETE", url, **options)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
    ) -> AsyncIterator[StreamedReply]:
        """A response whose body is read piece by piece, such as a large download.

        The deadline covers the whole `async with`, the caller's own work on the pieces included.
        """
        attempt = self._attempt(context, deadline)
        sent = self._headers.merged(headers, is_json=False)
        request = self._request(method, self._base.join(url, params), attempt, sent)
        try:
            async with asyncio.timeout(attempt.deadline) as attempt.scope:
                response = await self._send(request, attempt)
                try:
                    chunks = body_chunks(response, attempt, max_bytes)
                    async with aclosing(chunks):
                        yield StreamedReply(response.status_code, header_texts(response), attempt.exchange_id, chunks)
                finally:
                    await release(response)
        except TimeoutError:
            if not attempt.deadline_passed:
                raise  # the caller's own
            raise attempt.failure or deadline_failure(attempt) from None

    def _attempt(self, context: RequestContext | None, deadline: float | None) -> Attempt:
        limit = self._config.deadline if deadline is None else deadline
        return Attempt(peer=self._peer, context=context or RequestContext(), deadline=limit)

    def _request(
        self, method: str, url: str, attempt: Attempt, headers: list[tuple[bytes, bytes]], body: bytes | None = None
    ) -> hx.Request:
        extensions = {"timeout": self._timeouts, EXTENSION: attempt}
        try:
            return hx.Request(method, self._parsed(url), headers=headers, content=body, extensions=extensions)
        except (hx.InvalidURL, ValueError) as error:
            raise UsageError(f"{url} cannot be requested", detail=str(error)) from None

    async def _send(self, request: hx.Request, attempt: Attempt) -> hx.Response:
        transport = self._transport or await self._open()
        attempt.peer = self._peer
        try:
            return await transport.handle_async_request(request)
        except hx.escaping_errors() as error:
            # The library's exception holds the request with its credentials: it is explained, and not chained.
            raise attempt.failure or explain(error, attempt) from None

    async def _open(self) -> RecordingTransport:
        """Off the loop: it reads certificate files, and imports the rest of the library."""
        async with self._opening:
            if self._closed:
                raise TransportError(
                    f"the connections to {self._peer} were closed here", layer="http", maybe_applied=False
                )
            if self._transport is None:
                inner = await asyncio.to_thread(self._build) if self._given is None else self._given
                self._transport = RecordingTransport(
                    inner, self._log, target=self._config.target, base_path=self._base.path
                )
            return self._transport

    def _build(self) -> hx.AsyncBaseTransport:
        config, base = self._config, self._base
        proxy = proxy_for(base.scheme, base.host, base.port) if config.trust_env else None
        if proxy:
            self._peer = self._peer.behind(proxy)
        context = tls_context(config.tls, trust_env=config.trust_env) if base.scheme == "https" else plain_context()
        limits = hx.Limits(
            max_connections=config.max_connections,
            max_keepalive_connections=config.max_connections,
            keepalive_expiry=config.keepalive,
        )
        if proxy:
            return hx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits, proxy=proxy)
        from ocm_tui.core.http.pool import PooledTransport  # the rest of the library comes with it

        return PooledTransport(context, limits)


def _encoded(document: Any) -> bytes:
    try:
        return json_module.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can carry
        return json_module.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError("the request body is not JSON", detail=str(error)) from None
