"""What an inventory would have to declare so that the server's document is no difference any more."""

from collections.abc import Collection, Sequence

from ocm_tui.core.clients.fields import get_value, with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.model import Change, DeclaredClient, FieldDrift
from ocm_tui.core.provisioning.registry_rows import PREFIX

__all__ = ["declared_as_stored", "fields_to_write_back"]


def fields_to_write_back(
    declared: DeclaredClient, change: Change, only: Collection[str] | None = None
) -> Sequence[FieldDrift]:
    """The fields that an inventory can take over; `only` narrows them to some paths.

    A name that the inventory forces to be the clientId stays: declaring another one would change nothing. Fields of the
    registry's row are not the server's.
    """
    forced = {"name"} if declared.document.get("name") == declared.client_id else set()
    fields = [field for field in change.fields if not field.path.startswith(PREFIX)]
    return [field for field in fields if field.path not in forced and (only is None or field.path in only)]


def declared_as_stored(
    declared: DeclaredClient, stored: ClientDocument, fields: Sequence[FieldDrift]
) -> ClientDocument:
    """The declared document with the server's values in these fields. What means the same keeps its spelling."""
    document = declared.document
    for field in fields:
        document = with_value(document, field.path, get_value(stored, field.path))
    return document
