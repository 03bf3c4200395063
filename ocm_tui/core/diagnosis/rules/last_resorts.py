"""For failures that no other rule knows: what can be said, is said."""

from collections.abc import Iterator

from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.text import clean

__all__ = ["unexplained"]


def unexplained(case: Case) -> Iterator[Finding]:
    if case.status < 400:
        return
    said = f": {case.said}" if case.said else ""
    rejected = case.status in {400, 422}
    words = next((one for one in case.rejections if one.message), None)
    if rejected and words is not None:
        said = f": {clean(words.message, 200)}"
    minimise = case.is_write and case.about_clients and rejected
    yield case.finding(
        "rejected-unexplained" if rejected else "unexplained",
        f"the server answers {case.exchange.method} {clean(case.exchange.path, 100)} with {case.status}{said}",
        confidence="possible",
        evidence=case.status_evidence(words.evidence if words else None, case.first_words),
        suggestion=f"`ocm-tui log minimise {clean(case.exchange.id, 60)}` finds the fields that it minds"
        if minimise
        else "the server's own log, by time and path, tells more",
    )
