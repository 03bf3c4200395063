"""Checks for people: one line each, what to do below it, the sum last."""

from typing import Final

from ocm_tui.core.checks.model import CheckReport, CheckResult, CheckStatus
from ocm_tui.core.text import clean
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, padded, painted

__all__ = ["render"]

_GLYPHS: Final[dict[CheckStatus, tuple[str, str]]] = {
    "pass": ("●", GREEN),
    "warn": ("▲", YELLOW),
    "fail": ("■", RED),
    "skip": ("·", GREY),
}


def render(report: CheckReport, *, color: bool = False) -> str:
    width = max((len(result.id) for result in report.results), default=0)
    lines = [line for result in report.results for line in _lines(result, width, color=color)]
    return "\n".join([*lines, "", _sum(report)]) + "\n"


def _lines(result: CheckResult, width: int, *, color: bool) -> list[str]:
    glyph, paint = _GLYPHS[result.status]
    state = painted(f"{glyph} {result.status}", paint, color=color)
    lines = [f"{state}  {padded(result.id, width)}  {clean(result.message)}"]
    margin = " " * (len("● pass") + 2 + width + 2)
    if len(result.findings) > 1:
        for finding in result.findings:
            where = f"{finding.path}:{finding.line}: " if finding.path and finding.line else ""
            lines.append(f"{margin}{clean(where)}{clean(finding.message)}")
    if result.hint:
        lines.append(f"{margin}hint: {clean(result.hint)}")
    return lines


def _sum(report: CheckReport) -> str:
    counts = (
        f"{report.count('pass')} passed, {report.count('warn')} warned, "
        f"{report.count('fail')} failed, {report.count('skip')} skipped"
    )
    where = clean(report.environment) or "no environment"
    return f"{where}: {counts} in {report.duration_ms / 1000:.2f} s"
