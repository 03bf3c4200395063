"""Where things live on this system. Asking creates nothing.

`OCM_TUI_CONFIG`, `OCM_TUI_STATE_DIR` and `OCM_TUI_CACHE_DIR` name other places; `~` is expanded.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ocm_tui.core.errors import ConfigError

__all__ = ["ConfigLocation", "cache_dir", "config_path", "ensure_private_directory", "state_dir"]

_APPLICATION = "ocm-tui"


@dataclass(frozen=True, slots=True)
class ConfigLocation:
    """`named`: the user named the file, so it has to be there."""

    path: Path
    named: bool


def config_path(option: Path | None = None, environ: Mapping[str, str] | None = None) -> ConfigLocation:
    """The configuration file: `--config`, else `OCM_TUI_CONFIG`, else `config.yaml` in the user's directory."""
    named = str(option) if option is not None else _variables(environ).get("OCM_TUI_CONFIG")
    if named:
        return ConfigLocation(_expanded(named, "--config" if option is not None else "OCM_TUI_CONFIG"), named=True)
    import platformdirs

    return ConfigLocation(
        Path(platformdirs.user_config_dir(_APPLICATION, appauthor=False)) / "config.yaml", named=False
    )


def state_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Journals, exchange history, the embedded registry: what must not be lost."""
    named = _variables(environ).get("OCM_TUI_STATE_DIR")
    if named:
        return _expanded(named, "OCM_TUI_STATE_DIR")
    import platformdirs

    return Path(platformdirs.user_state_dir(_APPLICATION, appauthor=False))


def cache_dir(environ: Mapping[str, str] | None = None) -> Path:
    """What can be made again."""
    named = _variables(environ).get("OCM_TUI_CACHE_DIR")
    if named:
        return _expanded(named, "OCM_TUI_CACHE_DIR")
    import platformdirs

    return Path(platformdirs.user_cache_dir(_APPLICATION, appauthor=False))


def ensure_private_directory(path: Path) -> Path:
    """`path` as a directory; created 0700, with its parents, if it is not there. ConfigError when it cannot be one."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise ConfigError("this must be a directory, and is a file", path=path) from None
    except OSError as error:
        raise ConfigError(f"the directory cannot be created: {(error.strerror or '').lower()}", path=path) from error
    return path


def _variables(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _expanded(text: str, origin: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except (RuntimeError, ValueError):
        raise ConfigError(f"{origin} names a home directory that cannot be found", path=text) from None
