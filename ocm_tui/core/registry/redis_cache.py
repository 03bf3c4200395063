"""The cache in Redis or Valkey. Reads on the way of a login hurry; what an operator asks for has more patience."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID, uuid4

from ocm_tui.core.registry.entries import key_of
from ocm_tui.core.registry.ports import GONE, CacheChange, CacheKey, CachePage, Lease
from ocm_tui.core.registry.redis_connect import address_of, connect, database_of, is_passing, translated
from ocm_tui.core.registry.redis_feed import fed
from ocm_tui.core.registry.redis_scripts import run, run_many, script

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisCache"]

_T = TypeVar("_T")

_HEADER: Final = re.compile(rb'\{"v":(\d{1,19})(?:,"(nx|gone)":1)?')
_PIPELINE: Final = 500  # commands in one round trip
_HURRIED: Final = 16  # connections
_PATIENT: Final = 4


class RedisCache:
    """For one event loop; connects on first use.

    `timeout` (seconds) is for `get`, `get_or_lease`, `fill` and `put`, on which a login waits; `patience` for the rest.
    """

    def __init__(self, url: str, *, timeout: float = 0.1, patience: float = 3.0) -> None:
        self.address = address_of(url)
        self.database = database_of(url)
        self._url, self._timeout, self._patience = url, timeout, patience
        self._hurried: Redis | None = None
        self._patient: Redis | None = None
        self._sweeps = True
        self._look = [_headers_by_read_only_script, _headers_by_script, _headers_by_commands]

    @property
    def kind(self) -> str:
        return "redis"

    def asking(self) -> AbstractAsyncContextManager["Redis"]:
        """A client for questions of an operator; errors come out as ours."""
        return self._connected(hurry=False)

    @asynccontextmanager
    async def _connected(self, *, hurry: bool) -> AsyncGenerator["Redis", None]:
        seconds = self._timeout if hurry else self._patience
        async with translated(self.address, seconds):
            if hurry:
                self._hurried = self._hurried or connect(self._url, seconds=seconds, most=_HURRIED)
                yield self._hurried
            else:
                self._patient = self._patient or connect(self._url, seconds=seconds, most=_PATIENT)
                yield self._patient

    async def get(self, client_id: UUID) -> bytes | None:
        from redis.exceptions import ResponseError

        async with self._connected(hurry=True) as client:
            try:
                value: Any = await client.get(key_of(client_id))
            except ResponseError as error:
                if not _wrong_type(error):
                    raise
                value = None  # no text at all: what is filled in overwrites it
        return None if value is None else bytes(value)

    async def get_many(self, client_ids: Sequence[UUID]) -> Sequence[tuple[bytes | None, int]]:
        """What is no text at all is an empty value."""
        found: list[tuple[bytes | None, int]] = []
        for part in _parts(client_ids, _PIPELINE // 2):
            async with self.asking() as client, client.pipeline(transaction=False) as pipeline:
                for client_id in part:
                    pipeline.get(key_of(client_id))
                    pipeline.pttl(key_of(client_id))
                answers = await pipeline.execute(raise_on_error=False)
                found.extend(zip(map(_value, answers[::2]), map(_checked, answers[1::2]), strict=True))
        return found

    async def get_or_lease(self, client_id: UUID, *, lease_ms: int = 500) -> Lease:
        async with self._connected(hurry=True) as client:
            there, said = await run(client, script("lease"), _keys(client_id), str(uuid4()), lease_ms)
        return Lease(value=said) if there else Lease(token=said.decode())

    async def fill(self, client_id: UUID, token: str, version: int, value: bytes, ttl_ms: int) -> bool | None:
        async with self._connected(hurry=True) as client:
            done = await run(client, script("fill"), _keys(client_id), token, version, value, ttl_ms)
        return None if done < 0 else bool(done)

    async def put(self, client_id: UUID, version: int, value: bytes, ttl_ms: int) -> bool:
        async with self._connected(hurry=True) as client:
            return bool(await run(client, script("put"), _keys(client_id), version, value, ttl_ms))

    async def put_many(self, items: Sequence[tuple[UUID, int, bytes, int]]) -> Sequence[bool]:
        done: list[bool] = []
        for part in _parts(items, _PIPELINE):
            calls = [(_keys(client_id), (version, value, ttl)) for client_id, version, value, ttl in part]
            async with self.asking() as client:
                done.extend(bool(answer) for answer in await run_many(client, script("put"), calls))
        return done

    async def invalidate(self, client_ids: Sequence[UUID]) -> int:
        there = 0
        for part in _parts(client_ids, _PIPELINE):
            keys, leases = zip(*map(_keys, part), strict=True)
            async with self.asking() as client:
                # The leases first: a fill that comes in between has none any more, and a later one read later.
                await client.delete(*leases)
                there += await client.delete(*keys)
        return there

    async def scan(self, cursor: str = "0", count: int = 500) -> CachePage:
        """In one round trip where the server lets a script find the keys itself."""
        async with self.asking() as client:
            if (page := await self._swept(client, cursor, count)) is not None:
                return page
            answer: Any = await client.scan(int(cursor), match="client:*", count=count)
            following, keys = answer
            headers = await self._headers(client, keys) if keys else []
        found = [_described(key, *header) for key, header in zip(keys, headers, strict=True) if header[0] != GONE]
        return CachePage(str(following), found)

    async def _swept(self, client: "Redis", cursor: str, count: int) -> CachePage | None:
        """None from a cluster, from before Redis 7, and where this account may run no script."""
        from redis.exceptions import ResponseError

        if not self._sweeps:
            return None
        try:
            following, found = await run(client, script("sweep"), [], cursor, count, read_only=True)
        except ResponseError as error:
            if is_passing(error):
                raise
            self._sweeps = False
            return None
        each = iter(found)
        keys = [_described(*key) for key in zip(each, each, each, each, strict=True) if key[1] != GONE]
        return CachePage(following.decode(), keys)

    async def _headers(self, client: "Redis", keys: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """By the best way that this server knows and this account may go; what fails once is not tried again."""
        from redis.exceptions import NoPermissionError, ResponseError

        while len(self._look) > 1:
            try:
                return await self._look[0](client, keys)
            except NoPermissionError:
                self._look.pop(0)
            except ResponseError as error:
                if "unknown command" not in str(error).lower():
                    raise
                self._look.pop(0)
        return await self._look[0](client, keys)

    async def size(self) -> int:
        async with self.asking() as client:
            return int(await client.dbsize())

    async def ping(self) -> None:
        async with self._connected(hurry=True) as client:
            await client.ping()

    def changes(self) -> AsyncIterator[CacheChange]:
        return fed(self._url)

    async def close(self) -> None:
        for client in (self._hurried, self._patient):
            if client is not None:
                await client.aclose(close_connection_pool=True)
        self._hurried = self._patient = None


def _keys(client_id: UUID) -> tuple[str, str]:
    """The key and its lease: on the same node of a cluster, and the lease is no `client:*`."""
    key = key_of(client_id)
    return key, f"{{{key}}}:lease"


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


async def _headers_by_read_only_script(client: "Redis", keys: Sequence[Any]) -> Sequence[Sequence[Any]]:
    found: Sequence[Sequence[Any]] = await run(client, script("headers"), keys, read_only=True)
    return found


async def _headers_by_script(client: "Redis", keys: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """Redis 6.2 knows no read-only scripts."""
    found: Sequence[Sequence[Any]] = await run(client, script("headers"), keys)
    return found


async def _headers_by_commands(client: "Redis", keys: Sequence[Any]) -> Sequence[Sequence[Any]]:
    async with client.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.pttl(key)
            pipeline.strlen(key)
            pipeline.getrange(key, 0, 39)
        answers = await pipeline.execute(raise_on_error=False)
    rows = [answers[start : start + 3] for start in range(0, len(answers), 3)]
    return [[_checked(ttl), _checked(size, -1), _checked(header, b"")] for ttl, size, header in rows]


def _described(key: bytes, ttl_ms: int, size: int, first: bytes) -> CacheKey:
    name = key.decode(errors="replace")
    match = _HEADER.match(first)
    if match is None:
        return CacheKey(name, ttl_ms, -1, max(size, 0))
    version, kind = match.groups()
    return CacheKey(name, ttl_ms, int(version), size, kind == b"nx", kind == b"gone")


def _value(answer: Any) -> bytes | None:
    found: bytes | None = _checked(answer, b"")
    return found


def _checked(answer: Any, if_no_text: Any = None) -> Any:
    """One answer of several: `if_no_text` for a key of another type, which somebody else put there."""
    if isinstance(answer, Exception):
        if if_no_text is not None and _wrong_type(answer):
            return if_no_text
        raise answer
    return answer


def _wrong_type(error: Exception) -> bool:
    return str(error).startswith("WRONGTYPE")
