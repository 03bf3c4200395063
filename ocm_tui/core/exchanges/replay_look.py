"""What a write that is replayed meets: the server is read before anybody is asked, and again right before the write."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote

from ocm_tui.core.clients.changes import ClientChange, created, deleted, updated
from ocm_tui.core.clients.difference import changed_since
from ocm_tui.core.clients.pingfederate.answers import Question, object_of
from ocm_tui.core.clients.pingfederate.locations import CLIENTS, client_path
from ocm_tui.core.errors import Conflict, NotFound, TransportError
from ocm_tui.core.exchanges.model import Exchange, RequestContext
from ocm_tui.core.http.types import HTTP
from ocm_tui.core.text import clean

__all__ = ["Seen", "look", "refuse_changed"]

_HEADERS: Final = {"X-XSRF-Header": "PingFederate", "Accept": "application/json"}
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server held in the place of the write. `document` None: nothing, or a write without such a place.

    `change` is what the write would do to it; None when that cannot be told. Its lines are safe to show.
    """

    name: str
    document: Mapping[str, Any] | None = None
    change: ClientChange | None = None

    @property
    def sentence(self) -> str:
        """What there is to say where there is no difference to show."""
        if self.change is not None and self.change.action == "unchanged":
            return f"It would change nothing: {self.name} is stored just like that."
        return f"There is no {self.name} on the server now." if self.change is None and self.name else ""


async def look(http: HTTP, exchange: Exchange) -> Seen:
    """Read what the write is about. Conflict when it creates a client that exists; ApiError and TransportError."""
    method, path = exchange.method.upper(), exchange.url[len(http.base_url) :].partition("?")[0]
    sent = _object(exchange.request.body)
    if method == "POST":
        return await _look_for_client(http, exchange, sent) if path.rstrip("/") == CLIENTS else Seen("")
    client_id = unquote(path.removeprefix(f"{CLIENTS}/").rstrip("/")) if path.startswith(f"{CLIENTS}/") else ""
    name = clean(f"client {client_id}" if client_id else path, _LONGEST_NAME)
    document = await _stored(http, exchange, path, name)
    if document is None:
        return Seen(name)
    if method == "DELETE":
        return Seen(name, document, deleted(client_id or path))
    if method != "PUT" or sent is None:
        return Seen("", document)
    return Seen(name, document, replace(updated(document, sent), client_id=client_id or path))


def refuse_changed(seen: Seen, now: Seen) -> None:
    """Conflict when the server holds something else than what was seen."""
    if now.document is None and seen.document is None:
        return
    if now.document is None:
        raise Conflict(f"{seen.name} is gone: it was deleted meanwhile; nothing was sent")
    if seen.document is None or changed_since(seen.document, now.document):
        raise Conflict(
            f"{now.name or 'the document'} was changed on the server meanwhile; nothing was sent",
            theirs=now.document,
            hint="replay it again to see what it would change now",
        )


async def _look_for_client(http: HTTP, exchange: Exchange, sent: Mapping[str, Any] | None) -> Seen:
    """A POST without a clientId is sent as it is: the server says what it is missing."""
    client_id = sent.get("clientId") if sent is not None else None
    if sent is None or not isinstance(client_id, str) or not client_id:
        return Seen("")
    name = clean(f"client {client_id}", _LONGEST_NAME)
    theirs = await _stored(http, exchange, client_path(client_id), name)
    if theirs is not None:
        hint = "its create cannot be replayed: `ocm-tui clients update` changes it"
        raise Conflict(f"{name} exists already; nothing was sent", theirs=theirs, hint=hint)
    return Seen(name, None, created(sent))


async def _stored(http: HTTP, exchange: Exchange, path: str, name: str) -> dict[str, Any] | None:
    """None when there is nothing. When reading fails, the write has certainly not happened, and the error says so."""
    context = RequestContext(client_id=exchange.client_id, purpose=f"look before a replay of {clean(exchange.id, 60)}")
    try:
        reply = await http.request("GET", path, headers=_HEADERS, context=context)
        return object_of(reply, Question("GET", clean(path, _LONGEST_NAME), name))
    except NotFound:
        return None
    except TransportError as error:
        error.maybe_applied = False
        raise


def _object(body: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
