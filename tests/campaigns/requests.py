"""What a simulator's own request log has to say about the rule: nothing is repeated after a 4xx."""

from collections.abc import Iterable

from ocm_tui.simulator.wire import RecordedRequest

__all__ = ["repeated_after_4xx"]

_MAY_BE_REPEATED = frozenset({408, 425, 429})
_NEVER_COMPLETE = frozenset({"truncate", "drip"})  # the answer was given, and did not arrive


def repeated_after_4xx(requests: Iterable[RecordedRequest]) -> list[str]:
    """Method and path of each request that was answered with a 4xx before, to the same client, with nothing between.

    A reading after a write is another question than the same reading before it, so a write to the client begins anew.
    """
    refused: set[tuple[str, str, bytes]] = set()
    repeated: list[str] = []
    for request in requests:
        key = (request.method, f"{request.path}?{request.query}", request.body)
        if key in refused:
            repeated.append(f"{request.method} {request.path}")
        if request.method not in {"GET", "HEAD"}:
            client = request.path if request.method != "POST" else None
            refused = {one for one in refused if one[0] != "GET" or (client is not None and client not in one[1])}
        status = None if request.fault in _NEVER_COMPLETE else request.status
        if status is not None and 400 <= status < 500 and status not in _MAY_BE_REPEATED:
            refused.add(key)
    return repeated
