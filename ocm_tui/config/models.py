"""What config.yaml may say: every key, its type, its default, and a sentence about it.

These are the file's models. What the rest of the program uses is `environment.EnvironmentConfig`, where references,
paths, defaults and environment variables are settled.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ocm_tui.config.references import Template
from ocm_tui.config.values import (
    BaseURL,
    CacheURL,
    Count,
    DatabaseURL,
    EndpointURL,
    EnvironmentName,
    FilePath,
    Flag,
    Parallel,
    Seconds,
    SecretText,
    Share,
    Text,
    Threshold,
    WholeSeconds,
    expected,
    problem,
)
from ocm_tui.core.http.types import PhaseTimeouts
from ocm_tui.core.registry.thresholds import RegistryThresholds

__all__ = [
    "AuthSection",
    "BasicAuthSection",
    "BearerAuthSection",
    "ConfigurationFile",
    "EnvironmentSection",
    "MTLSAuthSection",
    "OAuth2AuthSection",
    "OCISection",
    "RegistrySection",
    "Section",
    "ServerSection",
    "TLSSection",
    "ThresholdSection",
    "TimeoutSection",
]

DEFAULT_STREAM: Final = "stream:admin.client.events"


class Section(BaseModel):
    """Unknown keys are errors. A key without a value (`registry:`) counts as not written."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


class BasicAuthSection(Section):
    """User name and password of an administrator account."""

    type: Literal["basic"] = Field(description="The way to sign in.")
    username: Text = Field(description="The account's user name.")
    password: SecretText = Field(description="The account's password; a reference such as ${env:PF_PASSWORD}.")


class OAuth2AuthSection(Section):
    """An access token from the client-credentials grant."""

    type: Literal["oauth2"] = Field(description="The way to sign in.")
    token_url: EndpointURL = Field(description="The token endpoint that issues tokens for the admin API.")
    client_id: Text = Field(description="The client that the token is asked for with.")
    client_secret: SecretText = Field(description="Its secret; a reference such as ${env:PF_CLIENT_SECRET}.")
    scopes: list[Text] = Field(default=[], description="The scopes to ask for.")


class BearerAuthSection(Section):
    """A ready-made access token."""

    type: Literal["bearer"] = Field(description="The way to sign in.")
    token: SecretText = Field(description="The token; a reference such as ${env:PF_TOKEN}.")


class MTLSAuthSection(Section):
    """The client certificate of `tls` is the login."""

    type: Literal["mtls"] = Field(description="The way to sign in.")


AuthSection = Annotated[
    BasicAuthSection | OAuth2AuthSection | BearerAuthSection | MTLSAuthSection, Field(discriminator="type")
]


class TLSSection(Section):
    """Trust in the server, and the certificate that we show it."""

    verify: Flag = Field(default=True, description="Whether the server's certificate is checked.")
    ca_file: FilePath | None = Field(default=None, description="PEM file of the roots to trust; default: the system's.")
    client_cert: FilePath | None = Field(default=None, description="PEM file of our certificate, and its chain.")
    client_key: FilePath | None = Field(default=None, description="PEM file of its key; default: in client_cert.")
    client_key_password: SecretText | None = Field(default=None, description="The password of an encrypted key.")

    @model_validator(mode="after")
    def _key_has_certificate(self) -> "TLSSection":
        for key in ("client_key", "client_key_password"):
            if getattr(self, key) is not None and self.client_cert is None:
                raise problem("needs `client_cert` beside it", "add the certificate that the key belongs to", key)
        return self


class TimeoutSection(Section):
    """Seconds; what is not set follows from `total`."""

    total: Seconds = Field(default=30, description="For one whole exchange, body included.")
    connect: Seconds | None = Field(default=None, description="To connect, TCP and TLS each; default 5, or less.")
    read: Seconds | None = Field(default=None, description="For one read; default: total.")
    write: Seconds | None = Field(default=None, description="For one write; default: total.")
    pool: Seconds | None = Field(default=None, description="To wait for a free connection; default 5, or less.")

    def phases(self) -> PhaseTimeouts:
        default = PhaseTimeouts()
        return PhaseTimeouts(
            connect=self.connect or min(default.connect, self.total),
            read=self.read or self.total,
            write=self.write or self.total,
            pool=self.pool or min(default.pool, self.total),
        )


def _timeout(value: Any) -> Any:
    """A number alone is the total."""
    return {"total": value} if isinstance(value, bool | int | float | str | Template) else value


class ServerSection(Section):
    """The authorization server whose clients are administered."""

    kind: Annotated[Literal["pingfederate"], expected("pingfederate")] = Field(
        default="pingfederate", description="What kind of server it is."
    )
    base_url: BaseURL = Field(
        description="The administrative API, such as https://pf-admin.example.com:9999/pf-admin-api/v1."
    )
    auth: AuthSection | None = Field(default=None, description="How to sign in.")
    tls: TLSSection = Field(default_factory=TLSSection, description="Certificates.")
    timeout: Annotated[TimeoutSection, BeforeValidator(_timeout)] = Field(
        default_factory=TimeoutSection, description="Seconds for a whole exchange, or a mapping of phases."
    )
    concurrency: Parallel = Field(default=8, description="How many requests may be under way at once.")
    token_url: EndpointURL | None = Field(
        default=None, description="The token endpoint that `clients test` asks for tokens."
    )
    rights_probe: Flag = Field(
        default=True, description="Whether the server may be asked if this account can write. It changes nothing."
    )

    @model_validator(mode="after")
    def _certificate_login_has_certificate(self) -> "ServerSection":
        if isinstance(self.auth, MTLSAuthSection) and self.tls.client_cert is None:
            raise problem("needs `tls.client_cert`: the certificate is the login", "add tls: {client_cert: …}", "auth")
        return self


class ThresholdSection(Section):
    """From where on `--check` warns; what is not set keeps its default."""

    latency_ms: Threshold = Field(default=500, description="Of one question to the database or the cache.")
    memory: Share = Field(default=0.9, description="Of the cache's memory limit, 0 to 1.")
    connections: Share = Field(default=0.9, description="Of the connections that the database takes, 0 to 1.")
    replication_lag: Threshold = Field(default=30, description="Seconds that a replica is behind.")
    lag: Count = Field(default=1000, description="Events that no consumer has read yet.")
    pending_age: Threshold = Field(default=300, description="Seconds that an event is delivered and not acknowledged.")
    dead_letters: Count = Field(default=0, description="Events that could not be applied.")
    outbox: Count = Field(default=0, description="Rows whose newest version the cache may not know.")
    bad_entries: Count = Field(default=0, description="Stale, orphaned or corrupt cache entries; above it: a failure.")
    missing: Share = Field(default=1, description="Share of the rows that the cache does not hold; 1 never warns.")
    sweep_limit: Count = Field(default=200_000, description="Keys beyond which --check compares no cache.")

    def settled(self) -> RegistryThresholds:
        return RegistryThresholds(**self.model_dump())


class RegistrySection(Section):
    """The client registry and its cache."""

    database: DatabaseURL | None = Field(
        default=None,
        description="postgresql://…; default: POSTGRES_E_HOST and so on, else SQLite.",
    )
    cache: CacheURL | None = Field(default=None, description="redis://…; default: in this process.")
    cache_ttl: WholeSeconds = Field(
        default=300, description="Seconds that a cached client lives. CLIENT_REGISTRY_CACHE_TTL overrides."
    )
    stream: Text = Field(default=DEFAULT_STREAM, description="The Redis stream of client events.")
    thresholds: ThresholdSection = Field(
        default_factory=ThresholdSection, description="From where on --check warns of the registry."
    )


class OCISection(Section):
    """The OCI profiles that jobs sign in with."""

    config_file: FilePath = Field(
        default="~/.oci/config", validate_default=True, description="Their file. OCI_CLI_CONFIG_FILE overrides."
    )
    endpoint: EndpointURL | None = Field(
        default=None, description="Object Storage to probe at, instead of the one of each profile's region."
    )
    check: list[Text] = Field(
        default=["*"], description="Globs of the profiles that --check probes; the others are skipped."
    )


class EnvironmentSection(Section):
    """One named set of targets. What is missing is not configured, and the rest works."""

    protected: Flag = Field(
        default=False, description="true: read-only until unlocked, typed confirmation, a colour of its own."
    )
    read_only: Flag = Field(default=False, description="true: nothing can be changed here, whoever asks.")
    server: ServerSection | None = Field(default=None, description="The authorization server.")
    registry: RegistrySection | None = Field(default=None, description="The client registry.")
    oci: OCISection | None = Field(default=None, description="The OCI profiles; `oci: {}` for the default file.")
    inventory: FilePath | None = Field(default=None, description="The YAML file that declares the clients.")


def _environments(value: Any) -> Any:
    """An environment without a body is one where nothing is configured yet."""
    return {name: {} if body is None else body for name, body in value.items()} if isinstance(value, dict) else value


class ConfigurationFile(Section):
    """The configuration of ocm-tui."""

    default_environment: Text | None = Field(
        default=None, description="The environment that is used without --env; default: the only one."
    )
    environments: Annotated[
        dict[EnvironmentName, EnvironmentSection], Field(min_length=1), BeforeValidator(_environments)
    ] = Field(description="Each environment by its name.")
