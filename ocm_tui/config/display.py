"""The effective configuration, fit to be shown: defaults filled in, environment variables applied, secrets `***`.

References are shown as they are written; nothing is read to show them.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocm_tui.config.loading import Configuration
from ocm_tui.config.models import Section, TimeoutSection
from ocm_tui.config.overrides import override
from ocm_tui.config.references import SecretRef, Template
from ocm_tui.core.secret import known_secrets
from ocm_tui.core.text import clean

__all__ = ["effective"]


def effective(configuration: Configuration, only: str | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """The configuration as JSON-like data, and which environment variable set which dotted key."""
    names = [only] if only else list(configuration.names)
    shown: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name in names:
        section, overridden = override(configuration.section(name), configuration.environ)
        shown[name] = _shown(section)
        origins |= {f"environments.{name}.{key}": variable for key, variable in overridden.items()}
    return {"default_environment": configuration.default, "environments": shown}, origins


def _shown(value: Any) -> Any:
    match value:
        case Section():
            return {key: _shown(item) for key, item in _members(value).items()}
        case list():
            return [_shown(item) for item in value]
        case SecretRef() | Template():
            return clean(value.shown)
        case str() | Path():
            return clean(known_secrets.scrub(str(value)))
        case float() if value.is_integer():
            return int(value)
    return value


def _members(section: Section) -> dict[str, Any]:
    members = {key: getattr(section, key) for key in type(section).model_fields}
    if isinstance(section, TimeoutSection) and not any(isinstance(item, Template) for item in members.values()):
        members |= asdict(section.phases())
    return members
