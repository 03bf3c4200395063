"""The fields of a client: one table for forms, `--set`, differences, version gates and the checks before a write."""

from ocm_tui.core.clients.fields.lookup import FIELDS, GROUPS, absence_counts, field, fields_of, nearest
from ocm_tui.core.clients.fields.paths import get_value, with_value
from ocm_tui.core.clients.fields.spec import Choices, FieldSpec, Group, Kind
from ocm_tui.core.clients.fields.text import parse_assignment, parse_value, value_text

__all__ = [
    "FIELDS",
    "GROUPS",
    "Choices",
    "FieldSpec",
    "Group",
    "Kind",
    "absence_counts",
    "field",
    "fields_of",
    "get_value",
    "nearest",
    "parse_assignment",
    "parse_value",
    "value_text",
    "with_value",
]
