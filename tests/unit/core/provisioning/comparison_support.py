"""One declared client against what a server has of it."""

from collections.abc import Mapping
from typing import Any

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.comparison import Comparison
from ocm_tui.core.provisioning.model import (
    Change,
    DeclaredClient,
    LastApplied,
)
from tests.unit.core.provisioning.declaring import inventory

__all__ = ["SECRET", "STORED", "compare", "desired", "stored"]


SECRET = {"type": "SECRET"}


STORED = {"type": "SECRET", "encryptedSecret": "OBF:1"}


def stored(client: DeclaredClient, **changes: Any) -> ClientDocument:
    return ClientDocument({**client.document, **changes})


def compare(client: DeclaredClient, document: Mapping[str, Any] | None, memory: LastApplied | None = None) -> Change:
    """The one change of one client; `document` None when the server has none."""
    comparison = Comparison(inventory(client), {client.client_id.casefold(): memory} if memory else {})
    if document is None:
        [change] = comparison.rest()
        return change
    change_ = comparison.take(ClientDocument(dict(document)))
    assert change_ is not None
    assert comparison.rest() == []
    return change_


def desired(change: Change) -> ClientDocument:
    assert change.desired is not None
    return change.desired
