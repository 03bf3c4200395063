"""What the Redis library raises, as ours; and the time limit that every command of the stream has."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ocm_tui.core.registry.errors import RegistryDenied, RegistryError, StreamUnreachable
from ocm_tui.core.registry.limits import within
from ocm_tui.core.registry.redis_connect import code_of

__all__ = ["no_such_group", "translated"]

# Answers of a server that is not ready or no longer the primary: worth another try.
_PASSING = frozenset({"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNBLOCKED"})


@asynccontextmanager
async def translated(address: str, seconds: float) -> AsyncGenerator[None, None]:
    """`seconds` is for all that happens inside; a server that hangs is not waited for."""
    from redis.exceptions import ConnectionError as NotConnected
    from redis.exceptions import NoPermissionError, RedisError
    from redis.exceptions import TimeoutError as TooLate

    try:
        async with within(seconds):
            yield
    except (NotConnected, TooLate, TimeoutError, OSError) as error:
        raise StreamUnreachable(
            f"the event stream at {address} did not answer", detail=str(error) or f"not within {seconds:g} s"
        ) from error
    except NoPermissionError as error:
        raise RegistryDenied(f"the event stream at {address} refused a command", detail=str(error)) from error
    except RedisError as error:
        if code_of(error) in _PASSING:
            raise StreamUnreachable(f"the event stream at {address} is not ready", detail=str(error)) from error
        raise RegistryError(f"the event stream at {address} refused a command", detail=str(error)) from error


def no_such_group(error: RegistryError) -> bool:
    """The stream or its group is gone, as after a flush."""
    return error.detail.startswith("NOGROUP") or "no such key" in error.detail
