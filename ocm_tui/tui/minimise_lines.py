"""A search for the smallest payload as lines to read: its trials while it goes on, then what it has found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ocm_tui.core.diagnosis.minimise.model import Budget, Minimised, Trial, Verdict
from ocm_tui.core.diagnosis.minimise.service import findings_of
from ocm_tui.core.text import clean, json_text
from ocm_tui.tui.diagnoses import Diagnosed
from ocm_tui.tui.diagnosis_lines import finding_lines
from ocm_tui.tui.json_lines import json_lines
from ocm_tui.tui.models.text_lines import Line, line, words

__all__ = ["progress_lines", "result_lines"]

_VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    "fails": ("▲ fails", "warn"),
    "other": ("? refused otherwise", "dim"),
    "passes": ("● passes", "good"),
}
_BAR: Final = 30


def progress_lines(trials: Sequence[Trial], budget: Budget, *, stopping: bool) -> list[Line]:
    """The newest trial first."""
    sent = trials[-1].requests if trials else 0
    done = min(sent * _BAR // budget.requests, _BAR) if budget.requests else _BAR
    suspects = f"the cause is among {trials[-1].suspects:,} fields" if trials else "the whole payload goes first"
    lines = [
        line(("━" * done, "name"), ("━" * (_BAR - done), "dim"), f"  {sent:,} of at most {budget.requests:,} requests"),
        line((suspects, "dim")),
    ]
    if stopping:
        lines.append(words(("Stopping: the throwaway clients are being deleted …", "warn")))
    return [*lines, line(), *map(_trial, reversed(trials))]


def result_lines(result: Minimised) -> list[Line]:
    lines = list(_outcome(result))
    findings = findings_of(result)
    diagnosed = Diagnosed(tuple(findings), complete=True)
    for finding in findings:
        lines += [*finding_lines(finding, has_key=finding.fix is not None and finding.fix is diagnosed.fix), line()]
    lines += _payload("The smallest payload that fails", result.minimal_payload)
    lines += _payload("The largest payload that passes", result.passing_payload)
    if result.left_out:
        lines += [words(("Not in it: ", "dim"), clean(", ".join(result.left_out), 1000)), line()]
    lines += [words(("▲ ", "warn"), clean(note, 600), hang=2) for note in result.notes]
    lines += _left_over(result)
    lines.append(_foldable(f"{len(result.trials):,} trials, {result.requests:,} requests", map(_trial, result.trials)))
    lines += map(_trial, result.trials)
    if result.directory is not None:
        lines += [line(), words(("Kept in ", "dim"), clean(result.directory))]
    return lines


def _outcome(result: Minimised) -> Iterator[Line]:
    if result.stopped is not None:
        yield words((f"▲ It ended early: {clean(result.stopped, 400)}.", "warn"))
        if result.error is not None:
            yield words((clean(result.error, 400), "warn"))
        if result.suspects:
            yield words(("The cause is among: ", "dim"), clean(", ".join(result.suspects), 1000))
        yield line()
    elif not result.reproduced:
        yield words(("The server takes the whole payload now: what was wrong then is wrong no more.", "good"))
        yield line()


def _payload(title: str, payload: Mapping[str, Any] | None) -> Iterator[Line]:
    if payload is not None:
        body = json_lines(json_text(dict(payload))) or ()
        yield _foldable(title, body)
        yield from body
        yield line()


def _foldable(title: str, below: Any) -> Line:
    return Line(((title, "strong"),), hides=len(list(below)), folded=((" …", "dim"),))


def _left_over(result: Minimised) -> Iterator[Line]:
    for left in result.left_over:
        there = "is still on the server" if left.certain else "may still be on the server"
        yield words(("▲ ", "bad"), f"{clean(left.client_id, 80)} {there}: {clean(left.why, 300)}", hang=2)
    if result.left_over:
        yield words(("`ocm-tui log minimise --clean-up` removes it.", "strong"))
    yield line()


def _trial(trial: Trial) -> Line:
    verdict, tone = _VERDICTS[trial.verdict]
    said = "; ".join(violation.message for violation in trial.violations[:2])
    parts = [
        (f"{trial.number:>3}  ", "dim"),
        (f"{verdict:<20}", tone),
        (f"{trial.status}  {len(trial.fields):>2} fields  ", ""),
        (clean(", ".join(trial.fields), 200), ""),
        (f"  {clean(said, 200)}" if said else "", "dim"),
    ]
    return Line(tuple(parts), hang=5)
