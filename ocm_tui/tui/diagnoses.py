"""What was found about exchanges: at once from each alone, and more when its surroundings were looked at."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.diagnosis.knowledge import gather_knowledge
from ocm_tui.core.diagnosis.model import Finding, Fix
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.session import Session

__all__ = ["Diagnosed", "Diagnoses"]

_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """`complete`: the log around it and the server were looked at, or need not be. `problems`: rule files left out."""

    findings: tuple[Finding, ...]
    complete: bool
    problems: tuple[str, ...] = ()

    @property
    def fix(self) -> Fix | None:
        """Of the best finding that has one."""
        return next((finding.fix for finding in self.findings if finding.fix is not None), None)


class Diagnoses:
    """The last two hundred."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Diagnosed] = OrderedDict()

    def of(self, exchange: Exchange) -> Diagnosed:
        """What is known now; costs about a millisecond."""
        known = self._known.get(exchange.id)
        if known is not None:
            return known
        return self._keep(exchange, Diagnosed(tuple(diagnose(exchange)), complete=not exchange.failed))

    async def look_further(self, session: Session, exchange: Exchange) -> Diagnosed:
        """Reads from the server where that can help: a few requests, which are in the log like all others."""
        ours = session.server is not None and exchange.url.startswith(session.server.base_url)
        knowledge = await gather_knowledge(session, exchange, ask=ours or session.log.get(exchange.id) is not None)
        found = diagnose(exchange, knowledge)
        return self._keep(exchange, Diagnosed(tuple(found), True, knowledge.problems))

    def findings_of(self, exchange: Exchange) -> tuple[Finding, ...]:
        """For reports, from any thread: what is known now, without keeping more."""
        known = self._known.get(exchange.id)
        return known.findings if known is not None else tuple(diagnose(exchange))

    def forget(self, exchange: Exchange) -> None:
        self._known.pop(exchange.id, None)

    def _keep(self, exchange: Exchange, diagnosed: Diagnosed) -> Diagnosed:
        self._known[exchange.id] = diagnosed
        self._known.move_to_end(exchange.id)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return diagnosed
