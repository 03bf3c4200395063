"""What is to be minimised: a document that the server refused, and how it refused it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from ocm_tui.core.diagnosis.minimise.failure import Failure, failure_of
from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.model import Exchange

__all__ = ["Operation", "Subject", "subject_of"]

Operation = Literal["create", "update"]

_CLIENTS: Final = re.compile(r"(?:^|/)oauth/clients(?:/([^/]+))?/?$")
_OF_A_PAYLOAD: Final = frozenset({400, 409, 413, 422, 500})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`failure` None: not known yet, the first trial tells. `url` is where it was sent, "" when it was not."""

    document: Mapping[str, Any]
    operation: Operation
    failure: Failure | None = None
    exchange_id: str | None = None
    client_id: str | None = None
    url: str = ""


def subject_of(exchange: Exchange) -> Subject:
    """UsageError when the exchange is no refused create or update of a client, or not kept whole."""
    name = f"exchange {exchange.id}"
    found = _CLIENTS.search(urlsplit(exchange.url).path)
    if exchange.method not in {"POST", "PUT"} or found is None or (exchange.method == "PUT") != bool(found[1]):
        raise UsageError(
            f"{name} is no create or update of a client: {exchange.method} {exchange.path}",
            hint="only the payload of a client can be minimised",
        )
    if exchange.status is None or exchange.status not in _OF_A_PAYLOAD:
        said = f"it ended with {exchange.status}" if exchange.status is not None else "it had no complete answer"
        raise UsageError(f"{name} was not refused for its payload: {said}", hint="`ocm-tui log diagnose` says more")
    document = _document(exchange, name)
    own = document.get("clientId")
    return Subject(
        document=document,
        operation="create" if exchange.method == "POST" else "update",
        failure=failure_of(exchange),
        exchange_id=exchange.id,
        client_id=unquote(found[1]) if found[1] else own if isinstance(own, str) else exchange.client_id,
        url=exchange.url,
    )


def _document(exchange: Exchange, name: str) -> Mapping[str, Any]:
    if exchange.request.truncated:
        raise UsageError(
            f"the payload of {name} is not kept whole: it has {exchange.request.body_bytes} bytes",
            hint="minimise the document itself",
        )
    try:
        document = json.loads(exchange.request.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise UsageError(f"the payload of {name} is not a JSON object", hint="only a client document can be minimised")
    return document
