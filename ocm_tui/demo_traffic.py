"""What the demo has in its log: the traffic behind the console, and the few requests that its `log` commands look at.

Some of it fails in ways that are worth a diagnosis. The server refuses whatever writes here, and nothing is stored.
"""

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.errors import NotFound, OcmError, ValidationFailed

if TYPE_CHECKING:
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.http.types import HTTP
    from ocm_tui.core.session import Session

__all__ = ["REFUSED", "browse", "visit"]

# A new client as somebody wrote it at the end of a long day; there is no secret in it, and no such scope.
REFUSED: Final[dict[str, Any]] = {
    "clientId": "returns-portal",
    "name": "returns-portal",
    "description": "Customers send their parcels back",
    "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
    "redirectUris": ["https://returns.example.com/callback", "https://returns.example.com/silent"],
    "clientAuth": {"type": "NONE"},
    "requireProofKeyForCodeExchange": True,
    "bypassApprovalPage": True,
    "restrictScopes": True,
    "restrictedScopes": ["openid", "profile", "orders:raed"],
    "restrictToDefaultAccessTokenManager": True,
    "defaultAccessTokenManagerRef": {"id": "jwt"},
    "refreshRolling": "ROLL",
}
_UPDATED: Final = "mobile-app"  # of the demo's clients, one without a secret
_NO_ADDRESS: Final = "shop.example.com/signed-in"

_HEADERS: Final = {"X-XSRF-Header": "PingFederate", "Accept": "application/json"}
_EVERYDAY: Final = (
    "/oauth/clients/orders-api",
    "/oauth/clients/billing-batch",
    "/oauth/accessTokenManagers",
    "/version",
)
_MISTAKES: Final = ("/oauth/clients/orders-apii", "/oauth/client/orders-api", "/oauth/clients/reports")
_CREATE_EVERY: Final = 15  # requests; the first one soon, so that there is something to diagnose
_FIRST_CREATE: Final = 4


async def visit(session: "Session") -> None:
    """The same few requests every time: what is there, what is not, a create and an update that are refused."""
    from ocm_tui.core.clients.model import ClientDocument

    clients = session.require_clients()
    await clients.connect()
    async with contextlib.aclosing(clients.pages(page_size=100)) as pages:
        page = await anext(pages)
    await clients.get(str(page.documents[0].get("clientId")))
    with contextlib.suppress(NotFound):
        await clients.get("orders-apii")
    if session.policy.read_only:
        return
    with contextlib.suppress(ValidationFailed):
        await clients.create(ClientDocument(REFUSED))
    stored = await clients.get(_UPDATED)
    addresses = [*stored.get("redirectUris", []), _NO_ADDRESS]
    with contextlib.suppress(ValidationFailed):
        await clients.update(stored, ClientDocument(stored | {"redirectUris": addresses}))


async def browse(http: "HTTP", policy: "WritePolicy", *, pauses: tuple[float, float] = (0.4, 1.6)) -> None:
    """What colleagues and their scripts would do meanwhile: mostly reads, now and then something that goes wrong.

    `pauses`: seconds between two requests, at least and at most.
    """
    from ocm_tui.core.exchanges.model import RequestContext

    chance = random.Random(7)  # noqa: S311  # a story, not a secret
    number = 0
    while True:
        await asyncio.sleep(chance.uniform(*pauses))
        number += 1
        with contextlib.suppress(OcmError):
            if number % _CREATE_EVERY == _FIRST_CREATE and not policy.read_only:
                context = RequestContext(client_id=REFUSED["clientId"], purpose="background traffic")
                await http.request("POST", "/oauth/clients", json=REFUSED, headers=_HEADERS, context=context)
                continue
            path = chance.choice(_EVERYDAY if chance.random() < 0.85 else _MISTAKES)
            client_id = path.removeprefix("/oauth/clients/") if path.startswith("/oauth/clients/") else None
            context = RequestContext(client_id=client_id, purpose="background traffic")
            await http.request("GET", path, headers=_HEADERS, context=context)
