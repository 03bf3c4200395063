"""Environment variables of other tools that change a configuration."""

from pathlib import Path
from typing import Any

import pytest

from ocm_tui.config.environment import RegistryConfig
from ocm_tui.config.references import SecretRef
from ocm_tui.core.errors import ConfigError
from tests.unit.config.support import settled


def test_cache_ttl_override(tmp_path: Path) -> None:
    environment = settled(tmp_path, "environments: {dev: {registry: {cache_ttl: 9}}}", CLIENT_REGISTRY_CACHE_TTL="60")
    assert environment.registry == RegistryConfig(cache_ttl=60)
    assert environment.overrides == {"registry.cache_ttl": "CLIENT_REGISTRY_CACHE_TTL"}


def test_cache_ttl_configures_no_registry(tmp_path: Path) -> None:
    assert settled(tmp_path, "environments: {dev: {}}", CLIENT_REGISTRY_CACHE_TTL="60").registry is None


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "5m", "٣", "9999999", "1" * 40])
def test_bad_cache_ttl(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="CLIENT_REGISTRY_CACHE_TTL must be a whole number of seconds"):
        settled(tmp_path, "environments: {dev: {registry: {}}}", CLIENT_REGISTRY_CACHE_TTL=value)


@pytest.mark.parametrize("section", ["", "oci: {}", "oci: {config_file: /elsewhere}"])
def test_oci_file_override(tmp_path: Path, section: str) -> None:
    environment = settled(tmp_path, f"environments: {{dev: {{{section}}}}}", OCI_CLI_CONFIG_FILE="~/oci")
    assert environment.oci is not None
    assert environment.oci.config_file == Path("~/oci").expanduser()
    assert environment.overrides == {"oci.config_file": "OCI_CLI_CONFIG_FILE"}


POSTGRES = {
    "POSTGRES_E_HOST": "db.example.com",
    "POSTGRES_E_USER": "o/cm",
    "POSTGRES_E_PASSWORD": "p@ss:w/rd-of-postgres",
    "POSTGRES_E_DB": "regis try",
}


@pytest.mark.parametrize("section", ["", "registry: {}", "registry: {cache: 'redis://h'}"])
def test_database_of_the_environment(tmp_path: Path, section: str) -> None:
    environment = settled(tmp_path, f"environments: {{dev: {{{section}}}}}", **POSTGRES, POSTGRES_E_PORT="5436")
    assert environment.registry is not None
    database = environment.registry.database
    assert database is not None
    url = "postgresql://o%2Fcm:p%40ss%3Aw%2Frd-of-postgres@db.example.com:5436/regis%20try"
    assert database.resolve().reveal() == url
    assert database.shown == "postgresql://***@db.example.com:5436/regis%20try"
    assert environment.overrides["registry.database"] == "POSTGRES_E_HOST"


def test_a_database_in_the_file_wins(tmp_path: Path) -> None:
    environment = settled(tmp_path, "environments: {dev: {registry: {database: 'postgresql://mine/db'}}}", **POSTGRES)
    assert environment.registry is not None
    assert environment.registry.database is not None
    assert environment.registry.database.resolve().reveal() == "postgresql://mine/db"
    assert environment.overrides == {}


@pytest.mark.parametrize(
    ("changes", "fragment"),
    [
        ({"POSTGRES_E_USER": ""}, "POSTGRES_E_USER is not"),
        ({"POSTGRES_E_USER": "", "POSTGRES_E_DB": ""}, "POSTGRES_E_USER and POSTGRES_E_DB is not"),
        ({"POSTGRES_E_PORT": "http"}, "POSTGRES_E_PORT must be a port"),
        ({"POSTGRES_E_PORT": "70000"}, "POSTGRES_E_PORT must be a port"),
        ({"POSTGRES_E_PORT": "0"}, "POSTGRES_E_PORT must be a port"),
    ],
)
def test_incomplete_database_of_the_environment(tmp_path: Path, changes: dict[str, str], fragment: str) -> None:
    with pytest.raises(ConfigError, match=fragment) as caught:
        settled(tmp_path, "environments: {dev: {}}", **(POSTGRES | changes))
    assert "p@ss" not in f"{caught.value!r}{caught.value.hint}"


@pytest.mark.parametrize(("host", "shown"), [("::1", "[::1]"), ("[::1]", "[::1]"), ("/run/pg", "%2Frun%2Fpg")])
def test_hosts_of_the_database(tmp_path: Path, host: str, shown: str) -> None:
    environ: dict[str, Any] = POSTGRES | {"POSTGRES_E_HOST": host, "POSTGRES_E_PASSWORD": "", "POSTGRES_E_USER": "u"}
    environment = settled(tmp_path, "environments: {dev: {}}", **environ)
    assert environment.registry is not None
    assert isinstance(environment.registry.database, SecretRef)
    assert environment.registry.database.resolve().reveal() == f"postgresql://u@{shown}:5432/regis%20try"
