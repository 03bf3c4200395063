"""The fixes of findings: which there are for a profile, and what carries each out.

What sets fields of the profile itself is done in memory, and probed like any other edit. What only the file can say
(a byte order mark, a section's name, what DEFAULT gives) is written to it, difference first. A mode is changed at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ocm_tui.core.oci.model import Finding, Fix, SetField
from ocm_tui.core.oci.registry import ProfileEntry
from ocm_tui.core.oci.schemas import OciProfileUpdate

__all__ = ["Proposal", "Way", "most_fixes", "proposals"]

Way = Literal["memory", "file", "mode"]

most_fixes: Final = 9  # one for each digit


@dataclass(frozen=True, slots=True)
class Proposal:
    """One fix. `update` is set when memory is the place for it."""

    finding: Finding
    fix: Fix
    way: Way
    update: OciProfileUpdate | None = None

    @property
    def sentence(self) -> str:
        where = {"memory": "", "file": " (in the file)", "mode": " (at once)"}[self.way]
        return f"{self.fix.label}{where}: {self.finding.message}"


def proposals(entry: ProfileEntry, of_file: Iterable[Finding]) -> Sequence[Proposal]:
    """Of the profile, the worst first; then of the file."""
    found = [*entry.findings, *of_file]
    return [_proposal(entry, finding, finding.fix) for finding in found if finding.fix is not None]


def _proposal(entry: ProfileEntry, finding: Finding, fix: Fix) -> Proposal:
    if fix.private is not None:
        return Proposal(finding, fix, "mode")
    fields = _own_fields(entry, fix)
    if fields is None:
        return Proposal(finding, fix, "file")
    return Proposal(finding, fix, "memory", OciProfileUpdate(**fields))


def _own_fields(entry: ProfileEntry, fix: Fix) -> dict[str, Any] | None:
    """The fields that it sets, when all are the profile's own and the schema knows them."""
    fields: dict[str, Any] = {}
    for edit in fix.edits:
        if (
            not isinstance(edit, SetField)
            or edit.profile != entry.name
            or edit.name not in OciProfileUpdate.model_fields
        ):
            return None
        fields[edit.name] = edit.value
    return fields
