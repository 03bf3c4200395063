"""The state of each client of a list against the environment's inventory, which costs no request."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import OcmError
from ocm_tui.headless.invocation import Invocation

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.comparison import Comparison
    from ocm_tui.core.provisioning.model import ClientState, DeclaredClient, Inventory
    from ocm_tui.core.session import Session

__all__ = ["ClientStates", "client_states"]


class ClientStates:
    """Without an inventory every state is unknown. `missing` are the declared clients of which none was asked for."""

    def __init__(self, inventory: "Inventory | None" = None, comparison: "Comparison | None" = None) -> None:
        self._inventory, self._comparison = inventory, comparison
        self._seen: set[str] = set()

    def state(self, document: Mapping[str, Any]) -> "ClientState":
        self._seen.add(str(document.get("clientId") or "").casefold())
        return "unknown" if self._comparison is None else self._comparison.state(ClientDocument(dict(document)))

    def missing(self) -> "Iterator[DeclaredClient]":
        """In the inventory's order; call it when every client of the server was asked for."""
        for client in self._inventory.clients if self._inventory else ():
            if client.client_id.casefold() not in self._seen:
                yield client


async def client_states(invocation: Invocation, session: "Session") -> ClientStates:
    """A broken inventory is no reason not to list what the server has: a warning says what is wrong with it."""
    if session.provisioning is None or session.inventory is None:
        return ClientStates()
    from ocm_tui.core.provisioning.comparison import Comparison

    try:
        inventory = await session.provisioning.load()
        memory = await session.provisioning.memory()
    except OcmError as error:
        invocation.output.say(f"warning: every state is unknown: {error}")
        return ClientStates()
    if session.provisioning.notice:
        invocation.output.say(f"warning: {session.provisioning.notice}")
    return ClientStates(inventory, Comparison(inventory, memory))
