"""A diagnosis as lines to read: each finding with what proves it, and what to do about it."""

from collections.abc import Iterator
from typing import Final

from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.text import clean, ellipsis, json_text
from ocm_tui.tui.diagnoses import Diagnosed
from ocm_tui.tui.exchange_detail import summary_lines
from ocm_tui.tui.models.text_lines import Line, Part, line, words

__all__ = ["diagnosed_lines", "finding_hint", "finding_lines"]

_GLYPHS: Final = {"error": ("▲", "bad"), "warning": ("▲", "warn"), "info": ("·", "dim")}
_SIDE: Final = 10  # cells of the confidence before the text
_MOST_EVIDENCE: Final = 8


def finding_hint(diagnosed: Diagnosed) -> list[Line]:
    """The best finding in one sentence, and the keys that go on from it."""
    if not diagnosed.findings:
        return []
    best = diagnosed.findings[0]
    keys: list[Part] = [(" " * _SIDE, ""), ("d", "key"), (" explains", "dim")]
    if diagnosed.fix is not None:
        keys += [("   e", "key"), (" fixes it in the form", "dim")]
    return [_title(best), Line(tuple(keys))]


def _title(finding: Finding) -> Line:
    glyph, tone = _GLYPHS[finding.severity]
    sure = f"{glyph} {finding.confidence:<{_SIDE - 2}}"
    return words((sure, tone), (clean(finding.title, 400), "strong"), hang=_SIDE)


def diagnosed_lines(exchange: Exchange, diagnosed: Diagnosed, *, looking: bool) -> list[Line]:
    """Every finding, the best first. `looking`: what would make them surer is being read now."""
    lines = [summary_lines(exchange)[0], line()]
    for number, finding in enumerate(diagnosed.findings):
        lines += [line()] if number else []
        lines += finding_lines(finding, has_key=finding.fix is not None and finding.fix is diagnosed.fix)
    if not diagnosed.findings:
        lines += _nothing(exchange)
    if looking:
        lines += [line(), line(("◌ looking at the log and the server for more …", "dim"))]
    elif not diagnosed.complete:
        lines += [line(), line(("d", "key"), (" looks at the log and the server for more", "dim"))]
    lines += [
        words(("▲ ", "warn"), (f"left out: {clean(problem, 300)}", "dim"), hang=2) for problem in diagnosed.problems
    ]
    return lines


def finding_lines(finding: Finding, *, has_key: bool) -> Iterator[Line]:
    """`has_key`: the key for the fix is that of this finding."""
    yield _title(finding)
    if finding.suggestion:
        yield _beside("do", clean(finding.suggestion, 600), "")
    if finding.field_path:
        yield _beside("field", clean(finding.field_path, 200), "name")
    for number, piece in enumerate(finding.evidence[:_MOST_EVIDENCE]):
        yield _beside("" if number else "evidence", clean(piece, 300), "dim")
    if finding.fix is not None and has_key:
        value = (
            "" if finding.fix.value is None else f", with {ellipsis(json_text(finding.fix.value, indent=None), 120)}"
        )
        keys: tuple[Part, ...] = (("e", "key"), (f" opens the form at this field{value}", "dim"))
        yield Line(((" " * _SIDE, ""), *keys), hang=_SIDE, prose=True)
    yield _beside("code", finding.code, "dim")


def _beside(name: str, text: str, tone: str) -> Line:
    return words((f"{name:<{_SIDE}}", "dim"), (text, tone), hang=_SIDE)


def _nothing(exchange: Exchange) -> Iterator[Line]:
    if exchange.failed:
        yield words(("Nothing that is known explains this failure.", "strong"))
        yield line()
        yield words(("b compares it with the last time that the same call succeeded.", "dim"))
    else:
        yield words(("● Nothing is wrong with this exchange.", "good"))
