"""The client list, page after page, from servers that give no total, shift rows meanwhile, or ignore paging."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any

from ocm_tui.core.clients.model import ClientDocument, ClientPage
from ocm_tui.core.http.types import Reply

__all__ = ["read_pages"]


async def read_pages(
    fetch: Callable[[int], Awaitable[Reply]],
    decode: Callable[[Reply], list[dict[str, Any]]],
    *,
    page_size: int,
    concurrency: int,
) -> AsyncGenerator[ClientPage, None]:
    """Page 1 alone, then up to `concurrency` pages ahead, yielded in order and without repeated clients.

    Ends after a page that is shorter than `page_size` (the end), longer (the server ignores the size), or without any
    new client (it ignores the number). Page 2 is asked for only when the next page is wanted, so that the first can be
    shown. A failure is raised after the pages before it. Closing cancels what is under way and waits for it.
    """
    seen: set[str] = set()
    ahead: deque[asyncio.Task[Reply]] = deque()
    number = 0
    try:
        while True:
            number += 1
            while number > 1 and len(ahead) < concurrency:
                ahead.append(asyncio.create_task(_awaited(fetch, number + len(ahead))))
            reply = await (ahead.popleft() if ahead else fetch(1))
            items = decode(reply)
            fresh = _new_ones(items, seen)
            last = len(items) != page_size or not fresh
            yield ClientPage(number, fresh, last)
            if last:
                return
            # A page that has arrived already is taken without a pause: let a keystroke come between two of them.
            await asyncio.sleep(0)
    finally:
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


async def _awaited(fetch: Callable[[int], Awaitable[Reply]], number: int) -> Reply:
    return await fetch(number)


def _new_ones(items: Iterable[dict[str, Any]], seen: set[str]) -> list[ClientDocument]:
    """Those with a clientId not met before; one without an id cannot be addressed and is left out."""
    fresh: list[ClientDocument] = []
    for item in items:
        client_id = item.get("clientId")
        if isinstance(client_id, str) and client_id and client_id not in seen:
            seen.add(client_id)
            fresh.append(ClientDocument(item))
    return fresh
