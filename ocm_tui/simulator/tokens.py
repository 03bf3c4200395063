"""The token endpoint: client credentials, for clients whose secret this server knows, with RFC 6749's errors."""

import hashlib
import itertools
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl, unquote_plus

from ocm_tui.simulator.accounts import ADMIN_SCOPE, READ_SCOPE, Accounts, basic_pair
from ocm_tui.simulator.bodies import Rejected
from ocm_tui.simulator.company import Company
from ocm_tui.simulator.documents import StoredClient
from ocm_tui.simulator.store import ClientStore
from ocm_tui.simulator.wire import TOKEN_PATH, Answer, Request, encode

__all__ = ["TokenEndpoint"]

_GRANTS: Final = {
    "client_credentials": "CLIENT_CREDENTIALS",
    "authorization_code": "AUTHORIZATION_CODE",
    "refresh_token": "REFRESH_TOKEN",
    "password": "RESOURCE_OWNER_CREDENTIALS",
    "urn:ietf:params:oauth:grant-type:device_code": "DEVICE_CODE",
    "urn:ietf:params:oauth:grant-type:token-exchange": "TOKEN_EXCHANGE",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "EXTENSION",
    "urn:openid:params:grant-type:ciba": "CIBA",
}


class TokenEndpoint:
    """Tokens look right and are not signed. Only those for the administrative API mean anything to this server."""

    def __init__(
        self, store: ClientStore, company: Company, accounts: Accounts, issuer: str, clock: Callable[[], int]
    ) -> None:
        self._store, self._company, self._accounts, self._clock = store, company, accounts, clock
        self._issuer = issuer
        self._serial = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        """Raises Rejected with the answer to a request that gets no token."""
        if request.method != "POST":
            return Answer(405, headers=(("Allow", "POST"),))
        form = _form(request)
        authorization = request.headers.get("authorization", "")
        credentials = basic_pair(authorization)
        if credentials is not None and "client_secret" in form:
            _refuse("invalid_request", "Use one way of client authentication.")
        pairs = [(form.get("client_id", ""), form.get("client_secret", ""))]
        if credentials is not None:
            pairs = [(unquote_plus(credentials[0]), unquote_plus(credentials[1])), credentials]
        grant = form.get("grant_type") or _refuse("invalid_request", "grant_type is required.")
        if (self._accounts.api_client.name, self._accounts.api_client.password) in pairs:
            return self._for_the_api(grant, form)
        client = next(filter(None, (self._authenticated(*pair) for pair in pairs)), None)
        if client is None:
            _refuse("invalid_client", "Invalid client or client credentials.", basic=bool(authorization))
        self._may_use(client, grant)
        scopes = self._scopes(form, _allowed(client, self._company))
        manager = (client.document.get("defaultAccessTokenManagerRef") or {}).get("id", "jwt")
        return self._token(client.client_id, manager, scopes)

    def _for_the_api(self, grant: str, form: Mapping[str, str]) -> Answer:
        if grant != "client_credentials":
            _refuse("unauthorized_client", "The grant type is not allowed for this client.")
        scopes = self._scopes(form, frozenset({ADMIN_SCOPE, READ_SCOPE})) or [ADMIN_SCOPE]
        return self._token(self._accounts.api_client.name, "opaque", scopes)

    def _authenticated(self, client_id: str, secret: str) -> StoredClient | None:
        client = self._store.get(client_id)
        if client is None or not client.document["enabled"]:
            return None
        if client.auth_type == "NONE":
            return client if not secret else None
        now = self._clock()
        good = {client.secret, *(former for former, expiry in client.former if expiry > now)}
        return client if secret and client.auth_type == "SECRET" and secret in good else None

    def _may_use(self, client: StoredClient, grant: str) -> None:
        if grant not in _GRANTS:
            _refuse("unsupported_grant_type", "The grant type is not known.")
        if _GRANTS[grant] not in client.document["grantTypes"]:
            _refuse("unauthorized_client", "The grant type is not allowed for this client.")
        if grant != "client_credentials":
            _refuse("unsupported_grant_type", "This simulated server issues tokens for client credentials only.")

    def _scopes(self, form: Mapping[str, str], allowed: frozenset[str]) -> list[str]:
        asked = form.get("scope", "").split()
        if not set(asked) <= allowed:
            _refuse("invalid_scope", "The requested scope(s) must not exceed those allowed for the client.")
        return asked

    def _token(self, client_id: str, manager_id: str, scopes: list[str]) -> Answer:
        manager = next((one for one in self._company.token_managers if one["id"] == manager_id), None)
        manager = manager or self._company.token_managers[0]
        seconds = 60 * int(manager["configuration"]["fields"][0]["value"])
        serial = hashlib.blake2b(f"{client_id}/{next(self._serial)}/{time.time_ns()}".encode(), digest_size=24)
        now = self._clock() // 1000
        token = serial.hexdigest()
        if "Jwt" in manager["pluginDescriptorRef"]["id"]:
            header = {"alg": "RS256", "kid": "simulated", "pi.atm": manager_id}
            claims = {
                "scope": " ".join(scopes),
                "client_id": client_id,
                "iss": self._issuer,
                "iat": now,
                "exp": now + seconds,
                "jti": token,
            }
            signature = hashlib.shake_128(serial.digest()).digest(256)
            token = ".".join(map(_part, (encode(header), encode(claims), signature)))
        self._accounts.remember(token, frozenset(scopes), now + seconds)
        body: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": seconds - 1}
        if scopes:
            body["scope"] = " ".join(scopes)
        return Answer(200, encode(body), headers=(("Pragma", "no-cache"),))


def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        _refuse("invalid_request", "The body must be a form.")
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        _refuse("invalid_request", "A parameter is given twice.")
    return form


def _allowed(client: StoredClient, company: Company) -> frozenset[str]:
    """Scopes of the client; the name of a group stands for its scopes."""
    document = client.document
    common = document["restrictedScopes"] if document["restrictScopes"] else company.common_names
    groups = {one["name"]: one["scopes"] for one in (*company.scope_groups, *company.exclusive_scope_groups)}
    names = {*common, *document["exclusiveScopes"]}
    return frozenset(scope for name in names for scope in (name, *groups.get(name, ())))


def _refuse(error: str, description: str, *, basic: bool = False) -> NoReturn:
    status = 401 if error == "invalid_client" else 400
    headers = (("WWW-Authenticate", f'Basic realm="{TOKEN_PATH}"'),) if basic and status == 401 else ()
    body = json.dumps({"error": error, "error_description": description}).encode()
    raise Rejected(Answer(status, body, headers=headers))


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
