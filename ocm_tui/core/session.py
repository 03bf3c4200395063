"""What one front end holds of one environment while it runs: the services, the log, and how to let go of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.core.errors import NotConfigured, OcmError

if TYPE_CHECKING:
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.http.types import HTTP, TLSSettings
    from ocm_tui.core.oci.service import OciService
    from ocm_tui.core.provisioning.service import Provisioning
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.registry.thresholds import RegistryThresholds

__all__ = ["ServerTarget", "Session"]


@dataclass(frozen=True, slots=True)
class ServerTarget:
    """The authorization server as configured: what the banner shows, and what the checks need beside the service."""

    base_url: str
    username: str  # "" when the authentication has no name
    tls: "TLSSettings"
    timeout: float  # seconds, one whole exchange
    token_url: str = ""  # "" when the environment names no token endpoint

    def require_token_url(self, environment: str) -> str:
        """The token endpoint; NotConfigured when the environment names none. It is never guessed."""
        if not self.token_url:
            raise NotConfigured(
                f"environment {environment} has no token endpoint",
                hint=f"add environments.{environment}.server.token_url, such as https://HOST/as/token.oauth2",
            )
        return self.token_url


@dataclass(slots=True, kw_only=True)
class Session:
    """`clients` is None when the environment has no server, `server_problem` says why one that it has is not usable.

    `provisioning` is there whenever `clients` is.
    """

    environment: str
    policy: "WritePolicy"
    log: "ExchangeLog"
    server: ServerTarget | None = None
    clients: "ClientService | None" = None
    http: "HTTP | None" = None  # what `clients` talks through; closed with it
    server_problem: OcmError | None = None
    protected: bool = False
    demo: bool = False
    rights_probe: bool = True  # whether the console may ask the server what the account may do
    inventory: Path | None = None
    state_directory: Path | None = None
    cache_directory: Path | None = None  # None: nothing is kept there
    config_file: Path | None = None
    warnings: list[str] = field(default_factory=list)
    ailments: list[Callable[[], str | None]] = field(default_factory=list)  # what may go wrong beside the work
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    make_provisioning: "Callable[[], Provisioning] | None" = None
    make_oci: "Callable[[], OciService] | None" = None  # None: the environment has no OCI profiles
    make_registry: "Callable[[], Awaitable[ClientRegistry]] | None" = None  # None: the environment has no registry
    registry_thresholds: "RegistryThresholds | None" = None  # None: the defaults
    _provisioning: "Provisioning | None" = field(default=None, init=False)
    _oci: "OciService | None" = field(default=None, init=False)
    _registry: "ClientRegistry | None" = field(default=None, init=False)
    _opening_registry: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def require_clients(self) -> "ClientService":
        """The client service, or the error that says why there is none."""
        if self.server_problem is not None:
            raise self.server_problem
        if self.clients is None:
            raise NotConfigured(
                f"environment {self.environment} has no authorization server",
                hint=f"add environments.{self.environment}.server to {self.config_file or 'the configuration'}",
            )
        return self.clients

    @property
    def provisioning(self) -> "Provisioning | None":
        """Made at the first need, as `oci` is: the first rows do not wait for it."""
        if self._provisioning is None and self.make_provisioning is not None:
            self._provisioning = made = self.make_provisioning()
            self.ailments.append(lambda: made.notice)
        return self._provisioning

    @provisioning.setter
    def provisioning(self, provisioning: "Provisioning") -> None:
        self._provisioning = provisioning

    def require_provisioning(self) -> "Provisioning":
        """As `require_clients`."""
        self.require_clients()
        provisioning = self.provisioning
        assert provisioning is not None
        return provisioning

    @property
    def oci(self) -> "OciService | None":
        """Made at the first need: what it needs takes longer to import than the first frame may wait."""
        if self._oci is None and self.make_oci is not None:
            self._oci = self.make_oci()
            self.closers.append(self._oci.close)
        return self._oci

    @property
    def opened_oci(self) -> "OciService | None":
        """As `oci`, but None as long as nobody has asked for it."""
        return self._oci

    def require_oci(self) -> "OciService":
        """The OCI profiles, or NotConfigured."""
        if self.oci is None:
            raise NotConfigured(
                f"environment {self.environment} has no OCI profiles",
                hint=f"add environments.{self.environment}.oci to {self.config_file or 'the configuration'}; "
                "`oci: {}` stands for ~/.oci/config",
            )
        return self.oci

    async def require_registry(self) -> "ClientRegistry":
        """The client registry, or NotConfigured. Opened at the first need: its addresses may stand in a keyring."""
        if self.make_registry is None:
            raise NotConfigured(
                f"environment {self.environment} has no client registry",
                hint=f"add environments.{self.environment}.registry to {self.config_file or 'the configuration'}; "
                "`registry: {}` stands for one in the state directory",
            )
        async with self._opening_registry:
            if self._registry is None:
                self._registry = await self.make_registry()
                self.closers.append(self._registry.close)
        return self._registry

    async def close(self) -> None:
        """Let go in reverse order; each closer runs even when another failed."""
        first: BaseException | None = None
        while self.closers:
            try:
                await self.closers.pop()()
            except OcmError as error:
                first = first or error
        if first is not None:
            raise first
