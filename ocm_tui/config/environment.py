"""One environment as the program uses it: defaults, paths, environment variables and references settled.

Secrets are still `SecretRef`s: they are read where a connection is made. Nothing here needs the file's models, so the
demo and tests build environments by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ocm_tui.config.references import SecretRef
from ocm_tui.core.errors import NotConfigured
from ocm_tui.core.http.types import PhaseTimeouts
from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.registry.thresholds import RegistryThresholds

__all__ = [
    "BasicLogin",
    "BearerLogin",
    "CertificateLogin",
    "EnvironmentConfig",
    "Login",
    "OAuth2Login",
    "OCIConfig",
    "RegistryConfig",
    "ServerConfig",
    "TLSFiles",
]


@dataclass(frozen=True, slots=True)
class BasicLogin:
    username: str
    password: SecretRef


@dataclass(frozen=True, slots=True)
class OAuth2Login:
    token_url: str
    client_id: str
    client_secret: SecretRef
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BearerLogin:
    token: SecretRef


@dataclass(frozen=True, slots=True)
class CertificateLogin:
    """The client certificate of `TLSFiles`."""


Login = BasicLogin | OAuth2Login | BearerLogin | CertificateLogin


@dataclass(frozen=True, slots=True)
class TLSFiles:
    """Absolute paths; they need not exist yet."""

    verify: bool = True
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    client_key_password: SecretRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """`base_url` is absolute, without a slash at its end. `deadline` is seconds for one whole exchange."""

    base_url: str
    kind: Literal["pingfederate"] = "pingfederate"
    login: Login | None = None
    tls: TLSFiles = TLSFiles()
    deadline: float = 30.0
    timeouts: PhaseTimeouts = field(default_factory=PhaseTimeouts)
    concurrency: int = 8
    token_url: str | None = None
    rights_probe: bool = True

    @property
    def account(self) -> str:
        """Who signs in, for a banner: a user name or a client id; not cleaned."""
        match self.login:
            case BasicLogin(username=name) | OAuth2Login(client_id=name):
                return name
            case BearerLogin():
                return "bearer token"
            case CertificateLogin():
                return "client certificate"
            case _:
                return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryConfig:
    """`database` None: SQLite in the state directory. `cache` None: in this process. `cache_ttl` is seconds."""

    database: SecretRef | None = None
    cache: SecretRef | None = None
    cache_ttl: int = 300
    stream: str = "stream:admin.client.events"
    thresholds: RegistryThresholds = field(default_factory=RegistryThresholds)


@dataclass(frozen=True, slots=True)
class OCIConfig:
    """`endpoint` is the Object Storage to probe at; None: that of each profile's region. `check` are globs of names."""

    config_file: Path
    endpoint: str | None = None
    check: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentConfig:
    """A section that is None is not configured.

    `overrides` names the environment variable that set a value, by the value's dotted key below the environment.
    `places` are the positions of what the file says, by path below the environment.
    """

    name: str
    protected: bool = False
    read_only: bool = False
    server: ServerConfig | None = None
    registry: RegistryConfig | None = None
    oci: OCIConfig | None = None
    inventory: Path | None = None
    config_path: Path | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], Place] = field(default_factory=dict, repr=False, compare=False)

    def place(self, *path: str) -> Place:
        """Where the file says `path`, such as ("server", "auth"); the nearest thing above it, if it does not."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.config_path))

    def not_configured(self, section: str) -> NotConfigured:
        """The error for a command that needs a section which is not there."""
        where = f" in {self.config_path}" if self.config_path else ""
        return NotConfigured(
            f"the environment {self.name} has no `{section}`",
            hint=f"add `{section}:` below environments.{self.name}{where}; `ocm-tui config schema` lists its keys",
        )
