"""A minimisation for people, and as `ocm-tui/diagnosis/v1`; and what a clean-up of trials has done."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocm_tui.core.diagnosis.minimise.clean_up import CleanedUp
from ocm_tui.core.diagnosis.minimise.model import Minimised, Trial
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean, json_text
from ocm_tui.headless.formats.diagnosis import diagnosis_members, finding_lines
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, painted

__all__ = ["cleaned_lines", "minimised_members", "minimised_text", "trial_line"]

_PAINTS = {"fails": RED, "other": YELLOW, "passes": GREEN}
_GLYPHS = {"fails": "■", "other": "▲", "passes": "●"}


def minimised_members(result: Minimised, findings: Sequence[Finding]) -> dict[str, Any]:
    """The members of the document, without its schema."""
    return {**diagnosis_members(result.exchange_id or "", findings), **result.as_json()}


def minimised_text(result: Minimised, findings: Sequence[Finding], *, color: bool = False) -> str:
    """What was found, the two payloads, and what the reader has to know about them."""
    lines: list[str] = []
    for finding in findings:
        lines += finding_lines(finding, color=color)
    if not findings and result.reproduced and result.suspects:
        lines.append(f"▲ the cause is among {clean(', '.join(result.suspects))}")
    lines += _payload("the smallest payload that still fails", result.minimal_payload)
    lines += _payload(f"the largest payload that is accepted{_difference(result)}", result.passing_payload)
    lines += ["", *(f"note: {clean(note)}" for note in result.notes)]
    if result.stopped is not None:
        lines.append(f"ended early: {clean(result.stopped)}")
    trials = f"{len(result.trials)} {'trial' if len(result.trials) == 1 else 'trials'}, {result.requests} requests"
    lines.append(painted(f"{trials}; kept in {clean(result.directory)}", GREY, color=color))
    return known_secrets.scrub("\n".join(lines) + "\n", shortest=LONG)


def trial_line(trial: Trial, *, color: bool = False) -> str:
    """One trial in one line, safe to print."""
    glyph = painted(_GLYPHS[trial.verdict], _PAINTS[trial.verdict], color=color)
    words = {"fails": "still fails", "other": "fails otherwise", "passes": "accepted"}[trial.verdict]
    count = len(trial.fields)
    said = f"{trial.status}  {count} {'field' if count == 1 else 'fields'}"
    named = f": {', '.join(trial.fields)}" if 0 < count <= 3 else ""
    return f"{glyph} trial {trial.number:>2}  {words:<15}  {clean(said + named, 160)}"


def cleaned_lines(done: CleanedUp) -> Iterator[str]:
    """Sentences, safe to print."""
    yield f"{_clients(len(done.removed))} deleted, {len(done.absent)} of the journal not on the server"
    for one in done.left_over:
        yield f"{'left over' if one.certain else 'perhaps left over'}: {clean(one.client_id, 80)}: {clean(one.why)}"
    if done.at_work:
        yield f"not touched, because their run is at work: {clean(', '.join(done.at_work))}"
    for base_url, count in done.elsewhere.items():
        yield f"{_clients(count)} may be left at {clean(base_url, 200)}: clean up in that environment"
    if done.strangers:
        yield (
            f"{_clients(len(done.strangers))} named ocm-trial-… of which this journal knows nothing, left alone: "
            f"{clean(', '.join(done.strangers[:10]), 800)}"
        )
    yield from (f"note: {clean(note)}" for note in done.notes)


def _payload(title: str, payload: Mapping[str, Any] | None) -> list[str]:
    if payload is None:
        return []
    return ["", f"{clean(title, 600)}:", *(f"  {line}" for line in json_text(payload).splitlines())]


def _difference(result: Minimised) -> str:
    fewer = [f"with fewer {name}" for name in result.changed]
    without = [f"without {', '.join(result.left_out)}"] if result.left_out else []
    return "".join(f", {words}" for words in (*fewer, *without))


def _clients(count: int) -> str:
    return f"{count} throwaway {'client' if count == 1 else 'clients'}"
