"""The whole table, and how to find a field in it."""

import re
from collections.abc import Sequence
from typing import Final, get_args

from ocm_tui.core.clients.fields.spec import FieldSpec, Group
from ocm_tui.core.clients.fields.table_grants import DEVICE_AND_CIBA, REFRESH
from ocm_tui.core.clients.fields.table_identity import AUTHENTICATION, IDENTITY
from ocm_tui.core.clients.fields.table_oidc import ALGORITHMS, OIDC
from ocm_tui.core.clients.fields.table_tokens import BEHAVIOUR, GRANTS, TOKENS

__all__ = ["FIELDS", "GROUPS", "absence_counts", "field", "fields_of", "nearest"]

GROUPS: Final[tuple[Group, ...]] = get_args(Group)


def _in_groups(fields: Sequence[FieldSpec]) -> tuple[FieldSpec, ...]:
    return tuple(sorted(fields, key=lambda spec: GROUPS.index(spec.group)))  # stable: the tables' order within a group


FIELDS: Final = _in_groups(
    (*IDENTITY, *AUTHENTICATION, *GRANTS, *TOKENS, *OIDC, *ALGORITHMS, *REFRESH, *BEHAVIOUR, *DEVICE_AND_CIBA)
)

_BY_PATH: Final = {spec.path: spec for spec in FIELDS}
_PARENTS: Final = frozenset(
    ".".join(parts[:count]) for parts in (path.split(".") for path in _BY_PATH) for count in range(1, len(parts))
)
_INDEX: Final = re.compile(r"\[\d+\]")


def field(path: str) -> FieldSpec | None:
    """The field at `path`. Indexes are ignored (`restrictedScopes[0]`), and a reference may come without its `.id`."""
    plain = _INDEX.sub("", path)
    if spec := _BY_PATH.get(plain) or _BY_PATH.get(f"{plain}.id"):
        return spec
    # `extendedParameters.NAME` and what lies inside a mapping or a list belong to the field that holds them.
    head, _, _ = plain.partition(".")
    whole = _BY_PATH.get(head)
    return whole if whole is not None and whole.kind in {"mapping", "list"} else None


def fields_of(group: Group) -> tuple[FieldSpec, ...]:
    return tuple(spec for spec in FIELDS if spec.group == group)


def absence_counts(path: str) -> bool:
    """Whether a document without `path` says that it is not wanted.

    So it is for every field of the table, and for the objects that hold some. What only newer servers know is merely
    unknown to who wrote the document; `clientAuthentication` counts as that, because losing it locks a client out.
    """
    return (path in _BY_PATH or path in _PARENTS) and path != "clientAuthentication"


def nearest(path: str) -> str | None:
    """The known path that was probably meant; None when nothing is near."""
    import difflib  # only bad input needs it

    spellings = {known.lower(): known for known in _BY_PATH}
    spellings |= {known.rpartition(".")[2].lower(): known for known in _BY_PATH if not known.endswith(".id")}
    spellings |= {known.removesuffix(".id").lower(): known for known in _BY_PATH if known.endswith(".id")}
    near = difflib.get_close_matches(path.lower(), spellings, n=1, cutoff=0.7)
    return spellings[near[0]] if near else None
