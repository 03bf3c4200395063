"""The form's rows: every field of a client, its value, whether it was changed, and what the server said of it."""

import re
from collections.abc import Sequence
from typing import Any, Final

from ocm_tui.core.clients.difference import difference
from ocm_tui.core.clients.documents import displayable
from ocm_tui.core.clients.fields import FIELDS, FieldSpec, get_value, with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import Violation
from ocm_tui.core.text import clean
from ocm_tui.tui.models.field_view import FieldView
from ocm_tui.tui.widgets.row_table import Cell, Column

__all__ = ["FORM_COLUMNS", "FormRows"]

FORM_COLUMNS: Final = (
    Column("", 1),
    Column("Field", 30, share=1),
    Column("Value", 20, share=3),
    Column("Group", 22, needs=100),
)
_INDEX: Final = re.compile(r"\[\d+\]")


class FormRows(FieldView[FieldSpec]):
    """A `RowSource` over the fields that this server version knows. `edited` is the document as it would be sent."""

    def __init__(self, original: ClientDocument, *, version: tuple[int, int], new: bool) -> None:
        self.original = original
        self.edited = original
        self.new = new
        self._problems: dict[str, str] = {}
        super().__init__(
            spec
            for spec in FIELDS
            if (new or spec.path != "clientId")
            and (not spec.read_only and (spec.since is None or spec.since <= version))
        )

    # RowSource

    def cells(self, position: int) -> Sequence[Cell]:
        from ocm_tui.tui.client_text import value_text

        spec = self._view[position]
        problem, changed = self._problems.get(spec.path), self.is_changed(spec)
        value = value_text(get_value(displayable(self.edited), spec.path))
        mark = Cell("▲", "bad") if problem else Cell("●", "warn") if changed else Cell("")
        shown = (
            Cell(f"{value}  ◂ {problem}", "bad")
            if problem
            else Cell(value, "warn" if changed else "dim" if value == "–" else "")
        )
        return (mark, Cell(spec.label), shown, Cell(spec.group, "dim"))

    # Fields

    def name_of(self, field: FieldSpec) -> str:
        return field.path

    def words_of(self, field: FieldSpec) -> str:
        return f"{field.label} {field.path} {field.group}"

    def has_problem(self, field: FieldSpec) -> bool:
        return field.path in self._problems

    def value(self, spec: FieldSpec) -> Any:
        return get_value(self.edited, spec.path)

    def is_changed(self, field: FieldSpec) -> bool:
        empty: tuple[object, ...] = (None, "", [], {})
        before, after = get_value(self.original, field.path), get_value(self.edited, field.path)
        return before != after and not (before in empty and after in empty)

    @property
    def changed_count(self) -> int:
        """Members that the table does not know count as well: they can be edited as text."""
        if self.edited is self.original:
            return 0
        known = sum(self.is_changed(spec) for spec in self._fields)
        return known or len(difference(self.original, self.edited))

    def set_value(self, spec: FieldSpec, value: Any) -> None:
        self.edited = with_value(self.edited, spec.path, value)
        self._problems.pop(spec.path, None)
        self._refresh()

    def revert(self, spec: FieldSpec) -> None:
        self.set_value(spec, get_value(self.original, spec.path))

    def go_on_from(self, original: ClientDocument, edited: ClientDocument) -> None:
        """Another original, and what was made of it."""
        self.original, self.edited = original, edited
        self._problems = {}
        self._refresh()

    def problem(self, spec: FieldSpec) -> str:
        return self._problems.get(spec.path, "")

    def anchor(self, violations: Sequence[Violation]) -> list[Violation]:
        """Put each validation error at its field; what belongs to none of them is returned."""
        self._problems = {}
        homeless: list[Violation] = []
        paths = {spec.path for spec in self._fields}
        for violation in violations:
            path = _INDEX.sub("", violation.field_path)
            while path and path not in paths:
                path = path.rpartition(".")[0]
            if path:
                self._problems.setdefault(path, clean(violation.message, 200))
            else:
                homeless.append(violation)
        self._refresh()
        return homeless
