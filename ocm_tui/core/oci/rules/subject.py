"""One profile under examination: what it says, where that stands, and what is around it."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from ocm_tui.core.oci.keys import KeyFile, load_key, load_key_file
from ocm_tui.core.oci.model import FileField, FileProfile, Finding, Fix, Severity
from ocm_tui.core.oci.regions import Regions, known_regions
from ocm_tui.core.oci.schemas import SENSITIVE, OciProfileConfig
from ocm_tui.core.oci.token import TokenFile, read_token_file
from ocm_tui.core.secret import LONG, Secret, known_secrets

__all__ = ["Subject", "Surroundings", "resolved"]

_TEXTS: Final = ("user", "tenancy", "region", "genai_compartment_id", "genai_region", *SENSITIVE)
_SCHEMA: Final = frozenset(OciProfileConfig.model_fields)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where and when profiles are looked at. `on_cloud` is what a preflight of the metadata service said, None before
    there was one; `alone` is false when the file has other profiles than DEFAULT.
    """

    now: float
    environment: Mapping[str, str] = field(repr=False)
    home: Path
    directory: Path
    regions: Regions = field(repr=False)
    on_cloud: bool | None = None
    alone: bool = True

    @staticmethod
    def here(*, on_cloud: bool | None = None) -> "Surroundings":
        home = Path("~").expanduser()
        return Surroundings(
            now=time.time(),
            environment=os.environ,
            home=home,
            directory=Path.cwd(),
            regions=known_regions(home, os.environ),
            on_cloud=on_cloud,
        )


class Subject:
    """Key and token are read once, when a rule first asks for them."""

    def __init__(self, config: OciProfileConfig, source: FileProfile | None, around: Surroundings) -> None:
        self.config = config
        self.source = source
        self.around = around

    def text(self, name: str) -> str:
        """The value of a field of the schema; "" when there is none."""
        value = getattr(self.config, name)
        return (value.reveal() if isinstance(value, Secret) else value) or ""

    def texts(self) -> dict[str, str]:
        """Every value that is set, those of fields that only the file knows as well."""
        written = self.source.fields if self.source is not None else {}
        found = {name: one.text for name, one in written.items() if self.written(name) is not None}
        edited = {name: self.text(name) for name in _TEXTS if self.written(name) is None}
        return found | {name: text for name, text in edited.items() if text}

    def written(self, name: str) -> FileField | None:
        """The field in the file, if it was not edited since."""
        if self.source is None:
            return None
        if name in _SCHEMA and getattr(self.config, name) != getattr(self.source.config, name):
            return None
        return self.source.fields.get(name)

    def finding(
        self,
        code: str,
        severity: Severity,
        message: str,
        name: str = "",
        *,
        hint: str = "",
        fix: Fix | None = None,
        detail: str = "",
        line: int | None = None,
    ) -> Finding:
        """With the line of the field `name`, or that of the header when it names none."""
        if line is None:
            written = self.written(name) if name else None
            line = written.line if written is not None else self._header(name)
        return Finding(
            code,
            severity,
            message,
            line,
            hint,
            profile=self.config.auth_profile,
            field=name,
            fix=fix,
            detail=Secret(detail, search=False) if detail else None,
        )

    def _header(self, name: str) -> int | None:
        """An edited field has no line any more."""
        if self.source is None or (name and name in self.source.fields):
            return None
        return self.source.line

    @cached_property
    def key_path(self) -> Path | None:
        return self._path("key_file")

    @cached_property
    def token_path(self) -> Path | None:
        return self._path("security_token_file")

    def _path(self, name: str) -> Path | None:
        text = self.text(name)
        if not text:
            return None
        path = resolved(text, self.around)
        if len(str(path)) >= LONG:
            known_secrets.add(str(path))  # messages of the SDK quote this one
        return path

    @cached_property
    def key(self) -> KeyFile | None:
        """None when the profile has no key."""
        if self.config.key_content:
            return load_key(self.config.key_content, self.config.pass_phrase)
        return load_key_file(self.key_path, self.config.pass_phrase) if self.key_path is not None else None

    @cached_property
    def token(self) -> TokenFile | None:
        return read_token_file(self.token_path) if self.token_path is not None else None


def resolved(text: str, around: Surroundings) -> Path:
    """`~` and what is relative, as the SDK resolves them."""
    if text == "~" or text.startswith("~/"):
        return around.home / text[2:]
    try:
        return around.directory / Path(text).expanduser()
    except RuntimeError:  # the home of nobody
        return around.directory / text
