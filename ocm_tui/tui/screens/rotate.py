"""A new secret for a client: where it goes is decided first, because the server will never tell it again."""

from collections.abc import Iterable

from textual import on, work
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.rotation import Rotation, retention_text, rotate
from ocm_tui.core.clients.secrets import parse_destination
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean
from ocm_tui.tui.screens.dialog import ConfirmScreen, Dialog
from ocm_tui.tui.widgets.plain_input import PlainInput

__all__ = ["RotateScreen"]


class RotateScreen(Dialog[Rotation]):
    """Dismissed with what came of it, or with None when nothing was sent."""

    def __init__(self, service: ClientService, document: ClientDocument, *, typed: str | None) -> None:
        self._client_id = str(document.get("clientId"))
        super().__init__(
            f"New secret for {self._client_id}", hint="⏎ goes on · esc cancels · nothing is sent yet", danger=True
        )
        self._service, self._document, self._typed = service, document, typed

    def compose_dialog(self) -> Iterable[Widget]:
        yield Static(Content("A strong secret is generated, stored where you say, and then sent to the server."))
        yield Static(Content("…"), id="retention")
        yield PlainInput(f"file:{_file_name(self._client_id)}", placeholder="file:PATH or keyring:SERVICE/USER")

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._ask_retention()

    @work(exclusive=True, group="rotate.retention", exit_on_error=False, description="read the retention period")
    async def _ask_retention(self) -> None:
        minutes = await self._service.retention_minutes(self._document)
        tone = "$warning" if not minutes else "$foreground-dim"
        self.query_one("#retention", Static).update(Content.styled(retention_text(minutes), tone))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._rotate(event.value.strip())

    @work(exclusive=True, group="rotate.send", exit_on_error=False, description="rotate a secret")
    async def _rotate(self, where: str) -> None:
        try:
            if where == "stdout":
                self.say("The console has no stdout to print to: name a file or a keyring entry.")
                return
            destination = parse_destination(where)
        except OcmError as error:
            self.say(f"{error.title}: {error.hint}")
            return
        text = Content(f"The new secret goes to {clean(destination.name, 200)}; then the server learns it.")
        title = f"Rotate the secret of {clean(self._client_id, 60)}?"
        confirm = ConfirmScreen(title, text, verb="rotate it", typed=self._typed, danger=True)
        if not await self.app.push_screen_wait(confirm):
            return
        try:
            rotation = await rotate(self._service, self._client_id, destination)
        except OcmError as error:
            self.say(f"{error} {error.hint}")
            self.console.announce_error(error)
            return
        self._announce(rotation)
        self.dismiss(rotation)

    def _announce(self, rotation: Rotation) -> None:
        if rotation.problem is not None:
            self.console.announce(
                f"The new secret is in force, but lies at {rotation.delivered_to}: {rotation.problem.title}",
                severity="error",
            )
            return
        after = retention_text(rotation.rotated.retention_minutes)
        self.console.announce(f"The new secret of {self._client_id} is in {rotation.delivered_to}. {after}")


def _file_name(client_id: str) -> str:
    safe = "".join(character if character.isalnum() or character in "-_." else "_" for character in client_id)
    return f"{safe.lstrip('.')[:80] or 'client'}.secret"
