"""How a Redis or Valkey is. INFO, DBSIZE and SLOWLOG may each be denied: the others are shown then."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.errors import CacheUnreachable, RegistryDenied
from ocm_tui.core.registry.ports import ClientCache
from ocm_tui.core.registry.rates import Counters
from ocm_tui.core.registry.status import CacheStatus, SlowCommand
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.registry.redis_cache import RedisCache

__all__ = ["redis_status"]

_COUNTERS: Final = ("keyspace_hits", "keyspace_misses", "evicted_keys", "expired_keys", "total_commands_processed")
_SLOW: Final = 5
_LONGEST_NAME: Final = 40

_Members = dict[str, Any]


async def redis_status(
    cache: ClientCache, before: CacheStatus | None = None, seconds: float | None = None
) -> CacheStatus:
    """CacheUnreachable when it does not answer; what else fails is named in `denied`."""
    from ocm_tui.core.registry.redis_cache import RedisCache

    assert isinstance(cache, RedisCache)
    denied: list[str] = []
    members: _Members = {}
    parts: dict[str, Callable[[], Awaitable[_Members]]] = {
        "PING": lambda: _ping(cache),
        "INFO": lambda: _info(cache, before, seconds),
        "DBSIZE": lambda: _keys(cache),
        "SLOWLOG": lambda: _slow(cache),
    }
    for name, ask in parts.items():
        try:
            members |= await ask()
        except CacheUnreachable:
            raise
        except RegistryDenied:
            denied.append(name)
        except OcmError as error:
            denied.append(f"{name} ({error})")
    return CacheStatus(kind="redis", address=cache.address, denied=tuple(denied), **members)


async def _ping(cache: "RedisCache") -> _Members:
    start = perf_counter()
    await cache.ping()
    return {"latency_ms": round((perf_counter() - start) * 1000, 2)}


async def _info(cache: "RedisCache", before: CacheStatus | None, seconds: float | None) -> _Members:
    async with cache.asking() as client:
        told: Mapping[str, Any] = await client.info()
    counters = {name: int(told[name]) for name in _COUNTERS if name in told}
    rates = Counters(counters, before.counters if before else {}, seconds)
    database = told.get(f"db{cache.database}")
    return {
        "counters": counters,
        "version": _version(told),
        "used_memory": told.get("used_memory"),
        "max_memory": told.get("maxmemory"),
        "policy": _text(told.get("maxmemory_policy")),
        "hit_ratio": rates.share("keyspace_hits", "keyspace_misses"),
        "commands_per_s": rates.per_second("total_commands_processed"),
        "evicted": told.get("evicted_keys"),
        "evicted_per_s": rates.per_second("evicted_keys"),
        "expired_per_s": rates.per_second("expired_keys"),
        "average_ttl_ms": database.get("avg_ttl") if isinstance(database, dict) else None,
        "clients": told.get("connected_clients"),
        "blocked_clients": told.get("blocked_clients"),
        "rejected_clients": told.get("rejected_connections"),
        "role": _text(told.get("role")),
        "replica_link": _text(told.get("master_link_status")),
        "replicas": told.get("connected_slaves"),
    }


async def _keys(cache: "RedisCache") -> _Members:
    return {"keys": await cache.size()}


async def _slow(cache: "RedisCache") -> _Members:
    async with cache.asking() as client:
        entries = await client.slowlog_get(_SLOW)
    return {
        "slow": tuple(
            SlowCommand(
                datetime.fromtimestamp(one["start_time"], UTC),
                one["duration"] / 1000,
                clean(_decoded(one["command"]).split(" ", 1)[0], _LONGEST_NAME),
            )
            for one in entries
        )
    }


def _version(told: Mapping[str, Any]) -> str | None:
    """Valkey names itself beside the Redis version that it stands in for."""
    for name in ("valkey_version", "redis_version"):
        if name in told:
            return clean(told[name], 40)
    return None


def _text(value: object) -> str | None:
    return None if value is None else clean(value, 60)


def _decoded(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
