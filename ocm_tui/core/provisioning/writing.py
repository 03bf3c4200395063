"""From what an inventory declares to what a POST or PUT carries."""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.clients.documents import without_link_locations
from ocm_tui.core.clients.fields import FIELDS, get_value, with_value
from ocm_tui.core.clients.meaning import FORCED
from ocm_tui.core.clients.merge import merged
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.model import DeclaredClient

__all__ = ["document_to_write", "settled", "without_needless"]

_YOUNG: Final = tuple(spec for spec in FIELDS if spec.since is not None and not spec.read_only)
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})
_SETS: Final = tuple(spec.path for spec in FIELDS if spec.kind == "set")
_PARAMETERS: Final = "extendedParameters"
_METHODS: Final = "clientAuthentication"


def settled(declared: DeclaredClient, current: Mapping[str, Any] | None) -> ClientDocument:
    """The declared document, with what only a look at the server could tell.

    The id is spelled as the server spells it, a name that nobody declared is the server's, and what a server makes
    true by itself is declared true, so that it is no difference. The declared document itself where nothing is to add.
    """
    document = declared.document
    more: dict[str, Any] = {}
    client_id = current.get("clientId") if current is not None else declared.client_id
    if document.get("clientId") != client_id:
        more["clientId"] = client_id
    if not document.get("name"):
        stored = current.get("name") if current is not None else None
        more["name"] = stored if isinstance(stored, str) and stored else declared.client_id
    for cause, forced in FORCED.items():
        if document.get(cause) is True:
            more |= {path: True for path in forced if document.get(path) is not True}
    return ClientDocument({**document, **more}) if more else document


def document_to_write(desired: Mapping[str, Any], current: ClientDocument | None) -> ClientDocument:
    """The whole document of a POST (`current` None) or of a PUT; a new secret is for the caller to add.

    Of `current` everything survives that the inventory does not own: unknown members, encrypted and former secrets.
    """
    document = _tidied(without_needless(desired, current))
    if current is None:
        return document
    # Else a link that is taken away would leave its address behind.
    current = ClientDocument(without_link_locations(current))
    if _METHODS not in document and _METHODS in current:
        # As it stands, so that a change of clientAuth.type is seen to contradict it.
        document = ClientDocument({**document, _METHODS: current[_METHODS]})
    written = merged(current, document, current)
    return ClientDocument({**written, "clientId": current.get("clientId", desired.get("clientId"))})


def without_needless(desired: Mapping[str, Any], current: Mapping[str, Any] | None) -> ClientDocument:
    """Without fields that an older server may not know, where they say only what it does anyway."""
    document = ClientDocument(dict(desired))
    for spec in _YOUNG:
        if spec.path.partition(".")[0] not in document:
            continue
        value = get_value(document, spec.path)
        needless = value in _NOTHING or (type(value) is type(spec.fill) and value == spec.fill)
        if needless and (current is None or get_value(current, spec.path) is None):
            document = with_value(document, spec.path, None)
    return document


def _tidied(document: ClientDocument) -> ClientDocument:
    """As the server's schema wants it: nothing twice in a set, and no extended parameter without a value."""
    for path in _SETS:
        items = get_value(document, path)
        if isinstance(items, list) and all(isinstance(item, str) for item in items) and len(set(items)) < len(items):
            document = with_value(document, path, list(dict.fromkeys(items)))
    parameters = document.get(_PARAMETERS)
    if isinstance(parameters, Mapping):
        filled = {name: one for name, one in parameters.items() if not isinstance(one, Mapping | None) or _values(one)}
        document = with_value(document, _PARAMETERS, filled or None)
    return document


def _values(parameter: Mapping[str, Any] | None) -> bool:
    return parameter is not None and (parameter.keys() != {"values"} or bool(parameter["values"]))
