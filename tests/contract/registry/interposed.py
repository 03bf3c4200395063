"""Real stores and caches that can be held up or made to fail at one call, so that a race happens every time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from ocm_tui.core.registry.errors import CacheUnreachable, DatabaseUnreachable, RegistryDenied
from ocm_tui.core.registry.ports import ClientCache, ClientStore

__all__ = ["Interposed", "cache_of", "store_of"]


class Interposed:
    """Everything goes through to `inner`, but for what a test says about a call by its name.

    hold(name)    the call has its answer, and waits at a gate before it gives it: `reached` tells, `release` lets go
    fail(...)     the calls fail without reaching anything
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._gates: dict[str, tuple[asyncio.Event, asyncio.Event]] = {}
        self._failures: dict[str, Exception] = {}
        self.calls: list[str] = []

    def hold(self, name: str) -> None:
        self._gates[name] = asyncio.Event(), asyncio.Event()

    async def reached(self, name: str) -> None:
        await self._gates[name][0].wait()

    def release(self, name: str) -> None:
        self._gates.pop(name)[1].set()

    def fail(self, *names: str, error: Exception | None = None) -> None:
        for name in names:
            self._failures[name] = error or CacheUnreachable("the cache did not answer")

    def die(self) -> None:
        """Every call fails, as that of a server that is not there."""
        self.fail(*(name for name in dir(type(self._inner)) if not name.startswith("_")), error=_dead(self._inner))

    def recover(self) -> None:
        self._failures.clear()

    def deny(self, *names: str) -> None:
        self.fail(*names, error=RegistryDenied("this account may not do that"))

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(value) or name == "close":
            return value
        return self._around(name, cast("Callable[..., Awaitable[Any]]", value))

    def _around(self, name: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def around(*args: Any, **more: Any) -> Any:
            self.calls.append(name)
            if name in self._failures:
                raise self._failures[name]
            answer = await call(*args, **more)
            if name in self._gates:
                reached, released = self._gates[name]
                reached.set()
                await released.wait()
            return answer

        return around


def _dead(inner: Any) -> Exception:
    return CacheUnreachable("no cache") if hasattr(inner, "put") else DatabaseUnreachable("no database")


def store_of(interposed: Interposed) -> ClientStore:
    return cast("ClientStore", interposed)


def cache_of(interposed: Interposed) -> ClientCache:
    return cast("ClientCache", interposed)
