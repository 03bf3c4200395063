"""An edit carried over to the document that the server holds now.

Three documents: `original`, which the editor saw; `edited`, what was made of it; `current`, read right before the PUT.
What the editor did not touch comes from `current`, so that members this program has never heard of survive.
"""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.clients.documents import auth_type, displayable, drop_former_auth
from ocm_tui.core.clients.fields import FIELDS, absence_counts
from ocm_tui.core.clients.model import ClientDocument

__all__ = ["merged"]

_ABSENT: Final = object()
# Names of their own inside: what is written replaces what was there.
_WHOLE: Final = frozenset(spec.path for spec in FIELDS if spec.kind == "mapping" and absence_counts(spec.path))
_KEPT_SECRETS: Final = ("encryptedSecret", "secondarySecrets")


def merged(original: Mapping[str, Any], edited: Mapping[str, Any], current: Mapping[str, Any]) -> ClientDocument:
    """`current` with the edits of `edited`.

    A known field that is absent from `edited` was removed; an unknown member was only not written down, and goes only
    when it is null. A masked value (of a document that was printed and came back) is untouched. A stored secret stays
    unless a new one is given or the authentication method no longer has one.
    """
    edited = drop_former_auth(ClientDocument(dict(edited)), original)
    shown = displayable(original)
    document = _merge("", original, shown, edited, current)
    return ClientDocument(_with_stored_secrets(document, current))


def _merge(
    path: str,
    original: Mapping[str, Any],
    shown: Mapping[str, Any],
    edited: Mapping[str, Any],
    current: Mapping[str, Any],
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name in dict.fromkeys((*current, *edited)):
        inner = f"{path}.{name}" if path else name
        value = _member(
            inner,
            original.get(name, _ABSENT),
            shown.get(name, _ABSENT),
            edited.get(name, _ABSENT),
            current.get(name, _ABSENT),
        )
        if value is not _ABSENT:
            result[name] = value
    return result


def _member(path: str, original: Any, shown: Any, edited: Any, current: Any) -> Any:
    if edited is not _ABSENT and edited in (original, shown):
        return current
    if edited is _ABSENT and not absence_counts(path):
        return current
    if isinstance(edited, Mapping) and isinstance(current, Mapping) and path not in _WHOLE:
        return _merge(path, _mapping(original), _mapping(shown), edited, current)
    if edited is _ABSENT and isinstance(current, Mapping) and path not in _WHOLE:
        return _merge(path, _mapping(original), _mapping(shown), {}, current) or _ABSENT
    return _ABSENT if edited is None else edited


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _with_stored_secrets(document: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    auth, stored = document.get("clientAuth"), current.get("clientAuth")
    if auth_type(document) not in {"SECRET", "CLIENT_SECRET_JWT"} or not isinstance(stored, Mapping):
        return document
    assert isinstance(auth, dict)  # it has a type
    kept = {name: stored[name] for name in _KEPT_SECRETS if name in stored and name not in auth}
    return {**document, "clientAuth": {**kept, **auth}}
