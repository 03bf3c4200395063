"""The authorization server's list as the source of a sync: who is there, how each is called, whose row is left over.

The name that a sync wrote stands beside the one that is shown. As long as both are the same the name is the server's,
and follows it; one that somebody gave by hand, or that another source gave, is theirs.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.registry.model import RegistryClient, RegistryQuery, derived_id

if TYPE_CHECKING:
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["SYNCED_NAME_KEY", "NameDrift", "left_over", "listed_clients", "name_drift", "named"]

SYNCED_NAME_KEY: Final = "synced_name"  # the member of `metadata` that keeps what the server called a client
_NAME: Final = "name"
_PAGE: Final = 1000

NameDrift = tuple[Any, str | None]  # the row's name, the server's; None: it is called as its id


async def listed_clients(clients: "ClientService") -> AsyncIterator[tuple[str, str]]:
    """(clientId, name) of every client."""
    async with aclosing(clients.pages()) as pages:
        async for page in pages:
            for document in page.documents:
                code, name = document.get("clientId"), document.get("name")
                if isinstance(code, str) and code:
                    yield code, name if isinstance(name, str) and name else code


def named(code: str, name: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The metadata of a row whose name is the server's. A name that is the clientId itself is no news."""
    others = {key: value for key, value in (metadata or {}).items() if key not in (_NAME, SYNCED_NAME_KEY)}
    return {**others, **({_NAME: name} if name != code else {}), SYNCED_NAME_KEY: name}


def name_drift(row: RegistryClient, name: str, base_url: str) -> tuple[NameDrift | None, bool]:
    """What differs, if anything does; and whether the row's name came from this server, and is as it came.

    A row of another source that has no name at all says nothing else than the server.
    """
    held, code = row.metadata.get(_NAME), row.client_code
    came = row.metadata.get(SYNCED_NAME_KEY)
    ours = came is not None and came == (code if held is None else held) and row.client_id == derived_id(base_url, code)
    same = name == (code if held is None else held)
    if same or (held is None and not ours):
        return None, ours
    return (held, name if name != code else None), ours


async def left_over(registry: "ClientRegistry", codes: Collection[str]) -> AsyncIterator[RegistryClient]:
    """The rows in force, of whatever source, whose client is not among `codes`, which is all that the server has."""
    there = {code.casefold() for code in codes}
    after = None
    while True:
        page = await registry.page(RegistryQuery(statuses=("ACTIVE", "SUSPENDED")), after=after, limit=_PAGE)
        for row in page.items:
            if row.client_code and row.client_code.casefold() not in there:
                yield row
        after = page.next
        if after is None:
            return
