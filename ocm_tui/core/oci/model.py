"""What is read of a configuration file, and what is found in it. Strings are the file's own: clean them when shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.secret import Secret, known_secrets
from ocm_tui.core.text import clean

__all__ = [
    "DEFAULT",
    "AddProfile",
    "ConfigFile",
    "Edit",
    "FileField",
    "FileProfile",
    "Finding",
    "Fix",
    "MakePrivate",
    "Origin",
    "RemoveProfile",
    "RenameSection",
    "SetField",
    "Severity",
    "Stamp",
    "StripBom",
]

DEFAULT: Final = "DEFAULT"

Severity = Literal["error", "warning", "info"]
Origin = Literal["own", "DEFAULT"]
Stamp = tuple[int, int, int]  # of modification in ns, size, inode

# Refused by others, but read or repaired here; or a judgement that only the server can confirm.
_TOLERATED: Final = frozenset(
    {"bom", "dup-section", "dup-key", "encoding", "syntax", "key-content-in-file", "key-small", "token-newline"}
)


@dataclass(frozen=True, slots=True)
class SetField:
    """`name = value` in the section of `profile`; None removes what stands there."""

    profile: str
    name: str
    value: str | Secret | None


@dataclass(frozen=True, slots=True)
class AddProfile:
    """A new section at the end of the file, fields in the order given."""

    profile: str
    fields: Mapping[str, str | Secret]


@dataclass(frozen=True, slots=True)
class RemoveProfile:
    profile: str


@dataclass(frozen=True, slots=True)
class RenameSection:
    """The header only; every occurrence."""

    profile: str
    name: str


@dataclass(frozen=True, slots=True)
class StripBom:
    """The three bytes at the start of the file."""


@dataclass(frozen=True, slots=True)
class MakePrivate:
    """Mode 0600 (`write_back.make_private`): not an edit of the text. `path` may be sensitive."""

    path: Secret


Edit = SetField | AddProfile | RemoveProfile | RenameSection | StripBom


@dataclass(frozen=True, slots=True)
class Fix:
    """What one key does. `label` is an imperative: `remove the quotes`. `edits` are for `write_back.plan_edit`;
    `private` is set instead when a file's mode is the matter.
    """

    label: str
    edits: tuple[Edit, ...] = ()
    private: MakePrivate | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth to know. Message and hint are clean and hold no sensitive value.

    An error is what the SDK, the command line tool or the server refuses: it `blocks` a probe only if this program
    cannot do better. `code` is API. `line` counts from 1 and is None for what no line of the configuration file says;
    `profile` and `field` are empty for what concerns the whole file. `detail` is what the message leaves out because it
    is sensitive (a resolved path, whole fingerprints): only for a reveal.
    """

    code: str
    severity: Severity
    message: str
    line: int | None = None
    hint: str = ""
    profile: str = ""
    field: str = ""
    fix: Fix | None = None
    detail: Secret | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", known_secrets.scrub(clean(self.message, 600)))
        object.__setattr__(self, "hint", known_secrets.scrub(clean(self.hint, 600)))

    @property
    def blocks(self) -> bool:
        """A probe of the profile is certain to fail, before anything is sent."""
        return self.severity == "error" and self.code not in _TOLERATED

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "line": self.line,
            "message": self.message,
            "hint": self.hint or None,
        }


@dataclass(frozen=True, slots=True)
class FileField:
    """One field as the SDK reads it. `name` is lower case; `value` is a Secret when the name says so; `line` is its
    key's. A value of several lines holds newlines, as configparser joins them; `glued` is the first of those lines.
    """

    name: str
    value: str | Secret
    line: int
    origin: Origin = "own"
    glued: int | None = None

    @property
    def text(self) -> str:
        """The value itself: for who compares or signs, never for who shows."""
        return self.value.reveal() if isinstance(self.value, Secret) else self.value


@dataclass(frozen=True, slots=True)
class FileProfile:
    """One section. Sections of one name are one profile: what comes later counts; `lines` are those of its headers.

    `fields` has the own fields and the inherited ones. `inferred` is set when `config.authentication` comes from the
    section's own token file, because no `authentication` is written.
    """

    name: str
    lines: tuple[int, ...]
    fields: Mapping[str, FileField]
    config: OciProfileConfig
    inferred: bool = False

    @property
    def line(self) -> int:
        return self.lines[0]


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The whole file. `content` is every byte (b"" when there is none), `digest` its SHA-256; neither is ever shown.

    `missing` says why it cannot be read; `mode` are the permission bits of what the path leads to. DEFAULT is among the
    profiles when it has fields of its own. `problems` are the findings of the file; `lint` has those of a profile.
    """

    path: Path
    content: bytes = field(default=b"", repr=False)
    digest: str = ""
    mode: int | None = None
    missing: str = ""
    profiles: tuple[FileProfile, ...] = ()
    problems: tuple[Finding, ...] = ()
    stamp: Stamp | None = None

    def profile(self, name: str) -> FileProfile | None:
        """As `schemas.find_profile`."""
        found = None
        for one in self.profiles:
            if one.name == name:
                return one
            if one.name.casefold() == name.casefold():
                found = one
        return found
