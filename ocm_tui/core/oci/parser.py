"""The configuration file as a list of profiles, whatever state it is in: nothing in it hides the rest."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ocm_tui.core.exchanges.names import is_secret_name
from ocm_tui.core.oci.file_findings import file_findings
from ocm_tui.core.oci.model import DEFAULT, ConfigFile, FileField, FileProfile, Finding, Origin, Stamp
from ocm_tui.core.oci.scanner import Entry, Scan, Section, readable, scan, to_text
from ocm_tui.core.oci.schemas import SENSITIVE, OciProfileConfig, as_secret
from ocm_tui.core.oci.secrecy import concealed, in_key_block, real_entries
from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.secret import Secret

__all__ = ["config_location", "parse_profiles", "read_profiles", "stamp_of"]

_LARGEST: Final = 32 << 20
_OWN: Final = ("user", "tenancy", "region", "genai_compartment_id", "genai_region", "additional_user_agent")


def config_location(configured: Path | None, environment: Mapping[str, str], home: Path) -> tuple[Path, str]:
    """The file to read, and which rule chose it: `OCI_CLI_CONFIG_FILE`, `oci.config_file` or `default`."""
    if chosen := environment.get("OCI_CLI_CONFIG_FILE"):
        return _expanded(chosen, home), "OCI_CLI_CONFIG_FILE"
    if configured is not None:
        return _expanded(str(configured), home), "oci.config_file"
    return home / ".oci" / "config", "default"


def read_profiles(path: Path, *, chosen_by: str = "") -> ConfigFile:
    """Never raises: a file that cannot be read has no profiles, and a problem that says why. Blocking."""
    stamp = stamp_of(path)
    try:
        file = read_small_file(path, _LARGEST)
    except UnusableFile as error:
        rule = f" (chosen by {chosen_by})" if chosen_by and chosen_by != "default" else ""
        finding = Finding(
            "file-missing",
            "error",
            f"the configuration file {path} {error.reason}{rule}",
            hint="run `oci setup config`, or create a profile here and save it",
        )
        return ConfigFile(path, missing=error.reason, problems=(finding,), stamp=stamp)
    return parse_profiles(path, file.content, mode=file.mode, stamp=stamp)


def parse_profiles(path: Path, content: bytes, *, mode: int | None = None, stamp: Stamp | None = None) -> ConfigFile:
    scanned = scan(to_text(content))
    return ConfigFile(
        path=path,
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        mode=mode,
        profiles=tuple(_profiles(scanned)),
        problems=file_findings(path, content, mode, scanned),
        stamp=stamp,
    )


def stamp_of(path: Path) -> Stamp | None:
    """What changes when the file does, without reading it; None when there is none. For who watches it."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _expanded(text: str, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else Path(text)


def _profiles(scanned: Scan) -> Iterator[FileProfile]:
    by_name: dict[str, list[Section]] = {}
    in_key = in_key_block(scanned.lines)
    for section in scanned.sections:
        fields = Section(section.name, section.line, real_entries(section, in_key))
        by_name.setdefault(readable(section.name), []).append(fields)
    inherited = _fields(by_name.get(DEFAULT, []), "DEFAULT")
    if inherited:
        own = _fields(by_name[DEFAULT], "own")
        yield _profile(DEFAULT, by_name[DEFAULT], own, own)
    for name, sections in by_name.items():
        if name != DEFAULT:
            own = _fields(sections, "own")
            yield _profile(name, sections, own, inherited | own)


def _fields(sections: list[Section], origin: Origin) -> dict[str, FileField]:
    return {entry.name: _field(entry, origin) for section in sections for entry in section.entries}


def _field(entry: Entry, origin: Origin) -> FileField:
    glued = entry.lines[1] + 1 if len(entry.lines) > 1 else None
    return FileField(entry.name, _value(entry.name, readable(entry.value)), entry.lines[0] + 1, origin, glued)


def _value(name: str, value: str) -> str | Secret:
    if name in SENSITIVE:
        return as_secret(name, value)
    if is_secret_name(name):
        return Secret(value)
    return value if concealed(value) == value else Secret(value, search=False)


def _profile(
    name: str, sections: list[Section], own: Mapping[str, FileField], fields: Mapping[str, FileField]
) -> FileProfile:
    authentication, inferred = _authentication(own, fields)
    values: dict[str, str | Secret | bool] = {field: fields[field].value for field in SENSITIVE if field in fields}
    values |= {field: concealed(_text(fields, field)) for field in _OWN if field in fields}
    values |= {"auth_profile": name, "authentication": authentication}
    values["log_requests"] = _text(fields, "log_requests").lower() in {"1", "yes", "true", "on"}
    config = OciProfileConfig.model_validate(values)
    return FileProfile(name, tuple(section.line + 1 for section in sections), fields, config, inferred=inferred)


def _authentication(own: Mapping[str, FileField], fields: Mapping[str, FileField]) -> tuple[str, bool]:
    """What is written, or what the section's own token file means: `oci session authenticate` writes nothing else.

    An inherited token file means nothing: it leaks down to every profile that has a key of its own.
    """
    if written := _text(fields, "authentication"):
        return concealed(written).lower(), False
    if _text(fields, "authentication_type") == "instance_principal":  # the SDK's own key
        return "instance_principal", True
    return ("security_token", True) if _text(own, "security_token_file") else ("api_key", False)


def _text(fields: Mapping[str, FileField], name: str) -> str:
    return fields[name].text if name in fields else ""
