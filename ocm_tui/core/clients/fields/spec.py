"""What the program knows about one field of a client: its place, its kind, its values, and since when it exists."""

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Choices", "FieldSpec", "Group", "Kind"]

Kind = Literal["bool", "text", "long_text", "integer", "enum", "set", "list", "reference", "mapping"]
Choices = Literal["token_managers", "scopes", "exclusive_scopes", "oidc_policies"]
Group = Literal[
    "Identity",
    "Authentication",
    "Grants and redirects",
    "Tokens and scopes",
    "OpenID Connect",
    "Refresh and grants",
    "Behaviour",
    "Device and CIBA",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field. `path` is dotted and in the server's own spelling; a reference's path ends in `.id`.

    `values` are the members of an enum, or what the items of a set may be; empty when the server decides.
    `choices` names the list that the server offers. `since` is the first version that knows the field, None for all
    that we support. `fill` is what the server stores when the field is omitted: it and absence are the same.
    `governed_by` is the path of the `…Type` field under whose SERVER_DEFAULT this value means nothing.
    `read_only` fields are the server's; `fixed` ones are set at creation and then never again.
    """

    path: str
    label: str
    group: Group
    kind: Kind
    values: tuple[str, ...] = ()
    choices: Choices | None = None
    since: tuple[int, int] | None = None
    read_only: bool = False
    fixed: bool = False
    required: bool = False
    secret: bool = False
    minimum: int | None = None
    maximum: int | None = None
    fill: Any = None
    governed_by: str | None = None
    help: str = ""
