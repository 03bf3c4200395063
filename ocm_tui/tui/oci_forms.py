"""What the form of an OCI profile begins with: nothing but what DEFAULT gives, a profile as it is, or a copy of one."""

from typing import TYPE_CHECKING

from ocm_tui.core.oci.model import DEFAULT
from ocm_tui.core.text import clean
from ocm_tui.tui.models.oci_form_rows import OCI_FIELDS, OciFormRows, inherited_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.schemas import OciProfileConfig
    from ocm_tui.core.oci.service import OciService

__all__ = ["cloned", "edited", "left_empty", "new"]


def new(service: "OciService") -> OciFormRows:
    from ocm_tui.core.oci.schemas import OciProfileConfig

    default = _default(service)
    given = {name: getattr(default, name) for name in inherited_fields(None, default)}
    config = OciProfileConfig(auth_profile="", **given)
    return OciFormRows(config, default=default, taken=_taken(service), begins="by default")


def edited(entry: "ProfileEntry") -> OciFormRows:
    return OciFormRows(entry.config, source=entry.source)


def cloned(service: "OciService", entry: "ProfileEntry") -> OciFormRows:
    """With what is sensitive, which stays a Secret; without the name, and without what is only known as `***`."""
    unknown = dict.fromkeys(_masked(entry))
    config = entry.config.model_copy(update={**unknown, "auth_profile": "", "useable": False})
    return OciFormRows(config, default=_default(service), taken=_taken(service), begins="copied")


def left_empty(entry: "ProfileEntry") -> str:
    """A sentence about the fields that a copy starts without; "" when there are none."""
    masked = _masked(entry)
    if not masked:
        return ""
    labels = " and ".join(field.label for field in OCI_FIELDS if field.name in masked)
    return f"{labels} of {clean(entry.name, 80)} holds what looks like a secret: the copy starts without it."


def _masked(entry: "ProfileEntry") -> "Sequence[str]":
    """Fields that are no place for a secret, and hold one in the file: the profile has `***` where it stands."""
    if entry.source is None:
        return ()
    written = {name: field.text for name, field in entry.source.fields.items()}
    return [
        field.name
        for field in OCI_FIELDS
        if isinstance(value := getattr(entry.config, field.name), str)
        and field.name in written
        and value == getattr(entry.source.config, field.name)
        and value.casefold() != written[field.name].casefold()
    ]


def _default(service: "OciService") -> "OciProfileConfig | None":
    found = service.registry.find(DEFAULT)
    return found.config if found is not None and found.name == DEFAULT else None


def _taken(service: "OciService") -> list[str]:
    """A draft may be made again."""
    return [entry.name for entry in service.registry.list() if not entry.draft]
