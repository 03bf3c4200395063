"""A real token request for one client: does it get a token with this secret, and which?

The exchange is recorded with the target `token`, redacted as any other. Nothing is changed on the server.
"""

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from ocm_tui.core.clients.access_token import TokenView, view_token
from ocm_tui.core.clients.documents import auth_type
from ocm_tui.core.clients.pingfederate.excerpts import body_kind, excerpt
from ocm_tui.core.errors import ApiError, OcmError, TransportError
from ocm_tui.core.exchanges.model import RequestContext
from ocm_tui.core.http.types import HTTP, HTTPClientConfig, Reply
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.session import ServerTarget

__all__ = ["AuthMethod", "Refusal", "TokenRequest", "TokenTest", "refuse_untestable", "request_token"]

AuthMethod = Literal["basic", "post"]

_LONGEST: Final = 300
_LONGEST_LIFE: Final = 1 << 53

# RFC 6749, section 5.2: what the code means here, and where to look.
_EXPLANATIONS: Final = {
    "invalid_client": (
        "the server does not accept this client with this secret",
        "is the secret the one in force, and the client enabled?",
    ),
    "unauthorized_client": (
        "the client may not use this grant type",
        "add CLIENT_CREDENTIALS to its grantTypes",
    ),
    "invalid_scope": (
        "a scope is unknown, or not allowed for this client",
        "look at its restrictedScopes and exclusiveScopes, or ask for others with --scope",
    ),
    "unsupported_grant_type": ("the server issues no tokens for client credentials", "is this the token endpoint?"),
    "invalid_request": (
        "the server does not take the request",
        "the client may have to authenticate in another way: try --auth post",
    ),
    "invalid_grant": ("the server does not take the grant", ""),
    "temporarily_unavailable": ("the server is overloaded or being maintained", "try again"),
    "server_error": ("the server failed", "its own log tells why"),
}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """`auth` is how client id and secret travel: as HTTP Basic, or in the form."""

    client_id: str
    secret: Secret
    scopes: tuple[str, ...] = ()
    auth: AuthMethod = "basic"


@dataclass(frozen=True, slots=True)
class Refusal:
    """All of it is safe to show. `code` is the server's error code, "" when it gave none."""

    code: str
    description: str
    explanation: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTest:
    """How a token request ended: with a token, or with a refusal. `granted` is None when nobody can tell."""

    client_id: str
    token_url: str
    http_status: int
    duration_ms: float
    exchange_id: str
    requested: tuple[str, ...]
    refusal: Refusal | None = None
    token_type: str = ""
    expires_in: int | None = None  # seconds
    granted: tuple[str, ...] | None = None
    token: TokenView | None = None

    @property
    def not_granted(self) -> tuple[str, ...]:
        """Scopes that were asked for in vain."""
        granted = set(self.requested if self.granted is None else self.granted)
        return tuple(scope for scope in self.requested if scope not in granted)

    @property
    def passed(self) -> bool:
        return self.refusal is None and not self.not_granted


def refuse_untestable(document: Mapping[str, Any]) -> None:
    """OcmError for a client whose way of authentication needs more than a secret: this test cannot do it."""
    kind = auth_type(document)
    reasons = {
        "NONE": "it is a public client, and client credentials need a secret",
        "CERTIFICATE": "it signs in with a client certificate",
        "PRIVATE_KEY_JWT": "it signs in with a private key",
        "CLIENT_SECRET_JWT": "it signs its requests instead of sending its secret",
    }
    if kind != "SECRET":
        why = reasons.get(kind, f"it signs in with {clean(kind, 80)}")
        name = clean(document.get("clientId") or "this client", 200)
        raise OcmError(
            f"client {name} cannot be tested: {why}", hint="this test sends a client id and a secret, and nothing else"
        )


async def request_token(target: "ServerTarget", log: "ExchangeLog", request: TokenRequest) -> TokenTest:
    """One request at `target.token_url`, never repeated. A refusal is an answer, not an error.

    TransportError when no answer came, or one of a server that is down;
    ApiError when what answers is no token endpoint.
    """
    from ocm_tui.core.http.client import UnifiedHTTPClient
    from ocm_tui.core.http.oauth2 import OAuth2ClientCredentials

    form = {"grant_type": "client_credentials"}
    if request.scopes:
        form["scope"] = " ".join(request.scopes)
    if request.auth == "post":
        form |= {"client_id": request.client_id, "client_secret": request.secret.reveal()}
    credentials = OAuth2ClientCredentials(target.token_url, request.client_id, request.secret)
    config = HTTPClientConfig(
        base_url=target.token_url,
        target="token",
        auth=credentials.basic if request.auth == "basic" else None,
        deadline=target.timeout,
        # The certificate that signs the operator in is not the client's.
        tls=replace(target.tls, client_cert=None, client_key=None, client_key_password=None),
    )
    http: HTTP = UnifiedHTTPClient(config, log)
    try:
        reply = await http.request(
            "POST",
            "",
            content=urllib.parse.urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            context=RequestContext(client_id=request.client_id, purpose="token test"),
        )
    finally:
        await http.close()
    return _result(target.token_url, request, reply)


def _result(token_url: str, request: TokenRequest, reply: Reply) -> TokenTest:
    answer = _object(reply)
    value = answer.get("access_token")
    result = TokenTest(
        client_id=request.client_id,
        token_url=token_url,
        http_status=reply.status,
        duration_ms=reply.duration_ms,
        exchange_id=reply.exchange_id,
        requested=request.scopes,
    )
    if reply.ok and isinstance(value, str) and value:
        view = view_token(Secret(value))
        scope = answer.get("scope")
        return replace(
            result,
            token_type=clean(answer.get("token_type") or "", 40),
            expires_in=_lifetime(answer.get("expires_in")),
            granted=tuple(scope.split()) if isinstance(scope, str) else view.scopes,
            token=view,
        )
    if reply.status >= 500 or not isinstance(answer.get("error"), str) or not answer["error"]:
        raise _no_answer(token_url, reply)
    return replace(result, refusal=_refusal(answer))


def _refusal(answer: Mapping[str, Any]) -> Refusal:
    code = clean(answer["error"], 80)
    explanation, hint = _EXPLANATIONS.get(code, ("the server refuses with a code of its own", ""))
    return Refusal(code, clean(answer.get("error_description") or "", _LONGEST), explanation, hint)


def _no_answer(token_url: str, reply: Reply) -> TransportError | ApiError:
    """Of something that is down, or no token endpoint at all."""
    said = f"it answered with {body_kind(reply)}: {excerpt(reply)}" if reply.body else "it answered with nothing"
    detail = f"{said}\nexchange {reply.exchange_id}\n"
    if reply.status >= 500:
        return TransportError(
            f"the token endpoint {clean(token_url)} gave no token: HTTP {reply.status}",
            layer="http",
            maybe_applied=False,
            detail=detail,
            exchange_id=reply.exchange_id,
        )
    after = reply.header("Retry-After")
    hint = f"the server asks to wait: {after}" if reply.status == 429 and after else "is server.token_url right?"
    return ApiError(
        f"{clean(token_url)} does not answer like a token endpoint: HTTP {reply.status}",
        status=reply.status,
        detail=detail,
        hint=hint,
        exchange_id=reply.exchange_id,
    )


def _object(reply: Reply) -> Mapping[str, Any]:
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _lifetime(value: Any) -> int | None:
    """Some servers write the number as a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LONGEST_LIFE
    return int(value) if usable else None
