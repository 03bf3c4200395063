import asyncio
import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from ocm_tui.core.errors import TransportError
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.decoding import BodyDecoder, DamagedBody, bounded_copy
from ocm_tui.core.text import clean_lines
from tests.unit.core.http.loopback import Respond, client_of, loopback, reply, says, says_and_closes

DOCUMENT = json.dumps({"items": [{"clientId": f"client-{number}"} for number in range(500)]}).encode()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(DOCUMENT, mtime=0)),
        ("GZIP", gzip.compress(DOCUMENT, mtime=0)),
        ("x-gzip", gzip.compress(DOCUMENT, mtime=0)),
        ("gzip", gzip.compress(DOCUMENT[:100], mtime=0) + gzip.compress(DOCUMENT[100:], mtime=0)),
        ("deflate", zlib.compress(DOCUMENT)),
        ("deflate", raw_deflate(DOCUMENT)),
        ("identity", DOCUMENT),
    ],
)
async def test_compressed_bodies(encoding: str, packed: bytes) -> None:
    async with (
        loopback(says(reply(body=packed, Content_Encoding=encoding))) as server,
        client_of(server) as (client, log),
    ):
        assert (await client.get("x")).body == DOCUMENT
    response = log.snapshot()[0].response
    assert response is not None
    assert response.body_bytes == len(packed)
    assert response.body.startswith('{"items": [{"clientId": "client-0"')


@pytest.mark.parametrize(
    ("encoding", "packed", "words"),
    [
        ("gzip", gzip.compress(DOCUMENT, mtime=0)[:-20], "not complete"),
        ("gzip", b"no gzip at all", "header"),
        ("deflate", b"\xff\xff\xff\xff", "invalid"),
        ("br", b"x", "br, which was not asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(DOCUMENT, mtime=0), mtime=0), "gzip, gzip"),
    ],
)
async def test_a_damaged_compressed_body_is_no_reply(encoding: str, packed: bytes, words: str) -> None:
    async with (
        loopback(says(reply(body=packed, Content_Encoding=encoding))) as server,
        client_of(server) as (client, log),
    ):
        with pytest.raises(TransportError, match="cannot be decompressed") as caught:
            await client.get("x")
    assert caught.value.layer == "http"
    assert words in caught.value.detail
    exchange = log.snapshot()[0]
    assert exchange.id == caught.value.exchange_id
    assert exchange.status == 200
    assert exchange.error is not None
    assert exchange.error.layer == "http"


def chunked(data: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize("data", [reply(body=b"x" * 2000), chunked(b"x" * 2000)])
async def test_a_body_over_the_bound_is_refused(data: bytes) -> None:
    async with loopback(says(data)) as server:
        async with client_of(server, max_response_bytes=1999) as (client, log):
            with pytest.raises(TransportError, match="larger than 1,999 bytes") as caught:
                await client.get("x")
        assert caught.value.maybe_applied
        assert [exchange.error.layer for exchange in log.snapshot() if exchange.error] == ["http"]
        async with client_of(server, max_response_bytes=2000) as (client, _):
            assert len((await client.get("x")).body) == 2000


async def test_a_decompression_bomb_fills_no_memory() -> None:
    bomb = gzip.compress(bytes(200 * 2**20), 9)  # 200 MiB in 200 KB
    respond, bound = says(reply(body=bomb, Content_Encoding="gzip")), 4 * 2**20
    async with loopback(respond) as server, client_of(server, max_response_bytes=bound) as (client, _):
        tracemalloc.start()
        try:
            with pytest.raises(TransportError, match="larger than"):
                await client.get("x")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 16 * 2**20


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"<html>gateway</html>", "text/html", "<html>gateway</html>"),
        (b'{"a": "\xff\xfe"}', "application/json", '{"a": "��"}'),
        (b'{"a": [1, 2', "application/json", '{"a": [1, 2'),
        (b"", "application/json", ""),
    ],
)
async def test_whatever_the_body_is_it_is_a_reply(body: bytes, content_type: str, expected: str) -> None:
    async with loopback(says(reply(500, body, content_type))) as server, client_of(server) as (client, log):
        answer = await client.get("x")
    assert (answer.body, answer.text) == (body, expected)
    response = log.snapshot()[0].response
    assert response is not None
    assert (response.body, response.body_bytes, response.truncated) == (clean_lines(expected), len(body), False)


async def test_a_five_megabyte_error_page_is_whole_for_the_caller_and_capped_in_the_log() -> None:
    body = b"<p>sorry</p>" * 440_000
    async with loopback(says(reply(502, body, "text/html"))) as server, client_of(server) as (client, log):
        assert len((await client.get("x")).body) == len(body)
    response = log.snapshot()[0].response
    assert response is not None
    assert (len(response.body), response.body_bytes, response.truncated) == (65536, len(body), True)


@pytest.mark.parametrize("respond", [says_and_closes(reply(body=b"x" * 100)[:-50])])
async def test_a_body_that_breaks_off_is_a_failure(respond: Respond) -> None:
    async with loopback(respond) as server, client_of(server) as (client, log):
        with pytest.raises(TransportError, match="broke off in the middle") as caught:
            await client.get("x")
    assert (caught.value.layer, caught.value.maybe_applied) == ("http", True)
    exchange = log.snapshot()[0]
    assert exchange.status == 200
    assert exchange.response is not None
    assert (exchange.response.body_bytes, exchange.response.truncated) == (50, True)
    assert exchange.error is not None


async def test_a_download_in_pieces() -> None:
    body = bytes(range(256)) * 8192
    respond, received = says(reply(body=body, content_type="application/zip")), bytearray()
    async with (
        loopback(respond) as server,
        client_of(server, max_response_bytes=10) as (client, log),
        client.stream("GET", "bulk/export") as answer,
    ):
        assert answer.status == 200
        async for chunk in answer.chunks:
            received += chunk
    assert received == body
    exchange = log.get(answer.exchange_id)
    assert exchange is not None
    assert exchange.error is None
    assert exchange.response is not None
    assert exchange.response.body == "(binary, 2,097,152 bytes, application/zip)"


async def download(client: UnifiedHTTPClient, *, failing: Exception | None = None, **options: Any) -> None:
    async with client.stream("GET", "x", **options) as answer:
        async for _ in answer.chunks:
            if failing is not None:
                raise failing


async def test_a_download_has_its_own_bound_and_deadline() -> None:
    async def drip(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with loopback(drip) as server, client_of(server, deadline=60) as (client, log):
        with pytest.raises(TransportError, match=r"within 0\.2 s") as caught:
            await download(client, deadline=0.2)
        assert caught.value.layer == "deadline"
        with pytest.raises(TransportError, match="larger than 5 bytes"):
            await download(client, max_bytes=5)
    assert [exchange.error.layer for exchange in log.snapshot() if exchange.error] == ["deadline", "http"]


@pytest.mark.parametrize("error", [OSError("disk full"), TimeoutError("mine"), ValueError("mine")])
async def test_the_callers_own_failure_passes_through_a_download(error: Exception) -> None:
    async with loopback(says(reply(body=b"x" * 100_000))) as server, client_of(server) as (client, log):
        with pytest.raises(type(error)) as caught:
            await download(client, failing=error)
        assert caught.value is error
        assert (await client.get("x")).status == 200
    assert len(log) == 2
    assert log.in_flight == 0


async def test_a_download_that_is_left_early_is_said() -> None:
    async with (
        loopback(says(reply(body=b"x" * 5_000_000))) as server,
        client_of(server) as (client, log),
        client.stream("GET", "x") as answer,
    ):
        assert answer.status == 200
    exchange = log.get(answer.exchange_id)
    assert exchange is not None
    assert exchange.error is not None
    assert exchange.error.message == "closed here before the body was complete"


def test_a_bounded_copy() -> None:
    packed = gzip.compress(bytes(10**6))
    assert bounded_copy(packed, "gzip", 100) == (bytes(100), False)
    assert bounded_copy(gzip.compress(b"abc"), "gzip", 100) == (b"abc", True)
    assert bounded_copy(gzip.compress(DOCUMENT, mtime=0)[:200], "gzip", 10**6)[1] is False
    assert bounded_copy(raw_deflate(b"abc"), "deflate", 100) == (b"abc", True)
    assert bounded_copy(b"abc", "", 2) == (b"ab", False)
    assert bounded_copy(b"abc", "zstd", 100) == (b"(zstd-encoded)", False)
    assert bounded_copy(b"\xff" * 9, "gzip", 100) == (b"(damaged gzip body)", False)


def test_a_decoder_gives_pieces() -> None:
    decoder = BodyDecoder("gzip")
    pieces = list(decoder.feed(gzip.compress(bytes(5 * 2**20))))
    decoder.finish()
    assert max(map(len, pieces)) <= 2**20
    assert sum(map(len, pieces)) == 5 * 2**20
    half = BodyDecoder("gzip")
    list(half.feed(gzip.compress(DOCUMENT, mtime=0)[:50]))
    with pytest.raises(DamagedBody):
        half.finish()
