"""Environment variables that other tools of the house set, and that this program honours.

- `CLIENT_REGISTRY_CACHE_TTL` overrides `registry.cache_ttl`.
- `OCI_CLI_CONFIG_FILE` overrides `oci.config_file`, and configures `oci` where the file does not.
- `POSTGRES_E_HOST` (with `_PORT`, `_USER`, `_PASSWORD`, `_DB`) is the registry's database where the file names none.
  A database in the file wins: a variable left over in a shell must not point `--env prod` at another database.
"""

import re
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

from ocm_tui.config.models import EnvironmentSection, OCISection, RegistrySection
from ocm_tui.config.references import SecretRef
from ocm_tui.config.sources import Unresolvable, expand
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.text import clean

__all__ = ["override"]

_DATABASE = ("POSTGRES_E_HOST", "POSTGRES_E_PORT", "POSTGRES_E_USER", "POSTGRES_E_PASSWORD", "POSTGRES_E_DB")
_LONGEST_TTL = 30 * 86400


def override(section: EnvironmentSection, environ: Mapping[str, str]) -> tuple[EnvironmentSection, dict[str, str]]:
    """The section with the variables applied, and which variable set which key. ConfigError names a bad variable."""
    changes: dict[str, object] = {}
    origins: dict[str, str] = {}
    oci_file = environ.get("OCI_CLI_CONFIG_FILE")
    if oci_file:
        oci = section.oci or OCISection.model_construct()
        changes["oci"] = oci.model_copy(update={"config_file": _oci_file(oci_file)})
        origins["oci.config_file"] = "OCI_CLI_CONFIG_FILE"
    registry = _registry(section.registry, environ, origins)
    if registry is not section.registry:
        changes["registry"] = registry
    return (section.model_copy(update=changes) if changes else section), origins


def _oci_file(text: str) -> Path:
    try:
        return expand(text, Path.cwd())
    except Unresolvable as problem:
        raise ConfigError(f"OCI_CLI_CONFIG_FILE cannot be used: {problem.message}") from None


def _registry(
    registry: RegistrySection | None, environ: Mapping[str, str], origins: dict[str, str]
) -> RegistrySection | None:
    changes: dict[str, object] = {}
    if environ.get("POSTGRES_E_HOST") and (registry is None or registry.database is None):
        registry = registry or RegistrySection()
        changes["database"] = _database(environ)
        origins["registry.database"] = "POSTGRES_E_HOST"
    seconds = environ.get("CLIENT_REGISTRY_CACHE_TTL")
    if seconds and registry is not None:
        changes["cache_ttl"] = _seconds(seconds)
        origins["registry.cache_ttl"] = "CLIENT_REGISTRY_CACHE_TTL"
    return registry.model_copy(update=changes) if registry is not None and changes else registry


def _seconds(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,9}", text) and 1 <= int(text) <= _LONGEST_TTL:
        return int(text)
    raise ConfigError(
        f"CLIENT_REGISTRY_CACHE_TTL must be a whole number of seconds; found `{clean(text, 40)}`",
        hint=f"1 to {_LONGEST_TTL}, or unset it",
    )


def _database(environ: Mapping[str, str]) -> SecretRef:
    host, port, user, password, name = (environ.get(variable, "") for variable in _DATABASE)
    missing = [variable for variable, value in zip(_DATABASE[2::2], (user, name), strict=True) if not value]
    if missing:
        raise ConfigError(
            f"POSTGRES_E_HOST is set, but {' and '.join(missing)} is not",
            hint="set all of POSTGRES_E_HOST, _PORT, _USER, _PASSWORD and _DB, or none of them",
        )
    if port and not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
        raise ConfigError(f"POSTGRES_E_PORT must be a port; found `{clean(port, 40)}`")
    login = urllib.parse.quote(user, safe="")
    if password:
        login += f":{urllib.parse.quote(password, safe='')}"
    place = f"[{host}]" if ":" in host and not host.startswith("[") else urllib.parse.quote(host, safe="[]:.-_")
    database = urllib.parse.quote(name, safe="")
    url = f"postgresql://{login}@{place}:{port or 5432}/{database}"
    return SecretRef.of(url, schemes=("postgresql", "postgres"))
