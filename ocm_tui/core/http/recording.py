"""Every attempt becomes one exchange in the log: timings, sizes, capped and redacted bodies, and how it ended.

`RecordingTransport` is the innermost wrapper, so that whatever is sent is seen, each attempt by itself. What is
recorded is what was handed to the library, and what came out of it before content decoding.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from ocm_tui.core.errors import TransportError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Target, Timings
from ocm_tui.core.exchanges.redaction import Redactor, session_redactor
from ocm_tui.core.http import hx
from ocm_tui.core.http.attempt import EXTENSION, Attempt, Peer
from ocm_tui.core.http.decoding import bounded_copy
from ocm_tui.core.http.failures import deadline_failure, explain
from ocm_tui.core.http.headers import value_of

__all__ = ["BODY_CAP", "RecordedStream", "RecordingTransport"]

BODY_CAP: Final = 64 * 1024

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class _Recorder:
    """What all exchanges of one transport have in common. `base_path` has no slash at its end."""

    log: ExchangeLog
    target: Target
    base_path: str
    redactor: Redactor
    cap: int


class RecordingTransport(hx.AsyncBaseTransport):
    """Wraps the library's transport. The request's extensions may hold an `Attempt`; else one is made.

    `base_path` is the path of the base URL: the part that `Exchange.path` leaves out. `body_cap` counts characters of
    each side's body.
    """

    def __init__(
        self,
        inner: hx.AsyncBaseTransport,
        log: ExchangeLog,
        *,
        target: Target = "server",
        base_path: str = "/",
        redactor: Redactor = session_redactor,
        body_cap: int = BODY_CAP,
    ) -> None:
        self._inner = inner
        self._recorder = _Recorder(log, target, base_path.rstrip("/"), redactor, body_cap)

    async def handle_async_request(self, request: hx.Request) -> hx.Response:
        attempt = request.extensions.get(EXTENSION) or Attempt(peer=_peer(request.url))
        recording = _Recording(self._recorder, request, attempt)
        request.extensions["trace"] = recording.trace
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException as error:
            recording.failed(error)
            recording.finish()
            raise
        recording.answered(response)
        response.stream = RecordedStream(response.stream, recording)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Recording:
    """The exchange that is being written. `finish` counts once, whoever calls it."""

    def __init__(self, recorder: _Recorder, request: hx.Request, attempt: Attempt) -> None:
        self._recorder, self._attempt = recorder, attempt
        self._request: hx.Request | None = request
        self._started_at = time.time()
        self._first_byte: float | None = None
        self._ended: float | None = None  # seconds from the start; None until the body is complete or broke off
        self._response: hx.Response | None = None
        self._error: ExchangeFailure | None = None
        self._kept: list[bytes] = []
        self._room = recorder.cap + recorder.redactor.look_ahead
        self._wire_bytes = 0
        attempt.exchange_id = recorder.log.next_id()
        recorder.log.enter()

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """The library's phases. Once the request is being sent nothing more is of interest, so tracing ends there."""
        attempt, now = self._attempt, time.perf_counter()
        match event.partition(".")[2]:
            case "send_request_headers.started" if info["request"].method != b"CONNECT":
                attempt.stage = "sending"
                info["request"].extensions.pop("trace", None)
            case "send_request_headers.complete" if attempt.stage == "sending":
                attempt.stage = "waiting"
            case "connect_tcp.started":
                attempt.stage, attempt.fresh, attempt.connect_from = "connecting", True, now
            case "connect_tcp.complete":
                attempt.connect_ms = (now - attempt.connect_from) * 1e3
            case "start_tls.started":
                attempt.stage, attempt.tls_from = "handshake", now
            case "start_tls.complete":
                attempt.tls_ms = (now - attempt.tls_from) * 1e3

    def answered(self, response: hx.Response) -> None:
        self._attempt.stage = "reading"
        self._first_byte = self._attempt.elapsed
        self._response = response

    def received(self, chunk: bytes) -> None:
        self._wire_bytes += len(chunk)
        if self._room > 0:
            self._kept.append(chunk if len(chunk) <= self._room else chunk[: self._room])
            self._room -= len(chunk)

    def completed(self) -> None:
        self._ended = self._attempt.elapsed

    def failed(self, error: BaseException) -> None:
        """Called where the error passes; who catches it finds it explained in `attempt.failure`."""
        attempt = self._attempt
        self._ended = attempt.elapsed
        if isinstance(error, asyncio.CancelledError) and not attempt.deadline_passed:
            self._error = ExchangeFailure("cancelled", f"cancelled here after {attempt.elapsed:.1f} s")
        elif isinstance(error, asyncio.CancelledError):
            attempt.failure = deadline_failure(attempt)
        elif isinstance(error, TransportError):
            attempt.failure = error
        elif isinstance(error, Exception):
            attempt.failure = explain(error, attempt)
        else:
            self._error = ExchangeFailure("cancelled", "the program was told to end")

    def finish(self) -> None:
        if self._request is None:
            return
        request, response = self._request, self._response
        # The response's stream holds this object: letting go here spares the garbage collector a cycle per request.
        self._request = self._response = None
        self._recorder.log.leave()
        self._recorder.log.append(self._exchange(request, response))

    def _exchange(self, request: hx.Request, response: hx.Response | None) -> Exchange:
        recorder, attempt = self._recorder, self._attempt
        failure = self._failure(response)
        total = round((self._ended if self._ended is not None else attempt.elapsed) * 1e3, 3)
        url, context = recorder.redactor.url(str(request.url)), attempt.context
        return Exchange(
            id=attempt.exchange_id,
            started_at=self._started_at,
            target=recorder.target,
            method=request.method,
            url=url,
            path=_below(url, recorder.base_path),
            status=response.status_code if response else None,
            duration_ms=total,
            timings=Timings(
                connect=_rounded(attempt.connect_ms),
                tls=_rounded(attempt.tls_ms),
                first_byte=None if self._first_byte is None else round(self._first_byte * 1e3, 3),
                total=total,
            ),
            request=_request_message(recorder, request),
            response=self._response_message(response, complete=failure is None) if response else None,
            error=failure,
            client_id=context.client_id,
            run_id=context.run_id,
            purpose=context.purpose,
            attempt=attempt.number,
            http_version=response.extensions.get("http_version", b"").decode() if response else "",
            reused_connection=not attempt.fresh and attempt.sent,
        )

    def _failure(self, response: hx.Response | None) -> ExchangeFailure | None:
        """An exception on its way, else what the reader found, else whether the body was read to its end."""
        failure = self._attempt.failure
        if self._error is None and failure is not None:
            return ExchangeFailure(failure.layer, self._recorder.redactor.text(str(failure)))
        if self._error is None and self._ended is None and response is not None:
            return ExchangeFailure("cancelled", "closed here before the body was complete")
        return self._error

    def _response_message(self, response: hx.Response, *, complete: bool) -> Message:
        recorder = self._recorder
        headers = recorder.redactor.headers(_texts(response.headers.raw))
        if not self._wire_bytes:
            return Message(headers)
        body, complete = b"".join(self._kept), complete and self._room >= 0
        encoding = value_of(b"content-encoding", response.headers.raw)
        if encoding:
            body, decoded_all = bounded_copy(body, encoding, recorder.cap + recorder.redactor.look_ahead)
            complete = complete and decoded_all
        content_type = value_of(b"content-type", response.headers.raw)
        text, truncated = recorder.redactor.body(
            body, content_type, recorder.cap, total=None if encoding else self._wire_bytes, complete=complete
        )
        return Message(headers, text, self._wire_bytes, truncated)


class RecordedStream(hx.AsyncByteStream):
    """The response body on its way to the reader. An error inside it is the exchange's error."""

    def __init__(self, inner: Any, recording: _Recording) -> None:
        self._inner, self._recording = inner, recording

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.pieces()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Who leaves early closes the generator before the stream."""
        recording, inner = self._recording, self._inner.__aiter__()
        try:
            async for chunk in inner:
                recording.received(chunk)
                yield chunk
            recording.completed()
        except GeneratorExit:
            raise  # the reader left early: `aclose` says so
        except BaseException as error:
            recording.failed(error)
            raise
        finally:
            if isinstance(inner, AsyncGenerator):
                await inner.aclose()

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            self._recording.finish()


def _request_message(recorder: _Recorder, request: hx.Request) -> Message:
    headers = recorder.redactor.headers(_texts(request.headers.raw))
    try:
        body = request.content
    except hx.RequestNotRead:
        return Message(headers, "(streamed)")
    if not body:
        return Message(headers)
    text, truncated = recorder.redactor.body(body, value_of(b"content-type", request.headers.raw), recorder.cap)
    return Message(headers, text, len(body), truncated)


def _peer(url: hx.URL) -> Peer:
    return Peer(url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80))


def _texts(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _below(url: str, base_path: str) -> str:
    """The path below the base URL, with the query."""
    path = url[url.find("/", url.find("://") + 3) :]
    below = path[len(base_path) :] if path.startswith(base_path + "/") or path == base_path else path
    return below or "/"


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 3)
