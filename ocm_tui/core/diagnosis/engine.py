"""An exchange in, findings out."""

from collections.abc import Iterable

from ocm_tui.core.diagnosis.case import Case, Rule
from ocm_tui.core.diagnosis.model import BESIDE, Finding, Knowledge
from ocm_tui.core.diagnosis.rules import LAST_RESORTS, RULES
from ocm_tui.core.exchanges.model import Exchange

__all__ = ["diagnose"]

_NOTHING_KNOWN = Knowledge()


def diagnose(exchange: Exchange, knowledge: Knowledge = _NOTHING_KNOWN) -> list[Finding]:
    """Best first; empty when nothing is wrong. Pure; never raises: a rule that fails is left out."""
    case = Case(exchange, knowledge)
    rules: tuple[Rule, ...] = (*knowledge.user_rules, *RULES)
    found = [finding for rule in rules for finding in _asked(rule, case)]
    if all(finding.rank >= BESIDE for finding in found):
        found += [finding for rule in LAST_RESORTS for finding in _asked(rule, case)]
    each: dict[tuple[str, str | None], Finding] = {}
    for finding in sorted(found, key=lambda one: one.order):
        each.setdefault((finding.code, finding.field_path), finding)
    return list(each.values())


def _asked(rule: Rule, case: Case) -> Iterable[Finding]:
    try:
        return list(rule(case))
    except Exception:  # noqa: BLE001  # answers are anything: what one rule cannot read must not hide what others see
        return []
