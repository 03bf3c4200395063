"""config.yaml: where it is found, which environment is used, and what is settled when."""

from pathlib import Path

import pytest

from ocm_tui.config.environment import (
    BasicLogin,
    BearerLogin,
    CertificateLogin,
    EnvironmentConfig,
    OAuth2Login,
    RegistryConfig,
    ServerConfig,
)
from ocm_tui.config.loading import load_configuration
from ocm_tui.core.errors import ConfigError, ExitCode, NotConfigured, UsageError
from ocm_tui.core.http.types import PhaseTimeouts
from ocm_tui.core.positioned.problems import InvalidConfiguration
from ocm_tui.core.secret import Secret
from tests.unit.config.support import MINIMAL, URL, load, server, settled

# Where the file is


def test_no_configuration_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NotConfigured) as caught:
        load_configuration(None, {})
    assert "ocm-tui config init" in caught.value.hint
    assert "ocm-tui --demo" in caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


def test_the_usual_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NotConfigured):
        load_configuration(None, {})
    from ocm_tui.config.locations import config_path

    path = config_path(None, {}).path
    path.parent.mkdir(parents=True)
    path.write_text(MINIMAL)
    assert load_configuration(None, {}).path == path


def test_a_named_file_has_to_be_there(tmp_path: Path) -> None:
    for path, environ in ((tmp_path / "x.yaml", {}), (None, {"OCM_TUI_CONFIG": str(tmp_path / "x.yaml")})):
        with pytest.raises(ConfigError, match=r"x\.yaml: the file does not exist"):
            load_configuration(path, environ)


def test_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the file is empty"):
        load(tmp_path, "# nothing yet\n")


# Which environment

TWO = "environments:\n  development: {}\n  production: {protected: true}\n"


def test_the_default_environment(tmp_path: Path) -> None:
    configuration = load(tmp_path, "default_environment: production\n" + TWO)
    assert configuration.names == ("development", "production")
    assert configuration.environment().name == "production"
    assert configuration.environment("development").name == "development"


def test_the_only_environment_is_the_default(tmp_path: Path) -> None:
    assert load(tmp_path, "environments: {solo: }").environment().name == "solo"


def test_no_default(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, TWO).environment()
    assert "--env" in caught.value.hint
    assert "development, production" in caught.value.hint


def test_unknown_environment(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, TWO).environment("prodution")
    assert "no environment prodution" in caught.value.title
    assert caught.value.hint == "did you mean production? There are: development, production"


def test_the_default_may_be_a_reference(tmp_path: Path) -> None:
    text = "default_environment: ${env:STAGE}\n" + TWO
    assert load(tmp_path, text, {"STAGE": "production"}).environment().protected
    with pytest.raises(ConfigError, match="STAGE is not set"):
        load(tmp_path, text, {})
    with pytest.raises(ConfigError, match="names an environment that is not there: qa"):
        load(tmp_path, text, {"STAGE": "qa"})


# What is settled


def test_everything_has_its_default(tmp_path: Path) -> None:
    environment = settled(tmp_path, server(URL) + "    registry: {}\n    oci: {}\n", HOME="/x")
    assert environment.server == ServerConfig(base_url="https://pf.example.com/pf-admin-api/v1")
    assert environment.registry == RegistryConfig()
    assert environment.oci is not None
    assert environment.oci.config_file == Path("~/.oci/config").expanduser()
    assert (environment.protected, environment.read_only, environment.inventory) == (False, False, None)
    assert environment.config_path == tmp_path / "config.yaml"


def test_what_is_missing_is_not_configured(tmp_path: Path) -> None:
    environment = settled(tmp_path, "environments: {dev: {registry: null}}")
    assert (environment.server, environment.registry, environment.oci, environment.inventory) == (
        None,
        None,
        None,
        None,
    )
    error = environment.not_configured("server")
    assert "the environment dev has no `server`" in error.title
    assert str(tmp_path / "config.yaml") in error.hint


def test_a_full_server(tmp_path: Path) -> None:
    text = server(
        "base_url: http://127.0.0.1:1/pf-admin-api/v1/\n"
        "auth: {type: basic, username: ocm, password: '${env:PW}'}\n"
        "tls: {verify: false, ca_file: ca.pem, client_cert: ~/c.pem, client_key: /k.pem, client_key_password: x}\n"
        "timeout: {total: 10, read: 3}\nconcurrency: 2\ntoken_url: https://t/as?x=1\nrights_probe: false"
    )
    found = settled(tmp_path, text, PW="the-password").server
    assert found is not None
    assert found.base_url == "http://127.0.0.1:1/pf-admin-api/v1"
    assert isinstance(found.login, BasicLogin)
    assert found.login.password.resolve() == Secret("the-password")
    assert found.account == "ocm"
    assert (found.tls.verify, found.tls.ca_file, found.tls.client_key) == (False, tmp_path / "ca.pem", Path("/k.pem"))
    assert found.tls.client_cert == Path("~/c.pem").expanduser()
    assert (found.deadline, found.timeouts) == (10.0, PhaseTimeouts(connect=5, read=3, write=10, pool=5))
    assert (found.concurrency, found.token_url, found.rights_probe) == (2, "https://t/as?x=1", False)


@pytest.mark.parametrize(
    ("timeout", "deadline", "phases"),
    [
        ("30", 30, PhaseTimeouts()),
        ("2.5", 2.5, PhaseTimeouts(connect=2.5, read=2.5, write=2.5, pool=2.5)),
        ("120", 120, PhaseTimeouts(connect=5, read=120, write=120, pool=5)),
        ("'7'", 7, PhaseTimeouts(connect=5, read=7, write=7, pool=5)),
        ("{connect: 1, pool: 2}", 30, PhaseTimeouts(connect=1, read=30, write=30, pool=2)),
        ("null", 30, PhaseTimeouts()),
    ],
)
def test_timeouts(tmp_path: Path, timeout: str, deadline: float, phases: PhaseTimeouts) -> None:
    found = settled(tmp_path, server(f"{URL}\ntimeout: {timeout}")).server
    assert found is not None
    assert (found.deadline, found.timeouts) == (deadline, phases)


@pytest.mark.parametrize(
    ("auth", "kind", "account"),
    [
        ("{type: bearer, token: '${env:T}'}", BearerLogin, "bearer token"),
        ("{type: mtls}", CertificateLogin, "client certificate"),
        (
            "{type: oauth2, token_url: https://t/as, client_id: me, client_secret: '${env:S}', scopes: [a]}",
            OAuth2Login,
            "me",
        ),
        ("null", type(None), ""),
    ],
)
def test_logins(tmp_path: Path, auth: str, kind: type, account: str) -> None:
    found = settled(tmp_path, server(f"{URL}\nauth: {auth}\ntls: {{client_cert: c.pem}}")).server
    assert found is not None
    assert isinstance(found.login, kind)
    assert found.account == account


def test_references_are_resolved_and_checked_for_the_chosen_environment_only(tmp_path: Path) -> None:
    text = (
        "environments:\n  dev:\n"
        "    server: {base_url: 'https://${env:HOST}/x', concurrency: '${env:N}', timeout: '${env:T}'}\n"
        "  prod:\n    protected: ${env:PROTECTED}\n    inventory: ${env:DIR}/inventory.yaml\n"
    )
    configuration = load(tmp_path, text, {"HOST": "pf", "N": "3", "T": "4.5"})
    found = configuration.environment("dev").server
    assert found is not None
    assert (found.base_url, found.concurrency, found.deadline) == ("https://pf/x", 3, 4.5)
    with pytest.raises(InvalidConfiguration) as caught:
        configuration.environment("prod")
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(5, 16), (6, 16)]
    assert "`environments.prod.protected`: the environment variable PROTECTED is not set" in caught.value.title
    other = load(tmp_path, text, {"PROTECTED": "true", "DIR": "sub"}).environment("prod")
    assert (other.protected, other.inventory) == (True, tmp_path / "sub" / "inventory.yaml")


@pytest.mark.parametrize(
    ("variables", "line", "column", "fragment"),
    [
        ({"HOST": "me:hunter22@h", "N": "1"}, 5, 17, "base_url` must not hold a user name or a password"),
        ({"HOST": "a b", "N": "1"}, 5, 17, "base_url` holds a space"),
        ({"HOST": "h", "N": "hunter22"}, 6, 20, "must be a whole number from 1 to 64; found text `${env:N}`"),
    ],
)
def test_what_a_reference_holds_is_checked_and_not_quoted(
    tmp_path: Path, variables: dict[str, str], line: int, column: int, fragment: str
) -> None:
    configuration = load(tmp_path, server("base_url: https://${env:HOST}/x\nconcurrency: ${env:N}"), variables)
    with pytest.raises(ConfigError) as caught:
        configuration.environment()
    assert (caught.value.line, caught.value.column) == (line, column)
    assert fragment in caught.value.title
    assert "hunter22" not in f"{caught.value!r}{caught.value.detail}{caught.value.hint}"


def test_escaped_references_are_text(tmp_path: Path) -> None:
    text = server(URL + "\nauth: {type: basic, username: 'a$${env:X}', password: 'p$${env:X}'}")
    found = settled(tmp_path, text).server
    assert found is not None
    assert isinstance(found.login, BasicLogin)
    assert found.login.username == "a${env:X}"
    assert found.login.password.resolve() == Secret("p${env:X}")


def test_secrets_are_not_read_before_they_are_needed(tmp_path: Path) -> None:
    environment = settled(tmp_path, MINIMAL)
    assert environment.server is not None
    assert isinstance(environment.server.login, BasicLogin)
    with pytest.raises(ConfigError, match=r"config\.yaml:6:52: .*PF_PASSWORD is not set"):
        environment.server.login.password.resolve()


def test_merged_environments(tmp_path: Path) -> None:
    text = (
        "environments:\n  dev: &dev\n    inventory: i.yaml\n    oci: &oci {config_file: /o}\n"
        "  prod:\n    <<: *dev\n    protected: true\n    oci: *oci\n"
    )
    environment = load(tmp_path, text).environment("prod")
    assert (environment.protected, environment.inventory) == (True, tmp_path / "i.yaml")


def test_places(tmp_path: Path) -> None:
    environment = settled(tmp_path, MINIMAL)
    place = environment.place("server", "auth", "password")
    assert (place.path, place.line, place.column) == (tmp_path / "config.yaml", 6, 52)
    assert environment.place("server", "tls", "ca_file").line == 5
    assert EnvironmentConfig(name="demo").place("server").line is None
