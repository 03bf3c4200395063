"""The Log pane with something in it that went wrong."""

from typing import Any

from ocm_tui.core.exchanges.model import Exchange, RequestContext
from ocm_tui.tui.screens.log import LogScreen
from tests.tui.support import Console

__all__ = ["detail_text", "open_log", "refused_create", "refused_update"]


async def open_log(the: Console) -> LogScreen:
    await the.press("4")
    await the.until(lambda: isinstance(the.app.screen, LogScreen), "the log pane")
    screen = the.app.screen
    assert isinstance(screen, LogScreen)
    await the.until(lambda: len(screen.rows) > 0, "exchanges")
    await the.until(lambda: screen.panel.children, "the inside of the detail")
    return screen


async def refused_update(the: Console, client_id: str = "orders-api", **changes: Any) -> Exchange:
    """An update that the server refuses: by default a scope is misspelt."""
    document = dict(await the.session.require_clients().get(client_id))
    document |= changes or {"restrictScopes": True, "restrictedScopes": ["openid", "orders:raed"]}
    return await _sent(the, "PUT", f"/oauth/clients/{client_id}", document, client_id)


async def refused_create(the: Console, **members: Any) -> Exchange:
    """A create that the server refuses: a scope is misspelt. There is no secret in it."""
    document = {
        "clientId": "newcomer",
        "name": "newcomer",
        "grantTypes": ["AUTHORIZATION_CODE"],
        "redirectUris": ["https://orders.example.com/callback"],
        "restrictScopes": True,
        "restrictedScopes": ["orders:raed"],
    } | members
    return await _sent(the, "POST", "/oauth/clients", document, "newcomer")


async def _sent(the: Console, method: str, path: str, document: dict[str, Any], client_id: str) -> Exchange:
    assert the.session.http is not None
    headers = {"X-XSRF-Header": "PingFederate", "Accept": "application/json"}
    context = RequestContext(client_id=client_id)
    reply = await the.session.http.request(method, path, json=document, headers=headers, context=context)
    assert reply.status == 422, reply.text
    return the.session.log.snapshot()[-1]


def detail_text(log: LogScreen) -> str:
    """All lines of the detail, those out of sight as well; what is folded away is not among them."""
    view = log.panel.pane.view
    return "\n".join(dict.fromkeys(f"{row.line}: {view.shown(row.line).text}" for row in view.rows))
