"""A client as YAML in the user's own editor; what comes back is reviewed in the form before anything is sent."""

from typing import TYPE_CHECKING

from ocm_tui.core.clients.difference import same
from ocm_tui.core.clients.document_text import body_of, edited_document, is_empty, problem_text, text_to_edit, yaml_text
from ocm_tui.core.clients.merge import merged
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ConfigError, OcmError
from ocm_tui.core.text import clean
from ocm_tui.tui.client_writes import read_client, save_in_form
from ocm_tui.tui.editor import editing

if TYPE_CHECKING:
    from ocm_tui.tui.editor import EditFile
    from ocm_tui.tui.screens.clients import ClientsScreen

__all__ = ["edit_text"]


async def edit_text(screen: "ClientsScreen", client_id: str) -> None:
    document = await read_client(screen, client_id)
    if document is None:
        return
    try:
        with editing(client_id) as file:
            written = await _written(screen, file, document, client_id)
    except OcmError as error:
        screen.console.announce_error(error)
        return
    if written is None:
        return
    edited = merged(document, written, document)
    if same(document, edited):
        screen.console.announce(f"Nothing of {clean(client_id, 80)} was changed.")
        return
    await save_in_form(screen, client_id, document, edited)


async def _written(
    screen: "ClientsScreen", file: "EditFile", document: ClientDocument, client_id: str
) -> ClientDocument | None:
    """The document that was written; None when nothing is to happen. What is no YAML comes back with its error."""
    about = [
        f"{client_id} in {screen.console.connection.environment}",
        "Save and leave to see the difference: nothing is sent before that.",
        "A field that is taken out is removed; an emptied file changes nothing.",
        "A value of *** is a secret: left as it is, the server keeps it.",
    ]
    body = shown = yaml_text(document)
    problem: ConfigError | None = None
    while True:
        body = body_of(await file.edit(screen.console, text_to_edit(body, about, problem)))
        if is_empty(body):
            screen.console.announce("The file was emptied: nothing was sent.")
            return None
        if problem is not None and body.strip() == shown.strip():
            screen.console.announce(f"Nothing was sent – {problem_text(problem)}", severity="warning")
            return None
        try:
            return edited_document(body, about, file.path, client_id)
        except ConfigError as error:
            problem, shown = error, body
