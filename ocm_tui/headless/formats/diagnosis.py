"""A diagnosis for people, and as `ocm-tui/diagnosis/v1`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean, clean_lines
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, painted

__all__ = ["diagnosis_members", "diagnosis_text", "finding_lines"]

_PAINTS: Final = {"error": RED, "warning": YELLOW, "info": GREY}
_GLYPHS: Final = {"error": "■", "warning": "▲", "info": "·"}


def diagnosis_members(
    exchange_id: str,
    findings: Sequence[Finding],
    *,
    minimal_payload: Mapping[str, Any] | None = None,
    trials: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The members of the document, without its schema."""
    return {
        "exchange_id": exchange_id,
        "findings": [finding.as_json() for finding in findings],
        "minimal_payload": minimal_payload,
        "trials": list(trials),
    }


def diagnosis_text(exchange: Exchange, findings: Sequence[Finding], *, color: bool = False) -> str:
    """What it is about, then each finding with its evidence, best first."""
    status = f"HTTP {exchange.status}" if exchange.status is not None else "no answer"
    lines = [clean(f"{exchange.id}  {exchange.method} {exchange.url}  {status}")]
    if not findings:
        lines.append(f"{painted('●', GREEN, color=color)} nothing is wrong with it")
    for finding in findings:
        lines += finding_lines(finding, color=color)
    return known_secrets.scrub("\n".join(lines) + "\n", shortest=LONG)


def finding_lines(finding: Finding, *, color: bool = False, evidence: bool = True, indent: str = "") -> list[str]:
    """Safe to print."""
    glyph = painted(_GLYPHS[finding.severity], _PAINTS[finding.severity], color=color)
    lines = [f"{indent}{glyph} {clean(finding.title)}  ({clean(finding.code)}, {finding.confidence})"]
    if finding.suggestion:
        lines.append(f"{indent}    do: {clean(finding.suggestion)}")
    for piece in finding.evidence if evidence else ():
        first, *more = clean_lines(piece).splitlines() or [""]
        lines += [f"{indent}    evidence: {first}", *(f"{indent}              {line}" for line in more)]
    return lines
