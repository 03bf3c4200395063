"""The form of one registry row: every field checked by the registry's own rules at each change, reviewed as a
difference, then written.

It writes nothing itself: `save` does, and raises what the registry says. A row that was changed meanwhile is never
overwritten: it is settled field by field, and reviewed again.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content

from ocm_tui.core.clients.fields import FieldSpec
from ocm_tui.core.errors import Conflict, OcmError
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, Written
from ocm_tui.core.registry.row_edits import edited_fields
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.difference_text import difference_content
from ocm_tui.tui.models.registry_form_rows import REGISTRY_FORM_COLUMNS, RegistryConflictRows, RegistryFormRows
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.field_editors import Edited, editor_for
from ocm_tui.tui.screens.form import FieldForm
from ocm_tui.tui.tones import TONES

__all__ = ["RegistryForm"]

# An entry, and the row that it may overwrite: None for a new one.
Save = Callable[[RegistryEntry, RegistryClient | None], Awaitable[Written]]
Twins = Callable[[RegistryEntry], Awaitable[Sequence[RegistryClient]]]
_SHORT = 40  # characters that a row has room for


class RegistryForm(FieldForm[FieldSpec, Written]):
    """Dismissed with what was written, or with None."""

    pane = "registry_form"
    columns = REGISTRY_FORM_COLUMNS
    about_lines = 4
    no_field = "No field is called that."
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("registry_form")]

    def __init__(self, rows: RegistryFormRows, save: Save, twins: Twins, *, typed: str | None) -> None:
        """`twins` finds other clients with the same code. `typed` is what must be typed in a protected environment."""
        super().__init__("Registry row", rows)
        self.rows, self._save, self._twins, self._typed = rows, save, twins, typed

    def on_mount(self) -> None:
        self.to_first_problem()

    def heading(self) -> Sequence[str]:
        count, row = self.rows.changed_count, self.rows.original
        state = f"{count} changed" if count else "nothing changed"
        if row is None:
            return "New client", state
        secret = "secret set, stays as it is" if row.has_secret else "no secret"
        return f"Edit {_name(row)}", row.status, secret, state

    def about(self, field: FieldSpec) -> tuple[str, Sequence[Content]]:
        lines = [Content.styled(field.help, TONES["dim"])]
        problem, note, value = self.rows.problem(field), self.rows.note(field), self.rows.shown(field)
        if problem:
            lines.append(Content.styled(f"▲ {problem}", TONES["bad"]))
        if len(value) > _SHORT:
            lines.append(Content(value))
        if note:
            lines.append(Content(note))
        return field.path, lines

    def edit(self, field: FieldSpec) -> None:
        def edited(result: Edited | None) -> None:
            if result is not None:
                self.rows.set_value(field, result.value)
                self.refresh_fields()

        self.app.push_screen(editor_for(field, self.rows.value(field), None), edited)

    # Writing

    def action_review(self) -> None:
        self._review()

    @work(exclusive=True, group="registry_form.save", exit_on_error=False, description="review and save a row")
    async def _review(self) -> None:
        if self.rows.new and not self.rows.changed_count:
            self.console.announce("Nothing is entered.", severity="warning")
            return
        first = self.rows.first_problem()
        if first is not None:
            self.table.select(first)
            self.describe()
            self.console.announce(self.rows.problem(self.rows.at(first)), severity="warning")
            return
        changes = self.rows.changes()
        if not changes:
            self.console.announce("Nothing is changed.", severity="warning")
            return
        entry = self.rows.entry()
        question = ConfirmScreen(
            self._question(clean(entry.client_code, 80)),
            Content("\n").join([difference_content(changes), *await self._notes(entry)]),
            verb="register it" if self.rows.new else "write it",
            typed=self._typed,
        )
        if await self.app.push_screen_wait(question):
            await self._send(entry)

    def _question(self, name: str) -> str:
        count = self.rows.changed_count
        return f"Register {name}?" if self.rows.new else f"{name}: {count} change{'s' if count > 1 else ''}"

    async def _notes(self, entry: RegistryEntry) -> list[Content]:
        """What the difference does not say, but whoever agrees to it wants to know."""
        notes = [Content(""), Content.styled(f"client id {entry.client_id}", TONES["dim"])]
        try:
            twins = await self._twins(entry)
        except OcmError:
            notes.append(Content.styled("? whether another client has this code is unknown", TONES["warn"]))
        else:
            notes += [Content.styled(f"▲ {one.client_id} has this code as well", TONES["warn"]) for one in twins[:5]]
        return notes

    async def _send(self, entry: RegistryEntry) -> None:
        try:
            written = await self._save(entry, self.rows.original)
        except Conflict as error:
            await self._settle(error)
        except OcmError as error:
            self.console.announce_error(error)
        else:
            self.dismiss(written)

    async def _settle(self, conflict: Conflict) -> None:
        """Somebody changed the row meanwhile: mine or theirs for each field; then it is reviewed again."""
        theirs, original = conflict.theirs, self.rows.original
        if original is None or not isinstance(theirs, RegistryClient):
            self.console.announce_error(conflict)
            return
        mine = self.rows.edited
        if edited_fields(theirs) != edited_fields(original):
            fields = RegistryConflictRows(original, mine, theirs)
            settled = await self.app.push_screen_wait(ConflictScreen(_name(theirs), fields, newer="The registry's row"))
            if settled is None:
                return
            mine = settled
        # What moved may also be nothing that is edited here: its status, its secret, the time of its last sync.
        self.rows.go_on_from(theirs, mine)
        self.refresh_fields()
        if self.rows.changed_count:
            self.console.announce(
                f"{conflict.title} The difference is that to the row as it is now.", severity="warning"
            )
            self._review()
        else:
            self.console.announce("Nothing is left to write: the row is as you want it.")
            self.dismiss(None)


def _name(row: RegistryClient) -> str:
    return clean(row.client_code or row.client_id, 80)
