"""The form of one client: every field in a table, changed one by one, reviewed as a difference, then sent.

It sends nothing itself: `save` does, and raises what the server says. Until `save` has returned, the form stays open
with everything that was entered. A conflict is settled field by field on a screen of its own.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.core.clients.choices import FormChoices
from ocm_tui.core.clients.difference import difference, same
from ocm_tui.core.clients.fields import FieldSpec
from ocm_tui.core.clients.model import ClientDocument, NamedChoice
from ocm_tui.core.errors import Conflict, OcmError, ValidationFailed
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import actions_of, bindings_of
from ocm_tui.tui.difference_text import difference_content
from ocm_tui.tui.models.conflict_rows import ConflictRows
from ocm_tui.tui.models.form_rows import FORM_COLUMNS, FormRows
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen, Dialog
from ocm_tui.tui.screens.field_editors import Edited, editor_for
from ocm_tui.tui.screens.help import HelpScreen
from ocm_tui.tui.state import Connection
from ocm_tui.tui.widgets.banner import Banner
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.key_footer import KeyFooter
from ocm_tui.tui.widgets.live_strip import LiveStrip
from ocm_tui.tui.widgets.row_table import RowTable

__all__ = ["ClientForm"]

Save = Callable[[ClientDocument, ClientDocument], Awaitable[ClientDocument]]


class ClientForm(Dialog[ClientDocument | None]):
    """Dismissed with the document that the server stored, or with None."""

    DEFAULT_CSS = """
    ClientForm { align: left top; background: $background; }
    ClientForm #fields { height: 1fr; }
    ClientForm #about { height: 4; }
    """
    pane = "form"
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
        super().__init__("New client" if rows.new else str(rows.original.get("clientId")))
        self.rows = rows
        self._fetch_choices, self._save, self._typed, self._review_first = choices, save, typed, review
        self._choices: FormChoices | None = None

    def compose(self) -> ComposeResult:
        yield Banner()
        with Vertical(id="fields", classes="box"):
            yield FilterBar("find a field")
            yield RowTable(FORM_COLUMNS, self.rows)
        yield Static(Content(""), id="about", classes="box")
        yield LiveStrip()
        yield KeyFooter(list(actions_of("form")), lambda _: None)

    def compose_dialog(self) -> Iterable[Widget]:
        return ()

    def on_mount(self) -> None:
        self.watch(self.app, "connection", self._connection_changed)
        if self.console.session is not None:
            self.query_one(LiveStrip).watch_log(self.console.session.log)
        self.table.focus()
        self._refresh()
        self._to_first_problem()
        self._load_choices()
        if self._review_first:
            self._review()

    def _connection_changed(self, connection: Connection) -> None:
        self.query_one(Banner).connection = connection
        self.set_class(connection.protected, "-protected")

    @property
    def unsent_changes(self) -> int:
        return self.rows.changed_count

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    @property
    def selected(self) -> FieldSpec | None:
        key = self.table.selected_key
        return self.rows.spec(key) if key is not None else None

    @work(exclusive=True, group="form.choices", exit_on_error=False, description="read what the form may offer")
    async def _load_choices(self) -> None:
        try:
            self._choices = await self._fetch_choices()
        except OcmError as error:
            self.console.announce_error(error)

    def _refresh(self) -> None:
        self.table.rows_changed()
        count = self.rows.changed_count
        name = "New client" if self.rows.new else f"Edit {self.rows.original.get('clientId')}"
        titled(self.query_one("#fields"), name, f"{count} changed" if count else "nothing changed")
        self._describe()

    @on(RowTable.Highlighted)
    def _describe(self) -> None:
        spec = self.selected
        about = self.query_one("#about", Static)
        if spec is None:
            about.update(Content(""))
            return
        titled(about, spec.path)
        problem = self.rows.problem(spec)
        second = Content.styled(f"▲ {problem}", "$error") if problem else Content("")
        about.update(Content("\n").join([Content(spec.help or spec.label), second]))

    # Changing fields

    def action_open(self) -> None:
        self._edit()

    @on(RowTable.Chosen)
    def _chosen(self) -> None:
        self._edit()

    def _edit(self) -> None:
        spec = self.selected
        if spec is None:
            return

        def edited(result: Edited | None) -> None:
            if result is not None:
                self.rows.set_value(spec, result.value)
                self._refresh()

        self.app.push_screen(editor_for(spec, self.rows.value(spec), self._offered(spec)), edited)

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
            self._refresh()
        elif spec is not None:
            self._edit()

    def action_revert(self) -> None:
        spec = self.selected
        if spec is not None:
            self.rows.revert(spec)
            self._refresh()

    def action_changed(self) -> None:
        self.rows.toggle_changed_only()
        self._refresh()

    async def action_filter(self) -> None:
        await self.query_one(FilterBar).open()

    @on(FilterBar.Changed)
    def _narrowed(self, event: FilterBar.Changed) -> None:
        self.rows.narrow(event.text)
        self._refresh()

    @on(FilterBar.Left)
    def _filter_left(self) -> None:
        self.table.focus()

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
        self._refresh()
        self._to_first_problem()
        self._describe()
        self.console.announce(
            homeless[0].message if homeless else error.title, severity="error", title="The server refused it"
        )

    def _to_first_problem(self) -> None:
        first = self.rows.first_problem()
        if first is not None:
            self.table.select(first)

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
        self._refresh()
        if same(theirs, settled):
            self.console.announce("Nothing is left to send: the server's document is as you want it.")
            self.dismiss(theirs)
        else:
            self._review()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen("form", everywhere=False))

    def action_back(self) -> None:
        self._leave()

    @work(exclusive=True, group="form.leave", exit_on_error=False, description="leave the form")
    async def _leave(self) -> None:
        bar = self.query_one(FilterBar)
        if bar.text:
            bar.action_clear()
            return
        count = self.rows.changed_count
        text = Content(f"{count} changed fields would be lost. Nothing has been sent.")
        if not count or await self.app.push_screen_wait(
            ConfirmScreen("Leave the form?", text, verb="leave", danger=True)
        ):
            self.dismiss(None)
