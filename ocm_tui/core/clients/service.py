"""What the console, the command line and the plans do with clients: they look before they write.

What only writes and forms need is imported where they need it, so that a list is on the screen sooner.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.clients.ids import checked_client_id
from ocm_tui.core.clients.model import ClientDocument, ClientPage, RotatedSecret, ServerInfo
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.clients.port import AuthorizationServer
from ocm_tui.core.errors import Conflict, Forbidden, NotFound, OcmError, TransportError, UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.clients.choices import ChoiceCache, FormChoices

__all__ = ["ClientService"]

_LONGEST_NAME: Final = 200


class ClientService:
    """All errors are OcmErrors. A write is refused by the policy before anything is sent.

    Documents that come back are the server's own and hold encrypted secrets: show them through `displayable`.
    """

    def __init__(self, server: AuthorizationServer, policy: WritePolicy) -> None:
        self.server = server
        self.policy = policy
        self._choices: ChoiceCache | None = None

    async def connect(self) -> ServerInfo:
        """The cheapest proof that the server answers and takes the credentials."""
        return await self.server.info()

    async def probe_rights(self) -> bool | None:
        """Whether the account may write, as the server shows without any change; the policy learns it."""
        told = await self.server.may_write()
        if told is not None:
            self.policy.account_may_write = told
        return told

    def pages(self, query: str = "", *, page_size: int = 500) -> AsyncGenerator[ClientPage, None]:
        """Who stops before the end closes it: `async with contextlib.aclosing(service.pages()) as pages`."""
        return self.server.pages(query, page_size=page_size)

    async def get(self, client_id: str) -> ClientDocument:
        return await self.server.get(checked_client_id(client_id))

    async def create(self, document: ClientDocument) -> ClientDocument:
        """Conflict when the client exists, UsageError for what no server takes; the stored document."""
        from ocm_tui.core.clients.checks import refuse_malformed
        from ocm_tui.core.clients.documents import guarded, writable

        document = guarded(document)
        refuse_malformed(document)
        client_id = str(document["clientId"])
        self.policy.require(f"create {_name(client_id)}")
        await self.server.refuse_unknown(document)
        try:
            theirs = await self._look(client_id)
        except NotFound:
            with self._learning():
                return await self.server.create(writable(document))
        raise Conflict(f"client {_name(client_id)} exists already", theirs=theirs, hint="update it instead")

    async def update(self, original: ClientDocument, edited: ClientDocument) -> ClientDocument:
        """Carry the edit over to the document as the server holds it now, and put that; the stored document.

        Conflict when the client changed since `original` was read, or is gone. No PUT when nothing differs.
        """
        from ocm_tui.core.clients.checks import refuse_malformed
        from ocm_tui.core.clients.difference import same
        from ocm_tui.core.clients.documents import guarded, writable
        from ocm_tui.core.clients.merge import merged

        client_id = checked_client_id(str(original.get("clientId") or ""))
        if edited.get("clientId", client_id) != client_id:
            raise UsageError(
                f"the clientId of {_name(client_id)} never changes",
                hint="a rename is a new client: create it, then delete this one",
            )
        edited = guarded(edited)
        self.policy.require(f"change {_name(client_id)}")
        current = await self._unchanged(client_id, original)
        document = merged(original, edited, current)
        refuse_malformed(document, stored=current)
        if same(current, document):
            return current
        await self.server.refuse_unknown(document, stored=current)
        with self._learning():
            return await self.server.replace(client_id, writable(document))

    async def set_enabled(self, client_id: str, enabled: bool) -> ClientDocument:
        from ocm_tui.core.clients.documents import writable
        from ocm_tui.core.clients.fields import with_value

        checked_client_id(client_id)
        self.policy.require(f"{'enable' if enabled else 'disable'} {_name(client_id)}")
        current = await self._look(client_id)
        if (current.get("enabled") is not False) == enabled:
            return current
        with self._learning():
            return await self.server.replace(client_id, writable(with_value(current, "enabled", enabled)))

    async def delete(self, client_id: str, seen: ClientDocument | None = None) -> None:
        """Conflict when the client is not as `seen`; NotFound when there is none."""
        checked_client_id(client_id)
        self.policy.require(f"delete {_name(client_id)}")
        if seen is not None:
            _refuse_newer(client_id, seen, await self._look(client_id))
        with self._learning():
            await self.server.delete(client_id)

    async def rotate_secret(self, client_id: str, secret: Secret) -> RotatedSecret:
        """Set a new secret, once. UsageError when the client does not sign in with one."""
        from ocm_tui.core.clients.documents import auth_type, has_secret

        checked_client_id(client_id)
        self.policy.require(f"set the secret of {_name(client_id)}")
        current = await self._look(client_id)
        if not has_secret(current):
            raise UsageError(
                f"client {_name(client_id)} has no secret: it signs in with {clean(auth_type(current), 80)}",
                hint="set clientAuth.type to SECRET first",
            )
        retention = await self.retention_minutes(current)
        before = str(current.get("clientSecretChangedTime") or "")
        with self._learning():
            await self.server.set_secret(client_id, secret, changed_before=before)
        return RotatedSecret(client_id, retention, await self._secret_changed_at(client_id))

    async def retention_minutes(self, document: ClientDocument) -> int | None:
        """How long a replaced secret of this client keeps working: its own setting, or the server's; None unknown."""
        if document.get("clientSecretRetentionPeriodType") == "OVERRIDE_SERVER_DEFAULT":
            own: Any = document.get("clientSecretRetentionPeriod")
            return own if isinstance(own, int) else None
        try:
            return await self.server.secret_retention_minutes()
        except OcmError:
            return None  # an account may change clients and not read the server's settings

    async def choices(self) -> "FormChoices":
        """What forms may offer; read once, but a list that failed is asked for again."""
        return await self._choice_cache().get()

    async def refresh_choices(self) -> "FormChoices":
        return await self._choice_cache().refresh()

    def _choice_cache(self) -> "ChoiceCache":
        from ocm_tui.core.clients.choices import ChoiceCache

        if self._choices is None:
            self._choices = ChoiceCache(self.server)
        return self._choices

    async def close(self) -> None:
        await self.server.close()

    async def _unchanged(self, client_id: str, original: ClientDocument) -> ClientDocument:
        try:
            current = await self._look(client_id)
        except NotFound as error:
            raise Conflict(f"client {_name(client_id)} is gone: it was deleted meanwhile") from error
        _refuse_newer(client_id, original, current)
        return current

    async def _look(self, client_id: str) -> ClientDocument:
        """The reading before a write. When it fails, the write has certainly not happened, and the error says so."""
        try:
            return await self.server.get(client_id)
        except TransportError as error:
            error.maybe_applied = False
            raise

    async def _secret_changed_at(self, client_id: str) -> str:
        """ "" when it cannot be read: the rotation itself has succeeded, and that must not look like a failure."""
        try:
            return str((await self.server.get(client_id)).get("clientSecretChangedTime") or "")
        except OcmError:
            return ""

    @contextmanager
    def _learning(self) -> Iterator[None]:
        """Around a write itself: a 403 tells what the account may."""
        try:
            yield
        except Forbidden:
            self.policy.learn_forbidden()
            raise


def _refuse_newer(client_id: str, seen: ClientDocument, current: ClientDocument) -> None:
    from ocm_tui.core.clients.difference import changed_since

    if changed_since(seen, current):
        raise Conflict(
            f"client {_name(client_id)} was changed on the server meanwhile",
            theirs=current,
            hint="look at the newer document, then decide again",
        )


def _name(client_id: str) -> str:
    return clean(client_id, _LONGEST_NAME)
