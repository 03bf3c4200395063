"""Which fields differ between what is declared and what the server holds, and who moved."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from ocm_tui.core.clients.difference import difference
from ocm_tui.core.clients.documents import displayable
from ocm_tui.core.clients.fields import absence_counts, field, get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.model import FieldDrift, Moved
from ocm_tui.core.provisioning.normal import Normal, canonical, means_nothing, normal, place_of
from ocm_tui.core.provisioning.writing import document_to_write
from ocm_tui.core.secret import known_secrets

__all__ = ["Side", "drift", "is_same", "moved"]


class Side:
    """One of the three documents of a comparison, with what is worked out of it only when it is needed."""

    def __init__(self, document: Mapping[str, Any], form: Normal | None = None) -> None:
        self.document = document
        self.form = normal(document) if form is None else form

    @cached_property
    def _displayable(self) -> Any:
        return known_secrets.scrub_document(displayable(self.document))

    @cached_property
    def owned(self) -> dict[str, Any]:
        return self.form.owned

    def meaning(self, path: str) -> Any:
        """To be compared only."""
        if _is_owned(path):
            return self.owned.get(path)
        return canonical(get_value(self.document, path))

    def shown(self, path: str) -> Any:
        """The value as it stands, without secrets; None when it is absent or has no effect."""
        if means_nothing(path, self.owned):
            return None
        value = get_value(self._displayable, path)
        return None if value in ("", [], {}) else value


_NOBODY: Final = Side({})


def is_same(declared: Side, actual: Side) -> bool:
    """Whether the server holds what is declared. Quick, unless the inventory names members that nobody knows."""
    return declared.form.says_what(actual.form) and not _foreign(declared, actual)


def drift(declared: Side, actual: Side | None, last: Side | None) -> tuple[FieldDrift, ...]:
    """In the order of the field table. `actual` is None for a client that the server does not have."""
    theirs = actual or _NOBODY
    mine, held = declared.owned, theirs.owned
    paths = [path for path in mine.keys() | held.keys() if mine.get(path) != held.get(path)]
    paths.sort(key=lambda path: (place_of(path), path))
    paths += _foreign(declared, theirs)
    return tuple(
        FieldDrift(
            path,
            theirs.shown(path),
            declared.shown(path),
            moved(declared.meaning, theirs.meaning, last.meaning if last else None, path, is_new=actual is None),
        )
        for path in paths
    )


def moved(
    declared: Callable[[str], Any],
    actual: Callable[[str], Any],
    last: Callable[[str], Any] | None,
    path: str,
    *,
    is_new: bool = False,
) -> Moved | None:
    """Who left what was last applied. Without a memory only of a new client it is certain: the inventory."""
    if last is None:
        return "inventory" if is_new else None
    before = last(path)
    if actual(path) == before:
        return "inventory"
    return "server" if declared(path) == before else "both"


def _foreign(declared: Side, actual: Side) -> list[str]:
    """Paths of members that the table does not know, that the inventory names, and that a write would change."""
    if not declared.form.extra:
        return []
    current = ClientDocument(dict(actual.document))
    written = document_to_write(declared.document, current)
    return [change.path for change in difference(current, written) if not _is_owned(change.path)]


def _is_owned(path: str) -> bool:
    spec = field(path)
    return absence_counts(path) or (spec is not None and absence_counts(spec.path))
