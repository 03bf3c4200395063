"""The rows of a registry row's form: each field, its value, and what the registry would say against it."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.clients.difference import FieldChange
from ocm_tui.core.clients.fields import FieldSpec
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.model import DEFAULT_RATE_LIMIT, RegistryClient, RegistryEntry
from ocm_tui.core.registry.row_edits import edited_fields, entry_of, id_of, normalised_from, problems
from ocm_tui.core.text import clean, json_text
from ocm_tui.tui.models.conflict_rows import ConflictField, ConflictRows
from ocm_tui.tui.models.field_view import FieldView
from ocm_tui.tui.widgets.row_table import Cell, Column

__all__ = ["REGISTRY_FORM_COLUMNS", "RegistryConflictRows", "RegistryFormRows", "field_changes"]

REGISTRY_FORM_COLUMNS: Final = (
    Column("", 1),
    Column("Field", 16),
    Column("Value", 20, share=3),
    Column("", 24, share=2, needs=90),
)
_SPECS: Final = (
    FieldSpec(
        path="client_id",
        label="Client id",
        group="Identity",
        kind="text",
        help="A UUID; empty: derived from the server's URL and the code, so that the planes can be joined",
    ),
    FieldSpec(
        path="client_code",
        label="Client code",
        group="Identity",
        kind="text",
        help="The clientId on the authorization server, at most 64 characters",
    ),
    FieldSpec(path="bap_id", label="BAP id", group="Identity", kind="text", help="At most 255 characters"),
    FieldSpec(
        path="bap_uri", label="BAP URI", group="Identity", kind="text", help="Such as https://orders.example.com"
    ),
    FieldSpec(
        path="allowed_ips",
        label="Allowed IPs",
        group="Identity",
        kind="list",
        help="Networks or addresses, one a line: 10.0.0.0/8, 192.0.2.7, 2001:db8::/32",
    ),
    FieldSpec(
        path="rate_limit",
        label="Rate limit",
        group="Identity",
        kind="integer",
        help=f"Requests per window, from 1 on; empty: {DEFAULT_RATE_LIMIT}",
    ),
    FieldSpec(
        path="metadata",
        label="Metadata",
        group="Identity",
        kind="mapping",
        help='A JSON object such as {"team": "shop"}',
    ),
)
_WHEN_EMPTY: Final[Mapping[str, Callable[[], Any]]] = {
    "allowed_ips": list,
    "rate_limit": lambda: DEFAULT_RATE_LIMIT,
    "metadata": dict,
}
_SHOWN: Final = 2_000  # characters of a value


class RegistryFormRows(FieldView[FieldSpec]):
    """A `RowSource` over the fields of one row, `original`, or of a new one. Nothing of it was sent."""

    def __init__(self, original: RegistryClient | None, *, server_base_url: str = "") -> None:
        self.server_base_url = server_base_url
        self.new = original is None
        super().__init__(spec for spec in _SPECS if self.new or spec.path != "client_id")
        self.go_on_from(original, edited_fields(original))

    def go_on_from(self, original: RegistryClient | None, edited: Mapping[str, Any]) -> None:
        """Another row, and what was made of it."""
        self.original = original
        self.before, self.edited = edited_fields(original), dict(edited)
        self._look()

    # RowSource

    def cells(self, position: int) -> Sequence[Cell]:
        spec = self._view[position]
        problem, changed = self.problem(spec), self.is_changed(spec)
        text = self.shown(spec)
        return (
            Cell("▲", "bad") if problem else Cell("●", "warn") if changed else Cell(""),
            Cell(spec.label),
            Cell(text, "bad" if problem else "warn" if changed else "dim" if text == "–" else ""),
            Cell(problem, "bad") if problem else Cell(self.note(spec), "dim"),
        )

    # Fields

    def value(self, spec: FieldSpec) -> Any:
        return self.edited[spec.path]

    def shown(self, spec: FieldSpec) -> str:
        """As the registry will hold it, on one line."""
        value = self.value(spec)
        if spec.path == "client_id" and value is None:
            return str(self._derived() or "–")
        if spec.path == "allowed_ips":
            networks = value if self.problem(spec) else normalised_from(self.edited)[0]
            return clean(", ".join(map(str, networks)), _SHOWN) or "–"
        if spec.path == "metadata":
            return clean(json_text(value, indent=None), _SHOWN) if value else "–"
        return clean(value, _SHOWN) if value not in (None, "") else "–"

    def note(self, spec: FieldSpec) -> str:
        """What becomes of the value."""
        if spec.path == "client_id" and self.value(spec) is None and self._derived() is not None:
            return "derived from the server's URL and the code"
        if spec.path != "allowed_ips" or self.problem(spec):
            return ""
        networks, given = normalised_from(self.edited)
        if given:
            return f"normalised from {clean(', '.join(given), _SHOWN)}"
        return "" if networks else "no restriction, or nobody: the registry does not say"

    def _derived(self) -> UUID | None:
        return id_of(self.edited, self.server_base_url) if "client_code" not in self._problems else None

    def is_changed(self, field: FieldSpec) -> bool:
        return not _same(self.before[field.path], self.value(field))

    @property
    def changed_count(self) -> int:
        return sum(self.is_changed(spec) for spec in self._fields)

    def set_value(self, spec: FieldSpec, value: Any) -> None:
        """None is an emptied field."""
        if value is None and spec.path in _WHEN_EMPTY:
            value = _WHEN_EMPTY[spec.path]()
        self.edited[spec.path] = value
        self._look()

    def revert(self, spec: FieldSpec) -> None:
        self.set_value(spec, self.before[spec.path])

    def entry(self) -> RegistryEntry:
        """UsageError while there is a problem."""
        return entry_of(self.edited, self.original, server_base_url=self.server_base_url)

    def changes(self) -> list[FieldChange]:
        before = {} if self.new else self.before
        return field_changes(before, self.edited)

    # What is wrong

    def problem(self, spec: FieldSpec) -> str:
        return self._problems.get(spec.path, "")

    def _look(self) -> None:
        found = problems(self.edited, server_base_url=self.server_base_url)
        self._problems = found if self.new else {name: what for name, what in found.items() if name != "client_id"}
        self._refresh()

    # The view

    def name_of(self, field: FieldSpec) -> str:
        return field.path

    def words_of(self, field: FieldSpec) -> str:
        return f"{field.label} {field.path}"

    def has_problem(self, field: FieldSpec) -> bool:
        return field.path in self._problems


class RegistryConflictRows(ConflictRows):
    """My edit of a row against the row as somebody else left it, one choice for each field."""

    def __init__(self, original: RegistryClient, mine: Mapping[str, Any], theirs: RegistryClient) -> None:
        was, now = edited_fields(original), edited_fields(theirs)
        self._mine, self._theirs = ClientDocument(dict(mine)), ClientDocument(now)
        self.fields = []
        for name in mine:
            if _same(mine[name], now[name]):
                continue
            moved, they_moved = not _same(was[name], mine[name]), not _same(was[name], now[name])
            choice: Any = "" if moved and they_moved else "mine" if moved else "theirs"
            self.fields.append(
                ConflictField(name, was[name], mine[name], now[name], both=moved and they_moved, choice=choice)
            )

    def settled(self) -> ClientDocument:
        mine = {one.path: self._mine[one.path] for one in self.fields if one.choice == "mine"}
        return ClientDocument({**self._theirs, **mine})


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """For a difference: of metadata each member that differs, of networks those that the registry will hold too."""
    changes: list[FieldChange] = []
    for name in after:
        old, new = before.get(name), after[name]
        if name == "metadata":
            changes += _members(old or {}, new)
        elif not _same(old, new) and (old or new):
            changes.append(FieldChange(name, old or None, new or None))
            networks = _networks(before), _networks(after)
            if name == "allowed_ips" and networks != (old or [], new):
                changes.append(FieldChange("allowed_ips, normalised", networks[0] or None, networks[1] or None))
    return changes


def _members(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """A member that is there is a text here, also when it is null."""
    old, new = ({name: json_text(value, indent=None) for name, value in side.items()} for side in (before, after))
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [FieldChange(f"metadata.{name}", old.get(name), new.get(name)) for name in names]


def _networks(fields: Mapping[str, Any]) -> list[str]:
    try:
        return list(normalised_from(fields)[0]) if "allowed_ips" in fields else []
    except UsageError:
        return list(fields["allowed_ips"])


def _same(one: Any, other: Any) -> bool:
    """As JSON: there, true is not 1, and the order of members means nothing."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
