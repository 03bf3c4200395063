"""What the command line tool would do differently: its environment variables, and its own file beside the profiles.

The SDK reads neither. Of the tool, as its source has it: a variable beats the profile; `oci_cli_rc` gives defaults for
parameters, by profile, of which only four change how a profile signs in or where it goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ocm_tui.core.exchanges.names import is_secret_name
from ocm_tui.core.oci.model import DEFAULT, FileProfile
from ocm_tui.core.oci.scanner import readable, scan, to_text
from ocm_tui.core.oci.schemas import SENSITIVE, as_secret
from ocm_tui.core.oci.secrecy import concealed
from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.secret import Secret

__all__ = ["CliFile", "CliSetting", "EffectiveField", "cli_default_profile", "cli_settings", "effective", "read_cli_rc"]

_LARGEST: Final = 1 << 20
_SETTINGS: Final = "OCI_CLI_SETTINGS"
_VARIABLES: Final = {
    "OCI_CLI_USER": "user",
    "OCI_CLI_TENANCY": "tenancy",
    "OCI_CLI_REGION": "region",
    "OCI_CLI_FINGERPRINT": "fingerprint",
    "OCI_CLI_KEY_FILE": "key_file",
    "OCI_CLI_KEY_CONTENT": "key_content",
    "OCI_CLI_PASSPHRASE": "pass_phrase",
    "OCI_CLI_SECURITY_TOKEN_FILE": "security_token_file",
    "OCI_CLI_AUTH": "authentication",
    "OCI_CLI_ENDPOINT": "endpoint",
    "OCI_CLI_CERT_BUNDLE": "cert_bundle",
}
_FROM_RC: Final = {"region": "region", "auth": "authentication", "endpoint": "endpoint", "cert-bundle": "cert_bundle"}


@dataclass(frozen=True, slots=True)
class CliSetting:
    """`source` is a variable, or `oci_cli_rc, line 3`."""

    name: str
    value: str | Secret
    source: str


@dataclass(frozen=True, slots=True)
class CliFile:
    """`oci_cli_rc`: settings by section, DEFAULT apart. `missing` says why there is none."""

    path: Path
    missing: str = ""
    sections: Mapping[str, Mapping[str, CliSetting]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EffectiveField:
    """One field of a profile: what this program and the SDK take, where from, and what the tool would take instead."""

    name: str
    value: str | Secret | None
    source: str
    cli: CliSetting | None = None


def read_cli_rc(environment: Mapping[str, str], home: Path) -> CliFile:
    """`OCI_CLI_RC_FILE` if it exists, else `~/.oci/oci_cli_rc`. Never raises."""
    path = home / ".oci" / "oci_cli_rc"
    if chosen := environment.get("OCI_CLI_RC_FILE"):
        named = home / chosen[2:] if chosen.startswith("~/") else Path(chosen)
        path = named if _exists(named) else path
    try:
        content = read_small_file(path, _LARGEST).content
    except UnusableFile as error:
        return CliFile(path, missing=error.reason)
    sections: dict[str, dict[str, CliSetting]] = {}
    for section in scan(to_text(content)).sections:
        for entry in section.entries:
            setting = CliSetting(
                entry.name, _value(entry.name, readable(entry.value)), f"{path.name}, line {entry.lines[0] + 1}"
            )
            sections.setdefault(readable(section.name), {})[entry.name] = setting
    return CliFile(path, sections=sections)


def cli_default_profile(rc: CliFile, environment: Mapping[str, str]) -> CliSetting:
    """The profile that the tool takes when it is told none."""
    if named := environment.get("OCI_CLI_PROFILE"):
        return CliSetting("profile", named, "OCI_CLI_PROFILE")
    return rc.sections.get(_SETTINGS, {}).get("default_profile") or CliSetting("profile", DEFAULT, "the tool's default")


def cli_settings(profile: str, rc: CliFile, environment: Mapping[str, str]) -> Iterator[CliSetting]:
    """Those that touch how the profile signs in or where it goes; a variable hides what the file says."""
    told = set()
    for variable, name in _VARIABLES.items():
        if text := environment.get(variable):
            told.add(name)
            yield CliSetting(name, _value(name, text), variable)
    own = rc.sections.get(profile)
    defaults = {**rc.sections.get(DEFAULT, {}), **own} if own is not None else {}  # no section: no defaults either
    if profile == DEFAULT:
        defaults = dict(rc.sections.get(DEFAULT, {}))
    for word, name in _FROM_RC.items():
        if word in defaults and name not in told:
            setting = defaults[word]
            yield CliSetting(name, setting.value, setting.source)


def effective(profile: FileProfile, rc: CliFile, environment: Mapping[str, str]) -> tuple[EffectiveField, ...]:
    """In the order of the file; then what only the environment or the tool's file gives."""
    cli = {setting.name: setting for setting in cli_settings(profile.name, rc, environment)}
    found = [
        EffectiveField(
            one.name,
            one.value,
            f"line {one.line}" if one.origin == "own" else f"DEFAULT, line {one.line}",
            _if_other(cli.pop(one.name, None), one.value),
        )
        for one in profile.fields.values()
    ]
    if "region" not in profile.fields and (region := environment.get("OCI_REGION")):
        value = _value("region", region)
        found.append(EffectiveField("region", value, "OCI_REGION", _if_other(cli.pop("region", None), value)))
    return (*found, *(EffectiveField(name, None, "not set", setting) for name, setting in cli.items()))


def _if_other(setting: CliSetting | None, value: str | Secret) -> CliSetting | None:
    return None if setting is None or setting.value == value else setting


def _value(name: str, text: str) -> str | Secret:
    if name in SENSITIVE:
        return as_secret(name, text)
    if is_secret_name(name):
        return Secret(text)
    return text if concealed(text) == text else Secret(text, search=False)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
