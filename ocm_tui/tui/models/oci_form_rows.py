"""The rows of a profile's form: each field, its value if that may be shown, where it comes from, what is wrong."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ocm_tui.core.oci.model import DEFAULT, FileProfile, Finding, SetField
from ocm_tui.core.oci.schemas import SENSITIVE, OciProfileConfig, OciProfileUpdate
from ocm_tui.core.oci.secrecy import concealed
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean
from ocm_tui.tui.models.field_view import FieldView
from ocm_tui.tui.models.oci_rows import AUTH_WORDS
from ocm_tui.tui.widgets.row_table import Cell, Column

__all__ = ["OCI_FIELDS", "OCI_FORM_COLUMNS", "FieldKind", "OciField", "OciFormRows", "inherited_fields"]

FieldKind = Literal["name", "text", "authentication", "region", "secret", "key"]

OCI_FORM_COLUMNS: Final = (
    Column("", 1),
    Column("Field", 22),
    Column("Value", 20, share=3),
    Column("Comes from", 20, share=1, needs=76),
)
_NAME: Final = re.compile(r"[A-Za-z0-9._@-]{1,255}")
_MARKS: Final = {"error": Cell("▲", "bad"), "warning": Cell("▲", "warn")}


@dataclass(frozen=True, slots=True)
class OciField:
    """`used_by` are the ways to sign in that look at it; empty for all of them."""

    name: str
    label: str
    kind: FieldKind
    help: str
    used_by: tuple[str, ...] = ()


_USER: Final = ("api_key",)
_SIGNING: Final = ("api_key", "security_token")
OCI_FIELDS: Final = (
    OciField("auth_profile", "Name", "name", "The [section] of the file; letters, digits and . _ - @"),
    OciField("authentication", "Authentication", "authentication", "How it signs in; not set means api_key"),
    OciField("user", "User", "text", "The user's OCID: ocid1.user.oc1..aaaa…", _USER),
    OciField("tenancy", "Tenancy", "text", "The tenancy's OCID: ocid1.tenancy.oc1..aaaa…", _SIGNING),
    OciField("region", "Region", "region", "Where it signs in, such as eu-frankfurt-1"),
    OciField("fingerprint", "Fingerprint", "secret", "Of the API key's public half: 16 pairs of digits", _USER),
    OciField("key_file", "Key file", "secret", "The path of the private key, from / or ~", _SIGNING),
    OciField("pass_phrase", "Pass phrase", "secret", "What the private key is encrypted with", _SIGNING),
    OciField(
        "key_content",
        "Key content",
        "key",
        "The private key itself instead of a file: it stays in memory, and is never written to the file",
        _SIGNING,
    ),
    OciField(
        "security_token_file",
        "Session token file",
        "secret",
        "The path of the token that `oci session authenticate` wrote",
        ("security_token",),
    ),
    OciField("genai_region", "GenAI region", "region", "Where generative AI is asked; counts with the compartment"),
    OciField("genai_compartment_id", "GenAI compartment", "text", "The OCID of the compartment of the models"),
    OciField("additional_user_agent", "User agent", "text", "What is added to the SDK's own user agent"),
)


def inherited_fields(source: FileProfile | None, default: OciProfileConfig | None) -> frozenset[str]:
    """The fields that DEFAULT gives: they can be set to something else, but not removed. `default` is for a profile
    that the file has not: it will inherit what DEFAULT says now."""
    if source is not None:
        return frozenset(name for name, field in source.fields.items() if field.origin == "DEFAULT")
    if default is None:
        return frozenset()
    names = {field.name for field in OCI_FIELDS} - {"auth_profile", "authentication", "key_content"}
    return frozenset(name for name in names if getattr(default, name))


class OciFormRows(FieldView[OciField]):
    """A `RowSource` over the fields of one profile. `edited` is what it would be; nothing of it was sent."""

    def __init__(
        self,
        original: OciProfileConfig,
        *,
        source: FileProfile | None = None,
        default: OciProfileConfig | None = None,
        taken: Collection[str] | None = None,
        begins: str = "memory",
    ) -> None:
        """`taken` are the names that others have, and `default` what DEFAULT will give: of a new profile. None for one
        whose name stays. `begins` says where the values come from that neither the file nor its reader gave."""
        self.original = self.edited = original
        self._begins = begins
        self.source, self._default = source, default
        self.inherited = inherited_fields(source, default)
        self.new = taken is not None
        self.findings: Sequence[Finding] = ()
        self._taken = {name.casefold() for name in taken or ()}
        self._problems: Mapping[str, Finding] = {}
        super().__init__(field for field in OCI_FIELDS if self.new or field.name != "auth_profile")

    # RowSource

    def cells(self, position: int) -> Sequence[Cell]:
        field = self._view[position]
        changed, problem = self.is_changed(field), self._problems.get(field.name)
        text = self.value_text(field)
        mark = _MARKS.get(problem.severity) if problem is not None else None
        tone: Any = mark.tone if mark is not None else "warn" if changed else "dim" if text == "–" else ""
        return (
            mark or (Cell("●", "warn") if changed else Cell("")),
            Cell(field.label, "" if self.is_used(field) else "dim"),
            Cell(text, tone),
            Cell(self._comes_from(field), "warn" if changed else "dim"),
        )

    def _comes_from(self, field: OciField) -> str:
        value, source = self.value(field), self.source
        if self.is_changed(field):
            return "changed"
        if not value or not self.is_used(field):
            way = AUTH_WORDS.get(self.edited.auth or "", "")
            return "" if self.is_used(field) else f"not used by {way}"
        if source is None or getattr(source.config, field.name) != value:
            given = source is None and field.name in self.inherited and getattr(self._default, field.name) == value
            return DEFAULT if given else self._begins if source is None else "memory"
        written = source.fields.get(field.name)
        if written is None:
            return "inferred" if source.inferred else "by default"
        return DEFAULT if written.origin == "DEFAULT" else f"line {written.line}"

    # Fields

    def at(self, key: str) -> OciField:
        return next(field for field in OCI_FIELDS if field.name == key)

    def value(self, field: OciField) -> Any:
        return getattr(self.edited, field.name)

    def value_text(self, field: OciField) -> str:
        value = self.value(field)
        if field.name in SENSITIVE:
            return "–" if not value else "new, not shown" if self.is_changed(field) else "set, not shown"
        return clean(concealed(value), 300) if value else "–"

    def is_used(self, field: OciField) -> bool:
        return not field.used_by or self.edited.auth is None or self.edited.auth in field.used_by

    def is_changed(self, field: OciField) -> bool:
        before, after = getattr(self.original, field.name), self.value(field)
        return bool(before or after) and before != after

    @property
    def changed_count(self) -> int:
        return sum(self.is_changed(field) for field in self._fields)

    def set_value(self, field: OciField, value: str | Secret | None) -> str:
        """Why it cannot be, or ""."""
        if isinstance(value, str):
            value = value.strip()
        if not value and field.name in self.inherited:
            return f"{field.label} comes from DEFAULT: it can be another one here, but it is removed there."
        self.edited = self.edited.model_copy(update={field.name: value or _nothing(field)})
        self._refresh()
        return ""

    def revert(self, field: OciField) -> None:
        self.edited = self.edited.model_copy(update={field.name: getattr(self.original, field.name)})
        self._refresh()

    def carry_out(self, finding: Finding) -> bool:
        """The fix of a finding, if it is one of fields of this profile."""
        edits = finding.fix.edits if finding.fix is not None else ()
        names = {field.name for field in self._fields}
        mine = [
            edit
            for edit in edits
            if isinstance(edit, SetField) and edit.profile == self.edited.auth_profile and edit.name in names
        ]
        if not mine or len(mine) != len(edits):
            return False
        return all(not self.set_value(self.at(edit.name), edit.value) for edit in mine)

    def name_problem(self) -> str:
        """Why the name of a new profile will not do, or ""."""
        name = self.edited.auth_profile
        if not self.new:
            return ""
        if not name:
            return "A profile needs a name."
        if not _NAME.fullmatch(name) or name in {".", ".."}:
            return "A name has letters, digits and . _ - @ only."
        return f"There is a profile {name} already." if name.casefold() in self._taken else ""

    def update(self) -> OciProfileUpdate:
        """Only what was changed; None removes."""
        changed = [field.name for field in self._fields if field.name != "auth_profile" and self.is_changed(field)]
        return OciProfileUpdate(**{name: getattr(self.edited, name) or None for name in changed})

    def settled(self, config: OciProfileConfig) -> None:
        """The registry holds this now: changes are counted from it."""
        self.original = config
        self.edited = config
        self._refresh()

    # What is wrong

    def explain(self, findings: Sequence[Finding]) -> None:
        """The worst of each field stands in its row; the worst come first."""
        self.findings = findings
        serious = [finding for finding in findings if finding.severity != "info"]
        self._problems = {finding.field: finding for finding in reversed(serious) if finding.field}
        self._refresh()

    def findings_of(self, field: OciField) -> Sequence[Finding]:
        return [finding for finding in self.findings if finding.field == field.name]

    def first_problem(self) -> str | None:
        """Of a new profile the name, which is for its user to choose, comes first."""
        return "auth_profile" if self.new and not self.edited.auth_profile else super().first_problem()

    def name_of(self, field: OciField) -> str:
        return field.name

    def words_of(self, field: OciField) -> str:
        return f"{field.label} {field.name}"

    def has_problem(self, field: OciField) -> bool:
        return field.name in self._problems


def _nothing(field: OciField) -> str | None:
    return {"auth_profile": "", "additional_user_agent": ""}.get(field.name)
