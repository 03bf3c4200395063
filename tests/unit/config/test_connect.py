"""What a connection needs: secrets are read here, and every failure names its place in the file."""

from pathlib import Path

import pytest

from ocm_tui.config.connect import OAuth2ClientCredentials, server_http_config
from ocm_tui.config.environment import EnvironmentConfig
from ocm_tui.core.errors import ConfigError, NotConfigured
from ocm_tui.core.http.types import BasicAuth, BearerAuth, HTTPClientConfig, PhaseTimeouts, TLSSettings
from ocm_tui.core.secret import Secret
from tests.unit.config.support import MINIMAL, URL, server, settled, write


def test_basic(tmp_path: Path) -> None:
    connection = server_http_config(settled(tmp_path, MINIMAL, PF_PASSWORD="the-password"))
    assert connection.oauth2 is None
    assert connection.http == HTTPClientConfig(
        base_url="https://pf.example.com:9999/pf-admin-api/v1", auth=BasicAuth("ocm", Secret("the-password"))
    )
    assert "the-password" not in repr(connection)


def test_everything_arrives(tmp_path: Path) -> None:
    for name in ("ca.pem", "c.pem", "k.pem"):
        write(tmp_path, "", name)
    text = server(
        f"{URL}\nauth: {{type: bearer, token: '${{env:T}}'}}\ntimeout: {{total: 10, read: 3}}\nconcurrency: 2\n"
        "tls: {verify: false, ca_file: ca.pem, client_cert: c.pem, client_key: k.pem, client_key_password: '${env:K}'}"
    )
    http = server_http_config(settled(tmp_path, text, T="the-token", K="the-key-password")).http
    assert http.auth == BearerAuth(Secret("the-token"))
    assert (http.deadline, http.timeouts) == (10, PhaseTimeouts(connect=5, read=3, write=10, pool=5))
    assert http.max_connections == 2
    assert http.target == "server"
    assert http.tls == TLSSettings(
        verify=False,
        ca_file=tmp_path / "ca.pem",
        client_cert=tmp_path / "c.pem",
        client_key=tmp_path / "k.pem",
        client_key_password=Secret("the-key-password"),
    )


def test_client_credentials_are_for_somebody_else_to_use(tmp_path: Path) -> None:
    auth = "{type: oauth2, token_url: https://t/as, client_id: me, client_secret: '${env:S}', scopes: [a, b]}"
    connection = server_http_config(settled(tmp_path, server(f"{URL}\nauth: {auth}"), S="the-client-secret"))
    assert connection.http.auth is None
    assert connection.oauth2 == OAuth2ClientCredentials("https://t/as", "me", Secret("the-client-secret"), ("a", "b"))


def test_certificate_login(tmp_path: Path) -> None:
    write(tmp_path, "", "c.pem")
    text = server(f"{URL}\nauth: {{type: mtls}}\ntls: {{client_cert: c.pem}}")
    http = server_http_config(settled(tmp_path, text)).http
    assert (http.auth, http.tls.client_cert) == (None, tmp_path / "c.pem")


def test_no_server() -> None:
    with pytest.raises(NotConfigured, match="the environment dev has no `server`"):
        server_http_config(EnvironmentConfig(name="dev"))


@pytest.mark.parametrize(
    ("body", "line", "column", "fragment"),
    [
        ("auth: {type: bearer, token: '${env:T}'}", 6, 35, "T is not set"),
        ("auth: {type: bearer, token: '${env:LINES}'}", 6, 35, "holds a line break"),
        ("auth: {type: basic, username: u, password: '${env:LINES}'}", 6, 50, "holds a line break"),
        ("tls: {ca_file: ca.pem}", 6, 22, "`environments.dev.server.tls.ca_file`: there is no file"),
        ("tls: {client_cert: .}", 6, 26, "tls.client_cert`: there is no file"),
        ("tls: {client_cert: config.yaml, client_key: k}", 6, 51, "tls.client_key`: there is no file"),
        ("tls: {client_cert: config.yaml, client_key_password: '${file:p}'}", 6, 60, "does not exist"),
    ],
)
def test_what_is_not_there(tmp_path: Path, body: str, line: int, column: int, fragment: str) -> None:
    environment = settled(tmp_path, server(f"{URL}\n{body}"), LINES="first-line\nsecond-line")
    with pytest.raises(ConfigError) as caught:
        server_http_config(environment)
    assert caught.value.title.startswith(f"{tmp_path / 'config.yaml'}:{line}:{column}: ")
    assert fragment in caught.value.title
    assert "first-line" not in repr(caught.value)
