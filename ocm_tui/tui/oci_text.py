"""A profile in words: the overview, what was found in it, and what the command line tool would make of it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean
from ocm_tui.tui.exchange_text import clock_text
from ocm_tui.tui.hanging import hanging
from ocm_tui.tui.models.oci_fields import ProfileField, fields_of
from ocm_tui.tui.models.oci_rows import EXPIRING, STATUS_MARKS, countdown_text, memory_word, shown
from ocm_tui.tui.oci_reveal import FINDINGS, Reveal
from ocm_tui.tui.state import age_text, duration_text
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.oci.genai import GenAiReport
    from ocm_tui.core.oci.model import Finding
    from ocm_tui.core.oci.rc import EffectiveField
    from ocm_tui.core.oci.registry import ProfileEntry

__all__ = ["LABEL", "ProfileFacts", "effective_content", "findings_content", "labelled", "overview_content"]

LABEL: Final = 22  # cells
_HIDDEN: Final = "••••••••"
_SEVERITIES: Final = {"error": ("▲", "bad"), "warning": ("◐", "warn"), "info": ("·", "dim")}
_REVEALED_MOST: Final = 8000  # characters: a key is about two thousand
_MEMORY: Final = {
    "draft": "A draft: it was refused when it was created. e edits it; it is not in the file.",
    "new": "Not in the file yet: w saves.",
    "modified": "Changed in memory, not in the file: w saves.",
}


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """What the detail shows of one profile. What is None was not asked for yet."""

    entry: "ProfileEntry"
    probing: bool = False
    expires_at: float | None = None
    file_findings: "Sequence[Finding]" = ()
    effective: "Sequence[EffectiveField] | None" = None
    genai: "GenAiReport | None" = None
    asking_genai: bool = False
    reveal: Reveal | None = None


def overview_content(facts: ProfileFacts, width: int) -> Content:
    entry = facts.entry
    lines = [_head(facts)]
    if word := memory_word(entry):
        lines.append(Content.styled(_MEMORY[word], TONES["warn"]))
    if facts.expires_at is not None:
        lines.append(_token(facts.expires_at))
    if entry.result is not None and entry.result.error and not _says_the_countdown(facts):
        lines.append(Content.styled(entry.result.error, TONES[STATUS_MARKS[entry.status][1]]))
    lines.append(Content(""))
    lines += [_field(field, facts.reveal, width) for field in fields_of(entry)]
    if facts.reveal is not None:
        left = max(int(facts.reveal.seconds_left()) + 1, 1)
        lines += [Content(""), Content.styled(f"shown for {left} s more; v hides it", TONES["warn"])]
    elif any(isinstance(field.value, Secret) for field in fields_of(entry)):
        lines += [Content(""), Content.styled("v shows a sensitive field for some seconds", TONES["dim"])]
    return Content("\n").join(lines)


def _head(facts: ProfileFacts) -> Content:
    entry, result = facts.entry, facts.entry.result
    if facts.probing:
        return Content.styled("◌ probing …", TONES["strong"])
    mark, tone = STATUS_MARKS[entry.status]
    state = Content.styled(f"{mark} {entry.status}", TONES[tone])
    if result is None:
        return Content("  ").join([state, Content.styled("not probed yet: p asks OCI", TONES["dim"])])
    parts = [f"verified {age_text(time.time() - result.verified_at)} ago"]
    if result.latency_ms is not None:
        parts.insert(0, duration_text(result.latency_ms))
    return Content("  ").join([state, Content.styled(" · ".join(parts), TONES["dim"])])


def _token(expires_at: float) -> Content:
    left = expires_at - time.time()
    if left <= 0:
        return Content.styled(f"token expired {age_text(-left)} ago", TONES["bad"])
    tone = TONES["warn" if left <= EXPIRING else "good"]
    return Content.styled(f"token ends in {countdown_text(left)}, at {clock_text(expires_at)[:8]}", tone)


def _says_the_countdown(facts: ProfileFacts) -> bool:
    """Whether all that the probe found is what stands there already: the token has ended."""
    entry, result = facts.entry, facts.entry.result
    if facts.expires_at is None or facts.expires_at > time.time() or result is None or not result.blocked:
        return False
    return [one.code for one in entry.findings if one.severity == "error"] == ["token-expired"]


def _field(field: ProfileField, revealed: Reveal | None, width: int) -> Content:
    where = Content.styled(f"  {field.where}", TONES["warn" if field.changed else "dim"])
    if isinstance(field.value, Secret):
        if revealed is not None and revealed.field == field.name:
            value = Content.styled(clean(field.value.reveal(), _REVEALED_MOST), TONES["warn"])
        else:
            value = Content.styled(_HIDDEN if field.value else "(empty)", TONES["dim"])
    else:
        value = Content(shown(field.value, 600) or "(empty)")
    return hanging(labelled(field.name), Content.assemble(value, where), width)


def labelled(name: str) -> Content:
    """A label as wide as all of them."""
    text = shown(name, 100)
    return Content.styled(f"{text[: LABEL - 1]:<{LABEL}}", TONES["dim"])


def findings_content(facts: ProfileFacts, width: int) -> Content:
    lines: list[Content] = []
    for finding in facts.entry.findings:
        lines += _finding(finding, facts.reveal, width)
    if not lines:
        lines += [Content.styled("● Nothing was found in this profile.", TONES["good"]), Content("")]
    if facts.file_findings:
        lines += [Content.styled("The file, and what is around it", "bold $accent"), Content("")]
        for finding in facts.file_findings:
            lines += _finding(finding, facts.reveal, width)
    return Content("\n").join(lines)


def _finding(finding: "Finding", revealed: Reveal | None, width: int) -> Iterator[Content]:
    mark, tone = _SEVERITIES[finding.severity]
    line = f" · line {finding.line}" if finding.line else ""
    yield Content.assemble(
        (f"{mark} {finding.severity}  ", TONES[tone]), (finding.code, TONES["strong"]), (line, TONES["dim"])
    )
    yield hanging(Content("  "), Content(finding.message), width)
    if finding.detail is not None and revealed is not None and revealed.field == FINDINGS:
        yield hanging(Content("  "), Content.styled(clean(finding.detail.reveal(), 2000), TONES["warn"]), width)
    if finding.hint:
        yield hanging(Content.styled("  → ", TONES["dim"]), Content.styled(finding.hint, TONES["dim"]), width)
    if finding.fix is not None:
        yield hanging(Content.styled("  f ", TONES["key"]), Content(shown(finding.fix.label)), width)
    yield Content("")


def effective_content(facts: ProfileFacts, width: int) -> Content:
    """Each field with its origin, and what the OCI command line tool would take in its place."""
    if facts.effective is None:
        return Content("Reading …")
    if facts.entry.source is None:
        return Content.styled(
            "This profile is not in the file yet: the command line tool does not know it.", TONES["dim"]
        )
    others = sum(field.cli is not None for field in facts.effective)
    head = (
        Content.styled(f"◐ The OCI command line tool would take {others} of these from elsewhere.", TONES["warn"])
        if others
        else Content.styled("● The OCI command line tool takes the same.", TONES["good"])
    )  # fmt: skip
    lines = [
        head,
        Content.styled("As the file has it; changes in memory do not count here.", TONES["dim"]),
        Content(""),
    ]
    for field in facts.effective:
        value = Content.assemble(_value(field.value), (f"  {shown(field.source)}", TONES["dim"]))
        lines.append(hanging(labelled(field.name), value, width))
        if field.cli is not None:
            said = Content.assemble(_value(field.cli.value), (f"  {shown(field.cli.source)}", TONES["dim"]))
            lines.append(hanging(Content.styled(f"{'  the tool takes':<{LABEL}}", TONES["warn"]), said, width))
    return Content("\n").join(lines)


def _value(value: str | Secret | None) -> Content:
    if value is None:
        return Content.styled("–", TONES["dim"])
    return Content.styled(_HIDDEN, TONES["dim"]) if isinstance(value, Secret) else Content(shown(value, 600))
