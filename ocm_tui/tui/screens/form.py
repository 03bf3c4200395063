"""The pattern of the forms: every field in a table, changed one by one, with what it is below, and a question before
anything that was entered is lost."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from textual import on, work
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.whole_screen import WholeScreen
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.row_table import Column, RowSource, RowTable

__all__ = ["FieldForm", "FormFields", "changed_fields"]

F = TypeVar("F")  # what stands for a field
R = TypeVar("R")  # what the form is dismissed with, or None


class FormFields(RowSource, Protocol[F]):
    """The rows of a form: the fields, and what was entered."""

    @property
    def changed_count(self) -> int: ...

    def at(self, key: str) -> F:
        """The field of a row."""
        ...

    def revert(self, field: F) -> None: ...

    def toggle_changed_only(self) -> None: ...

    def narrow(self, text: str) -> None: ...

    def first_problem(self) -> str | None:
        """The key of the first field that is not right."""
        ...


class FieldForm(WholeScreen[R | None], Generic[F, R]):
    """A form gives its rows, what a field is, how it is changed, and what is lost when it is left.

    Its actions `open`, `revert`, `changed`, `filter`, `help` and `back` stand in the action table of `pane`.
    """

    DEFAULT_CSS = """
    FieldForm #fields { height: 1fr; }
    FieldForm #about { padding: 0 1; }
    FieldForm.-short LiveStrip { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]  # noqa: RUF012  # Textual declares it so; the fields need the room
    columns: ClassVar[Sequence[Column]]
    about_lines: ClassVar[int] = 2
    no_field: ClassVar[str] = ""  # what stands below when no field is selected

    def __init__(self, title: str, fields: FormFields[F]) -> None:
        super().__init__(title)
        self.fields = fields

    @abstractmethod
    def heading(self) -> Sequence[str]:
        """The parts of the title over the fields."""

    @abstractmethod
    def about(self, field: F) -> tuple[str, Sequence[Content]]:
        """The field's name, and the lines that say what it is and what is wrong with it."""

    @abstractmethod
    def edit(self, field: F) -> None:
        """Open the editor of the field."""

    def reverted(self) -> None:
        self.refresh_fields()

    def busy(self) -> bool:
        """Whether nothing can be changed now; then it has been said why."""
        return False

    def lost(self) -> str:
        """A sentence on what leaving now would lose; empty when that is nothing."""
        count = self.fields.changed_count
        return f"{changed_fields(count)} would be lost. Nothing has been sent." if count else ""

    def outcome(self) -> R | None:
        """What the form is left with when it was not finished."""
        return None

    def compose_dialog(self) -> Iterable[Widget]:
        with Vertical(id="fields", classes="box"):
            yield FilterBar("find a field")
            yield RowTable(self.columns, self.fields)
        about = Static(Content(""), id="about", classes="box")
        about.styles.height = self.about_lines + 2
        yield about

    def on_mount(self) -> None:
        self.table.focus()
        self.refresh_fields()

    @property
    def unsent_changes(self) -> int:
        return self.fields.changed_count

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    @property
    def selected(self) -> F | None:
        key = self.table.selected_key
        return self.fields.at(key) if key is not None else None

    def refresh_fields(self) -> None:
        self.table.rows_changed()
        self.show_heading()
        self.describe()

    def show_heading(self) -> None:
        titled(self.query_one("#fields"), *self.heading())

    @on(RowTable.Highlighted)
    def describe(self) -> None:
        field, about = self.selected, self.query_one("#about", Static)
        if field is None:
            about.update(Content(self.no_field))
            return
        name, lines = self.about(field)
        titled(about, name)
        about.update(Content("\n").join(lines))

    def to_first_problem(self) -> None:
        first = self.fields.first_problem()
        if first is not None:
            self.table.select(first)

    # Changing fields

    def action_open(self) -> None:
        field = self.selected
        if field is not None and not self.busy():
            self.edit(field)

    @on(RowTable.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    def action_revert(self) -> None:
        field = self.selected
        if field is not None and not self.busy():
            self.fields.revert(field)
            self.reverted()

    def action_changed(self) -> None:
        self.fields.toggle_changed_only()
        self.refresh_fields()

    async def action_filter(self) -> None:
        await self.query_one(FilterBar).open()

    @on(FilterBar.Changed)
    def _narrowed(self, event: FilterBar.Changed) -> None:
        self.fields.narrow(event.text)
        self.refresh_fields()

    @on(FilterBar.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    # Leaving

    def action_back(self) -> None:
        self._leave()

    @work(exclusive=True, group="form.leave", exit_on_error=False, description="leave the form")
    async def _leave(self) -> None:
        bar = self.query_one(FilterBar)
        if bar.text:
            bar.action_clear()
            return
        lost = self.lost()
        if not lost or await self.app.push_screen_wait(
            ConfirmScreen("Leave the form?", Content(lost), verb="leave", danger=True)
        ):
            self.dismiss(self.outcome())


def changed_fields(count: int) -> str:
    return f"{count:,} changed field{'' if count == 1 else 's'}"
