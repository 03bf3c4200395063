"""The server's own lists for forms: each is there, or says why it is not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from ocm_tui.core.clients.fields import Choices
from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.clients.port import AuthorizationServer
from ocm_tui.core.errors import OcmError

__all__ = ["ChoiceCache", "FormChoices", "Offered"]

Offered = Sequence[NamedChoice] | OcmError


@dataclass(frozen=True, slots=True)
class FormChoices:
    """Per list the choices, or the error that explains their absence; the form then takes any text."""

    token_managers: Offered
    scopes: Offered
    exclusive_scopes: Offered
    oidc_policies: Offered

    def of(self, name: Choices) -> Offered:
        """The list that `FieldSpec.choices` names."""
        return {
            "token_managers": self.token_managers,
            "scopes": self.scopes,
            "exclusive_scopes": self.exclusive_scopes,
            "oidc_policies": self.oidc_policies,
        }[name]


class ChoiceCache:
    """Reads the four lists at once, keeps what it got, and asks again only for what failed."""

    def __init__(self, server: AuthorizationServer) -> None:
        self._readers: dict[str, Callable[[], Awaitable[Sequence[NamedChoice]]]] = {
            "token_managers": server.token_managers,
            "scopes": server.scopes,
            "exclusive_scopes": server.exclusive_scopes,
            "oidc_policies": server.oidc_policies,
        }
        self._known: FormChoices | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> FormChoices:
        async with self._lock:
            known = self._known
            missing = [name for name in self._readers if known is None or isinstance(getattr(known, name), OcmError)]
            read = dict(zip(missing, await asyncio.gather(*map(self._read, missing)), strict=True))
            self._known = FormChoices(**read) if known is None else replace(known, **read)
            return self._known

    async def refresh(self) -> FormChoices:
        self._known = None
        return await self.get()

    async def _read(self, name: str) -> Offered:
        try:
            return await self._readers[name]()
        except OcmError as error:
            return error
