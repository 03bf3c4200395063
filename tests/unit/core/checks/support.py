"""Sessions for checks, without a server: `connect` is a function instead of a request."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from ocm_tui.core.checks.model import Check, CheckContext, CheckResult, Verdict, passed
from ocm_tui.core.checks.probe import ServerProbe
from ocm_tui.core.clients.model import ServerInfo
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.types import TLSSettings
from ocm_tui.core.session import ServerTarget, Session

__all__ = ["Answer", "check", "context", "passing", "statuses"]

Answer = Callable[[], Awaitable[ServerInfo]]


class _Server:
    """As much of an authorization server as the checks use; `asked` counts."""

    token_managers = scopes = exclusive_scopes = oidc_policies = None  # for forms; no check asks

    def __init__(self, base_url: str, answer: Answer) -> None:
        self.base_url = base_url
        self.asked = 0
        self._answer = answer

    async def info(self) -> ServerInfo:
        self.asked += 1
        return await self._answer()


def context(
    answer: ServerInfo | OcmError | Answer | None = None, *, base_url: str = "http://127.0.0.1:9", **members: Any
) -> CheckContext:
    """`answer` None means an environment without a server."""
    policy = WritePolicy()
    session = Session(environment="dev", policy=policy, log=ExchangeLog(), **members)
    if answer is not None:

        async def settled() -> ServerInfo:
            if isinstance(answer, OcmError):
                raise answer
            assert isinstance(answer, ServerInfo)
            return answer

        server = _Server(base_url, answer if callable(answer) else settled)
        session.server = ServerTarget(base_url, "ocm", TLSSettings(), 5.0)
        session.clients = ClientService(cast("Any", server), policy)
    return CheckContext(session, ServerProbe(session))


async def passing(_: CheckContext) -> Verdict:
    return passed("fine")


def check(id_: str, run: Callable[[CheckContext], Awaitable[Verdict]] = passing, *needs: str, **members: Any) -> Check:
    return Check(id=id_, title=id_.title(), run=run, needs=needs, **members)


def statuses(results: tuple[CheckResult, ...]) -> dict[str, str]:
    return {result.id: result.status for result in results}
