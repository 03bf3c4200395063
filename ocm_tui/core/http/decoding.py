"""Compressed bodies: decoded in bounded pieces for the caller, and as a bounded copy for the log."""

import zlib
from collections.abc import Iterator
from typing import Final

__all__ = ["BodyDecoder", "DamagedBody", "bounded_copy"]

# gzip and zlib headers are told apart by zlib itself; some servers send deflate without any header.
_ANY_HEADER: Final = zlib.MAX_WBITS | 32
_PIECE: Final = 2**20


def bounded_copy(data: bytes, encoding: str, limit: int) -> tuple[bytes, bool]:
    """At most `limit` decoded bytes, and whether that is all. What cannot be decoded here comes as a short note."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return data[:limit], len(data) <= limit
    if name not in ("gzip", "x-gzip", "deflate"):
        return f"({name[:20]}-encoded)".encode(), False
    try:
        return _inflate(data, limit, _ANY_HEADER)
    except zlib.error:
        pass
    try:
        return _inflate(data, limit, -zlib.MAX_WBITS)
    except zlib.error:
        return f"(damaged {name} body)".encode(), False


def _inflate(data: bytes, limit: int, window: int) -> tuple[bytes, bool]:
    decoder = zlib.decompressobj(window)
    decoded = decoder.decompress(data, limit + 1)
    return decoded[:limit], decoder.eof and len(decoded) <= limit


class DamagedBody(Exception):
    """What was received is not what its Content-Encoding says, or not all of it."""


class BodyDecoder:
    """Content decoding in pieces of at most a mebibyte, so that a small body cannot inflate to a full memory."""

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("gzip", "x-gzip", "deflate"):
            raise DamagedBody(f"content encoding {name[:40]}, which was not asked for")
        self._name = name
        self._inflate = zlib.decompressobj(_ANY_HEADER)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            first = self._inflate.decompress(data, _PIECE)
        except zlib.error as error:
            if self._begun or self._name != "deflate":
                raise DamagedBody(str(error)) from error
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            first = self._more(data)
        self._begun = True
        while first:
            yield first
            first = self._more(self._inflate.unconsumed_tail)
        if self._inflate.eof and self._inflate.unused_data and self._name != "deflate":
            rest, self._inflate = self._inflate.unused_data, zlib.decompressobj(_ANY_HEADER)
            yield from self.feed(rest)

    def finish(self) -> None:
        """Raises DamagedBody when the end is missing."""
        if self._begun and not self._inflate.eof:
            raise DamagedBody("the compressed body is not complete")

    def _more(self, data: bytes) -> bytes:
        try:
            return self._inflate.decompress(data, _PIECE)
        except zlib.error as error:
            raise DamagedBody(str(error)) from error
