"""One connection: HTTP/1.1 with keep-alive over h11, and the faults that only a socket can show."""

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import h11

from ocm_tui.simulator.faults import INSTEAD, FaultPlan, answer_instead, spoil
from ocm_tui.simulator.wire import Answer, RecordedRequest, Request, problem

__all__ = ["Connection", "Service"]

_READ: Final = 64 * 1024
_BODY_LIMIT: Final = 16 * 1024 * 1024
_RECORDED_BODY: Final = 64 * 1024
_DRIP_SECONDS: Final = 0.1
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True)
class Service:
    """What all connections of one server share. `latency` is in seconds."""

    answer: Callable[[Request], Answer]
    record: Callable[[RecordedRequest], None]
    faults: FaultPlan
    latency: float
    numbers: Iterator[int]
    tls: ssl.SSLContext | None = None


class Connection:
    """Serves one connection until either side ends it. However it ends, the socket is closed when `serve` returns."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, service: Service) -> None:
        self._reader, self._writer, self._service = reader, writer, service
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=256 * 1024)

    async def serve(self) -> None:
        if self._service.tls is not None and not await self._secured(self._service.tls):
            return
        try:
            while await self._exchange():
                self._http.start_next_cycle()
            self._writer.close()
            await self._writer.wait_closed()
        except OSError:
            pass  # the other side is gone
        finally:
            self._writer.transport.abort()
            with suppress(OSError):
                await self._writer.wait_closed()

    async def _secured(self, tls: ssl.SSLContext) -> bool:
        """TLS is started here, not by the listener, so that a handshake that does not end can be cancelled."""
        raw = self._writer.transport
        try:
            await self._writer.start_tls(tls)
        except OSError:  # the other side is gone, or does not speak TLS
            return False
        else:
            return True
        finally:
            if self._writer.transport is raw:
                raw.abort()
                await asyncio.sleep(0)  # the socket is closed in the loop's next turn; the stream would not learn of it

    async def _exchange(self) -> bool:
        """One request and its answer; False when the connection is not to be used again."""
        try:
            request = await self._request()
        except h11.RemoteProtocolError as error:
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                await self._send(
                    problem(error.error_status_hint, "bad_request", "The request is not HTTP."), head=False
                )
            return False
        if request is None:
            return False
        if self._service.latency:
            await asyncio.sleep(self._service.latency)
        fault = self._service.faults.choose(request.number, request.method, request.path)
        answer = self._work(request, fault)
        answered = fault not in {"reset-before", "reset-after", "lost-answer", "stall"}
        self._record(request, answer.status if answered else None, fault)
        return await self._deliver(request, answer, fault)

    async def _request(self) -> Request | None:
        """None when the other side has closed the connection between two requests."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._write(h11.InformationalResponse(status_code=100, headers=[]))
                self._http.receive_data(await self._reader.read(_READ))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _BODY_LIMIT:
                    raise h11.RemoteProtocolError("the body is too long", error_status_hint=413)
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return self._parsed(head, bytes(body))
            else:
                return None

    def _parsed(self, head: h11.Request, body: bytes) -> Request:
        path, _, query = head.target.decode("latin-1").partition("?")
        return Request(
            number=next(self._service.numbers),
            method=head.method.decode("latin-1"),
            path=path,
            query=query,
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers},
            body=body,
        )

    def _work(self, request: Request, fault: str | None) -> Answer:
        if fault == "reset-before":
            return Answer(500)
        if fault in INSTEAD:
            assert fault is not None
            return answer_instead(fault)
        answer = self._service.answer(request)
        if fault is not None and answer.chunks is not None:
            answer = Answer(answer.status, b"".join(answer.chunks), answer.content_type, answer.headers)
        return answer

    async def _deliver(self, request: Request, answer: Answer, fault: str | None) -> bool:
        match fault:
            case "reset-before" | "reset-after":
                self._reset()
                return False
            case "lost-answer":
                return False
            case "stall":
                while await self._reader.read(_READ):
                    pass
                return False
            case "truncate":
                self._write(self._head(answer, len(answer.body)))
                if answer.body:
                    self._write(h11.Data(data=answer.body[: len(answer.body) // 2]))
                await self._writer.drain()
                return False
            case "cut-json" | "badutf8":
                answer.body = spoil(fault, answer.body)
            case "drip":
                return await self._drip(answer)
        await self._send(answer, head=request.method == "HEAD")
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _send(self, answer: Answer, *, head: bool) -> None:
        if answer.chunks is not None:
            self._write(self._head(answer, None))
            for chunk in answer.chunks:
                self._write(h11.Data(data=chunk))
                await self._writer.drain()
                await asyncio.sleep(0)  # other connections have their turn while a long list is made
            self._write(h11.EndOfMessage())
        else:
            data = self._http.send(self._head(answer, len(answer.body))) or b""
            if answer.body and not head:
                data += self._http.send(h11.Data(data=answer.body)) or b""
            data += self._http.send(h11.EndOfMessage()) or b""
            self._writer.write(data)
        await self._writer.drain()

    async def _drip(self, answer: Answer) -> bool:
        self._write(self._head(answer, len(answer.body)))
        for position in range(len(answer.body)):
            self._write(h11.Data(data=answer.body[position : position + 1]))
            await self._writer.drain()
            await asyncio.sleep(_DRIP_SECONDS)
        self._write(h11.EndOfMessage())
        await self._writer.drain()
        return self._http.our_state is h11.DONE

    def _head(self, answer: Answer, length: int | None) -> h11.Response:
        dated = any(name == "Date" for name, _ in answer.headers)
        headers = [*(() if dated else (("Date", _date()),)), ("Cache-Control", "no-cache, no-store"), *answer.headers]
        if answer.status != 204:
            headers.append(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length)))
        if length or length is None:
            headers.append(("Content-Type", answer.content_type))
        return h11.Response(status_code=answer.status, headers=headers)

    def _write(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")

    def _reset(self) -> None:
        """Zero linger makes the close a reset: whatever was not delivered is gone."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def _record(self, request: Request, status: int | None, fault: str | None) -> None:
        headers = tuple(
            (name, value.partition(" ")[0] + " ***" if name in {"authorization", "proxy-authorization"} else value)
            for name, value in request.headers.items()
        )
        body = request.body[:_RECORDED_BODY]
        self._service.record(RecordedRequest(request.method, request.path, request.query, status, headers, body, fault))


def _date() -> str:
    """The HTTP date; its words are English whatever the locale."""
    now = time.gmtime()
    day, month = _DAYS[now.tm_wday], _MONTHS[now.tm_mon - 1]
    return f"{day}, {now.tm_mday:02} {month} {now.tm_year} {now.tm_hour:02}:{now.tm_min:02}:{now.tm_sec:02} GMT"
