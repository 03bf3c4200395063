"""What changes clients from the Clients pane: each flow asks, shows, sends, and puts the answer back into the list.

Policy (read-only, protected, an account that may not write) is enforced in the client service; the flows only ask for
more where the environment is protected.
"""

from typing import TYPE_CHECKING

from textual.content import Content

from ocm_tui.core.clients.clone import clone_of
from ocm_tui.core.clients.difference import difference
from ocm_tui.core.clients.documents import new_document
from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import NotFound, OcmError
from ocm_tui.core.text import clean
from ocm_tui.tui.difference_text import difference_content
from ocm_tui.tui.models.form_rows import FormRows
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.rotate import RotateScreen

if TYPE_CHECKING:
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.tui.screens.clients import ClientsScreen

__all__ = ["clone", "delete", "edit", "new", "read_client", "rotate", "save_in_form", "switch"]


def _service(screen: "ClientsScreen") -> "ClientService":
    session = screen.console.session
    assert session is not None  # the actions are refused without one
    return session.require_clients()


def _typed(screen: "ClientsScreen", client_id: str) -> str | None:
    """What has to be typed before a write: the client's id where the environment is protected."""
    return client_id if screen.console.connection.protected else None


async def read_client(screen: "ClientsScreen", client_id: str) -> ClientDocument | None:
    """The document as the server holds it now; a failure is announced."""
    try:
        return await _service(screen).get(client_id)
    except NotFound as error:
        screen.console.announce_error(error)
        screen.client_gone(client_id)
    except OcmError as error:
        screen.console.announce_error(error)
    return None


async def edit(screen: "ClientsScreen", client_id: str) -> None:
    document = await read_client(screen, client_id)
    if document is not None:
        await save_in_form(screen, client_id, document)


async def save_in_form(
    screen: "ClientsScreen", client_id: str, document: ClientDocument, edited: ClientDocument | None = None
) -> None:
    """The form of a client. With `edited` the edit is made already, and its difference is shown at once."""
    service = _service(screen)
    rows = FormRows(document, version=screen.console.server_version, new=False)
    if edited is not None:
        rows.go_on_from(document, edited)
    typed, review = _typed(screen, client_id), edited is not None
    form = ClientForm(rows, service.choices, service.update, typed=typed, review=review)
    stored = await screen.app.push_screen_wait(form)
    if stored is None:
        return
    screen.client_stored(stored)
    screen.console.announce(f"{clean(client_id, 80)} is stored.")
    if screen.listing.states.declared(client_id) is not None:
        from ocm_tui.tui.client_write_back import offer_write_back

        await offer_write_back(screen, rows.original, stored)


async def new(screen: "ClientsScreen", client_id: str | None) -> None:
    del client_id
    await _create(screen, new_document(""))


async def clone(screen: "ClientsScreen", client_id: str) -> None:
    document = await read_client(screen, client_id)
    if document is not None:
        await _create(screen, clone_of(document))


async def _create(screen: "ClientsScreen", draft: ClientDocument) -> None:
    service = _service(screen)
    rows = FormRows(draft, version=screen.console.server_version, new=True)

    async def create(_: ClientDocument, document: ClientDocument) -> ClientDocument:
        named = document if document.get("name") else with_value(document, "name", document.get("clientId"))
        return await service.create(named)

    typed = screen.console.connection.environment if screen.console.connection.protected else None
    stored = await screen.app.push_screen_wait(ClientForm(rows, service.choices, create, typed=typed))
    if stored is not None:
        screen.client_stored(stored)
        screen.table.select(str(stored.get("clientId")))
        screen.console.announce(f"{clean(stored.get('clientId'), 80)} was created.")


async def switch(screen: "ClientsScreen", client_id: str) -> None:
    document = await read_client(screen, client_id)
    if document is None:
        return
    enable = document.get("enabled") is False
    edited = with_value(document, "enabled", enable)
    verb = "enable it" if enable else "disable it"
    sure = await screen.app.push_screen_wait(
        ConfirmScreen(
            f"{'Enable' if enable else 'Disable'} {clean(client_id, 60)}?",
            difference_content(difference(document, edited)),
            verb=verb,
            typed=_typed(screen, client_id),
        )
    )
    if not sure:
        return
    try:
        stored = await _service(screen).update(document, edited)
    except OcmError as error:
        screen.console.announce_error(error)
        return
    screen.client_stored(stored)
    screen.console.announce(f"{clean(client_id, 80)} is {'enabled' if enable else 'disabled'}.")


async def delete(screen: "ClientsScreen", client_id: str) -> None:
    document = await read_client(screen, client_id)
    if document is None:
        return
    text = Content("\n").join(
        [
            Content(f"{clean(document.get('name'), 80)}"),
            Content(""),
            Content("The server keeps no copy: its secret and settings are lost, and its tokens are no longer issued."),
        ]
    )
    sure = await screen.app.push_screen_wait(
        ConfirmScreen(
            f"Delete {clean(client_id, 60)}?", text, verb="delete it", typed=_typed(screen, client_id), danger=True
        )
    )
    if not sure:
        return
    try:
        await _service(screen).delete(client_id, seen=document)
    except OcmError as error:
        screen.console.announce_error(error)
        return
    screen.client_gone(client_id)
    screen.console.announce(f"{clean(client_id, 80)} was deleted.")


async def rotate(screen: "ClientsScreen", client_id: str) -> None:
    document = await read_client(screen, client_id)
    if document is None:
        return
    rotated = await screen.app.push_screen_wait(
        RotateScreen(_service(screen), document, typed=_typed(screen, client_id))
    )
    if rotated is not None:
        screen.fetch(client_id)
