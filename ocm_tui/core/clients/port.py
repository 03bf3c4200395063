"""The authorization server, as the services see it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Protocol

from ocm_tui.core.clients.model import ClientDocument, ClientPage, ClusterStatus, NamedChoice, ServerInfo
from ocm_tui.core.secret import Secret

__all__ = ["AuthorizationServer"]


class AuthorizationServer(Protocol):
    """One server's administration of OAuth clients.

    Every call may raise TransportError (no complete answer) or an ApiError of the fitting kind. Nothing is retried.
    With `settle=False` a write with an unclear end raises what it met, for a caller that reads back by itself.
    """

    @property
    def base_url(self) -> str: ...

    async def info(self) -> ServerInfo:
        """The cheapest authenticated call; the version is remembered for gating fields."""
        ...

    async def may_write(self) -> bool | None:
        """Whether this account may change clients; None when the server's answer does not tell. Changes nothing."""
        ...

    def pages(self, query: str = "", *, page_size: int = 500) -> AsyncGenerator[ClientPage, None]:
        """Pages in order, deduplicated by clientId. The second is not asked for before the first was taken.

        Who stops early closes it (`contextlib.aclosing`): pages under way are cancelled and waited for.
        """
        ...

    async def get(self, client_id: str) -> ClientDocument: ...

    async def refuse_unknown(self, document: Mapping[str, Any], *, stored: Mapping[str, Any] | None = None) -> None:
        """UsageError for a newly set field (not in `stored`) that this server's version does not know."""
        ...

    async def create(self, document: ClientDocument, *, settle: bool = True) -> ClientDocument:
        """Sent once. An unclear end is read back: what the server holds decides, else Unclear is raised."""
        ...

    async def replace(self, client_id: str, document: ClientDocument, *, settle: bool = True) -> ClientDocument:
        """PUT of the whole document; NotFound if there is none. An unclear end is read back, as for `create`."""
        ...

    async def delete(self, client_id: str, *, settle: bool = True) -> None:
        """NotFound if there is none. After an unclear end it is looked whether the client is still there."""
        ...

    async def set_secret(
        self, client_id: str, secret: Secret, *, changed_before: str | None = None, settle: bool = True
    ) -> None:
        """Never repeated: with a retention period, a second time would retire the fresh secret.

        `changed_before` is the `clientSecretChangedTime` read just before ("" when the server showed none): with it an
        unclear end can be told apart. None means that it is not known.
        """
        ...

    async def token_managers(self) -> Sequence[NamedChoice]: ...

    async def scopes(self) -> Sequence[NamedChoice]: ...

    async def exclusive_scopes(self) -> Sequence[NamedChoice]: ...

    async def scope_groups(self) -> Sequence[NamedChoice]:
        """Groups of common and of exclusive scopes: a client's lists of scopes may name them as well."""
        ...

    async def oidc_policies(self) -> Sequence[NamedChoice]: ...

    async def extended_properties(self) -> Sequence[NamedChoice]:
        """The names that a client's `extendedParameters` may have."""
        ...

    async def secret_retention_minutes(self) -> int | None:
        """The server-wide retention of a replaced secret, in minutes; None when it does not say."""
        ...

    async def cluster_status(self) -> ClusterStatus | None:
        """None when the server stands alone: there is nothing to replicate to."""
        ...

    async def replicate(self) -> None:
        """Push the whole configuration to the engines. Sent once; Unclear when nobody knows whether it began."""
        ...

    async def close(self) -> None: ...
