"""PingFederate's administrative API behind the server port.

Every request is sent once. After a write whose end is unclear, the server is read once to find out what it holds,
unless the caller reads back by itself (`settle=False`).
What only writes need is imported where they need it, so that a list is on the screen sooner.
"""

import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

from ocm_tui.core.clients.ids import checked_client_id
from ocm_tui.core.clients.model import ClientDocument, ClientPage, ClusterStatus, NamedChoice, ServerInfo
from ocm_tui.core.clients.pingfederate.answers import Question, failure, items_of, object_of, unreadable
from ocm_tui.core.clients.pingfederate.choices import described_choices, named_choices, scope_choices
from ocm_tui.core.clients.pingfederate.excerpts import body_kind
from ocm_tui.core.clients.pingfederate.locations import CLIENTS, client_path, secret_path
from ocm_tui.core.clients.pingfederate.paging import read_pages
from ocm_tui.core.clients.request_count import count_request
from ocm_tui.core.errors import ApiError, OcmError, TransportError
from ocm_tui.core.exchanges.model import RequestContext
from ocm_tui.core.http.types import HTTP, Reply
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["PingFederate"]

_HEADERS: Final = {"X-XSRF-Header": "PingFederate", "Accept": "application/json"}
_LONGEST_NAME: Final = 200


class PingFederate:
    """`concurrency` bounds how many pages of the client list are asked for at once."""

    def __init__(self, http: HTTP, *, concurrency: int = 4) -> None:
        self._http = http
        self._concurrency = max(1, concurrency)
        self._info: ServerInfo | None = None

    @property
    def base_url(self) -> str:
        return self._http.base_url

    async def close(self) -> None:
        await self._http.close()

    async def info(self) -> ServerInfo:
        question = Question("GET", "/version", "the version")
        reply = await self._send(question, purpose="read the version")
        version = object_of(reply, question).get("version")
        if not isinstance(version, str) or not version:
            raise unreadable(reply, question, "JSON, but names no version")
        self._info = ServerInfo(version)
        return self._info

    async def refuse_unknown(self, document: Mapping[str, Any], *, stored: Mapping[str, Any] | None = None) -> None:
        from ocm_tui.core.clients.pingfederate.versions import refuse_unknown

        refuse_unknown(document, self._info or await self.info(), stored=stored)

    async def may_write(self) -> bool | None:
        """Deletes a client that cannot exist: 404 says that deleting is allowed, 403 that it is not."""
        client_id = f"ocm-tui-rights-probe-{secrets.token_hex(8)}"
        question = self._about("DELETE", client_id)
        try:
            reply = await self._send(question, client_id=client_id, purpose="rights probe")
        except TransportError:
            return None
        if reply.status == 403:
            return False
        # Only the API's own 404 tells; a page that says so may come from a proxy that knows no such path.
        return True if reply.status == 404 and failure(reply, question).result_id else None

    def pages(self, query: str = "", *, page_size: int = 500) -> AsyncGenerator[ClientPage, None]:
        question = Question("GET", CLIENTS, "the client list")

        async def fetch(number: int) -> Reply:
            params: dict[str, str | int] = {"page": number, "numberPerPage": page_size}
            if query:
                params["filter"] = query
            return await self._send(question, params=params, purpose="list clients")

        return read_pages(
            fetch, lambda reply: items_of(reply, question), page_size=page_size, concurrency=self._concurrency
        )

    async def get(self, client_id: str) -> ClientDocument:
        return await self._get(client_id, "read client")

    async def create(self, document: ClientDocument, *, settle: bool = True) -> ClientDocument:
        from ocm_tui.core.clients.documents import writable

        client_id = checked_client_id(str(document.get("clientId") or ""))
        sent = writable(document)
        question = Question("POST", CLIENTS, f"client {clean(client_id, _LONGEST_NAME)}")
        try:
            return await self._client(question, client_id, "create client", sent)
        except (TransportError, ApiError) as error:
            from ocm_tui.core.clients import unclear

            if not settle or not unclear.is_unclear(error):
                raise
            return unclear.settle_created(client_id, sent, error, await self._read_back(client_id))

    async def replace(self, client_id: str, document: ClientDocument, *, settle: bool = True) -> ClientDocument:
        from ocm_tui.core.clients.documents import writable

        question, sent = self._about("PUT", client_id), writable(document)
        try:
            return await self._client(question, client_id, "replace client", sent)
        except (TransportError, ApiError) as error:
            from ocm_tui.core.clients import unclear

            if not settle or not unclear.is_unclear(error):
                raise
            return unclear.settle_replaced(client_id, sent, error, await self._read_back(client_id))

    async def delete(self, client_id: str, *, settle: bool = True) -> None:
        question = self._about("DELETE", client_id)
        try:
            reply = await self._send(question, client_id=client_id, purpose="delete client")
            if not reply.ok:
                raise failure(reply, question)
            if reply.status != 204 and reply.body:
                raise unreadable(reply, question, f"not the empty one of a deletion but {body_kind(reply)}")
        except (TransportError, ApiError) as error:
            from ocm_tui.core.clients import unclear

            if not settle or not unclear.is_unclear(error):
                raise
            unclear.settle_deleted(client_id, error, await self._read_back(client_id))

    async def set_secret(
        self, client_id: str, secret: Secret, *, changed_before: str | None = None, settle: bool = True
    ) -> None:
        question = Question("PUT", secret_path(client_id), f"client {clean(client_id, _LONGEST_NAME)}")
        try:
            reply = await self._send(
                question, client_id=client_id, purpose="set secret", body={"secret": secret.reveal()}
            )
            object_of(reply, question)
        except (TransportError, ApiError) as error:
            from ocm_tui.core.clients import unclear

            if not settle or not unclear.is_unclear(error):
                raise
            unclear.settle_secret(client_id, changed_before, error, await self._read_back(client_id))

    async def token_managers(self) -> Sequence[NamedChoice]:
        question = Question("GET", "/oauth/accessTokenManagers", "the list of access token managers")
        return named_choices(items_of(await self._send(question, purpose="read choices"), question))

    async def oidc_policies(self) -> Sequence[NamedChoice]:
        question = Question("GET", "/oauth/openIdConnect/policies", "the list of OpenID Connect policies")
        return named_choices(items_of(await self._send(question, purpose="read choices"), question))

    async def scopes(self) -> Sequence[NamedChoice]:
        path = "/oauth/authServerSettings/scopes/commonScopes"
        return await self._scopes(Question("GET", path, "the list of scopes"), {"includeDefaultOpenId": "true"})

    async def exclusive_scopes(self) -> Sequence[NamedChoice]:
        path = "/oauth/authServerSettings/scopes/exclusiveScopes"
        return await self._scopes(Question("GET", path, "the list of exclusive scopes"), {})

    async def scope_groups(self) -> Sequence[NamedChoice]:
        base = "/oauth/authServerSettings/scopes"
        common = await self._scopes(Question("GET", f"{base}/commonScopeGroups", "the list of scope groups"), {})
        path = f"{base}/exclusiveScopeGroups"
        return [*common, *await self._scopes(Question("GET", path, "the list of exclusive scope groups"), {})]

    async def extended_properties(self) -> Sequence[NamedChoice]:
        question = Question("GET", "/extendedProperties", "the list of extended properties")
        reply = await self._send(question, purpose="read choices")
        return described_choices(items_of(reply, question))

    async def cluster_status(self) -> ClusterStatus | None:
        from ocm_tui.core.clients.pingfederate import cluster

        return cluster.status_of(await self._send(cluster.STATUS, purpose="read the cluster status"))

    async def replicate(self) -> None:
        from ocm_tui.core.clients.pingfederate import cluster

        await cluster.replicate(lambda: self._send(cluster.REPLICATE, purpose="replicate"))

    async def secret_retention_minutes(self) -> int | None:
        question = Question("GET", "/oauth/authServerSettings", "the server's settings")
        minutes = object_of(await self._send(question, purpose="read retention"), question).get(
            "clientSecretRetentionPeriod"
        )
        return minutes if isinstance(minutes, int) and not isinstance(minutes, bool) and minutes >= 0 else None

    async def _scopes(self, question: Question, more: Mapping[str, str | int]) -> Sequence[NamedChoice]:
        async def fetch(page: int, size: int) -> dict[str, Any]:
            params = {"page": page, "numberPerPage": size, **more}
            reply = await self._send(question, params=params, purpose="read choices")
            items_of(reply, question)  # refuses a wrong shape
            return object_of(reply, question)

        return await scope_choices(fetch)

    async def _get(self, client_id: str, purpose: str) -> ClientDocument:
        return await self._client(self._about("GET", client_id), client_id, purpose, None)

    async def _read_back(self, client_id: str) -> ClientDocument | OcmError:
        """What the server holds after an unclear end, or why that could not be read. Asked once."""
        try:
            return await self._get(client_id, "read back")
        except (TransportError, ApiError) as error:
            return error

    def _about(self, method: str, client_id: str) -> Question:
        return Question(method, client_path(client_id), f"client {clean(client_id, _LONGEST_NAME)}")

    async def _client(
        self, question: Question, client_id: str, purpose: str, body: Mapping[str, Any] | None
    ) -> ClientDocument:
        reply = await self._send(question, client_id=client_id, purpose=purpose, body=body)
        document = object_of(reply, question)
        if str(document.get("clientId")).casefold() != client_id.casefold():
            raise unreadable(reply, question, "JSON, but not this client")
        return ClientDocument(document)

    async def _send(
        self,
        question: Question,
        *,
        purpose: str,
        client_id: str | None = None,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        json = None
        if body is not None:
            from ocm_tui.core.clients.documents import guarded, revealed

            # Guarding first makes the secrets known, so that capture finds them wherever the server echoes them.
            json = revealed(guarded(body))
        count_request()
        return await self._http.request(
            question.method,
            question.path,
            params=params,
            json=json,
            headers=_HEADERS,
            context=RequestContext(client_id=client_id, purpose=purpose),
        )
