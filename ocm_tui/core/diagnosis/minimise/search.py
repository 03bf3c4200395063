"""The smallest set that still fails, in as few requests as can be: pure search, no server.

An ordered list is cut where it begins to fail; the item at the cut is one of the cause. It is kept, the items behind it
go, and the list before it is cut again, until what is kept fails alone. So a cause of several fields that only fail
together costs no more than one search for each. A trial that passes has to be deleted again and costs two requests, one
that fails costs one: the cuts are not in the middle but where both sides cost the same.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

__all__ = ["smallest_failing"]

Item = TypeVar("Item")


async def smallest_failing(
    items: Sequence[Item],
    fails: Callable[[Sequence[Item]], Awaitable[bool]],
    *,
    guess: int | None = None,
    without_fails: bool | None = None,
    on_range: Callable[[int], None] = lambda _: None,
) -> list[Item]:
    """Items that fail together; none of them can be left out as long as more items never cure a failure.

    `fails(items)` is known to be true. `guess`: so many of the first items are likely to be enough, None when that
    cannot be told. `without_fails` tells whether nothing at all fails, None when that is not known. `on_range` is told
    how many items the next one is looked for among.
    """
    found: list[Item] = []
    rest = list(items)
    floor = -1 if without_fails is None else 0
    if without_fails:
        return []
    while True:
        count = await _least(len(rest), lambda size: fails([*found, *rest[:size]]), floor, guess, on_range)  # noqa: B023
        if count == 0:
            return found
        found.append(rest[count - 1])
        rest = rest[: count - 1]
        # One item is the most frequent cause, so that is asked first.
        floor, guess = -1, 0


async def _least(
    high: int,
    fails: Callable[[int], Awaitable[bool]],
    low: int,
    guess: int | None,
    on_range: Callable[[int], None],
) -> int:
    """The smallest size that fails: more than `low`, at most `high`, which is known to fail."""
    while high - low > 1:
        on_range(high - low)
        size = guess if guess is not None and low < guess < high else low + _larger_part(high - low)
        guess = None
        if await fails(size):
            high = size
        else:
            low = size
    return high


def _larger_part(count: int) -> int:
    """How many of `count` candidates (at least 2) the trial covers: with cost 1 for a failure and 2 for a success,
    `bigger` candidates can be told apart at the cost that is left after a failure, `smaller` after a success."""
    smaller, bigger = 1, 1
    while smaller + bigger < count:
        smaller, bigger = bigger, smaller + bigger
    return min(max(round(count * 0.618), count - smaller), bigger, count - 1)
