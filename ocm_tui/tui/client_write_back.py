"""From the server into the inventory file: the difference of the file is shown first, comments and layout stay."""

import asyncio
import difflib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ocm_tui.core.clients.difference import difference
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import OcmError
from ocm_tui.core.provisioning.inventory_edit import edited_inventory, save_inventory
from ocm_tui.core.provisioning.model import FieldDrift
from ocm_tui.core.provisioning.write_back import declared_as_stored, fields_to_write_back
from ocm_tui.core.text import clean
from ocm_tui.tui.client_writes import read_client
from ocm_tui.tui.screens.dialog import ConfirmScreen

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.model import DeclaredClient
    from ocm_tui.tui.screens.clients import ClientsScreen

__all__ = ["offer_write_back", "write_back"]

_STYLES: Final = {"+": "$success", "-": "$error", "@": "bold"}
_LONGEST: Final = 1000  # lines of a difference


async def write_back(screen: "ClientsScreen", client_id: str) -> None:
    """What the server has, into the file that declares the client."""
    console, states = screen.console, screen.listing.states
    if states.problem is not None:
        console.announce_error(states.problem)
        return
    declared = states.declared(client_id)
    if declared is None:
        why = "the inventory does not declare it" if states.inventory is not None else "there is no inventory yet"
        console.announce(f"{clean(client_id, 80)} cannot be written back: {why}.", severity="warning")
        return
    stored = await read_client(screen, client_id)
    if stored is None:
        return
    fields = _differing(screen, declared, stored, None)
    if fields:
        await _write(screen, declared, stored, fields, f"Write {clean(client_id, 60)} into the inventory?")
    elif screen.rows.state(client_id) == "drifted":
        what = "its name, which this inventory keeps as the clientId, or its secret"
        console.announce(f"What differs of {clean(client_id, 80)} cannot be declared: {what}.", severity="warning")
    else:
        console.announce(f"The inventory declares {clean(client_id, 80)} as it is stored: nothing to write.")


async def offer_write_back(screen: "ClientsScreen", before: ClientDocument, stored: ClientDocument) -> None:
    """After an edit: what was edited, if the inventory declares it otherwise."""
    declared = screen.listing.states.declared(str(stored.get("clientId")))
    if declared is None:
        return
    edited = {change.path for change in difference(before, stored)}
    fields = _differing(screen, declared, stored, edited)
    if fields:
        await _write(screen, declared, stored, fields, "The inventory declares it otherwise: write the edit there too?")


def _differing(
    screen: "ClientsScreen", declared: "DeclaredClient", stored: ClientDocument, only: Collection[str] | None
) -> Sequence[FieldDrift]:
    change = screen.listing.states.change(str(stored.get("clientId")), stored)
    return fields_to_write_back(declared, change, only) if change is not None else ()


async def _write(
    screen: "ClientsScreen",
    declared: "DeclaredClient",
    stored: ClientDocument,
    fields: Sequence[FieldDrift],
    question: str,
) -> None:
    console, path = screen.console, declared.place.path
    assert path is not None  # a file declares it
    document = declared_as_stored(declared, stored, fields)
    environment = console.connection.environment
    try:
        old, new = await asyncio.to_thread(
            edited_inventory, path, declared.client_id, document, environment=environment
        )
        if old == new:
            console.announce(f"{clean(path, 200)} says so already: nothing to write.")
            return
        if await console.push_screen_wait(ConfirmScreen(question, _difference(path, old, new), verb="write it")):
            await asyncio.to_thread(save_inventory, path, old, new)
            console.announce(f"{clean(declared.client_id, 80)} was written into {clean(path, 200)}.")
            screen.load()
    except OcmError as error:
        console.announce_error(error)


def _difference(path: Path, old: str, new: str) -> Content:
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))[2:]
    shown = [Content.styled(clean(path, 300), "bold"), Content("")]
    shown += [Content.styled(clean(line, 400), _STYLES.get(line[:1], "$foreground-dim")) for line in lines[:_LONGEST]]
    if len(lines) > _LONGEST:
        shown.append(Content(f"… {len(lines) - _LONGEST:,} more lines"))
    return Content("\n").join(shown)
