"""`/oauth/clients`: list, create, read, replace, delete, and the secret on its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ocm_tui.core.errors import Violation
from ocm_tui.simulator.bodies import Rejected, page_slice, parameters, readable, sort_order
from ocm_tui.simulator.company import Company
from ocm_tui.simulator.documents import Documents, StoredClient, authentication_of, milliseconds_of, needs_secret
from ocm_tui.simulator.rules import Draft, violations
from ocm_tui.simulator.schema import CLIENT, CLIENT_SECRET
from ocm_tui.simulator.store import ClientStore, Row
from ocm_tui.simulator.wire import Answer, Request, invalid, problem, reply

__all__ = ["ClientsApi", "not_found"]

_SORTS: Final = frozenset({"CLIENT_ID", "CLIENT_NAME", "CREATED", "MODIFIED"})
_BLOCK: Final = 250
_LONG: Final = 1000


def not_found(identifier: str) -> Answer:
    text = f"The resource with ID '{identifier}' is not found. Please specify a recognized resource ID."
    return problem(404, "resource_not_found", text)


class ClientsApi:
    """Each method is one operation: the request and the client id of its path in, the answer out."""

    def __init__(self, store: ClientStore, documents: Documents, company: Company, clock: Callable[[], int]) -> None:
        self._store, self._documents, self._company, self._clock = store, documents, company, clock

    def list(self, request: Request, _: str) -> Answer:
        given = parameters(request)
        rows = self._rows(given)[page_slice(given)]
        if len(rows) > _LONG:
            return Answer(200, chunks=self._long_list(rows))
        return Answer(200, f'{{"items":[{",".join(self._store.texts(rows))}]}}'.encode("utf-8", "replace"))

    def create(self, request: Request, _: str) -> Answer:
        sent = self._checked(request, {}, taken=self._store.__contains__)
        now = self._clock()
        client = StoredClient(self._documents.completed(sent), created=now, modified=now)
        self._take_secrets(client, authentication_of(sent), None, now)
        self._store.put(client)
        return reply(self._documents.shown(client, now), 201)

    def read(self, _: Request, client_id: str) -> Answer:
        text = self._store.text(client_id)
        return not_found(client_id) if text is None else Answer(200, text.encode("utf-8", "replace"))

    def replace(self, request: Request, client_id: str) -> Answer:
        """What was not sent gets the server's default, whatever was stored before."""
        before = self._existing(client_id)
        sent = self._checked(request, {"clientId": client_id}, taken=None)
        now = self._later_than(before)
        client = replace(before, document=self._documents.completed(sent), modified=now)
        self._take_secrets(client, authentication_of(sent), before, now)
        self._store.put(client)
        return reply(self._documents.shown(client, now))

    def delete(self, _: Request, client_id: str) -> Answer:
        self._existing(client_id)
        for manager in self._company.token_managers:
            if {"id": client_id} in manager["accessControlSettings"]["allowedClients"]:
                text = f"The client is referenced by the access token manager '{manager['id']}'."
                violation = Violation(text, "resource_in_use")
                return invalid([violation], "resource_in_use", "Resource is in use and cannot be deleted.")
        self._store.remove(client_id)
        return Answer(204)

    def read_secret(self, _: Request, client_id: str) -> Answer:
        return reply(self._documents.secrets_shown(self._with_secret(client_id), self._clock()))

    def replace_secret(self, request: Request, client_id: str) -> Answer:
        before = self._with_secret(client_id)
        sent, unknown = readable(request, CLIENT_SECRET, self._documents.release, "ClientSecret")
        wrong = unknown or [
            replace(one, field_path=one.field_path.removeprefix("clientAuth."))
            for one in violations(self._draft({}, {"type": before.auth_type, **sent}))
            if one.field_path.startswith("clientAuth.")
        ]
        if wrong:
            raise Rejected(invalid(wrong))
        now = self._later_than(before)
        client = replace(before, modified=now)
        self._take_secrets(client, sent, before, now)
        self._store.put(client)
        return reply(self._documents.secrets_shown(client, now))

    def revoke_former_secrets(self, _: Request, client_id: str) -> Answer:
        before = self._with_secret(client_id)
        self._store.put(replace(before, former=[], modified=self._later_than(before)))
        return Answer(204)

    def _rows(self, given: Mapping[str, str]) -> Sequence[Row]:
        query = given.get("filter", "")
        if self._documents.release < (13, 1):
            return self._store.rows(query)
        order = given.get("sortBy", "")
        if order and order not in _SORTS:
            raise Rejected(invalid([Violation("Unknown sort field.", "invalid_value", "sortBy")]))
        tags = frozenset(filter(None, (tag.strip() for tag in given.get("tagName", "").split(","))))
        rows = self._store.rows(query, tags, order)
        return rows[::-1] if sort_order(given) else rows

    def _long_list(self, rows: Sequence[Row]) -> Iterator[bytes]:
        yield b'{"items":['
        for start in range(0, len(rows), _BLOCK):
            text = ",".join(self._store.texts(rows[start : start + _BLOCK]))
            yield (text if start == 0 else "," + text).encode("utf-8", "replace")
        yield b"]}"

    def _checked(
        self, request: Request, decided: Mapping[str, Any], *, taken: Callable[[str], bool] | None
    ) -> dict[str, Any]:
        """The body, with what the path `decided`; 422 with everything that is wrong with it."""
        sent, unknown = readable(request, CLIENT, self._documents.release, "Client")
        sent |= decided
        wrong = unknown + violations(self._draft(sent, authentication_of(sent), taken))
        if wrong:
            raise Rejected(invalid(wrong))
        return sent

    def _draft(
        self, sent: Mapping[str, Any], auth: Mapping[str, Any], taken: Callable[[str], bool] | None = None
    ) -> Draft:
        return Draft(sent, auth, self._company, self._documents.vault, taken)

    def _existing(self, client_id: str) -> StoredClient:
        client = self._store.get(client_id)
        if client is None:
            raise Rejected(not_found(client_id))
        return client

    def _with_secret(self, client_id: str) -> StoredClient:
        client = self._existing(client_id)
        if client.secret is None:
            text = f"Client authentication of type {client.auth_type} has no secret."
            raise Rejected(invalid([Violation(text, "no_client_secret", "clientAuth.type")]))
        return client

    def _take_secrets(
        self, client: StoredClient, auth: Mapping[str, Any], before: StoredClient | None, now: int
    ) -> None:
        """Set the secret, its date and the former ones. A new `secret` always counts as a change, an equal one too."""
        if not needs_secret(client.auth_type):
            client.secret, client.former, client.secret_changed = None, [], None
            return
        vault = self._documents.vault
        old = before.secret if before is not None else None
        given = auth.get("secret")
        client.secret = given or vault.unseal(auth.get("encryptedSecret") or "")
        former = before.former if before is not None else []
        if auth.get("secondarySecrets") is not None:
            former = [self._former(one) for one in auth["secondarySecrets"]]
        client.former = [(secret, expiry) for secret, expiry in former if expiry > now]
        if given or client.secret != old:
            client.secret_changed = now
            if old is not None and (minutes := self._retention(client)) > 0:
                client.former.insert(0, (old, now + minutes * 60_000))

    def _former(self, given: Mapping[str, Any]) -> tuple[str, int]:
        secret = given.get("secret") or self._documents.vault.unseal(given["encryptedSecret"])
        expiry = milliseconds_of(given["expiryTime"])
        assert secret is not None  # the rules have seen to both
        assert expiry is not None
        return secret, expiry

    def _retention(self, client: StoredClient) -> int:
        if client.document["clientSecretRetentionPeriodType"] == "OVERRIDE_SERVER_DEFAULT":
            return int(client.document.get("clientSecretRetentionPeriod") or 0)
        return self._company.retention_minutes

    def _later_than(self, client: StoredClient) -> int:
        """Now; two changes within one millisecond still have two dates, so that the later one can be told."""
        return max(self._clock(), (client.modified or 0) + 1)
