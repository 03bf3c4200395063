"""Many secrets at their destinations at once: files in a batch, whatever asks someone else a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeVar

from ocm_tui.core.clients.secret_files import SecretFile, discard_files, recover_files, stage_files
from ocm_tui.core.clients.secrets import Destination
from ocm_tui.core.errors import OcmError
from ocm_tui.core.secret import Secret

__all__ = ["discard_all", "recover_all", "stage_all"]

_AT_ONCE: Final = 4

Item = TypeVar("Item")
Result = TypeVar("Result")


async def recover_all(destinations: Sequence[Destination], tag: str) -> list[Secret | None]:
    """As `Destination.recover`, in their order."""
    files = [one for one in destinations if isinstance(one, SecretFile)]
    found = iter(await recover_files(files, tag=tag))
    others = iter(await _few_at_once(lambda one: one.recover(tag), _others(destinations)))
    return [next(found if isinstance(one, SecretFile) else others) for one in destinations]


async def stage_all(pairs: Sequence[tuple[Destination, Secret]], tag: str) -> None:
    """As `Destination.stage`. After an error some of them may be staged: discard all."""
    await stage_files([(one, secret) for one, secret in pairs if isinstance(one, SecretFile)], tag=tag)
    others = [(one, secret) for one, secret in pairs if not isinstance(one, SecretFile)]
    await _few_at_once(lambda pair: pair[0].stage(pair[1], tag=tag), others)


async def discard_all(destinations: Sequence[Destination]) -> None:
    """All that can be; then the first OcmError."""

    async def discard(destination: Destination) -> OcmError | None:
        try:
            await destination.discard()
        except OcmError as error:
            return error
        return None

    first: OcmError | None = None
    try:
        await discard_files([one for one in destinations if isinstance(one, SecretFile)])
    except OcmError as error:
        first = error
    errors = await _few_at_once(discard, _others(destinations))
    first = first or next(filter(None, errors), None)
    if first is not None:
        raise first


def _others(destinations: Iterable[Destination]) -> list[Destination]:
    return [one for one in destinations if not isinstance(one, SecretFile)]


async def _few_at_once(work: Callable[[Item], Awaitable[Result]], items: Iterable[Item]) -> list[Result]:
    """All are finished when this returns or raises the first error: what is under way cannot be stopped."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(item: Item) -> Result:
        async with slots:
            return await work(item)

    ended = await asyncio.gather(*map(one, items), return_exceptions=True)
    results: list[Result] = []
    for end in ended:
        if isinstance(end, BaseException):
            raise end
        results.append(end)
    return results
