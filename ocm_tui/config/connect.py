"""What a connection to the server needs. This is where the secrets of an environment are read."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.config.environment import (
    BasicLogin,
    BearerLogin,
    EnvironmentConfig,
    OAuth2Login,
    ServerConfig,
    TLSFiles,
)
from ocm_tui.config.references import SecretRef
from ocm_tui.core.http.oauth2 import OAuth2ClientCredentials
from ocm_tui.core.http.types import BasicAuth, BearerAuth, HTTPClientConfig, TLSSettings
from ocm_tui.core.positioned.files import is_file
from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.secret import Secret

if TYPE_CHECKING:
    from ocm_tui.core.registry.opening import RegistryAddresses

__all__ = ["OAuth2ClientCredentials", "ServerConnection", "registry_addresses", "server_http_config"]


@dataclass(frozen=True, slots=True)
class ServerConnection:
    """With `oauth2`, `http.auth` is None: a token has to be fetched first."""

    http: HTTPClientConfig
    oauth2: OAuth2ClientCredentials | None = None


def server_http_config(environment: EnvironmentConfig) -> ServerConnection:
    """Reads the secrets, and may block on a keyring or AWS: call it in a thread where an event loop runs.

    NotConfigured without a server. ConfigError, at its place in the file, for a secret or file that is not there.
    """
    server = environment.server
    if server is None:
        raise environment.not_configured("server")
    auth: BasicAuth | BearerAuth | None = None
    oauth2: OAuth2ClientCredentials | None = None
    match server.login:
        case BasicLogin(username, password):
            auth = BasicAuth(username, _header_safe(password, environment.place("server", "auth", "password")))
        case BearerLogin(token):
            auth = BearerAuth(_header_safe(token, environment.place("server", "auth", "token")))
        case OAuth2Login(token_url, client_id, client_secret, scopes):
            oauth2 = OAuth2ClientCredentials(token_url, client_id, client_secret.resolve(), scopes)
        case _:
            pass
    return ServerConnection(_http(server, auth, _tls(server.tls, environment)), oauth2)


def registry_addresses(environment: EnvironmentConfig, state_directory: Path) -> "RegistryAddresses":
    """Reads the secrets, and may block, as `server_http_config` does. NotConfigured without a registry."""
    from ocm_tui.core.registry.opening import RegistryAddresses

    registry = environment.registry
    if registry is None:
        raise environment.not_configured("registry")
    return RegistryAddresses(
        file=state_directory / f"registry-{environment.name}.sqlite3",
        database=registry.database.resolve() if registry.database is not None else None,
        cache=registry.cache.resolve() if registry.cache is not None else None,
        ttl=registry.cache_ttl,
        stream=registry.stream,
    )


def _http(server: ServerConfig, auth: BasicAuth | BearerAuth | None, tls: TLSSettings) -> HTTPClientConfig:
    return HTTPClientConfig(
        base_url=server.base_url,
        target="server",
        auth=auth,
        timeouts=server.timeouts,
        deadline=server.deadline,
        max_connections=server.concurrency,
        tls=tls,
    )


def _header_safe(reference: SecretRef, place: Place) -> Secret:
    """What goes into a header: a line break in it is a copying mistake, or worse."""
    secret = reference.resolve()
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in secret.reveal()):
        raise place.error("the secret holds a line break or a control character", hint="remove it where it is kept")
    return secret


def _tls(files: TLSFiles, environment: EnvironmentConfig) -> TLSSettings:
    for key, path in (
        ("ca_file", files.ca_file),
        ("client_cert", files.client_cert),
        ("client_key", files.client_key),
    ):
        if path is not None:
            _must_exist(path, environment.place("server", "tls", key), key)
    password = files.client_key_password
    return TLSSettings(
        verify=files.verify,
        ca_file=files.ca_file,
        client_cert=files.client_cert,
        client_key=files.client_key,
        client_key_password=password.resolve() if password else None,
    )


def _must_exist(path: Path, place: Place, key: str) -> None:
    if not is_file(path):
        raise place.error(f"`{place.key or key}`: there is no file {path}")
