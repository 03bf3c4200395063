"""The form of one client: every field in a table, changed one by one, reviewed as a difference, then sent.

It sends nothing itself: `save` does, and raises what the server says. Until `save` has returned, the form stays open
with everything that was entered. A conflict is settled field by field on a screen of its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.content import Content

from ocm_tui.core.clients.choices import FormChoices
from ocm_tui.core.clients.difference import difference, same
from ocm_tui.core.clients.fields import FieldSpec
from ocm_tui.core.clients.model import ClientDocument, NamedChoice
from ocm_tui.core.errors import Conflict, OcmError, ValidationFailed
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.difference_text import difference_content
from ocm_tui.tui.models.conflict_rows import ConflictRows
from ocm_tui.tui.models.form_rows import FORM_COLUMNS, FormRows
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.field_editors import Edited, editor_for
from ocm_tui.tui.screens.form import FieldForm

__all__ = ["ClientForm"]

Save = Callable[[ClientDocument, ClientDocument], Awaitable[ClientDocument]]


class ClientForm(FieldForm[FieldSpec, ClientDocument]):
    """Dismissed with the document that the server stored, or with None."""

    pane = "form"
    columns = FORM_COLUMNS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("form")]

    def __init__(
        self,
        rows: FormRows,
        choices: Callable[[], Awaitable[FormChoices]],
        save: Save,
        *,
        typed: str | None,
        review: bool = False,
    ) -> None:
        """`typed` is what must be typed before sending, in a protected environment. `review`: the edit is made already
        (in an editor), and the form opens with its difference."""
        super().__init__("New client" if rows.new else str(rows.original.get("clientId")), rows)
        self.rows = rows
        self._fetch_choices, self._save, self._typed, self._review_first = choices, save, typed, review
        self._choices: FormChoices | None = None

    def on_mount(self) -> None:
        self.to_first_problem()
        self._load_choices()
        if self._review_first:
            self._review()

    @work(exclusive=True, group="form.choices", exit_on_error=False, description="read what the form may offer")
    async def _load_choices(self) -> None:
        try:
            self._choices = await self._fetch_choices()
        except OcmError as error:
            self.console.announce_error(error)

    def heading(self) -> Sequence[str]:
        count = self.rows.changed_count
        if not self.rows.new:
            name = f"Edit {self.rows.original.get('clientId')}"
            return name, f"{count} changed" if count else "nothing changed"
        named = bool(self.rows.edited.get("clientId"))
        return "New client", f"{count} filled in" if count else "", "^s reviews it" if named else "it needs a client ID"

    def about(self, field: FieldSpec) -> tuple[str, Sequence[Content]]:
        problem = self.rows.problem(field)
        second = Content.styled(f"▲ {problem}", "$error") if problem else Content("")
        return field.path, [Content(field.help or field.label), second]

    # Changing fields

    def edit(self, field: FieldSpec) -> None:
        spec = replace(field, fixed=False)  # what is fixed is only shown for a new client, and is said here

        def edited(result: Edited | None) -> None:
            if result is not None:
                self.rows.set_value(field, result.value)
                self.refresh_fields()

        self.app.push_screen(editor_for(spec, self.rows.value(field), self._offered(field)), edited)

    def _offered(self, spec: FieldSpec) -> Sequence[NamedChoice] | None:
        if spec.choices is None or self._choices is None:
            return None
        offered = getattr(self._choices, spec.choices)
        if isinstance(offered, OcmError):
            self.console.announce(
                f"The server's {spec.choices.replace('_', ' ')} are not known: {offered.title}", severity="warning"
            )
            return None
        return offered if isinstance(offered, Sequence) else None

    def action_flip(self) -> None:
        spec = self.selected
        if spec is not None and spec.kind == "bool":
            self.rows.set_value(spec, not self.rows.value(spec))
            self.refresh_fields()
        elif spec is not None:
            self.edit(spec)

    # Sending

    def action_review(self) -> None:
        self._review()

    @work(exclusive=True, group="form.save", exit_on_error=False, description="review and save a client")
    async def _review(self) -> None:
        before = ClientDocument({}) if self.rows.new else self.rows.original
        changes = difference(before, self.rows.edited)
        if not changes:
            self.console.announce("Nothing is changed.", severity="warning")
            return
        verb = "create it" if self.rows.new else "send it"
        name = clean(self.rows.edited.get("clientId") or "New client", 80)
        sure = await self.app.push_screen_wait(
            ConfirmScreen(
                f"{name}: {len(changes)} change{'s' if len(changes) > 1 else ''}",
                difference_content(changes),
                verb=verb,
                typed=self._typed,
            )
        )
        if sure:
            await self._send()

    async def _send(self) -> None:
        try:
            stored = await self._save(self.rows.original, self.rows.edited)
        except ValidationFailed as error:
            self._show_violations(error)
        except Conflict as error:
            await self._settle(error)
        except OcmError as error:
            self.console.announce_error(error)
        else:
            self.dismiss(stored)

    def _show_violations(self, error: ValidationFailed) -> None:
        homeless = self.rows.anchor(error.violations)
        self.refresh_fields()
        self.to_first_problem()
        self.describe()
        self.console.announce(
            homeless[0].message if homeless else error.title, severity="error", title="The server refused it"
        )

    async def _settle(self, conflict: Conflict) -> None:
        """Someone changed the client meanwhile: mine or theirs for each field; then it is reviewed again."""
        if self.rows.new or not isinstance(conflict.theirs, dict):
            self.console.announce_error(conflict)
            return
        theirs = ClientDocument(conflict.theirs)
        fields = ConflictRows(self.rows.original, self.rows.edited, theirs)
        settled = await self.app.push_screen_wait(ConflictScreen(str(theirs.get("clientId")), fields))
        if settled is None:
            return
        self.rows.go_on_from(theirs, settled)
        self.refresh_fields()
        if same(theirs, settled):
            self.console.announce("Nothing is left to send: the server's document is as you want it.")
            self.dismiss(theirs)
        else:
            self._review()
