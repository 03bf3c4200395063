"""Reading and writing one place of a document, without touching the rest of it."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from ocm_tui.core.clients.fields.lookup import absence_counts

__all__ = ["EXTENDED", "get_value", "split_path", "with_value"]

EXTENDED: Final = "extendedParameters."

Document = TypeVar("Document", bound=Mapping[str, Any])


def split_path(path: str) -> tuple[str, ...]:
    """Names along the path. An extended parameter's name may hold dots, so it is the whole rest."""
    if path.startswith(EXTENDED):
        return EXTENDED[:-1], path[len(EXTENDED) :]
    return tuple(path.split("."))


def get_value(document: Mapping[str, Any], path: str) -> Any:
    """What stands at `path`; None when it is absent, or when the server sent something else on the way to it."""
    value: Any = document
    for name in split_path(path):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def with_value(document: Document, path: str, value: Any) -> Document:
    """A new document with `value` at `path`; None removes, and removes the objects that became empty by it.

    Only the objects along the path are copied. A member whose absence does not count (see `absence_counts`) is
    set to null instead: an update then removes it, where it would keep one that the document does not mention.
    """
    changed: Any = _with(document, split_path(path), value, keep_null=_unknown(path))
    return changed  # type: ignore[no-any-return]


def _unknown(path: str) -> bool:
    return not absence_counts(path) and not path.startswith(EXTENDED)


def _with(node: Any, names: tuple[str, ...], value: Any, *, keep_null: bool) -> dict[str, Any]:
    copy = dict(node) if isinstance(node, Mapping) else {}
    name, rest = names[0], names[1:]
    if rest:
        inner = _with(copy.get(name), rest, value, keep_null=keep_null)
        if inner or value is not None:
            copy[name] = inner
        else:
            copy.pop(name, None)
    elif value is None and not keep_null:
        copy.pop(name, None)
    else:
        copy[name] = value
    return copy
