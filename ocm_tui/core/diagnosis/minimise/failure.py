"""How a server refused a payload, and whether two refusals have a reason in common."""

import re
from dataclasses import dataclass
from typing import Final

from ocm_tui.core.errors import ApiError, Violation
from ocm_tui.core.exchanges.model import Exchange

__all__ = ["Failure", "failure_of", "plain_path"]

_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Failure:
    status: int
    result_id: str = ""
    violations: tuple[Violation, ...] = ()

    @staticmethod
    def of(error: ApiError) -> "Failure":
        return Failure(error.status, error.result_id, error.violations)

    @property
    def reasons(self) -> frozenset[tuple[str, str]]:
        """Error id and field of each violation. Messages count only without an id: they quote values and ids."""
        return frozenset((one.error_id or one.message, plain_path(one.field_path)) for one in self.violations)

    def shares_reason(self, other: "Failure") -> bool:
        """Servers that name no reason are compared by status and kind of result."""
        if self.violations or other.violations:
            return bool(self.reasons & other.reasons)
        return (self.status, self.result_id) == (other.status, other.result_id)

    def names(self, path: str) -> bool:
        """Whether a violation is about this field, something in it, or the object that holds it."""
        return any(_related(path, plain_path(one.field_path)) for one in self.violations if one.field_path)


def failure_of(exchange: Exchange) -> Failure:
    """As the server's adapter reads the answer."""
    from ocm_tui.core.clients.pingfederate.answers import Question, failure
    from ocm_tui.core.http.types import Reply

    assert exchange.status is not None
    response = exchange.response
    headers, body = (response.headers, response.body) if response is not None else ((), "")
    reply = Reply(exchange.status, headers, body.encode("utf-8", "replace"), exchange.id, exchange.duration_ms)
    return Failure.of(failure(reply, Question(exchange.method, exchange.path, "the client")))


def plain_path(path: str) -> str:
    """Without indexes."""
    return _INDEX.sub("", path)


def _related(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")
