"""How many requests a piece of work takes, counted where they are sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["RequestCount", "count_request", "counted_requests"]


class RequestCount:
    """`total` grows with every request of the counted work, and of the tasks that it starts."""

    def __init__(self) -> None:
        self.total = 0


_counting: ContextVar[RequestCount | None] = ContextVar("counting", default=None)


@contextmanager
def counted_requests() -> Iterator[RequestCount]:
    count = RequestCount()
    token = _counting.set(count)
    try:
        yield count
    finally:
        _counting.reset(token)


def count_request() -> None:
    """A server's adapter calls this once for each request, right before it is sent."""
    count = _counting.get()
    if count is not None:
        count.total += 1
