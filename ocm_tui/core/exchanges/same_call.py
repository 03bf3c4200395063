"""Which exchanges are the same call: a failure is best read beside the last time that it worked."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

from ocm_tui.core.exchanges.model import Exchange

__all__ = ["Precedent", "call_of", "last_success", "usual_durations"]

_STAND_IN: Final = "*"

Likeness = Literal["same", "alike"]


class Precedent(NamedTuple):
    """`same`: the same call. `alike`: the same operation, on another client."""

    exchange: Exchange
    likeness: Likeness


def call_of(exchange: Exchange) -> tuple[str, str, str, str | None]:
    """Target, method, path without its query, client: what makes two exchanges the same call."""
    return exchange.target, exchange.method, exchange.path.partition("?")[0], exchange.client_id


def operation_of(exchange: Exchange) -> tuple[str, str, str]:
    """The call without the client that it is about."""
    target, method, path, client_id = call_of(exchange)
    if client_id:
        names = (client_id, quote(client_id, safe=""))
        path = "/".join(_STAND_IN if part in names else part for part in path.split("/"))
    return target, method, path


def last_success(exchange: Exchange, newest_first: Iterable[Exchange]) -> Precedent | None:
    """The last one before `exchange` that succeeded: of the same call, else of the same operation."""
    call, operation = call_of(exchange), operation_of(exchange)
    alike: Exchange | None = None
    for other in newest_first:
        if other.failed or other.id == exchange.id or other.started_at > exchange.started_at:
            continue
        if call_of(other) == call:
            return Precedent(other, "same")
        if alike is None and operation_of(other) == operation:
            alike = other
    return Precedent(alike, "alike") if alike is not None else None


def usual_durations(exchange: Exchange, others: Sequence[Exchange], limit: int = 200) -> list[float]:
    """Milliseconds of the newest successes of the same operation, `exchange` left out."""
    operation = operation_of(exchange)
    found: list[float] = []
    for other in reversed(others):
        if other.failed or other.method != exchange.method or other.id == exchange.id:
            continue
        if operation_of(other) == operation:
            found.append(other.duration_ms)
            if len(found) >= limit:
                break
    return found
