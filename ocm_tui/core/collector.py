"""Keeping the garbage collector away from data that is there to stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["building_to_stay", "collect_seldom", "collect_when_idle", "keep_for_good"]

_YOUNG: Final = 20_000  # objects; Python's own 700 have the young ones looked through several times a frame or request
_WHILE_SOMEBODY_WORKS: Final = (5_000, 5, 100_000)  # a few milliseconds each time, and never everything
_MANY: Final = 2_000  # rows, clients: fewer are looked through before anybody notices


def collect_seldom() -> None:
    """For what runs for long, when it begins: the collector is off while the program starts.

    What was loaded stays, and is not looked at again. An apply of many clients takes a seventh less time with this.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
    gc.enable()


def collect_when_idle() -> None:
    """As `collect_seldom`, for who calls `gc.collect` when nobody waits for anything.

    To look through everything takes 100 ms and more, and would come in the middle of a key stroke.
    """
    gc.freeze()
    gc.set_threshold(*_WHILE_SOMEBODY_WORKS)
    gc.enable()


@contextmanager
def building_to_stay() -> Iterator[None]:
    """Around the building of something large that has no cycles: the collector would look through it as it grows."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def keep_for_good(count: int) -> None:
    """`count` things were built and stay. Many of them are left out of the collector's sight, now and later.

    Everything else that is alive goes with them, so what is garbage already is collected first.
    """
    if count >= _MANY:
        gc.collect()
        gc.freeze()
