"""The request of an exchange once more: exactly as it was, with the credentials of now.

What was not kept whole, or holds a redacted secret, cannot be sent as it was, and is refused with the place of the
secret. The answer is an exchange of its own in the log.

A write is sent only with what somebody has seen before agreeing to it (`replay_look`), and only while that still holds.
"""

from typing import TYPE_CHECKING, Final

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Refused, UsageError
from ocm_tui.core.exchanges.markers import body_loss, body_places, has_marker, query_places
from ocm_tui.core.exchanges.model import Exchange, RequestContext
from ocm_tui.core.http.types import HTTP, Reply
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.exchanges.replay_look import Seen

__all__ = ["is_write", "refuse_replay", "replay"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_KNOWN: Final = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
# Of the connection, or made anew for each request; credentials are those of the environment.
_MADE_ANEW: Final = frozenset(
    {"host", "content-length", "connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect", "cookie"}
    | {"authorization", "proxy-authorization", "user-agent", "accept-encoding"}
)


def is_write(exchange: Exchange) -> bool:
    """Whether sending it again may change something on the server."""
    return exchange.method.upper() not in _SAFE


async def replay(http: HTTP, exchange: Exchange, *, policy: WritePolicy, agreed: "Seen | None" = None) -> Reply:
    """Send it once. `agreed`: what the server held when a person agreed to this write; safe methods need nobody to.

    UsageError when it cannot be sent as it was, Refused for a write that is not allowed or not agreed to, Conflict when
    the server holds something else by now; the write was not sent then. TransportError as from any request.
    """
    refuse_replay(exchange, http.base_url)
    if is_write(exchange):
        policy.require(f"replay {exchange.method} {exchange.path}")
        if agreed is None:
            raise Refused(f"{exchange.method} {exchange.path} may change something: it has to be confirmed first")
        from ocm_tui.core.exchanges.replay_look import look, refuse_changed

        refuse_changed(agreed, await look(http, exchange))
    return await http.request(
        exchange.method.upper(),
        _relative(exchange, http.base_url),
        content=exchange.request.body.encode() if exchange.request.body else None,
        headers=_headers(exchange),
        context=RequestContext(client_id=exchange.client_id, purpose=f"replay of {clean(exchange.id, 60)}"),
    )


def refuse_replay(exchange: Exchange, base_url: str) -> None:
    """UsageError with the reason why the exchange cannot be sent once more as it was."""
    name = f"{clean(exchange.id, 80)} cannot be replayed"
    if exchange.target != "server":
        hint = f"it went to the {exchange.target}, and its credentials are not kept"
        raise UsageError(f"{name}: only requests to the authorization server can be", hint=hint)
    if exchange.method.upper() not in _KNOWN:
        raise UsageError(f"{name}: {clean(exchange.method, 40)} is no method of the API")
    url = exchange.url
    if not url.startswith(base_url) or url[len(base_url) : len(base_url) + 1] not in ("", "/", "?"):
        hint = "choose the environment with --env"
        raise UsageError(f"{name}: it was sent to {clean(url, 200)}, not to {base_url}", hint=hint)
    if places := query_places(url):
        raise UsageError(f"{name}: a secret in its URL was not kept: {', '.join(places)}")
    if not url.isascii() or not url.isprintable():
        raise UsageError(f"{name}: its URL was not kept as it was sent")
    if places := body_places(exchange.request.body):
        hint = "send the change again with the secret, as with `ocm-tui clients update` or `rotate-secret`"
        raise UsageError(f"{name}: secrets in its body were not kept: {clean(', '.join(places), 300)}", hint=hint)
    if loss := body_loss(exchange.request):
        raise UsageError(f"{name}: its body was not kept as it was sent: {loss}")


def _relative(exchange: Exchange, base_url: str) -> str:
    return exchange.url[len(base_url) :]


def _headers(exchange: Exchange) -> dict[str, str]:
    """A name that stands there twice goes once, with its values joined as HTTP has it."""
    sent: dict[str, str] = {}
    for name, value in exchange.request.headers:
        if name.lower() in _MADE_ANEW or has_marker(value) or not value.isascii():
            continue
        sent[name] = f"{sent[name]}, {value}" if name in sent else value
    return sent
