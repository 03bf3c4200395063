"""Whether this machine's clock and the server's agree: tokens and certificates live by it."""

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.model import BESIDE, Finding

__all__ = ["clock_skew"]

_TOLERATED: Final = 60.0  # seconds; a Date has whole ones, and an answer may be a while under way
_BREAKS_TOKENS: Final = 300.0


def clock_skew(case: Case) -> Iterator[Finding]:
    skew = _skew(case)
    if skew is None or abs(skew) < _TOLERATED:
        return
    behind = "behind" if skew > 0 else "ahead of"
    lives_by_it = (
        case.status in {400, 401} and (case.is_token_call or _bears_token(case)) and abs(skew) > _BREAKS_TOKENS
    )
    yield case.finding(
        "clock-skew",
        f"this machine's clock is {_span(abs(skew))} {behind} that of {case.host}",
        severity="error" if lives_by_it else "warning",
        confidence="likely" if lives_by_it else "sure",
        evidence=case.evidence(case.got_header("Date")),
        suggestion="set the clock (NTP): tokens and certificates are judged by it",
        rank=1 if lives_by_it else BESIDE,
    )


def _skew(case: Case) -> float | None:
    """Seconds that the server is ahead; None when nobody can tell. A stored answer has an Age and an old Date."""
    text = case.response.header("Date")
    if not text or case.response.header("Age"):
        return None
    try:
        told = parsedate_to_datetime(text)
    except ValueError:
        return None
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    begin, end = case.exchange.started_at, case.exchange.started_at + case.exchange.duration_ms / 1000
    server = told.timestamp()
    return server - end if server > end else min(server + 1 - begin, 0.0)


def _bears_token(case: Case) -> bool:
    return (case.request.header("Authorization") or "").lower().startswith(("bearer ", "dpop "))


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"
