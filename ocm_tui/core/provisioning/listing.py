"""The server's whole list, once, for who has to know many clients before anything is written."""

from collections.abc import Callable, Collection
from contextlib import aclosing

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import ApiError, Conflict, TransportError
from ocm_tui.core.provisioning.fingerprint import fingerprint
from ocm_tui.core.provisioning.model import Change
from ocm_tui.core.provisioning.repeat import StopSignal, pause_before, worth_reading_again
from ocm_tui.core.text import clean

__all__ = ["read_listed", "refuse_outdated"]

_ATTEMPTS = 4
_MOST_NAMED = 10


async def read_listed(
    clients: ClientService, keys: Collection[str], see: Callable[[str, ClientDocument], None]
) -> None:
    """`see` each client of the list whose case-folded id is among `keys`; some again when the list broke off."""
    signal = StopSignal()
    for number in range(1, _ATTEMPTS + 1):
        try:
            async with aclosing(clients.pages()) as pages:
                async for page in pages:
                    for document in page.documents:
                        key = str(document.get("clientId")).casefold()
                        if key in keys:
                            see(key, document)
                return
        except (TransportError, ApiError) as error:
            if number == _ATTEMPTS or not worth_reading_again(error):
                raise
            await signal.pause(pause_before(number, error))


async def refuse_outdated(clients: ClientService, changes: Collection[Change]) -> None:
    """Conflict naming every client that is not as it was when the plan was made."""
    planned = {change.client_id.casefold(): change for change in changes if change.action != "blocked"}
    seen: dict[str, str] = {}

    def see(key: str, document: ClientDocument) -> None:
        seen[key] = fingerprint(document)

    await read_listed(clients, planned.keys(), see)
    changed = [change.client_id for key, change in planned.items() if seen.get(key) != change.seen]
    if changed:
        names = ", ".join(clean(client_id, 80) for client_id in changed[:_MOST_NAMED])
        more = f" and {len(changed) - _MOST_NAMED} more" if len(changed) > _MOST_NAMED else ""
        raise Conflict(
            f"the plan is out of date, and nothing was sent: changed on the server since: {names}{more}",
            hint="plan again",
        )
