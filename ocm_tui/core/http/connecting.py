"""A connected socket for a host of several addresses: families by turns, each a little later than the one before."""

import asyncio
import socket
from contextlib import suppress
from itertools import zip_longest
from typing import Any, Final

__all__ = ["connected_socket"]

_EYEBALLS: Final = 0.25  # seconds after which the next address of a host is tried as well (RFC 8305)


async def connected_socket(host: str, port: int, local_address: str | None = None) -> socket.socket:
    """The first that is connected. A dead address costs a quarter of a second, not the whole patience.

    Raises OSError, that of the first address when none answers, and UnicodeError for a name that cannot be encoded.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = _by_turns([(one[0], one[4]) for one in found])
    if len(addresses) == 1:
        return await _connect(*addresses[0], local_address)
    failed = [asyncio.Event() for _ in addresses]

    async def attempt(place: int) -> socket.socket:
        if place:
            with suppress(TimeoutError):
                async with asyncio.timeout(_EYEBALLS * place):
                    await failed[place - 1].wait()
        try:
            return await _connect(*addresses[place], local_address)
        except BaseException:
            failed[place].set()
            raise

    return await _first([asyncio.ensure_future(attempt(place)) for place in range(len(addresses))])


async def _connect(family: int, address: Any, local_address: str | None) -> socket.socket:
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        if local_address is not None:
            connecting.bind((local_address, 0))
        await asyncio.get_running_loop().sock_connect(connecting, address)
    except BaseException:
        connecting.close()
        raise
    return connecting


async def _first(attempts: "list[asyncio.Future[socket.socket]]") -> socket.socket:
    """The first that succeeds, else the error of the first of all. The others are ended, and waited for."""
    winner: socket.socket | None = None
    try:
        for done in asyncio.as_completed(attempts):
            with suppress(OSError):
                winner = await done
                break
    finally:
        for one in attempts:
            one.cancel()
        for result in await asyncio.gather(*attempts, return_exceptions=True):
            if isinstance(result, socket.socket) and result is not winner:
                result.close()
    return winner if winner is not None else attempts[0].result()


def _by_turns(addresses: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """In the order of the resolver: when one family leads nowhere, the other comes second."""
    first = [one for one in addresses if one[0] == addresses[0][0]]
    other = [one for one in addresses if one[0] != addresses[0][0]]
    mixed = [one for pair in zip_longest(first, other) for one in pair if one is not None]
    return list(dict.fromkeys(mixed))
