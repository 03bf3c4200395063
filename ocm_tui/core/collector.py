"""Keeping the garbage collector away from data that is there to stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["building_to_stay"]


@contextmanager
def building_to_stay() -> Iterator[None]:
    """Around the building of something large that will be kept, and has no cycles in it.

    While it grows, the collector would look through all of it again and again, and afterwards once for every quarter
    that is added; what was built is left out of its sight for good.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
