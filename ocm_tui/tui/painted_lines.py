"""What was painted of a closed dialog is let go.

Textual 8 remembers two colours of each widget in an `lru_cache` of a method. Its key holds the widget's painted lines,
so the last thousand widgets stay in memory, 0.7 MB each time help is opened (Textualize/textual#6665). The colours do
not depend on the widget: here they are remembered without it.
"""

from functools import lru_cache
from typing import Any

from textual._styles_cache import StylesCache

__all__ = ["let_go_of_painted_lines"]

_METHOD = "get_inner_outer"


def let_go_of_painted_lines() -> None:
    """Nothing, where Textual is another one that has no such cache, and when it was done before."""
    method: Any = vars(StylesCache).get(_METHOD)
    if hasattr(method, "cache_info") and hasattr(method, "__wrapped__"):
        of_colours = method.__wrapped__
        setattr(StylesCache, _METHOD, staticmethod(lru_cache(1024)(lambda base, over: of_colours(None, base, over))))
