"""Clients of the Redis library with defaults that suit a cache, and its errors as ours."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.errors import CacheUnreachable, RegistryDenied, RegistryError
from ocm_tui.core.registry.limits import within

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["address_of", "code_of", "connect", "database_of", "is_passing", "translated"]

# Answers of a server that cannot serve now: starting, failing over, or full.
_NOT_NOW: Final = frozenset(
    {"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "OOM", "MISCONF", "BUSY", "NOREPLICAS"}
)


def connect(url: str, *, seconds: float | None, most: int, **options: Any) -> "Redis":
    """At most `most` connections, which later callers wait for; each answer within `seconds`; nothing is tried twice.

    The library's own defaults try ten times for a minute. UsageError, without quoting it, for a URL that is none.
    """
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    settings = {
        "max_connections": most,
        "timeout": seconds,
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds if seconds is not None else 3.0,
        "retry": Retry(NoBackoff(), 0),
        **options,
    }
    try:
        return Redis.from_pool(BlockingConnectionPool.from_url(url, **settings))
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"the cache's URL is not understood: {type(error).__name__}", hint="redis://USER:PASSWORD@HOST:6379/0"
        ) from None


@asynccontextmanager
async def translated(address: str, seconds: float) -> AsyncGenerator[None, None]:
    """`seconds` is for all that happens inside, waiting for a connection included."""
    from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
    from redis.exceptions import ConnectionError as NotConnected
    from redis.exceptions import TimeoutError as TooLate

    try:
        async with within(seconds):
            yield
    except (NoPermissionError, AuthenticationError) as error:
        raise RegistryDenied(f"the cache at {address} refused this account", detail=str(error)) from error
    except (NotConnected, TooLate, TimeoutError, OSError) as error:
        # While it signs in, the library hides what the server said in an error of the connection.
        if isinstance(error.__cause__, AuthenticationError | NoPermissionError):
            raise RegistryDenied(f"the cache at {address} refused this account", detail=str(error)) from error
        detail = str(error) or f"no answer within {seconds:g} s"
        raise CacheUnreachable(f"the cache at {address} cannot be reached", detail=detail) from error
    except RedisError as error:
        if is_passing(error):
            raise CacheUnreachable(f"the cache at {address} cannot serve now", detail=str(error)) from error
        raise RegistryError(f"the cache at {address} refused a command", detail=str(error)) from error


def code_of(error: Exception) -> str:
    """The word that a server's error begins with. The library takes it off those that it has a class for."""
    return str(getattr(error, "status_code", None) or str(error).partition(" ")[0])


def is_passing(error: Exception) -> bool:
    """Whether the same command may well succeed later."""
    return code_of(error) in _NOT_NOW


def address_of(url: str) -> str:
    """`host:port/database`, or the path of its socket; without user and password."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "unix":
            return parts.path
        if "@" in parts.path + parts.query + parts.fragment:  # a password that was not encoded ended the host early
            return "redis"
        return f"{parts.hostname or 'localhost'}:{parts.port or 6379}/{database_of(url)}"
    except ValueError:
        return "redis"


def database_of(url: str) -> int:
    parts = urlsplit(url)
    said = parse_qs(parts.query).get("db", [parts.path.strip("/") if parts.scheme != "unix" else ""])[0]
    return int(said) if said.isascii() and said.isdigit() else 0
