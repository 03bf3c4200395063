"""The fields of a profile as it is now: what file and memory say, and where each value comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ocm_tui.core.oci.schemas import SENSITIVE
from ocm_tui.core.secret import Secret

if TYPE_CHECKING:
    from ocm_tui.core.oci.registry import ProfileEntry

__all__ = ["ProfileField", "fields_of", "sensitive_fields"]

_FIELDS: Final = (
    *("user", "fingerprint", "tenancy", "region", "key_file", "key_content", "pass_phrase", "security_token_file"),
    *("genai_compartment_id", "genai_region", "log_requests", "additional_user_agent"),
)


@dataclass(frozen=True, slots=True)
class ProfileField:
    """`value` is a Secret when it must not be shown unasked; `where` is `own, line 4`, `DEFAULT, line 2`, `memory`."""

    name: str
    value: str | Secret
    where: str
    changed: bool = False  # memory says something else than the file


def fields_of(entry: "ProfileEntry") -> Sequence[ProfileField]:
    """How it signs in first, then in the order of the file, then what only memory has."""
    return [_authentication(entry), *_written(entry), *_only_in_memory(entry)]


def sensitive_fields(entry: "ProfileEntry") -> Sequence[str]:
    """Those that have a value, which is not shown."""
    return [one.name for one in fields_of(entry) if isinstance(one.value, Secret)]


def _authentication(entry: "ProfileEntry") -> ProfileField:
    value = entry.config.authentication or "api_key"
    source = entry.source
    if source is None or value != (source.config.authentication or "api_key"):
        return ProfileField("authentication", value, "memory", changed=source is not None)
    written = source.fields.get("authentication")
    if written is not None:
        return ProfileField("authentication", value, _where(written.origin, written.line))
    return ProfileField("authentication", value, "inferred from its token file" if source.inferred else "by default")


def _written(entry: "ProfileEntry") -> Iterator[ProfileField]:
    for field in entry.source.fields.values() if entry.source is not None else ():
        if field.name == "authentication":
            continue
        if field.name in _FIELDS and _differs(entry, field.name):
            now = _now(entry, field.name)
            if now:
                yield ProfileField(field.name, now, "memory", changed=True)
            else:
                yield ProfileField(field.name, "–", f"removed in memory; line {field.line}", changed=True)
        else:
            yield ProfileField(field.name, field.value, _where(field.origin, field.line))


def _only_in_memory(entry: "ProfileEntry") -> Iterator[ProfileField]:
    written = entry.source.fields if entry.source is not None else {}
    for name in _FIELDS:
        value = _now(entry, name)
        if name not in written and value:
            yield ProfileField(name, value, "memory", changed=entry.source is not None)


def _differs(entry: "ProfileEntry", name: str) -> bool:
    assert entry.source is not None
    return bool(getattr(entry.config, name) != getattr(entry.source.config, name))


def _now(entry: "ProfileEntry", name: str) -> str | Secret:
    """A field of the schema; "" when it has no value."""
    value = getattr(entry.config, name)
    if isinstance(value, bool):
        return "yes" if value else ""
    assert value is None or isinstance(value, str) or name in SENSITIVE
    return value or ""


def _where(origin: str, line: int) -> str:
    return f"line {line}" if origin == "own" else f"DEFAULT, line {line}"
