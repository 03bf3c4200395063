"""OAuth 2 client credentials for the calls of one client: fetched when needed, kept until shortly before the end."""

import asyncio
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ocm_tui.core.errors import TransportError, Unauthorised
from ocm_tui.core.exchanges.model import RequestContext
from ocm_tui.core.http.types import HTTP, BasicAuth, Reply
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean, decode

__all__ = ["AuthorisedHTTP", "OAuth2ClientCredentials", "TokenSource"]

_MARGIN: Final = 30.0  # seconds before its end at which a token counts as over
_LIFETIME: Final = 300.0  # seconds, where the server does not say


@dataclass(frozen=True, slots=True)
class OAuth2ClientCredentials:
    """What a client-credentials request needs. The pair is sent as HTTP Basic, as RFC 6749 section 2.3.1 prefers."""

    token_url: str
    client_id: str
    client_secret: Secret
    scopes: tuple[str, ...] = ()

    @property
    def basic(self) -> BasicAuth:
        """RFC 6749 has both form-encoded before they go into the header."""
        quoted = urllib.parse.quote_plus(self.client_secret.reveal())
        return BasicAuth(urllib.parse.quote_plus(self.client_id), Secret(quoted))


@dataclass(frozen=True, slots=True)
class _Token:
    value: Secret
    ends: float  # of the monotonic clock


class TokenSource:
    """`http` has the token URL as its base URL and the client's credentials as its auth. One request at a time."""

    def __init__(
        self, http: HTTP, credentials: OAuth2ClientCredentials, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http, self._credentials, self._clock = http, credentials, clock
        self._token: _Token | None = None
        self._fetching = asyncio.Lock()

    async def token(self, *, refused: Secret | None = None) -> Secret:
        """A token that is good for a while yet, and that is not `refused`, the one that the server did not take.

        Raises Unauthorised with the endpoint's own error code, or TransportError.
        """
        async with self._fetching:
            held = self._token
            if held is None or held.ends <= self._clock() or (refused is not None and held.value == refused):
                held = self._token = await self._fetch()
            return held.value

    async def close(self) -> None:
        await self._http.close()

    async def _fetch(self) -> _Token:
        form = {"grant_type": "client_credentials"}
        if self._credentials.scopes:
            form["scope"] = " ".join(self._credentials.scopes)
        reply = await self._http.request(
            "POST",
            "",
            content=urllib.parse.urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            context=RequestContext(purpose="fetch an access token"),
        )
        answer = _json(reply)
        value = answer.get("access_token")
        if not reply.ok or not isinstance(value, str) or not value:
            raise self._refusal(reply, answer)
        lifetime = answer.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int | float) and lifetime > 0 else _LIFETIME
        return _Token(Secret(value), self._clock() + max(seconds - _MARGIN, seconds / 2))

    def _refusal(self, reply: Reply, answer: Mapping[str, Any]) -> Unauthorised | TransportError:
        where = self._credentials.token_url
        if reply.status >= 500 or reply.ok:
            return TransportError(
                f"the token endpoint {where} gave no access token: HTTP {reply.status}",
                layer="http",
                maybe_applied=False,
                detail=clean(decode(reply.body[:200])),
                exchange_id=reply.exchange_id,
            )
        code = clean(answer.get("error") or f"HTTP {reply.status}", 80)
        return Unauthorised(
            f"the token endpoint {where} refused {self._credentials.client_id}: {code}",
            status=reply.status,
            detail=clean(answer.get("error_description") or "", 300),
            hint="look at auth.client_id, auth.client_secret and auth.scopes of the environment",
            exchange_id=reply.exchange_id,
        )


class AuthorisedHTTP:
    """The `HTTP` port with a bearer token on every call.

    A 401 means that nothing was applied: the call is sent once more with a fresh token, and never a third time.
    """

    def __init__(self, http: HTTP, tokens: TokenSource) -> None:
        self._http, self._tokens = http, tokens

    @property
    def base_url(self) -> str:
        return self._http.base_url

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        context: RequestContext | None = None,
        deadline: float | None = None,
    ) -> Reply:
        async def send(token: Secret) -> Reply:
            sent = {**(headers or {}), "Authorization": f"Bearer {token.reveal()}"}
            return await self._http.request(
                method, url, params=params, json=json, content=content, headers=sent, context=context, deadline=deadline
            )

        token = await self._tokens.token()
        reply = await send(token)
        if reply.status == 401:
            reply = await send(await self._tokens.token(refused=token))
        return reply

    async def close(self) -> None:
        await self._http.close()
        await self._tokens.close()


def _json(reply: Reply) -> Mapping[str, Any]:
    import json

    try:
        answer = json.loads(reply.body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
