"""From a finding to the form: opened at the field, with what is wrong beside it, and the better value filled in."""

import json
import re
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.clients.documents import new_document
from ocm_tui.core.clients.fields import get_value, with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.diagnosis.model import Finding, Fix
from ocm_tui.core.errors import NotFound, OcmError, Violation
from ocm_tui.core.exchanges.markers import has_marker
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.text import clean
from ocm_tui.tui.models.form_rows import FormRows
from ocm_tui.tui.screens.client_form import ClientForm

if TYPE_CHECKING:
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.tui.app import OcmApp

__all__ = ["fix_in_form", "fixed"]

_ITEM: Final = re.compile(r"(.+)\[(\d+)\]\Z")


async def fix_in_form(console: "OcmApp", exchange: Exchange, finding: Finding) -> None:
    """What was refused is the draft: of a create a new client, of an update the stored one with the wanted changes."""
    fix, session = finding.fix, console.session
    if fix is None or session is None:
        return
    try:
        service = session.require_clients()
        session.policy.require(f"edit {fix.client_id}")
        original = await _stored(service, fix.client_id)
    except OcmError as error:
        console.announce_error(error)
        return
    wanted = _sent(exchange, original)
    form, rows = _form(console, service, original, fixed(wanted, fix))
    rows.anchor([Violation(clean(finding.title, 400), field_path=fix.field_path)])
    stored = await console.push_screen_wait(form)
    if stored is not None:
        console.client_stored(stored)
        console.announce(f"{clean(stored.get('clientId'), 80)} is stored.")


async def _stored(service: "ClientService", client_id: str) -> ClientDocument | None:
    """As the server holds it now; None when it has no such client (yet)."""
    try:
        return await service.get(client_id)
    except NotFound:
        return None


def _form(
    console: "OcmApp", service: "ClientService", original: ClientDocument | None, edited: ClientDocument
) -> tuple[ClientForm, FormRows]:
    async def create(_: ClientDocument, document: ClientDocument) -> ClientDocument:
        named = document if document.get("name") else with_value(document, "name", document.get("clientId"))
        return await service.create(named)

    new = original is None
    rows = FormRows(original or new_document(""), version=console.server_version, new=new)
    rows.go_on_from(rows.original, edited)
    protected = console.connection.protected
    typed = (console.connection.environment if new else str(edited.get("clientId"))) if protected else None
    return ClientForm(rows, service.choices, create if new else service.update, typed=typed), rows


def _sent(exchange: Exchange, original: ClientDocument | None) -> ClientDocument:
    """The document that was sent: over the stored one, and without what redaction has taken out of it."""
    base = dict(original) if original is not None else dict(new_document(""))
    try:
        sent = json.loads(exchange.request.body) if exchange.request.body else {}
    except (ValueError, RecursionError):
        sent = {}
    if not isinstance(sent, dict):
        return ClientDocument(base)
    return ClientDocument({**base, **{name: _kept(value, base.get(name)) for name, value in sent.items()}})


def _kept(value: Any, stored: Any) -> Any:
    """The value as it was sent; of a redacted secret, what is stored: a mark must not become one."""
    if not has_marker(json.dumps(value)):
        return value
    if isinstance(value, dict):
        old = stored if isinstance(stored, dict) else {}
        members = {name: _kept(item, old.get(name)) for name, item in value.items()}
        return {name: item for name, item in members.items() if item is not None}
    return stored


def fixed(document: ClientDocument, fix: Fix) -> ClientDocument:
    """The document with the fix's value in its place; as it is when the fix has none, or the place is not there."""
    if fix.value is None:
        return document
    item = _ITEM.match(fix.field_path)
    if item is None:
        return with_value(document, fix.field_path, fix.value)
    values, number = get_value(document, item[1]), int(item[2])
    if not isinstance(values, list) or number >= len(values):
        return document
    return with_value(document, item[1], [*values[:number], fix.value, *values[number + 1 :]])
