"""The body of a response on its way to the caller: decoded, bounded, and with typed failures."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from ocm_tui.core.http import hx
from ocm_tui.core.http.attempt import Attempt
from ocm_tui.core.http.decoding import BodyDecoder, DamagedBody
from ocm_tui.core.http.failures import damaged_body, explain, too_large
from ocm_tui.core.http.headers import value_of
from ocm_tui.core.http.recording import RecordedStream

__all__ = ["StreamedReply", "body_chunks", "header_texts", "release"]


@dataclass(frozen=True, slots=True)
class StreamedReply:
    """A response that is being read. `chunks` are decoded; they can be iterated once, within the `async with`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    exchange_id: str
    chunks: AsyncIterator[bytes]


async def body_chunks(response: hx.Response, attempt: Attempt, limit: int | None) -> AsyncGenerator[bytes, None]:
    """The decoded body, at most `limit` bytes of it. Who leaves early closes the generator, then the response."""
    bound = _Bound(limit)
    try:
        decoder = _decoder(response)
        if decoder is None:
            bound.check(_declared(response))
        async with aclosing(_stream(response).pieces()) as received:
            async for data in received:
                for chunk in (data,) if decoder is None else decoder.feed(data):
                    bound.add(len(chunk))
                    yield chunk
        if decoder is not None:
            decoder.finish()
    except _TooLarge:
        attempt.failure = too_large(attempt, limit or 0)
        raise attempt.failure from None
    except DamagedBody as error:
        attempt.failure = damaged_body(attempt, str(error))
        raise attempt.failure from None
    except hx.escaping_errors() as error:
        raise attempt.failure or explain(error, attempt) from None


async def release(response: hx.Response) -> None:
    """The body was read, or the failure is already on its way: closing adds nothing to tell."""
    with contextlib.suppress(*hx.escaping_errors()):
        await _stream(response).aclose()


def header_texts(response: hx.Response) -> tuple[tuple[str, str], ...]:
    """As they came: case, order and repetitions."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)


class _TooLarge(Exception):
    pass


class _Bound:
    """How many bytes may still come."""

    def __init__(self, limit: int | None) -> None:
        self._limit, self._size = limit, 0

    def check(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise _TooLarge

    def add(self, size: int) -> None:
        self._size += size
        self.check(self._size)


def _stream(response: hx.Response) -> RecordedStream:
    assert isinstance(response.stream, RecordedStream)
    return response.stream


def _decoder(response: hx.Response) -> BodyDecoder | None:
    encoding = value_of(b"content-encoding", response.headers.raw).strip().lower()
    return None if encoding in ("", "identity") else BodyDecoder(encoding)


def _declared(response: hx.Response) -> int:
    length = value_of(b"content-length", response.headers.raw)
    return int(length) if length.isdecimal() and len(length) < 20 else 0
